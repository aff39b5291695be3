/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/sameobject.h"

#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "core/post_elf.h"

/* A symbol with its names. */
struct symbol {
	const char *name, *section;
	Elf64_Sym sym;
};

static const Elf64_Shdr *
section(const struct post_elf *elf, unsigned i, unsigned type)
{
	return i < elf->n_sections && elf->sections[i].sh_type == type ? &elf->sections[i] : NULL;
}

/* The symbol of that number in the object's symbol table; false: there is none. */
static bool
read_symbol(const struct post_elf *elf, uint64_t number, struct symbol *out)
{
	const Elf64_Shdr *table = section(elf, post_elf_section(elf, ".symtab"), SHT_SYMTAB);
	const Elf64_Shdr *strings = table ? section(elf, table->sh_link, SHT_STRTAB) : NULL;

	if (!strings || number >= table->sh_size / sizeof(out->sym))
		return false;
	memcpy(&out->sym, elf->file.buf + table->sh_offset + number * sizeof(out->sym),
	    sizeof(out->sym));
	if (out->sym.st_name >= strings->sh_size ||
	    elf->file.buf[strings->sh_offset + strings->sh_size - 1] != '\0')
		return false;
	out->name = elf->file.buf + strings->sh_offset + out->sym.st_name;
	out->section = out->sym.st_shndx < elf->n_sections ? elf->names[out->sym.st_shndx] : "";
	return true;
}

static bool
same_symbol(const struct symbol *a, const struct symbol *b)
{
	const bool reserved = a->sym.st_shndx >= SHN_LORESERVE || b->sym.st_shndx >= SHN_LORESERVE;

	return strcmp(a->name, b->name) == 0 && strcmp(a->section, b->section) == 0 &&
	       a->sym.st_info == b->sym.st_info && a->sym.st_other == b->sym.st_other &&
	       a->sym.st_value == b->sym.st_value && a->sym.st_size == b->sym.st_size &&
	       (!reserved || a->sym.st_shndx == b->sym.st_shndx);
}

/* The next symbol that other objects see, from *at on. */
static bool
next_global(const struct post_elf *elf, uint64_t *at, struct symbol *out)
{
	while (read_symbol(elf, (*at)++, out))
		if (ELF64_ST_BIND(out->sym.st_info) != STB_LOCAL)
			return true;
	return false;
}

static bool
same_globals(const struct post_elf *a, const struct post_elf *b)
{
	uint64_t at_a = 0, at_b = 0;
	struct symbol x, y;

	for (;;) {
		bool more = next_global(a, &at_a, &x);

		if (more != next_global(b, &at_b, &y))
			return false;
		if (!more)
			return true;
		if (!same_symbol(&x, &y))
			return false;
	}
}

static bool
same_relocations(const struct post_elf *a, unsigned i, const struct post_elf *b, unsigned k)
{
	const Elf64_Shdr *x = &a->sections[i], *y = &b->sections[k];

	if (x->sh_size != y->sh_size)
		return false;
	for (uint64_t at = 0; at + sizeof(Elf64_Rela) <= x->sh_size; at += sizeof(Elf64_Rela)) {
		struct symbol s, t;
		Elf64_Rela r, q;

		memcpy(&r, a->file.buf + x->sh_offset + at, sizeof(r));
		memcpy(&q, b->file.buf + y->sh_offset + at, sizeof(q));
		if (r.r_offset != q.r_offset || r.r_addend != q.r_addend ||
		    ELF64_R_TYPE(r.r_info) != ELF64_R_TYPE(q.r_info) ||
		    !read_symbol(a, ELF64_R_SYM(r.r_info), &s) ||
		    !read_symbol(b, ELF64_R_SYM(q.r_info), &t) || !same_symbol(&s, &t))
			return false;
	}
	return true;
}

/* Whether a section is there without debug information too, and may reach the image: what
 * is loaded, and the likes of .comment. */
static bool
counts(const struct post_elf *elf, unsigned i)
{
	const Elf64_Shdr *h = &elf->sections[i];

	if (h->sh_type == SHT_RELA || h->sh_type == SHT_REL) {
		i = h->sh_info;
		h = i < elf->n_sections ? &elf->sections[i] : h;
	}
	if (h->sh_type != SHT_PROGBITS && !(h->sh_flags & SHF_ALLOC))
		return false;
	return (h->sh_flags & SHF_ALLOC) ||
	       (!str_starts(elf->names[i], ".debug") && !str_starts(elf->names[i], ".zdebug"));
}

static unsigned
next_section(const struct post_elf *elf, unsigned i)
{
	do
		i++;
	while (i < elf->n_sections && !counts(elf, i));
	return i;
}

static bool
same_section(const struct post_elf *a, unsigned i, const struct post_elf *b, unsigned k)
{
	const Elf64_Shdr *x = &a->sections[i], *y = &b->sections[k];

	if (strcmp(a->names[i], b->names[k]) != 0 || x->sh_type != y->sh_type ||
	    x->sh_flags != y->sh_flags || x->sh_size != y->sh_size ||
	    x->sh_addralign != y->sh_addralign || x->sh_entsize != y->sh_entsize)
		return false;
	if (x->sh_type == SHT_RELA)
		return same_relocations(a, i, b, k);
	return x->sh_type != SHT_REL &&
	       (!post_elf_has_bytes(x) ||
		   memcmp(a->file.buf + x->sh_offset, b->file.buf + y->sh_offset, x->sh_size) == 0);
}

bool
sameobject(const char *a, const char *b)
{
	struct post_elf x __attribute__((cleanup(post_elf_free))) = {0};
	struct post_elf y __attribute__((cleanup(post_elf_free))) = {0};
	struct err ignored = {0};
	unsigned i = 0, k = 0;

	if (post_elf_load(a, &x, &ignored) < 0 || post_elf_load(b, &y, &ignored) < 0 ||
	    x.header.e_machine != y.header.e_machine || x.header.e_type != y.header.e_type)
		return false;
	do {
		i = next_section(&x, i);
		k = next_section(&y, k);
		if (i == x.n_sections || k == y.n_sections)
			return i == x.n_sections && k == y.n_sections && same_globals(&x, &y);
	} while (same_section(&x, i, &y, k));
	return false;
}
