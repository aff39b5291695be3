# SPDX-License-Identifier: BSD-3-Clause
# Functions for backtraces, linked beside machine.s and never run: named as rustc names
# them, with what rustc says of their sources (DWARF 4): calls of the panic handler, of
# main, and within main of a function that is inlined there. NAME_next is where each call
# returns to.
	.file	1 "/src/panic.rs"
	.file	2 "/home/me/src/main.rs"
	.text
	# Another build: OTHER moves everything.
.ifdef OTHER
	.skip	16
.endif
begin:
	.macro	function name, next, file, line, column
	.globl	\name
	.type	\name, @function
\name:
	.loc	\file \line \column
	call	_start
\next:
	nop
	.size	\name, . - \name
	.endm
	function _RINvCs1234_3std26___rust_end_short_backtracelE, handler_next, 1, 10, 5
	function _ZN4mine5outer17h3fee7b51e0733d73E, outer_next, 2, 7, 24
	function _ZN4mine4main17h0123456789abcdefE, main_next, 2, 3, 9
	function _RINvCs1234_3std28___rust_begin_short_backtracelE, begin_next, 1, 20, 5
end:
	.section .debug_abbrev, "", @progbits
	.macro	abbrev number, tag, children, attributes:vararg
	.uleb128 \number, \tag
	.byte	\children
	.uleb128 \attributes, 0, 0
	.endm
	# A unit: name, language, line table, low, high.
	abbrev	1, 0x11, 1, 0x03, 0x08, 0x13, 0x0b, 0x10, 0x17, 0x11, 0x01, 0x12, 0x01
	# A function: linkage name, low, high; one that is inlined: linkage name, inline.
	abbrev	2, 0x2e, 1, 0x6e, 0x08, 0x11, 0x01, 0x12, 0x01
	abbrev	3, 0x2e, 0, 0x6e, 0x08, 0x20, 0x0b
	# A call of that: origin, low, high, file, line, column.
	abbrev	4, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x01, 0x58, 0x0b, 0x59, 0x0b, 0x57, 0x0b
	.byte	0
	.section .debug_info, "", @progbits
info:	.long	9f - 1f
1:	.value	4
	.long	.debug_abbrev
	.byte	8
	.uleb128 1
	.asciz	"program"
	.byte	0x1c
	.long	.debug_line
	.quad	begin, end
	.macro	described name, next
	.uleb128 2
	.asciz	"\name"
	.quad	\name, \next + 1
	.endm
	described _RINvCs1234_3std26___rust_end_short_backtracelE, handler_next
	.byte	0
2:	.uleb128 3
	.asciz	"_ZN4mine5inner17hfedcba9876543210E"
	.byte	3
	described _ZN4mine5outer17h3fee7b51e0733d73E, outer_next
	.uleb128 4
	.long	2b - info
	.quad	_ZN4mine5outer17h3fee7b51e0733d73E, outer_next
	.byte	2, 8, 13, 0
	described _ZN4mine4main17h0123456789abcdefE, main_next
	.byte	0
	described _RINvCs1234_3std28___rust_begin_short_backtracelE, begin_next
	.byte	0, 0
9:
