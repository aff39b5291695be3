# glibc's question that Debian's libgcc_eh.a asks first; musl has no answer.
# Saying "not found" makes the unwinder go on to dl_iterate_phdr, which musl has.
	.text
	.globl	_dl_find_object
	.type	_dl_find_object, @function
_dl_find_object:
	movl	$-1, %eax
	ret
	.size	_dl_find_object, . - _dl_find_object
	.section .note.GNU-stack, "", @progbits
