/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/backtrace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "core/symbolizer.h"

/* MAX_FRAMES: of a brief backtrace (std: sys/backtrace.rs, MAX_NB_FRAMES); WIDTH: of an
 * address. */
enum { NO_MATCH = -1, MAX_FRAMES = 100, WIDTH = 18, PAUSES = 3 };

static const char first_line[] = "stack backtrace:\n";
static const char unknown[] = " - <unknown>\n";
static const char details[] = "note: Some details are omitted, run with `RUST_BACKTRACE=full` for "
			      "a verbose backtrace.\n";

/* Whether an address, with the blanks in front, may begin so. */
static bool
begins_address(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] == ' ')
		i++;
	if (i < n && s[i++] != '0')
		return false;
	if (i < n && s[i++] != 'x')
		return false;
	while (i < n && strchr("0123456789abcdef", s[i]) && s[i])
		i++;
	return i == n;
}

/* How long the line of a frame is. */
static size_t
frame_length(size_t number)
{
	return (size_t)snprintf(NULL, 0, "%4zu: ", number) + WIDTH + sizeof(unknown) - 1;
}

/* Whether the line of that frame may begin so. */
static bool
begins_frame(const char *s, size_t n, size_t number)
{
	char head[32];
	const size_t len = (size_t)snprintf(head, sizeof(head), "%4zu: ", number);

	if (memcmp(s, head, n < len ? n : len) != 0)
		return false;
	if (n <= len)
		return true;
	s += len;
	n -= len;
	if (!begins_address(s, n < WIDTH ? n : WIDTH))
		return false;
	return n <= WIDTH || memcmp(s + WIDTH, unknown, n - WIDTH) == 0;
}

/* The address of a whole line; false: there are no digits. */
static bool
frame_address(const struct str *line, size_t number, uint64_t *address)
{
	const char *x = strchr(line->buf, 'x');

	if (line->len != frame_length(number) || !x || x[1] == ' ')
		return false;
	*address = strtoull(x + 1, NULL, 16);
	return true;
}

static void
put_path(const struct backtrace *b, const char *file, struct str *out)
{
	/* The root directory ends in a slash of its own. */
	const char *cwd = b->brief && b->cwd ? b->cwd + (strcmp(b->cwd, "/") == 0) : NULL;

	if (cwd && str_starts(file, cwd) && file[strlen(cwd)] == '/')
		str_addf(out, ".%s", file + strlen(cwd));
	else
		str_add(out, file);
}

static void
put_head(struct backtrace *b, uint64_t ip, struct str *out)
{
	char hex[WIDTH + 1];

	str_addf(out, "%4zu: ", b->shown++);
	snprintf(hex, sizeof(hex), "0x%llx", (unsigned long long)ip);
	if (!b->brief)
		str_addf(out, "%*s - ", WIDTH, hex);
}

static void
put_symbol(struct backtrace *b, uint64_t ip, const struct symbol *s, struct str *out)
{
	put_head(b, ip, out);
	str_addf(out, "%s\n", s->name ? s->name : "<unknown>");
	if (!s->file)
		return;
	str_addf(out, "%*s             at ", b->brief ? 0 : WIDTH, "");
	put_path(b, s->file, out);
	str_addf(out, ":%u\n", s->line);
}

/* Whether the symbol is to be shown: a brief backtrace is what lies between the two
 * functions that std calls the panic handler and the program by. */
static bool
is_shown(struct backtrace *b, const char *name)
{
	if (!b->brief || !name)
		return b->showing;
	if (strstr(name, "__rust_end_short_backtrace")) {
		b->showing = b->began = true;
		str_cut(&b->kept, 0);
		return false;
	}
	if (b->showing && strstr(name, "__rust_begin_short_backtrace")) {
		b->showing = false;
		return false;
	}
	b->omitted += !b->showing;
	return b->showing;
}

static void
put_symbols(struct backtrace *b, uint64_t ip, const struct symbols *found, struct str *out)
{
	for (size_t i = 0; i < found->n; i++) {
		if (!is_shown(b, found->v[i].name))
			continue;
		if (b->omitted > 0 && b->shown > 0)
			str_addf(out, "      [... omitted %zu frame%s ...]\n", b->omitted,
			    b->omitted > 1 ? "s" : "");
		b->omitted = 0;
		put_symbol(b, ip, &found->v[i], out);
	}
	if (found->n > 0 || !b->showing)
		return;
	/* A brief backtrace leaves the end of a stack out, but counts it. */
	if (b->brief && ip == 0) {
		b->shown++;
		return;
	}
	put_head(b, ip, out);
	str_add(out, "<unknown>\n");
}

/* The frames that were kept back, as they came. */
static void
give_kept(struct backtrace *b, struct str *out)
{
	str_addn(out, str_text(&b->kept), b->kept.len);
	str_cut(&b->kept, 0);
}

/* The line is a frame's, whole. */
static void
take_frame(struct backtrace *b, uint64_t ip, struct str *out)
{
	AUTO(symbols) found = {0};
	const bool over = b->frames++ > MAX_FRAMES && b->brief;

	/* The address is where the call returns to; the call is in front of it. */
	if (!b->dead && !over && ip > 1)
		b->dead = b->resolve(b->ctx, ip - 1, &found) < 0;
	if (b->brief && !b->began)
		str_addn(&b->kept, b->line.buf, b->line.len);
	if (b->dead || (over && !b->began)) {
		if (!b->brief || b->began)
			str_addn(out, b->line.buf, b->line.len);
		give_kept(b, out);
	} else if (!over) {
		put_symbols(b, ip, &found, out);
	}
	str_cut(&b->line, 0);
}

/* What std writes at the end of a brief backtrace. */
static void
close_brief(struct backtrace *b, struct str *out)
{
	give_kept(b, out);
	if (b->began && !b->closed && !b->dead)
		str_add(out, details);
	b->closed = true;
}

static void
begin(struct backtrace *b)
{
	b->within = true;
	b->frames = b->shown = b->omitted = 0;
	b->showing = !b->brief;
	b->began = b->closed = false;
	b->pauses = 0;
}

/* Outside of a backtrace nothing is kept back. Returns how many bytes that is. */
static size_t
pass(struct backtrace *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n;) {
		const char *newline;

		if (b->matched < sizeof(first_line) - 1 && s[i] == first_line[b->matched]) {
			i++;
			if (++b->matched < sizeof(first_line) - 1)
				continue;
			b->matched = 0;
			begin(b);
			return i;
		}
		b->matched = sizeof(first_line);
		newline = memchr(s + i, '\n', n - i);
		if (!newline)
			return n;
		i = (size_t)(newline - s) + 1;
		b->matched = 0;
	}
	return n;
}

/* The current line is no frame's: the backtrace ends in front of it. */
static void
leave(struct backtrace *b, struct str *out)
{
	AUTO(str) line = b->line;

	b->line = (struct str){0};
	b->within = false;
	close_brief(b, out);
	if (line.len > 0)
		backtrace_take(b, line.buf, line.len, out);
}

/* Within a backtrace: up to the end of a line. Returns how many bytes that is. */
static size_t
take_within(struct backtrace *b, const char *s, size_t n, struct str *out)
{
	const size_t number = b->frames, whole = frame_length(number);
	const char *newline = memchr(s, '\n', n);
	uint64_t ip;

	if (newline)
		n = (size_t)(newline - s) + 1;
	if (n > whole - b->line.len)
		n = whole - b->line.len;
	str_addn(&b->line, s, n);
	if (!begins_frame(b->line.buf, b->line.len, number))
		leave(b, out);
	else if (b->line.len == whole && !frame_address(&b->line, number, &ip))
		leave(b, out);
	else if (b->line.len == whole)
		take_frame(b, ip, out);
	return n;
}

void
backtrace_take(struct backtrace *b, const char *bytes, size_t n, struct str *out)
{
	b->pauses = 0;
	while (n > 0) {
		size_t used;

		if (b->within) {
			used = take_within(b, bytes, n, out);
		} else {
			used = pass(b, bytes, n);
			str_addn(out, bytes, used);
		}
		bytes += used;
		n -= used;
	}
}

void
backtrace_pause(struct backtrace *b, struct str *out)
{
	if (!b->within || ++b->pauses != PAUSES)
		return;
	if (b->line.len > 0)
		leave(b, out);
	else
		close_brief(b, out);
}

void
backtrace_end(struct backtrace *b, struct str *out)
{
	if (b->within)
		leave(b, out);
}

void
backtrace_free(struct backtrace *b)
{
	str_free(&b->line);
	str_free(&b->kept);
}
