/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void
reserve(struct str *s, size_t more)
{
	size_t need = s->len + more + 1;

	if (need <= s->cap)
		return;
	if (need < s->cap * 2)
		need = s->cap * 2;
	s->buf = xrealloc(s->buf, need);
	s->cap = need;
}

void
str_addn(struct str *s, const void *bytes, size_t n)
{
	reserve(s, n);
	if (n)
		memcpy(s->buf + s->len, bytes, n);
	s->len += n;
	s->buf[s->len] = '\0';
}

void
str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void
str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void
str_addf(struct str *s, const char *fmt, ...)
{
	AUTOFREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	str_add(s, text);
}

void
str_cut(struct str *s, size_t len)
{
	if (len < s->len) {
		s->len = len;
		s->buf[len] = '\0';
	}
}

char *
str_take(struct str *s)
{
	char *buf = s->buf ? s->buf : xstrdup("");

	*s = (struct str){0};
	return buf;
}

const char *
str_text(const struct str *s)
{
	return s->buf ? s->buf : "";
}

void
str_free(struct str *s)
{
	free(s->buf);
	*s = (struct str){0};
}

void
strv_give(struct strv *l, char *s)
{
	if (l->n + 2 > l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void
strv_add(struct strv *l, const char *s)
{
	strv_give(l, xstrdup(s));
}

void
strv_addl(struct strv *l, ...)
{
	const char *s;
	va_list ap;

	va_start(ap, l);
	while ((s = va_arg(ap, const char *)))
		strv_add(l, s);
	va_end(ap);
}

void
strv_addn(struct strv *l, const char *s, size_t n)
{
	strv_give(l, xstrndup(s, n));
}

void
strv_addf(struct strv *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_give(l, xvasprintf(fmt, ap));
	va_end(ap);
}

void
strv_addv(struct strv *l, const struct strv *from)
{
	for (size_t i = 0; i < from->n; i++)
		strv_add(l, from->v[i]);
}

bool
strv_has(const struct strv *l, const char *s)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return true;
	return false;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
strv_sort(struct strv *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

void
strv_split(struct strv *l, const char *s, char sep)
{
	while (*s) {
		const char *end = strchrnul(s, sep);

		if (end > s)
			strv_addn(l, s, (size_t)(end - s));
		s = *end ? end + 1 : end;
	}
}

char *
strv_join(const struct strv *l, const char *sep)
{
	AUTO(str) s = {0};

	for (size_t i = 0; i < l->n; i++)
		str_addf(&s, "%s%s", i ? sep : "", l->v[i]);
	return str_take(&s);
}

void
strv_free(struct strv *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct strv){0};
}

bool
str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcmp(s + n - m, suffix) == 0;
}

bool
str_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The length of the well-formed sequence at s (n bytes are there), 0 if none. */
static size_t
utf8_len(const unsigned char *s, size_t n)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (s[0] < 0x80)
		return s[0] ? 1 : 0;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		lo = 0xa0;
	else if (s[0] == 0xed)
		hi = 0x9f;
	else if (s[0] == 0xf0)
		lo = 0x90;
	else if (s[0] == 0xf4)
		hi = 0x8f;
	if (n < len || s[1] < lo || s[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool
str_utf8(const char *s, size_t n, size_t *bad)
{
	for (size_t i = 0, len; i < n; i += len) {
		len = utf8_len((const unsigned char *)s + i, n - i);
		if (len == 0) {
			if (bad)
				*bad = i;
			return false;
		}
	}
	return true;
}

bool
str_word(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._+-";
	size_t n = strlen(s);

	return n > 0 && n <= 64 && strspn(s, allowed) == n && s[0] != '.' && s[0] != '-';
}

char *
str_printable(const char *s, size_t max)
{
	AUTO(str) out = {0};
	size_t n = strlen(s), i = 0;

	while (i < n && out.len < max) {
		const unsigned char *p = (const unsigned char *)s + i;
		size_t len = utf8_len(p, n - i);

		/* U+0080 to U+009F control a terminal as their 7-bit twins do. */
		if (len == 0 || *p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
			str_addf(&out, "\\x%02x", *p);
			len = 1;
		} else {
			str_addn(&out, p, len);
		}
		i += len;
	}
	if (i < n)
		str_add(&out, "...");
	return str_take(&out);
}
