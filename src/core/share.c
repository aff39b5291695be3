/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/share.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { TEMPLATE_MAX = 1 << 20 };

static bool
holds_share(const char *dir)
{
	AUTOFREE char *matrix = xasprintf("%s/targets/matrix.yaml", dir);

	return fs_is_file(matrix);
}

char *
share_find(struct err *e)
{
	static const char *const places[] = {"../share/kraft-rust", ".."};
	const char *own = getenv("KRAFT_RUST_SHARE");
	AUTOFREE char *self = NULL;
	AUTOFREE char *bin = NULL;

	if (own && *own) {
		if (holds_share(own))
			return fs_absolute(own);
		err_set(e, ERR_USAGE, "KRAFT_RUST_SHARE names %s, which has no targets/matrix.yaml",
		    own);
		return NULL;
	}
	self = fs_self(e);
	if (!self)
		return NULL;
	bin = fs_dirname(self);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		AUTOFREE char *dir = xasprintf("%s/%s", bin, places[i]);

		if (holds_share(dir))
			return fs_realpath(dir, e);
	}
	err_set(e, ERR_FAIL, "the data files of %s are missing: no targets/matrix.yaml in %s/%s",
	    self, bin, places[0]);
	err_hint(
	    e, "install kraft-rust with 'make install', or name the folder in KRAFT_RUST_SHARE");
	return NULL;
}

char *
share_librust(const char *share)
{
	AUTOFREE char *dir = xasprintf("%s/share/librust", share);

	return fs_is_dir(dir) ? take_ptr(dir) : xasprintf("%s/librust", share);
}

static const char *
value_of(const char *const *vars, const char *key, size_t n)
{
	for (; vars[0]; vars += 2)
		if (strncmp(vars[0], key, n) == 0 && vars[0][n] == '\0')
			return vars[1];
	return NULL;
}

/* The length of the KEY in "@KEY@" at s, 0 when it is not one. */
static size_t
key_length(const char *s)
{
	size_t n = strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return s[0] == '@' && s[1 + n] == '@' ? n : 0;
}

char *
share_expand(const char *share, const char *name, const char *const *vars, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/%s", share, name);
	AUTO(str) text = {0};
	AUTO(str) out = {0};

	if (fs_read(path, TEMPLATE_MAX, &text, e) < 0)
		return NULL;
	for (const char *p = str_text(&text); *p;) {
		size_t n = key_length(p);
		const char *value;

		if (n == 0) {
			str_addc(&out, *p++);
			continue;
		}
		value = value_of(vars, p + 1, n);
		if (!value) {
			err_set(e, ERR_FAIL, "%s: nothing to put in place of @%.*s@", path, (int)n,
			    p + 1);
			return NULL;
		}
		str_add(&out, value);
		p += n + 2;
	}
	return str_take(&out);
}
