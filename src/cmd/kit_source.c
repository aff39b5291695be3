/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/kit_source.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"

static char *
unikraft_dir(const struct ctx *c, struct err *e)
{
	const char *dir = ctx_opt(c, OPT_UNIKRAFT), *env = getenv("UK_ROOT");

	if (dir || (env && *env))
		return fs_realpath(dir ? dir : env, e);
	err_set(e, ERR_USAGE, "building a kit needs Unikraft's source tree");
	err_hint(e, "get it with 'git clone --branch RELEASE-0.16.3 "
		    "https://github.com/unikraft/unikraft' and name it with --unikraft DIR");
	return NULL;
}

int
kit_source_read(const struct ctx *c, struct kit_source *s, struct kitbuild *b, struct err *e)
{
	const struct strv *libs = &c->opts[OPT_LIB];

	s->unikraft = unikraft_dir(c, e);
	if (!s->unikraft)
		return -1;
	for (size_t i = 0; i < libs->n; i++) {
		char *path = fs_realpath(libs->v[i], e);

		if (!path)
			return -1;
		strv_give(&s->libs, path);
	}
	b->unikraft = s->unikraft;
	b->libs = &s->libs;
	b->presets = &c->opts[OPT_PRESET];
	b->kconfig = ctx_opt(c, OPT_KCONFIG);
	b->archives = ctx_opt(c, OPT_ARCHIVES);
	b->offline = ctx_flag(c, OPT_OFFLINE);
	return 0;
}

void
kit_source_free(struct kit_source *s)
{
	free(s->unikraft);
	strv_free(&s->libs);
	*s = (struct kit_source){0};
}
