/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/image.h"

#include <elf.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Multiboot specification 0.6.96, 3.1.1; Linux: Documentation/arch/arm64/booting.rst. */
enum { MULTIBOOT_MAGIC = 0x1badb002, ARM64_MAGIC_AT = 56 };

/* An ELF32 header, a Multiboot header of three words, the program headers, and then the
 * image for the real machine: core/post_multiboot.c writes it so. */
static unsigned
within_multiboot(int fd, const Elf32_Ehdr *h)
{
	uint32_t magic = 0;
	Elf64_Ehdr inner = {0};
	off_t at = (off_t)(sizeof(*h) + 3 * sizeof(magic) + h->e_phnum * sizeof(Elf32_Phdr));

	if (pread(fd, &magic, sizeof(magic), sizeof(*h)) != sizeof(magic) ||
	    magic != MULTIBOOT_MAGIC)
		return h->e_machine;
	if (pread(fd, &inner, sizeof(inner), at) != sizeof(inner) ||
	    memcmp(inner.e_ident, ELFMAG, SELFMAG) != 0)
		return h->e_machine;
	return inner.e_machine;
}

unsigned
image_machine(int fd)
{
	/* e_machine lies at the same place in both classes (System V gABI). */
	const unsigned char data =
	    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
	Elf32_Ehdr h = {0};
	char magic[4] = {0};

	if (pread(fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return 0;
	if (memcmp(h.e_ident, ELFMAG, SELFMAG) == 0) {
		if (h.e_ident[EI_DATA] != data)
			return 0;
		return h.e_machine == EM_386 && h.e_ident[EI_CLASS] == ELFCLASS32
			   ? within_multiboot(fd, &h)
			   : h.e_machine;
	}
	if (pread(fd, magic, sizeof(magic), ARM64_MAGIC_AT) == (ssize_t)sizeof(magic) &&
	    memcmp(magic, "ARMd", sizeof(magic)) == 0)
		return EM_AARCH64;
	return 0;
}

bool
image_is_native(unsigned machine)
{
#if defined(__x86_64__)
	return machine == EM_X86_64;
#elif defined(__aarch64__)
	return machine == EM_AARCH64;
#else
	return machine == EM_NONE;
#endif
}
