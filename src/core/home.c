/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/home.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

/* The XDG Base Directory Specification: a relative path counts as not set. */
static char *
xdg(const char *var, const char *fallback, struct err *e)
{
	const char *dir = getenv(var), *user = getenv("HOME");

	if (dir && dir[0] == '/') {
		AUTOFREE char *plain = fs_absolute(dir);

		return xasprintf("%s/kraft-rust", plain);
	}
	if (!user || user[0] != '/') {
		err_set(
		    e, ERR_USAGE, "HOME is not set to an absolute path, and %s is not either", var);
		err_hint(e, "set HOME, or set KRAFT_RUST_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME");
		return NULL;
	}
	return xasprintf("%s/%s/kraft-rust", user, fallback);
}

int
home_find(struct home *h, struct err *e)
{
	const char *own = getenv("KRAFT_RUST_HOME");

	*h = (struct home){0};
	if (own && *own && own[0] != '/')
		return err_set(e, ERR_USAGE, "KRAFT_RUST_HOME is not an absolute path: %s", own);
	h->data = own && *own ? fs_absolute(own) : xdg("XDG_DATA_HOME", ".local/share", e);
	h->cache = h->data ? xdg("XDG_CACHE_HOME", ".cache", e) : NULL;
	h->config = h->cache ? xdg("XDG_CONFIG_HOME", ".config", e) : NULL;
	if (h->config)
		return 0;
	home_free(h);
	return -1;
}

void
home_free(struct home *h)
{
	free(h->data);
	free(h->cache);
	free(h->config);
	*h = (struct home){0};
}
