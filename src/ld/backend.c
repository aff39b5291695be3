/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/backend.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/wrapconf.h"
#include "ld/args.h"

/* In the order of "auto". */
static const struct backend *const backends[] = {&backend_kraft, &backend_kit, &backend_make};

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

static int
find_any(const struct job *job, const struct backend **b, struct err *e)
{
	struct err why[ARRAY_LEN(backends)] = {0};

	for (size_t i = 0; i < ARRAY_LEN(backends); i++)
		if (backends[i]->usable(job, &why[i])) {
			*b = backends[i];
			return 0;
		}
	/* Where only a kit can serve, the others are of no interest. */
	if (!job->conf->kraft) {
		*e = why[1];
		return -1;
	}
	err_set(
	    e, ERR_FAIL, "nothing to link with for %s; one of these is needed:", job->conf->kraft);
	err_hint(e, "kit: %s", why[1].msg);
	err_hint(e, "kraft: %s", why[0].msg);
	return err_hint(e, "make: %s", why[2].msg);
}

int
backend_find(const char *wanted, const struct job *job, const struct backend **b, struct err *e)
{
	bool any = !wanted || !*wanted || strcmp(wanted, "auto") == 0;

	*b = NULL;
	for (size_t i = 0; !any && !*b && i < ARRAY_LEN(backends); i++)
		if (strcmp(wanted, backends[i]->name) == 0)
			*b = backends[i];
	if (!any && !*b)
		return unknown(wanted, e);
	if (job->plan->kind == PLAN_PARTIAL) {
		*b = &backend_kit;
		return 0;
	}
	if (any)
		return find_any(job, b, e);
	return (*b)->usable(job, e) ? 0 : err_wrap(e, "KRAFTLD_BACKEND=%s", wanted);
}

void
report_free(struct report *r)
{
	str_free(&r->said);
	str_free(&r->advice);
	free(r->command);
	*r = (struct report){0};
}
