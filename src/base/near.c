/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/near.h"

#include <string.h>
#include <strings.h>

enum { MAX_LEN = 64 }; /* no word that we know is longer */

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance, by three rows of its table. */
static unsigned
distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned rows[3][MAX_LEN + 1] = {{0}};
	unsigned *old2 = rows[0], *old = rows[1], *now = rows[2];

	for (size_t j = 0; j <= m; j++)
		old[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *free_row = old2;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned change = lower(a[i - 1]) != lower(b[j - 1]);

			now[j] = least(old[j - 1] + change, least(old[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1]))
				now[j] = least(now[j], old2[j - 2] + 1);
		}
		old2 = old;
		old = now;
		now = free_row;
	}
	return old[m];
}

const char *
near_match(const char *word, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t len = strlen(word);
	/* One slip in a short word, one for every three letters of a longer one. */
	unsigned limit = len < 6 ? 1 : (unsigned)len / 3;

	if (len < 2 || len > MAX_LEN)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t m = strlen(words[i]);
		unsigned d;

		if (m > MAX_LEN)
			continue;
		d = distance(word, len, words[i], m);
		if (d > 1 && strncasecmp(word, words[i], len) == 0)
			d = 1;
		if (d > limit || (best && d == limit))
			continue;
		best = words[i];
		limit = d;
	}
	return best;
}
