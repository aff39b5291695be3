# glibc's question "which object is this code of?", which the unwinder of a gcc that
# was made for glibc (libgcc_eh.a) asks; musl has no such function. A static program
# is one object: itself. int _dl_find_object(void *pc, struct dl_find_object *result)
# and the structure are described in glibc's manual, "Dynamic Linker Introspection".
	.text
	.hidden	__ehdr_start
	.hidden	_end
	.globl	_dl_find_object
	.type	_dl_find_object, @function
_dl_find_object:
	leaq	__ehdr_start(%rip), %rax
	leaq	_end(%rip), %rdx
	cmpq	%rax, %rdi
	jb	.Lnone
	cmpq	%rdx, %rdi
	jae	.Lnone
	movq	32(%rax), %r8		# e_phoff
	addq	%rax, %r8
	movzwl	54(%rax), %r9d		# e_phentsize
	movzwl	56(%rax), %ecx		# e_phnum
.Lnext:
	testl	%ecx, %ecx
	jz	.Lnone
	cmpl	$0x6474e550, (%r8)	# PT_GNU_EH_FRAME
	je	.Lfound
	addq	%r9, %r8
	decl	%ecx
	jmp	.Lnext
.Lfound:
	movq	16(%r8), %rcx		# p_vaddr, which is the address: nothing is relocated
	movq	$0, (%rsi)		# dlfo_flags
	movq	%rax, 8(%rsi)		# dlfo_map_start
	movq	%rdx, 16(%rsi)		# dlfo_map_end
	movq	$0, 24(%rsi)		# dlfo_link_map
	movq	%rcx, 32(%rsi)		# dlfo_eh_frame
	xorl	%eax, %eax
	ret
.Lnone:
	movl	$-1, %eax
	ret
	.size	_dl_find_object, . - _dl_find_object
	.section .note.GNU-stack, "", @progbits
