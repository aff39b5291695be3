/* SPDX-License-Identifier: BSD-3-Clause */
/* arm64: the image as a Linux kernel image. */
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/post_elf.h"

enum { MAX_BINARY = 1 << 30, LINUX_HEADER = 64 };

/* Where the section is loaded: as far behind its segment's physical address as it is
 * behind the virtual one (bfd/elf.c). */
static uint64_t
load_address(const struct post_elf *elf, const Elf64_Shdr *s)
{
	for (unsigned i = 0; i < elf->n_segments; i++) {
		const Elf64_Phdr *p = &elf->segments[i];

		if (p->p_type == PT_LOAD && s->sh_addr >= p->p_vaddr &&
		    s->sh_addr - p->p_vaddr < p->p_memsz)
			return p->p_paddr + (s->sh_addr - p->p_vaddr);
	}
	return s->sh_addr;
}

static bool
is_loaded(const Elf64_Shdr *s)
{
	return s->sh_flags & SHF_ALLOC && post_elf_has_bytes(s) && s->sh_size > 0;
}

int
post_binary(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	struct post_elf elf __attribute__((cleanup(post_elf_free))) = {0};
	uint64_t low = UINT64_MAX;
	AUTO(str) out = {0};

	(void)step;
	(void)debug;
	if (post_elf_load(output, &elf, e) < 0)
		return -1;
	for (unsigned i = 1; i < elf.n_sections; i++)
		if (is_loaded(&elf.sections[i]) && load_address(&elf, &elf.sections[i]) < low)
			low = load_address(&elf, &elf.sections[i]);
	for (unsigned i = 1; i < elf.n_sections; i++) {
		const Elf64_Shdr *s = &elf.sections[i];
		uint64_t at = is_loaded(s) ? load_address(&elf, s) - low : 0;

		if (!is_loaded(s))
			continue;
		if (at > MAX_BINARY || s->sh_size > MAX_BINARY)
			return err_set(e, ERR_FAIL, "%s: section %s lies too far from the rest",
			    output, elf.names[i]);
		while (out.len < at + s->sh_size)
			str_addc(&out, '\0');
		memcpy(out.buf + at, elf.file.buf + s->sh_offset, s->sh_size);
	}
	if (out.len == 0)
		return err_set(e, ERR_FAIL, "%s: nothing in it is loaded", output);
	return post_save(output, &out, e);
}

static void
put_le(unsigned char *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (unsigned char)(value >> 8 * i);
}

/* The header of Linux's Documentation/arch/arm64/booting.rst, "Call the kernel image".
 * Its first instruction is a NOP that spells "MZ" (add x13, x18, #0x16), its second one
 * branches to the entry point. */
static void
make_header(unsigned char h[LINUX_HEADER], uint64_t branch, uint64_t load_offset, uint64_t size)
{
	enum { BRANCH = 0x14000000, LITTLE_ENDIAN_4K_ANYWHERE = 0xa, TWO_MIB = 1 << 21 };

	memset(h, 0, LINUX_HEADER);
	put_le(h, 0x91005a4d, 4);
	put_le(h + 4, BRANCH | branch / 4, 4);
	put_le(h + 8, load_offset, 8);
	put_le(h + 16, (size + TWO_MIB - 1) / TWO_MIB * TWO_MIB, 8);
	put_le(h + 24, LITTLE_ENDIAN_4K_ANYWHERE, 8);
	memcpy(h + 56, "ARMd", 4);
	put_le(h + 60, LINUX_HEADER, 4); /* no PE header follows; Unikraft's value */
}

int
post_linux_arm64(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	static const char *const names[] = {"_start_ram_addr", "_base_addr", "_libkvmplat_entry"};
	struct post_elf elf __attribute__((cleanup(post_elf_free))) = {0};
	unsigned char header[LINUX_HEADER];
	uint64_t ram, base, entry;
	Elf64_Addr values[3];
	AUTO(str) image = {0}, out = {0};

	(void)step;
	if (post_elf_load(debug, &elf, e) < 0 || fs_read(output, MAX_BINARY, &image, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!post_elf_symbol(&elf, names[i], &values[i]))
			return err_set(e, ERR_FAIL, "%s: has no symbol %s", debug, names[i]);
	ram = values[0];
	base = values[1];
	entry = values[2];
	/* The branch reaches 128 MiB, and the header is in front of the image. */
	if (base < ram + LINUX_HEADER || entry < base || entry - base >= (1u << 25) - 1)
		return err_set(e, ERR_FAIL, "%s: its entry point cannot be reached", debug);
	make_header(header, entry - (base - LINUX_HEADER + 4), base - ram - LINUX_HEADER,
	    image.len + LINUX_HEADER);
	str_addn(&out, header, sizeof(header));
	str_addn(&out, image.buf, image.len);
	return post_save(output, &out, e);
}
