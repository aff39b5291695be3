/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/ver.h"

#include <stddef.h>
#include <string.h>

/* Semantic Versioning's numeric identifier: no leading zero. Nine digits at most,
 * so that it fits. NULL when there is none, else what follows it. */
static const char *
number(const char *s, unsigned *out)
{
	size_t n = strspn(s, "0123456789");

	if (n == 0 || n > 9 || (s[0] == '0' && n > 1))
		return NULL;
	*out = 0;
	for (size_t i = 0; i < n; i++)
		*out = *out * 10 + (unsigned)(s[i] - '0');
	return s + n;
}

static bool
suffix(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.+-";
	size_t n = strspn(s, allowed);

	return n > 0 && s[n] == '\0';
}

bool
ver_parse(const char *text, struct ver *v)
{
	struct ver out = {0};
	const char *s = text ? number(text, &out.major) : NULL;

	if (!s || *s != '.' || !(s = number(s + 1, &out.minor)))
		return false;
	if (*s == '.') {
		s = number(s + 1, &out.patch);
		if (!s)
			return false;
		out.pre = *s == '-';
		if (out.pre ? !suffix(s + 1) : *s != '\0')
			return false;
	} else if (*s != '\0') {
		return false;
	}
	*v = out;
	return true;
}

static int
compare(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

int
ver_cmp(const struct ver *a, const struct ver *b)
{
	int d = compare(a->major, b->major);

	if (d == 0)
		d = compare(a->minor, b->minor);
	if (d == 0)
		d = compare(a->patch, b->patch);
	return d;
}
