/* SPDX-License-Identifier: BSD-3-Clause */
/* What "strip -s" of GNU binutils makes of a linked image: everything that is loaded
 * stays where it is in the file, what is neither loaded nor about symbols and debugging
 * follows, then the section names and the section headers (bfd/elf.c,
 * assign_file_positions_for_load_sections and ..._non_load; binutils/objcopy.c,
 * is_strip_section). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/post_elf.h"

struct strip {
	struct post_elf in;
	unsigned *number;  /* the new number of each section; 0: left out */
	unsigned n_kept;   /* with the null section, without .shstrtab */
	uint64_t load_end; /* where what is loaded ends in the file */
	struct str out, names;
	uint32_t *name_at; /* in names, by new number; the last is .shstrtab's */
	Elf64_Shdr *headers;
};

static void
strip_free(struct strip *s)
{
	post_elf_free(&s->in);
	free(s->number);
	free(s->name_at);
	free(s->headers);
	str_free(&s->out);
	str_free(&s->names);
}

/* Names that BFD takes for debugging (bfd/elf.c, _bfd_elf_make_section_from_shdr). */
static bool
is_debug(const char *name)
{
	static const char *const prefixes[] = {
	    ".debug", ".gnu.debuglto_.debug_", ".gnu.linkonce.wi.", ".zdebug", ".line", ".stab"};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (str_starts(name, prefixes[i]))
			return true;
	return strcmp(name, ".gdb_index") == 0;
}

static bool
keep(const struct strip *s, unsigned i)
{
	const Elf64_Shdr *h = &s->in.sections[i];

	if (h->sh_flags & SHF_ALLOC)
		return true;
	if (h->sh_type == SHT_SYMTAB || h->sh_type == SHT_STRTAB ||
	    h->sh_type == SHT_SYMTAB_SHNDX || h->sh_type == SHT_GROUP)
		return false;
	return !is_debug(s->in.names[i]);
}

static int
choose(struct strip *s, const char *path, struct err *e)
{
	s->number = xcalloc(s->in.n_sections, sizeof(*s->number));
	s->n_kept = 1;
	for (unsigned i = 1; i < s->in.n_sections; i++) {
		const Elf64_Shdr *h = &s->in.sections[i];

		if (!keep(s, i))
			continue;
		if (h->sh_type == SHT_REL || h->sh_type == SHT_RELA || h->sh_type == SHT_DYNAMIC)
			return err_set(
			    e, ERR_FAIL, "%s: has relocations (section %s)", path, s->in.names[i]);
		s->number[i] = s->n_kept++;
		if (h->sh_flags & SHF_ALLOC && post_elf_has_bytes(h) &&
		    h->sh_offset + h->sh_size > s->load_end)
			s->load_end = h->sh_offset + h->sh_size;
	}
	return s->load_end ? 0 : err_set(e, ERR_FAIL, "%s: nothing in it is loaded", path);
}

/* A name with where it stands in the table, to be sorted by its end. */
struct name {
	const char *text;
	size_t len;
	unsigned number;
	const struct name *within; /* a name that ends in this one */
};

static int
by_end(const void *a, const void *b)
{
	const struct name *x = *(struct name *const *)a, *y = *(struct name *const *)b;

	for (size_t i = 1; i <= x->len && i <= y->len; i++) {
		unsigned char c = (unsigned char)x->text[x->len - i];
		unsigned char d = (unsigned char)y->text[y->len - i];

		if (c != d)
			return c < d ? -1 : 1;
	}
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->number < y->number ? 1 : -1;
}

/* A name that another one ends in shares that one's bytes (bfd/elf-strtab.c). */
static void
share(struct name *names, size_t n)
{
	AUTOFREE struct name **sorted = xcalloc(n, sizeof(*sorted));
	const struct name *last;

	for (size_t i = 0; i < n; i++)
		sorted[i] = &names[i];
	qsort(sorted, n, sizeof(*sorted), by_end);
	last = sorted[n - 1];
	for (size_t i = n - 1; i-- > 0;) {
		struct name *it = sorted[i];

		if (it->len <= last->len &&
		    memcmp(last->text + last->len - it->len, it->text, it->len) == 0)
			it->within = last;
		else
			last = it;
	}
}

static void
make_names(struct strip *s)
{
	/* .shstrtab comes first: BFD names it before it sees any section. */
	AUTOFREE struct name *names = xcalloc(s->n_kept, sizeof(*names));
	size_t n = 0;

	names[n++] = (struct name){".shstrtab", strlen(".shstrtab"), s->n_kept, NULL};
	for (unsigned i = 1; i < s->in.n_sections; i++)
		if (s->number[i])
			names[n++] = (struct name){
			    s->in.names[i], strlen(s->in.names[i]), s->number[i], NULL};
	share(names, n);
	s->name_at = xcalloc(s->n_kept + 1, sizeof(*s->name_at));
	str_addc(&s->names, '\0');
	for (size_t i = 0; i < n; i++) {
		if (names[i].within)
			continue;
		s->name_at[names[i].number] = (uint32_t)s->names.len;
		str_addn(&s->names, names[i].text, names[i].len + 1);
	}
	for (size_t i = 0; i < n; i++)
		if (names[i].within)
			s->name_at[names[i].number] =
			    s->name_at[names[i].within->number] +
			    (uint32_t)(names[i].within->len - names[i].len);
}

static void
pad_to(struct str *out, uint64_t len)
{
	while (out->len < len)
		str_addc(out, '\0');
}

static void
align_to(struct str *out, uint64_t align)
{
	if (align > 1)
		pad_to(out, (out->len + align - 1) / align * align);
}

/* A .tbss has no bytes and so the first free place. Without a .tdata before it no loaded
 * segment knows it: the place is then one that could be mapped at its address. */
static uint64_t
tbss_place(const struct strip *s, const Elf64_Shdr *tbss)
{
	uint64_t page = 1;

	for (unsigned i = 1; i < s->in.n_sections; i++)
		if (s->in.sections[i].sh_flags & SHF_TLS && post_elf_has_bytes(&s->in.sections[i]))
			return s->load_end;
	for (unsigned i = 0; i < s->in.n_segments; i++)
		if (s->in.segments[i].p_type == PT_LOAD && s->in.segments[i].p_align > page)
			page = s->in.segments[i].p_align;
	return s->load_end + (tbss->sh_addr - s->load_end) % page;
}

/* The bytes and the header of one section. */
static void
put_section(struct strip *s, unsigned i)
{
	const Elf64_Shdr *from = &s->in.sections[i];
	Elf64_Shdr *to = &s->headers[s->number[i]];

	*to = *from;
	to->sh_name = s->name_at[s->number[i]];
	to->sh_link = from->sh_link < s->in.n_sections ? s->number[from->sh_link] : 0;
	if (from->sh_flags & SHF_INFO_LINK)
		to->sh_info = from->sh_info < s->in.n_sections ? s->number[from->sh_info] : 0;
	if (!post_elf_has_bytes(from)) {
		if (from->sh_flags & SHF_TLS)
			to->sh_offset = tbss_place(s, from);
		return;
	}
	if (!(from->sh_flags & SHF_ALLOC)) {
		align_to(&s->out, from->sh_addralign);
		to->sh_offset = s->out.len;
		str_addn(&s->out, s->in.file.buf + from->sh_offset, from->sh_size);
		return;
	}
	memcpy(s->out.buf + to->sh_offset, s->in.file.buf + from->sh_offset, from->sh_size);
}

static void
build(struct strip *s)
{
	Elf64_Ehdr h = s->in.header;
	Elf64_Shdr *names;

	s->headers = xcalloc(s->n_kept + 1, sizeof(*s->headers));
	pad_to(&s->out, s->load_end);
	memcpy(s->out.buf + h.e_phoff, s->in.segments, s->in.n_segments * sizeof(Elf64_Phdr));
	for (unsigned i = 1; i < s->in.n_sections; i++)
		if (s->number[i])
			put_section(s, i);
	names = &s->headers[s->n_kept];
	*names = (Elf64_Shdr){.sh_name = s->name_at[s->n_kept],
	    .sh_type = SHT_STRTAB,
	    .sh_offset = s->out.len,
	    .sh_size = s->names.len,
	    .sh_addralign = 1};
	str_addn(&s->out, s->names.buf, s->names.len);
	align_to(&s->out, sizeof(Elf64_Addr));
	h.e_shoff = s->out.len;
	h.e_shnum = (Elf64_Half)(s->n_kept + 1);
	h.e_shstrndx = (Elf64_Half)s->n_kept;
	str_addn(&s->out, s->headers, (s->n_kept + 1) * sizeof(*s->headers));
	memcpy(s->out.buf, &h, sizeof(h));
}

int
post_strip(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	AUTO(strip) s = {0};

	(void)step;
	if (post_elf_load(debug, &s.in, e) < 0 || choose(&s, debug, e) < 0)
		return -1;
	if (s.in.header.e_phoff < sizeof(Elf64_Ehdr) ||
	    s.in.header.e_phoff + s.in.n_segments * sizeof(Elf64_Phdr) > s.load_end)
		return err_set(e, ERR_FAIL, "%s: its program headers are not in front", debug);
	make_names(&s);
	build(&s);
	return post_save(output, &s.out, e);
}
