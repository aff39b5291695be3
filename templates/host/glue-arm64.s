// glibc's question "which object is this code of?", which the unwinder of a gcc that
// was made for glibc (libgcc_eh.a) asks; musl has no such function. A static program
// is one object: itself. int _dl_find_object(void *pc, struct dl_find_object *result)
// and the structure are described in glibc's manual, "Dynamic Linker Introspection".
	.text
	.hidden	__ehdr_start
	.hidden	_end
	.globl	_dl_find_object
	.type	_dl_find_object, %function
_dl_find_object:
	adrp	x2, __ehdr_start
	add	x2, x2, :lo12:__ehdr_start
	adrp	x3, _end
	add	x3, x3, :lo12:_end
	cmp	x0, x2
	b.lo	.Lnone
	cmp	x0, x3
	b.hs	.Lnone
	ldr	x5, [x2, #32]		// e_phoff
	add	x5, x5, x2
	ldrh	w6, [x2, #54]		// e_phentsize
	ldrh	w4, [x2, #56]		// e_phnum
	mov	w7, #0xe550		// PT_GNU_EH_FRAME
	movk	w7, #0x6474, lsl #16
.Lnext:
	cbz	w4, .Lnone
	ldr	w8, [x5]
	cmp	w8, w7
	b.eq	.Lfound
	add	x5, x5, x6
	sub	w4, w4, #1
	b	.Lnext
.Lfound:
	ldr	x8, [x5, #16]		// p_vaddr, which is the address: nothing is relocated
	stp	xzr, x2, [x1]		// dlfo_flags, dlfo_map_start
	stp	x3, xzr, [x1, #16]	// dlfo_map_end, dlfo_link_map
	str	x8, [x1, #32]		// dlfo_eh_frame
	mov	w0, #0
	ret
.Lnone:
	mov	w0, #-1
	ret
	.size	_dl_find_object, . - _dl_find_object
	.section .note.GNU-stack, "", %progbits
