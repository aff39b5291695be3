/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"

static const struct backend *const backends[] = {&backend_kit};

static int
unknown(const char *wanted, struct err *e)
{
	AUTOFREE char *shown = str_printable(wanted, 40);
	AUTO(str) names = {0};

	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		str_addf(&names, ", %s", backends[i]->name);
	return err_set(e, ERR_USAGE, "KRAFTLD_BACKEND=%s: no such back end; there is auto%s", shown,
	    str_text(&names));
}

int
backend_find(const char *wanted, const struct job *job, const struct backend **b, struct err *e)
{
	*b = NULL;
	if (!wanted || !*wanted || strcmp(wanted, "auto") == 0)
		*b = &backend_kit;
	for (size_t i = 0; !*b && i < ARRAY_LEN(backends); i++)
		if (strcmp(wanted, backends[i]->name) == 0)
			*b = backends[i];
	if (!*b)
		return unknown(wanted, e);
	if (job->plan->kind == PLAN_LINK && !job->conf->kit) {
		err_set(
		    e, ERR_FAIL, "no kit is installed for %s/%s", job->conf->plat, job->conf->arch);
		return err_hint(e, "run '%s'", job->conf->install);
	}
	return 0;
}

void
report_free(struct report *r)
{
	str_free(&r->said);
	free(r->command);
	*r = (struct report){0};
}
