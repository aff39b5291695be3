# SPDX-License-Identifier: BSD-3-Clause
# A machine of a few bytes, for the tests of the runner: it is started by Multiboot, talks
# over the first serial port as share/librust does, and switches itself off.
#
#	MODE=0  greet, tell status STATUS
#	MODE=1  greet, go on for ever
#	MODE=2  greet, end without a word
#	MODE=3  write the input back until it ends, tell status STATUS
	.set	COM1, 0x3f8
	.text
	.code32
	.globl	_start
_start:
	movl	$greeting, %esi
	call	puts
.if MODE == 1
1:	hlt
	jmp	1b
.endif
.if MODE == 3
2:	movw	$COM1 + 5, %dx
	inb	%dx, %al
	testb	$1, %al
	jz	2b
	movw	$COM1, %dx
	inb	%dx, %al
	cmpb	$4, %al
	je	3f
	outb	%al, %dx
	jmp	2b
3:
.endif
.if MODE != 2
	movl	$status, %esi
	call	puts
.endif
	# QEMU's PIIX4 power management: sleep type 0 is off.
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
4:	hlt
	jmp	4b

puts:	movw	$COM1 + 5, %dx
	inb	%dx, %al
	testb	$0x20, %al
	jz	puts
	lodsb
	testb	%al, %al
	jz	5f
	movw	$COM1, %dx
	outb	%al, %dx
	jmp	puts
5:	ret

	.section .rodata, "a"
greeting:
	.asciz	"hello from the machine\r\n"
status:
	.ascii	"\033]7616;exit;"
	.byte	0x30 + STATUS / 100, 0x30 + STATUS / 10 % 10, 0x30 + STATUS % 10
	.asciz	"\033\\"

	.section .uk_bootinfo, "aw"
	.skip	80 + 8 * 32
	.bss
	.skip	64
