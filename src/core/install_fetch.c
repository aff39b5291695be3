/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of install.h that gets things from servers. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/dist_source.h"
#include "core/install.h"
#include "core/matrix.h"
#include "core/progress.h"

static int
fetch_one(const struct install *in, struct install_plan *p, struct err *e)
{
	const struct dist_file *file = dist_item_best(&p->hit.item);
	AUTOFREE char *url = fetch_hit_url(in->fetch, &p->hit);
	AUTOFREE char *name = xasprintf("std for %s", in->combo->arch->target);
	int rc;

	p->archive = (struct fetch_file){
	    .url = url, .sha256 = file->sha256, .size = file->size, .name = name};
	rc = fetch_files(in->fetch, &p->archive, 1, e);
	p->archive.url = p->archive.name = NULL;
	return rc;
}

int
install_fetch(const struct install *in, struct install_plan *p, struct err *e)
{
	AUTO(str) why = {0};
	struct err failure;
	size_t next;
	int rc = 1;

	while (rc > 0) {
		if (fetch_one(in, p, e) == 0)
			return 0;
		if (e->cls != ERR_NETWORK)
			return -1;
		in->progress->step(in->progress->ctx, e->msg);
		failure = *e;
		next = p->hit.server + 1;
		p->archive = (struct fetch_file){0};
		fetch_hit_free(&p->hit);
		rc = fetch_find_std(
		    in->fetch, p->key, in->combo->arch->target, next, &p->hit, &why, e);
	}
	if (rc < 0 && e->cls != ERR_NETWORK)
		return -1;
	p->prebuilt = false;
	if (in->from == INSTALL_AUTO)
		return install_plan_source(in, p, e);
	*e = failure;
	return -1;
}

int
install_get_source(const struct install *in, struct install_plan *p, struct err *e)
{
	struct err why;

	p->source = dist_source_get(in->fetch, in->rustc, e);
	if (p->source)
		return 0;
	if (e->cls != ERR_NETWORK)
		return -1;
	why = *e;
	install_no_source(in, e);
	e->cls = ERR_NETWORK;
	return err_hint(e, "fetching them failed: %s", why.msg);
}
