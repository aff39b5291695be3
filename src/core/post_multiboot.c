/* SPDX-License-Identifier: BSD-3-Clause */
/* Multiboot loaders, QEMU's -kernel among them, take ELF32 only. The image becomes
 *
 *	ELF32 header, Multiboot header, ELF32 program headers,
 *	the ELF64 image as it was,
 *	ELF32 section headers
 *
 * in which the ELF32 tables describe the same bytes. The headers come first because
 * the Multiboot header must lie in the first 8192 bytes (Multiboot specification
 * 0.6.96, 3.1), and GRUB wants the program headers there too. */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/post_elf.h"

enum { MULTIBOOT_MAGIC = 0x1badb002, PAGE_ALIGN = 1, MEMORY_INFO = 2 };

/* Whether each of the image's numbers fits into 32 bits, the offset shifted. */
static bool
fits(const struct post_elf *elf, uint64_t shift)
{
	uint64_t all = elf->header.e_entry | (elf->file.len + shift);

	for (unsigned i = 0; i < elf->n_segments; i++) {
		const Elf64_Phdr *p = &elf->segments[i];

		all |= (p->p_offset + shift) | p->p_vaddr | p->p_paddr | p->p_filesz | p->p_memsz |
		       p->p_align;
	}
	for (unsigned i = 0; i < elf->n_sections; i++) {
		const Elf64_Shdr *s = &elf->sections[i];

		all |= s->sh_flags | s->sh_addr | (s->sh_offset + shift) | s->sh_size |
		       s->sh_addralign | s->sh_entsize;
	}
	return all <= UINT32_MAX;
}

static void
add_header(struct str *out, const struct post_elf *elf, uint64_t shift)
{
	const uint32_t flags = PAGE_ALIGN | MEMORY_INFO;
	const uint32_t multiboot[] = {
	    MULTIBOOT_MAGIC, flags, 0u - ((uint32_t)MULTIBOOT_MAGIC + flags)};
	const Elf64_Ehdr *h = &elf->header;
	Elf32_Ehdr h32 = {
	    .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
	    .e_type = h->e_type,
	    .e_machine = EM_386,
	    .e_version = h->e_version,
	    .e_entry = (Elf32_Addr)h->e_entry,
	    .e_phoff = sizeof(Elf32_Ehdr) + sizeof(multiboot),
	    .e_shoff = (Elf32_Off)(shift + elf->file.len),
	    .e_flags = h->e_flags,
	    .e_ehsize = sizeof(Elf32_Ehdr),
	    .e_phentsize = sizeof(Elf32_Phdr),
	    .e_phnum = h->e_phnum,
	    .e_shentsize = sizeof(Elf32_Shdr),
	    .e_shnum = h->e_shnum,
	    .e_shstrndx = h->e_shstrndx,
	};

	str_addn(out, &h32, sizeof(h32));
	str_addn(out, multiboot, sizeof(multiboot));
}

static void
add_segment(struct str *out, const Elf64_Phdr *p, uint64_t shift)
{
	Elf32_Phdr p32 = {
	    .p_type = p->p_type,
	    .p_offset = (Elf32_Off)(p->p_offset + shift),
	    .p_vaddr = (Elf32_Addr)p->p_vaddr,
	    .p_paddr = (Elf32_Addr)p->p_paddr,
	    .p_filesz = (Elf32_Word)p->p_filesz,
	    .p_memsz = (Elf32_Word)p->p_memsz,
	    .p_flags = p->p_flags,
	    .p_align = (Elf32_Word)p->p_align,
	};

	str_addn(out, &p32, sizeof(p32));
}

static void
add_section(struct str *out, const Elf64_Shdr *s, uint64_t shift)
{
	Elf32_Shdr s32 = {
	    .sh_name = s->sh_name,
	    .sh_type = s->sh_type,
	    .sh_flags = (Elf32_Word)s->sh_flags,
	    .sh_addr = (Elf32_Addr)s->sh_addr,
	    .sh_offset = (Elf32_Off)(s->sh_offset + shift),
	    .sh_size = (Elf32_Word)s->sh_size,
	    .sh_link = s->sh_link,
	    .sh_info = s->sh_info,
	    .sh_addralign = (Elf32_Word)s->sh_addralign,
	    .sh_entsize = (Elf32_Word)s->sh_entsize,
	};

	str_addn(out, &s32, sizeof(s32));
}

int
post_multiboot(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	struct post_elf elf __attribute__((cleanup(post_elf_free))) = {0};
	AUTO(str) out = {0};
	uint64_t shift;

	(void)step;
	(void)debug;
	if (post_elf_load(output, &elf, e) < 0)
		return -1;
	if (elf.header.e_machine != EM_X86_64)
		return err_set(e, ERR_FAIL, "%s: is not for x86_64", output);
	shift = sizeof(Elf32_Ehdr) + 3 * sizeof(uint32_t) + elf.n_segments * sizeof(Elf32_Phdr);
	if (!fits(&elf, shift))
		return err_set(e, ERR_FAIL, "%s: does not fit into 32-bit addresses", output);
	add_header(&out, &elf, shift);
	for (unsigned i = 0; i < elf.n_segments; i++)
		add_segment(&out, &elf.segments[i], shift);
	str_addn(&out, elf.file.buf, elf.file.len);
	for (unsigned i = 0; i < elf.n_sections; i++)
		add_section(&out, &elf.sections[i], shift);
	return post_save(output, &out, e);
}
