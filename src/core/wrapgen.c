/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/wrapgen.h"

#include "base/mem.h"
#include "core/matrix.h"
#include "core/wrapconf.h"

static void
add_all(struct strv *out, const struct matrix_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		strv_add(out, names->v[i]);
}

char *
wrapgen_text(const struct matrix_combo *c, const char *kit)
{
	AUTO(wrapconf) conf = {.machine = c->arch->machine};

	conf.arch = xstrdup(c->arch->name);
	conf.plat = xstrdup(c->plat->name);
	conf.target = xstrdup(c->arch->target);
	conf.kit = kit ? xstrdup(kit) : NULL;
	if (c->plat->kraft)
		conf.kraft = xasprintf("%s/%s", c->plat->kraft, c->arch->kraft);
	conf.install = xasprintf("kraft-rust install %s %s", c->arch->name, c->plat->name);
	add_all(&conf.aliases, &c->plat->aliases);
	add_all(&conf.aliases, &c->arch->aliases);
	add_all(&conf.ld, &c->arch->ld);
	return wrapconf_text(&conf);
}

char *
wrapgen_path(const char *data_home, const struct matrix_combo *c)
{
	return xasprintf("%s/linkers/%s.conf", data_home, c->id);
}
