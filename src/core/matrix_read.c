/* SPDX-License-Identifier: BSD-3-Clause */
/* One file of the matrix: its keys, their types, and nothing across rows. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "base/str.h"
#include "base/yml.h"
#include "core/matrix_rows.h"

enum { MAX_TEXT = 512, MAX_KEYS = 16 };

struct reader {
	struct arena *arena;
	const char *file;
	struct matrix_rows *rows;
	struct err *e;
};

struct field {
	const char *key;
	bool required;
	/* out is where the value belongs. */
	int (*read)(struct reader *r, const struct yml_node *v, void *out);
	size_t offset;
};

static const char *
kind_name(const struct yml_node *v)
{
	if (v->kind == YML_MAP)
		return "a mapping";
	if (v->kind == YML_SEQ)
		return "a list";
	return *v->text == '\0' ? "empty" : "a single value";
}

static int
want_kind(struct reader *r, const struct yml_node *v, enum yml_kind kind, const char *what)
{
	AUTOFREE char *key = v->key ? str_printable(v->key->text, 64) : NULL;

	if (v->kind == kind && (kind != YML_SCALAR || *v->text != '\0'))
		return 0;
	if (key)
		return yml_error(
		    r->file, v, r->e, "'%s' must be %s, not %s", key, what, kind_name(v));
	return yml_error(r->file, v, r->e, "this must be %s, not %s", what, kind_name(v));
}

/* Text that fits on a line of a list or of a configuration file. */
static int
read_text(struct reader *r, const struct yml_node *v, void *out)
{
	if (want_kind(r, v, YML_SCALAR, "a text") < 0)
		return -1;
	if (strlen(v->text) > MAX_TEXT)
		return yml_error(r->file, v, r->e, "longer than %d bytes", MAX_TEXT);
	for (const char *p = v->text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return yml_error(r->file, v, r->e, "a control character or a line break");
	*(const char **)out = v->text;
	return 0;
}

static int
check_word(struct reader *r, const struct yml_node *v)
{
	AUTOFREE char *shown = NULL;

	if (str_word(v->text))
		return 0;
	shown = str_printable(v->text, 64);
	return yml_error(r->file, v, r->e,
	    "'%s' is not a name: letters, digits and . _ + - are, up to 64 of them, not with "
	    ". or - first",
	    shown);
}

static int
read_word(struct reader *r, const struct yml_node *v, void *out)
{
	if (want_kind(r, v, YML_SCALAR, "a name") < 0 || check_word(r, v) < 0)
		return -1;
	*(const char **)out = v->text;
	return 0;
}

static int
read_list(struct reader *r, const struct yml_node *v, void *out, const char *what,
    int (*item)(struct reader *, const struct yml_node *, void *))
{
	struct matrix_names *names = out;

	if (want_kind(r, v, YML_SEQ, what) < 0)
		return -1;
	names->v = arena_alloc(r->arena, (v->n + 1) * sizeof(*names->v));
	for (const struct yml_node *i = v->first; i; i = i->next)
		if (item(r, i, &names->v[names->n++]) < 0)
			return -1;
	return 0;
}

static int
read_words(struct reader *r, const struct yml_node *v, void *out)
{
	return read_list(r, v, out, "a list of names", read_word);
}

static int
read_texts(struct reader *r, const struct yml_node *v, void *out)
{
	return read_list(r, v, out, "a list of texts", read_text);
}

/* A list that is required is of no use without anything in it. */
static int
read_some(struct reader *r, const struct yml_node *v, void *out)
{
	if (v->kind == YML_SEQ && v->n == 0)
		return yml_error(r->file, v, r->e, "'%s' must name at least one", v->key->text);
	return read_texts(r, v, out);
}

static int
read_dir(struct reader *r, const struct yml_node *v, void *out)
{
	AUTOFREE char *shown = NULL;

	if (read_text(r, v, out) < 0)
		return -1;
	if (*v->text == '/')
		return 0;
	shown = str_printable(v->text, 64);
	return yml_error(r->file, v, r->e, "'%s' is not an absolute path", shown);
}

static int
read_dirs(struct reader *r, const struct yml_node *v, void *out)
{
	if (v->kind == YML_SEQ && v->n == 0)
		return yml_error(r->file, v, r->e, "'%s' must name at least one", v->key->text);
	return read_list(r, v, out, "a list of directories", read_dir);
}

static int
read_machine(struct reader *r, const struct yml_node *v, void *out)
{
	AUTOFREE char *shown = NULL;
	unsigned long n = 0;

	if (want_kind(r, v, YML_SCALAR, "a number") < 0)
		return -1;
	if (strspn(v->text, "0123456789") == strlen(v->text) && strlen(v->text) <= 5)
		n = strtoul(v->text, NULL, 10);
	if (n >= 1 && n <= 65535) {
		*(unsigned *)out = (unsigned)n;
		return 0;
	}
	shown = str_printable(v->text, 64);
	return yml_error(r->file, v, r->e, "'%s' is not a number from 1 to 65535", shown);
}

static int
read_since(struct reader *r, const struct yml_node *v, void *out)
{
	struct matrix_arch *a = out;
	AUTOFREE char *shown = NULL;

	if (want_kind(r, v, YML_SCALAR, "a version") < 0)
		return -1;
	a->builtin = ver_parse(v->text, &a->builtin_since);
	if (a->builtin)
		return 0;
	shown = str_printable(v->text, 64);
	return yml_error(r->file, v, r->e, "'%s' is not a version such as 1.73.0", shown);
}

static const struct field *
find_field(struct reader *r, const struct field *fields, size_t n, const struct yml_node *key)
{
	const char *known[MAX_KEYS] = {NULL}, *meant = NULL;
	AUTOFREE char *shown = NULL;
	AUTO(str) all = {0};

	for (size_t i = 0; i < n && i < MAX_KEYS; i++) {
		if (strcmp(fields[i].key, key->text) == 0)
			return &fields[i];
		known[i] = fields[i].key;
		str_addf(&all, "%s%s", i ? ", " : "", fields[i].key);
	}
	shown = str_printable(key->text, 64);
	meant = near_match(key->text, known, n);
	if (meant)
		yml_error(r->file, key, r->e, "unknown key '%s'; did you mean '%s'?", shown, meant);
	else
		yml_error(r->file, key, r->e, "unknown key '%s'; known here: %s", shown, all.buf);
	return NULL;
}

/* A mapping's values into the struct at out; whom is the mapping's own name. */
static int
read_fields(struct reader *r, const struct yml_node *map, const char *whom,
    const struct field *fields, size_t n, void *out)
{
	bool seen[MAX_KEYS] = {false};

	if (want_kind(r, map, YML_MAP, "a mapping") < 0)
		return -1;
	for (const struct yml_node *v = map->first; v; v = v->next) {
		const struct field *f = find_field(r, fields, n, v->key);

		if (!f || f->read(r, v, (char *)out + f->offset) < 0)
			return -1;
		seen[f - fields] = true;
	}
	for (size_t i = 0; i < n; i++)
		if (fields[i].required && !seen[i])
			return yml_error(r->file, map->key ? map->key : map, r->e,
			    "'%s' lacks the key '%s'", whom, fields[i].key);
	return 0;
}

static const struct field libc_fields[] = {
    {"dirs", true, read_dirs, offsetof(struct matrix_libc, libc)},
    {"gcc-dirs", true, read_dirs, offsetof(struct matrix_libc, libgcc)},
    {"as", true, read_some, offsetof(struct matrix_libc, as)},
    {"emulation", true, read_word, offsetof(struct matrix_libc, emulation)},
    {"packages", true, read_text, offsetof(struct matrix_libc, package)},
};

static int
read_libcs(struct reader *r, const struct yml_node *v, void *out)
{
	struct matrix_plat *p = out;

	if (want_kind(r, v, YML_MAP, "a mapping of architectures") < 0)
		return -1;
	p->libcs = arena_alloc(r->arena, (v->n + 1) * sizeof(*p->libcs));
	for (const struct yml_node *row = v->first; row; row = row->next) {
		struct matrix_libc *l = &p->libcs[p->n_libcs++];

		if (check_word(r, row->key) < 0)
			return -1;
		l->arch = row->key->text;
		if (read_fields(r, row, l->arch, libc_fields, ARRAY_LEN(libc_fields), l) < 0)
			return -1;
	}
	return 0;
}

static const struct field arch_fields[] = {
    {"aliases", false, read_words, offsetof(struct matrix_arch, aliases)},
    {"kraft", false, read_word, offsetof(struct matrix_arch, kraft)},
    {"target", true, read_word, offsetof(struct matrix_arch, target)},
    {"builtin-since", false, read_since, 0},
    {"base", true, read_word, offsetof(struct matrix_arch, base)},
    {"machine", true, read_machine, offsetof(struct matrix_arch, machine)},
    {"ld", true, read_some, offsetof(struct matrix_arch, ld)},
    {"emulators", false, read_some, offsetof(struct matrix_arch, emulators)},
};

static const struct field plat_fields[] = {
    {"aliases", false, read_words, offsetof(struct matrix_plat, aliases)},
    {"kraft", false, read_word, offsetof(struct matrix_plat, kraft)},
    {"summary", true, read_text, offsetof(struct matrix_plat, summary)},
    {"libc", false, read_libcs, 0},
};

_Static_assert(ARRAY_LEN(arch_fields) <= MAX_KEYS, "MAX_KEYS must cover every table");

static const struct yml_node *
child(const struct yml_node *map, const char *key)
{
	for (const struct yml_node *v = map->first; v; v = v->next)
		if (strcmp(v->key->text, key) == 0)
			return v;
	return NULL;
}

static struct matrix_part *
add_part(struct reader *r, struct matrix_parts *parts, const struct yml_node *row)
{
	struct matrix_part *p = NULL;

	if (parts->n == parts->cap) {
		parts->cap = parts->cap ? parts->cap * 2 : 16;
		parts->v = xrealloc(parts->v, parts->cap * sizeof(*parts->v));
	}
	p = &parts->v[parts->n];
	*p = (struct matrix_part){.name = row->key->text,
	    .file = r->file,
	    .seq = parts->n++,
	    .at = row->key,
	    .aliases = child(row, "aliases"),
	    .libc = child(row, "libc")};
	return p;
}

static int
read_archs(struct reader *r, const struct yml_node *v, void *out)
{
	(void)out;
	if (want_kind(r, v, YML_MAP, "a mapping of names") < 0)
		return -1;
	for (const struct yml_node *row = v->first; row; row = row->next) {
		struct matrix_arch *a = arena_alloc(r->arena, sizeof(*a));

		a->name = a->kraft = row->key->text;
		if (check_word(r, row->key) < 0 ||
		    read_fields(r, row, a->name, arch_fields, ARRAY_LEN(arch_fields), a) < 0)
			return -1;
		add_part(r, &r->rows->archs, row)->arch = a;
	}
	return 0;
}

static int
read_plats(struct reader *r, const struct yml_node *v, void *out)
{
	(void)out;
	if (want_kind(r, v, YML_MAP, "a mapping of names") < 0)
		return -1;
	for (const struct yml_node *row = v->first; row; row = row->next) {
		struct matrix_plat *p = arena_alloc(r->arena, sizeof(*p));

		p->name = row->key->text;
		if (check_word(r, row->key) < 0 ||
		    read_fields(r, row, p->name, plat_fields, ARRAY_LEN(plat_fields), p) < 0)
			return -1;
		add_part(r, &r->rows->plats, row)->plat = p;
	}
	return 0;
}

static int
read_pairs(struct reader *r, const struct yml_node *list)
{
	struct matrix_rows *rows = r->rows;

	if (check_word(r, list->key) < 0 || want_kind(r, list, YML_SEQ, "a list of platforms") < 0)
		return -1;
	for (const struct yml_node *v = list->first; v; v = v->next) {
		const char *word;

		if (read_word(r, v, &word) < 0)
			return -1;
		if (rows->n_pairs == rows->cap_pairs) {
			rows->cap_pairs = rows->cap_pairs ? rows->cap_pairs * 2 : 64;
			rows->pairs = xrealloc(rows->pairs, rows->cap_pairs * sizeof(*rows->pairs));
		}
		rows->pairs[rows->n_pairs++] = (struct matrix_pair){r->file, list->key, v};
	}
	return 0;
}

static int
read_combos(struct reader *r, const struct yml_node *v, void *out)
{
	(void)out;
	if (want_kind(r, v, YML_MAP, "a mapping of architectures") < 0)
		return -1;
	for (const struct yml_node *list = v->first; list; list = list->next)
		if (read_pairs(r, list) < 0)
			return -1;
	return 0;
}

int
matrix_read(struct arena *a, const char *file, const struct yml_node *root,
    struct matrix_rows *rows, struct err *e)
{
	static const struct field sections[] = {
	    {"architectures", false, read_archs, 0},
	    {"platforms", false, read_plats, 0},
	    {"combinations", false, read_combos, 0},
	};
	struct reader r = {.arena = a, .file = file, .rows = rows, .e = e};

	rows->archs.kind = "architecture";
	rows->plats.kind = "platform";
	if (root->kind != YML_MAP)
		return yml_error(file, root, e,
		    "the file must be a mapping with the keys architectures, platforms and "
		    "combinations, not %s",
		    kind_name(root));
	return read_fields(&r, root, file, sections, ARRAY_LEN(sections), rows);
}
