/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/combo.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/elf.h"

static char *
target_in(const char *path)
{
	static const char mark[] = "/rustlib/";

	for (const char *p = strstr(path, mark); p; p = strstr(p + 1, mark)) {
		const char *name = p + sizeof(mark) - 1, *end = strchr(name, '/');

		if (end && end > name && str_starts(end, "/lib") &&
		    (end[4] == '\0' || end[4] == '/'))
			return xstrndup(name, (size_t)(end - name));
	}
	return NULL;
}

char *
combo_target(const struct plan *p)
{
	const struct strv *places[] = {&p->dirs, &p->args};

	for (size_t k = 0; k < ARRAY_LEN(places); k++)
		for (size_t i = 0; i < places[k]->n; i++) {
			char *target = target_in(places[k]->v[i]);

			if (target)
				return target;
		}
	return NULL;
}

static unsigned
first_machine(const struct plan *p)
{
	struct elf elf;

	for (size_t i = 0; i < p->first.n; i++)
		if (elf_peek(p->first.v[i], &elf))
			return elf.machine;
	return 0;
}

static const char *
set_or_null(const char *s)
{
	return s && *s ? s : NULL;
}

int
combo_find(const struct plan *p, const char *data_home, const char *plat, const char *arch,
    struct wrapconf *c, struct err *e)
{
	AUTOFREE char *target = combo_target(p);
	struct wrapconf_want want = {
	    .target = target, .plat = set_or_null(plat), .arch = set_or_null(arch)};

	if (!target)
		want.machine = first_machine(p);
	return wrapconf_find(data_home, &want, c, e);
}
