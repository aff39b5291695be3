/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/yml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct parse {
	yaml_parser_t yp;
	struct arena *arena;
	const char *name, *text;
	size_t len;
	struct err *e;
};

static int fail_at(const char *name, size_t line, size_t column, struct err *e, const char *fmt,
    ...) __attribute__((format(printf, 5, 6)));

static int fail_va(const char *name, size_t line, size_t column, struct err *e, const char *fmt,
    va_list ap) __attribute__((format(printf, 5, 0)));

static int
fail_va(const char *name, size_t line, size_t column, struct err *e, const char *fmt, va_list ap)
{
	AUTOFREE char *file = str_printable(name, 4096);
	AUTOFREE char *what = xvasprintf(fmt, ap);

	return err_set(e, ERR_INPUT, "%s:%zu:%zu: %s", file, line, column, what);
}

static int
fail_at(const char *name, size_t line, size_t column, struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_va(name, line, column, e, fmt, ap);
	va_end(ap);
	return -1;
}

int
yml_error(const char *name, const struct yml_node *at, struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail_va(name, at->line, at->column, e, fmt, ap);
	va_end(ap);
	return -1;
}

/* An error at a byte of the text; columns count characters. */
static int
fail_byte(const struct parse *p, size_t byte, const char *what)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < byte && i < p->len; i++) {
		if (p->text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)p->text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
	return fail_at(p->name, line, column, p->e, "%s", what);
}

static int
fail_mark(const struct parse *p, yaml_mark_t at, const char *what)
{
	return fail_at(p->name, at.line + 1, at.column + 1, p->e, "%s", what);
}

/* The byte at a mark: the library's index counts characters. */
static char
byte_at(const struct parse *p, yaml_mark_t at)
{
	size_t chars = 0;

	for (size_t i = 0; i < p->len; i++) {
		if (((unsigned char)p->text[i] & 0xc0) == 0x80)
			continue;
		if (chars++ == at.index)
			return p->text[i];
	}
	return '\0';
}

/* The library's own complaint, in the words of someone who edits the file. */
static int
fail_library(const struct parse *p)
{
	const yaml_parser_t *yp = &p->yp;
	const char *problem = yp->problem ? yp->problem : "not YAML";
	yaml_mark_t at = yp->problem_mark;

	if (yp->error == YAML_READER_ERROR)
		return fail_byte(p, yp->problem_offset, problem);
	if (byte_at(p, at) == '\t')
		return fail_mark(p, at, "a tab cannot indent; use spaces");
	if (!yp->context || yp->context_mark.line == at.line)
		return fail_mark(p, at, problem);
	return fail_at(p->name, at.line + 1, at.column + 1, p->e, "%s %s that begins in line %zu",
	    problem, yp->context, yp->context_mark.line + 1);
}

static int
next_event(struct parse *p, yaml_event_t *ev)
{
	if (!yaml_parser_parse(&p->yp, ev))
		return fail_library(p);
	return 0;
}

/* What has no place in a configuration file. */
static int
check_event(const struct parse *p, const yaml_event_t *ev)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (ev->type == YAML_ALIAS_EVENT)
		return fail_mark(p, ev->start_mark, "aliases (*name) are not supported");
	if (ev->type == YAML_SCALAR_EVENT) {
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	}
	if (anchor)
		return fail_mark(p, ev->start_mark, "anchors (&name) are not supported");
	if (tag)
		return fail_mark(p, ev->start_mark, "tags (!name) are not supported");
	return 0;
}

static struct yml_node *
new_node(struct parse *p, enum yml_kind kind, yaml_mark_t at)
{
	struct yml_node *n = arena_alloc(p->arena, sizeof(*n));

	n->kind = kind;
	n->line = (unsigned)at.line + 1;
	n->column = (unsigned)at.column + 1;
	return n;
}

static int
make_scalar(struct parse *p, const yaml_event_t *ev, struct yml_node **out)
{
	const char *value = (const char *)ev->data.scalar.value;

	if (strlen(value) != ev->data.scalar.length)
		return fail_mark(p, ev->start_mark, "a NUL character in a value");
	*out = new_node(p, YML_SCALAR, ev->start_mark);
	(*out)->plain = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	(*out)->text = arena_strdup(p->arena, value);
	return 0;
}

static int
check_key(const struct parse *p, const yaml_event_t *ev)
{
	const char *value = NULL;

	if (ev->type != YAML_SCALAR_EVENT)
		return fail_mark(p, ev->start_mark, "a key must be a word, not a list or mapping");
	value = (const char *)ev->data.scalar.value;
	if (*value == '\0')
		return fail_mark(p, ev->start_mark, "a key is missing before ':'");
	if (strcmp(value, "<<") == 0 && ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		return fail_mark(p, ev->start_mark, "merge keys (<<) are not supported");
	return 0;
}

static int
compare_keys(const void *a, const void *b)
{
	const struct yml_node *x = *(const struct yml_node *const *)a;
	const struct yml_node *y = *(const struct yml_node *const *)b;
	int d = strcmp(x->text, y->text);

	if (d == 0)
		d = (x->line > y->line) - (x->line < y->line);
	if (d == 0)
		d = (x->column > y->column) - (x->column < y->column);
	return d;
}

/* Sorted, because a file of the greatest size can hold a mapping of 200,000 keys. */
static int
check_duplicates(const struct parse *p, const struct yml_node *map)
{
	AUTOFREE const struct yml_node **keys = xcalloc(map->n, sizeof(*keys));
	AUTOFREE char *shown = NULL;
	size_t n = 0, found = 0;

	for (const struct yml_node *v = map->first; v; v = v->next)
		keys[n++] = v->key;
	qsort(keys, n, sizeof(*keys), compare_keys);
	for (size_t i = 1; i < n && !found; i++)
		if (strcmp(keys[i - 1]->text, keys[i]->text) == 0)
			found = i;
	if (!found)
		return 0;
	shown = str_printable(keys[found]->text, 80);
	return yml_error(p->name, keys[found], p->e, "'%s' is given twice, first in line %u", shown,
	    keys[found - 1]->line);
}

static int parse_node(
    struct parse *p, const yaml_event_t *ev, unsigned depth, struct yml_node **out);

/* One child of a sequence or mapping; *out is NULL at the end. */
static int
parse_child(struct parse *p, enum yml_kind kind, unsigned depth, struct yml_node **out)
{
	struct yml_node *key = NULL;
	yaml_event_t ev;
	int rc = 0;

	*out = NULL;
	if (next_event(p, &ev) < 0)
		return -1;
	if (ev.type == YAML_SEQUENCE_END_EVENT || ev.type == YAML_MAPPING_END_EVENT) {
		yaml_event_delete(&ev);
		return 0;
	}
	if (kind == YML_MAP) {
		rc = check_event(p, &ev);
		if (rc == 0)
			rc = check_key(p, &ev);
		if (rc == 0)
			rc = make_scalar(p, &ev, &key);
		yaml_event_delete(&ev);
		if (rc < 0 || next_event(p, &ev) < 0)
			return -1;
	}
	rc = parse_node(p, &ev, depth, out);
	yaml_event_delete(&ev);
	if (rc == 0)
		(*out)->key = key;
	return rc;
}

static int
parse_node(struct parse *p, const yaml_event_t *ev, unsigned depth, struct yml_node **out)
{
	const struct yml_node **tail = NULL;
	struct yml_node *node = NULL, *child = NULL;

	if (check_event(p, ev) < 0)
		return -1;
	if (ev->type == YAML_SCALAR_EVENT)
		return make_scalar(p, ev, out);
	if (depth >= YML_MAX_DEPTH)
		return fail_at(p->name, ev->start_mark.line + 1, ev->start_mark.column + 1, p->e,
		    "nested more than %d levels deep", YML_MAX_DEPTH);
	node =
	    new_node(p, ev->type == YAML_MAPPING_START_EVENT ? YML_MAP : YML_SEQ, ev->start_mark);
	tail = &node->first;
	for (;;) {
		if (parse_child(p, node->kind, depth + 1, &child) < 0)
			return -1;
		if (!child)
			break;
		*tail = child;
		tail = &child->next;
		node->n++;
	}
	*out = node;
	return node->kind == YML_MAP ? check_duplicates(p, node) : 0;
}

/* The next event, which must not be the end of the stream, and is of no interest. */
static int
skip_event(struct parse *p, yaml_event_type_t *type, yaml_mark_t *at)
{
	yaml_event_t ev;

	if (next_event(p, &ev) < 0)
		return -1;
	*type = ev.type;
	*at = ev.start_mark;
	yaml_event_delete(&ev);
	return 0;
}

static int
parse_stream(struct parse *p, struct yml_node **root)
{
	yaml_event_type_t type;
	yaml_event_t ev;
	yaml_mark_t at;
	int rc;

	if (skip_event(p, &type, &at) < 0 || skip_event(p, &type, &at) < 0)
		return -1;
	if (type == YAML_STREAM_END_EVENT)
		return fail_at(p->name, 1, 1, p->e, "the file is empty");
	if (next_event(p, &ev) < 0)
		return -1;
	rc = parse_node(p, &ev, 0, root);
	yaml_event_delete(&ev);
	if (rc < 0 || skip_event(p, &type, &at) < 0 || skip_event(p, &type, &at) < 0)
		return -1;
	if (type != YAML_STREAM_END_EVENT)
		return fail_mark(p, at, "a second document; a file may hold only one");
	if ((*root)->kind == YML_SCALAR && (*root)->plain && *(*root)->text == '\0')
		return fail_at(p->name, 1, 1, p->e, "the file is empty");
	return 0;
}

/* The offset of a %TAG directive, or len. The library takes time that grows with the
 * square of their number, and says nothing of them until it is through. What it
 * takes for a line break ends in one of these bytes (YAML 1.1, 5.4). */
static size_t
find_tag_directive(const char *text, size_t len)
{
	static const char breaks[] = "\n\r\x85\xa8\xa9"; /* LF, CR, NEL, LS, PS */
	const char *p = text;

	while ((p = memmem(p, len - (size_t)(p - text), "%TAG", 4)) != NULL) {
		if (p == text || memchr(breaks, p[-1], sizeof(breaks) - 1))
			return (size_t)(p - text);
		p++;
	}
	return len;
}

/* Encoding and size, before the library sees a byte. Cuts off a byte order mark. */
static int
check_text(struct parse *p)
{
	size_t bad;

	if (p->len > YML_MAX_BYTES)
		return fail_at(p->name, 1, 1, p->e, "more than %d bytes", YML_MAX_BYTES);
	if (p->len >= 2 &&
	    (memcmp(p->text, "\xff\xfe", 2) == 0 || memcmp(p->text, "\xfe\xff", 2) == 0))
		return fail_at(p->name, 1, 1, p->e, "UTF-16; save the file as UTF-8");
	if (p->len >= 3 && memcmp(p->text, "\xef\xbb\xbf", 3) == 0) {
		p->text += 3;
		p->len -= 3;
	}
	if (!str_utf8(p->text, p->len, &bad))
		return fail_byte(p, bad, p->text[bad] ? "not UTF-8" : "a NUL byte");
	bad = find_tag_directive(p->text, p->len);
	if (bad < p->len)
		return fail_byte(p, bad, "tags (%TAG) are not supported");
	return 0;
}

const struct yml_node *
yml_parse(struct arena *a, const char *name, const char *text, size_t len, struct err *e)
{
	struct parse p = {.arena = a, .name = name, .text = text, .len = len, .e = e};
	struct yml_node *root = NULL;
	int rc;

	if (check_text(&p) < 0)
		return NULL;
	/* The library fails here only for want of memory. */
	if (!yaml_parser_initialize(&p.yp))
		abort();
	yaml_parser_set_encoding(&p.yp, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p.yp, (const unsigned char *)p.text, p.len);
	rc = parse_stream(&p, &root);
	yaml_parser_delete(&p.yp);
	return rc < 0 ? NULL : root;
}

static int
fail_file(const char *path, struct err *e, const char *what)
{
	AUTOFREE char *file = str_printable(path, 4096);

	return err_set(e, ERR_INPUT, "%s: %s", file, what);
}

/* Never more than the limit in memory, never blocked by a pipe. */
static int
read_file(const char *path, struct str *out, struct err *e)
{
	AUTOFD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	char buf[16384];
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_file(path, e, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return fail_file(path, e, "a directory, not a file");
	if (!S_ISREG(st.st_mode))
		return fail_file(path, e, "not a regular file");
	if (st.st_size > YML_MAX_BYTES)
		return fail_at(path, 1, 1, e, "more than %d bytes", YML_MAX_BYTES);
	do {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			str_addn(out, buf, (size_t)n);
	} while ((n > 0 && out->len <= YML_MAX_BYTES) || (n < 0 && errno == EINTR));
	return n < 0 ? fail_file(path, e, strerror(errno)) : 0;
}

const struct yml_node *
yml_load(struct arena *a, const char *path, struct err *e)
{
	AUTO(str) text = {0};

	if (read_file(path, &text, e) < 0)
		return NULL;
	return yml_parse(a, path, str_text(&text), text.len, e);
}
