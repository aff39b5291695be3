/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/post_elf.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

enum { MAX_IMAGE = 1 << 30 };

static bool
inside(const struct post_elf *elf, uint64_t off, uint64_t n)
{
	return off <= elf->file.len && n <= elf->file.len - off;
}

bool
post_elf_has_bytes(const Elf64_Shdr *section)
{
	return section->sh_type != SHT_NOBITS && section->sh_type != SHT_NULL;
}

/* What is wrong with the header; NULL: nothing. */
static const char *
check_header(const struct post_elf *elf)
{
	const Elf64_Ehdr *h = &elf->header;

	if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
		return "it is not an ELF file";
	if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB)
		return "it is not a 64-bit little-endian ELF file";
	if (h->e_phnum == PN_XNUM || h->e_shnum == 0)
		return "its numbers of segments and sections are not in its header";
	if ((h->e_phnum && h->e_phentsize != sizeof(Elf64_Phdr)) ||
	    h->e_shentsize != sizeof(Elf64_Shdr))
		return "its tables have entries of an unknown size";
	if (!inside(elf, h->e_phoff, (uint64_t)h->e_phnum * sizeof(Elf64_Phdr)) ||
	    !inside(elf, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
		return "its tables end beyond the file";
	return h->e_shstrndx < h->e_shnum ? NULL : "it has no section names";
}

static void *
copy_table(const struct post_elf *elf, uint64_t off, size_t n, size_t size)
{
	void *table = xcalloc(n ? n : 1, size);

	if (n)
		memcpy(table, elf->file.buf + off, n * size);
	return table;
}

static const char *
check_tables(struct post_elf *elf)
{
	const Elf64_Shdr *names;

	/* One without bytes may begin where the file is over: PT_TLS of a .tbss alone. */
	for (unsigned i = 0; i < elf->n_segments; i++)
		if (elf->segments[i].p_filesz &&
		    !inside(elf, elf->segments[i].p_offset, elf->segments[i].p_filesz))
			return "a segment ends beyond the file";
	for (unsigned i = 0; i < elf->n_sections; i++)
		if (post_elf_has_bytes(&elf->sections[i]) &&
		    !inside(elf, elf->sections[i].sh_offset, elf->sections[i].sh_size))
			return "a section ends beyond the file";
	names = &elf->sections[elf->header.e_shstrndx];
	if (names->sh_type != SHT_STRTAB || names->sh_size == 0 ||
	    elf->file.buf[names->sh_offset + names->sh_size - 1] != '\0')
		return "its section names are not a string table";
	elf->names = xcalloc(elf->n_sections, sizeof(*elf->names));
	for (unsigned i = 0; i < elf->n_sections; i++) {
		if (elf->sections[i].sh_name >= names->sh_size)
			return "a section's name is not in the string table";
		elf->names[i] =
		    xstrdup(elf->file.buf + names->sh_offset + elf->sections[i].sh_name);
	}
	return NULL;
}

static const char *
read_tables(struct post_elf *elf)
{
	const char *why;

	if (elf->file.len < sizeof(elf->header))
		return "it is not an ELF file";
	memcpy(&elf->header, elf->file.buf, sizeof(elf->header));
	why = check_header(elf);
	if (why)
		return why;
	elf->n_segments = elf->header.e_phnum;
	elf->n_sections = elf->header.e_shnum;
	elf->segments = copy_table(elf, elf->header.e_phoff, elf->n_segments, sizeof(Elf64_Phdr));
	elf->sections = copy_table(elf, elf->header.e_shoff, elf->n_sections, sizeof(Elf64_Shdr));
	return check_tables(elf);
}

int
post_elf_load(const char *path, struct post_elf *elf, struct err *e)
{
	const char *why;

	*elf = (struct post_elf){0};
	if (fs_read(path, MAX_IMAGE, &elf->file, e) < 0)
		return -1;
	why = read_tables(elf);
	if (!why)
		return 0;
	post_elf_free(elf);
	return err_set(e, ERR_FAIL, "%s: %s", path, why);
}

void
post_elf_free(struct post_elf *elf)
{
	for (unsigned i = 0; elf->names && i < elf->n_sections; i++)
		free(elf->names[i]);
	free(elf->names);
	free(elf->segments);
	free(elf->sections);
	str_free(&elf->file);
	*elf = (struct post_elf){0};
}

unsigned
post_elf_section(const struct post_elf *elf, const char *name)
{
	for (unsigned i = 1; i < elf->n_sections; i++)
		if (strcmp(elf->names[i], name) == 0)
			return i;
	return 0;
}

bool
post_elf_symbol(const struct post_elf *elf, const char *name, Elf64_Addr *value)
{
	const unsigned table = post_elf_section(elf, ".symtab");
	const Elf64_Shdr *s = &elf->sections[table], *strings;
	const size_t len = strlen(name) + 1;

	if (!table || s->sh_type != SHT_SYMTAB || s->sh_link >= elf->n_sections)
		return false;
	strings = &elf->sections[s->sh_link];
	if (strings->sh_type != SHT_STRTAB)
		return false;
	for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= s->sh_size; at += sizeof(Elf64_Sym)) {
		Elf64_Sym sym;

		memcpy(&sym, elf->file.buf + s->sh_offset + at, sizeof(sym));
		if (sym.st_name < strings->sh_size && len <= strings->sh_size - sym.st_name &&
		    sym.st_shndx != SHN_UNDEF &&
		    memcmp(elf->file.buf + strings->sh_offset + sym.st_name, name, len) == 0) {
			*value = sym.st_value;
			return true;
		}
	}
	return false;
}

int
post_save(const char *path, const struct str *bytes, struct err *e)
{
	AUTOFD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0777);
	size_t done = 0;

	if (fd < 0)
		return err_errno(e, "write %s", path);
	while (done < bytes->len) {
		ssize_t n = write(fd, bytes->buf + done, bytes->len - done);

		if (n < 0)
			return err_errno(e, "write %s", path);
		done += (size_t)n;
	}
	return 0;
}
