/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/console.h"

#include <string.h>

#include "base/mem.h"

/* How much may follow the mark: "Unikraft halted", with time and place. */
enum { MAX_TAIL = 256 };

static const char mark[] = "\033]7616;exit;";

enum match { NOT, PARTLY, WHOLE };

/* Whether the bytes are a mark, or the beginning of one. */
static enum match
match_mark(const char *s, size_t n, int *status)
{
	const size_t len = sizeof(mark) - 1;
	size_t i = len;
	int value = 0;

	if (memcmp(s, mark, n < len ? n : len) != 0)
		return NOT;
	if (n <= len)
		return PARTLY;
	for (; i < n && i < len + 3 && s[i] >= '0' && s[i] <= '9'; i++)
		value = 10 * value + (s[i] - '0');
	if (value > 255)
		return NOT;
	if (i == n)
		return PARTLY;
	if (i == len || s[i] != '\033')
		return NOT;
	if (i + 1 == n)
		return PARTLY;
	*status = value;
	return s[i + 1] == '\\' ? WHOLE : NOT;
}

/* Decide about the held bytes as far as possible; more: others may follow. */
static void
decide(struct console *c, bool more, struct str *out)
{
	size_t i = 0;

	while (i < c->held.len) {
		const char *s = c->held.buf + i;
		size_t n = c->held.len - i;
		enum match m = NOT;

		if (*s == '\033')
			m = match_mark(s, n, &c->status);
		if (m == WHOLE) {
			c->marked = true;
			c->mark_len = (size_t)(strchr(s + 1, '\033') + 2 - s);
			break;
		}
		if (more && (m == PARTLY || (*s == '\r' && n == 1)))
			break;
		if (*s != '\r' || n == 1 || s[1] != '\n')
			str_addc(out, *s);
		i++;
	}
	memmove(c->held.buf, c->held.buf + i, c->held.len - i);
	str_cut(&c->held, c->held.len - i);
}

/* What was taken for the end was not: the mark was output as well. */
static void
unmark(struct console *c, struct str *out)
{
	str_addn(out, c->held.buf, c->mark_len);
	memmove(c->held.buf, c->held.buf + c->mark_len, c->held.len - c->mark_len);
	str_cut(&c->held, c->held.len - c->mark_len);
	c->marked = false;
	decide(c, true, out);
}

void
console_take(struct console *c, const char *bytes, size_t n, struct str *out)
{
	if (n == 0)
		return;
	str_addn(&c->held, bytes, n);
	if (!c->marked)
		decide(c, true, out);
	while (c->marked && c->held.len > c->mark_len + MAX_TAIL)
		unmark(c, out);
}

/* Another mark in what follows the first one is the end in its place. */
int
console_end(struct console *c, struct str *out)
{
	int status = -1;

	while (c->marked) {
		const char *again = NULL;

		if (c->held.len > c->mark_len)
			again = memmem(c->held.buf + c->mark_len, c->held.len - c->mark_len, mark,
			    sizeof(mark) - 1);
		if (!again) {
			status = c->status;
			str_cut(&c->held, 0);
			c->marked = false;
			break;
		}
		unmark(c, out);
	}
	if (c->held.len)
		decide(c, false, out);
	return status;
}

void
console_free(struct console *c)
{
	str_free(&c->held);
	*c = (struct console){0};
}

void
console_quote_input(const char *bytes, size_t n, struct str *out)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] && strchr("\x04\x16\x1d", bytes[i]))
			str_addc(out, 0x16);
		str_addc(out, bytes[i]);
	}
}

static void
add_word(struct str *out, const char *prefix, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-_./:=+@";

	str_addf(out, " %s", prefix);
	if (!*word && !*prefix)
		str_addc(out, '%');
	for (; *word; word++) {
		if (strchr(plain, *word))
			str_addc(out, *word);
		else
			str_addf(out, "%%%02x", (unsigned char)*word);
	}
}

char *
console_command_line(
    const char *name, const char *seed, const struct strv *env, char *const *args, size_t n_args)
{
	AUTO(str) out = {0};

	str_add(&out, "-- %kraft-rust");
	add_word(&out, "%=", name);
	if (seed)
		add_word(&out, "%~", seed);
	for (size_t i = 0; i < env->n; i++)
		add_word(&out, "%+", env->v[i]);
	for (size_t i = 0; i < n_args; i++)
		add_word(&out, "", args[i]);
	return str_take(&out);
}
