/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of install.h that gets things from servers. */
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/dist_kit.h"
#include "core/dist_source.h"
#include "core/install.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/wrapgen.h"

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

static int
fetch_one_kit(const struct install *in, struct install_plan *p, struct err *e)
{
	const struct dist_file *best = dist_item_best(&p->kit_hit.item);
	AUTOFREE char *url = fetch_hit_url(in->fetch, &p->kit_hit);
	AUTOFREE char *name =
	    xasprintf("the kit of %s %s", in->combo->arch->name, in->combo->plat->name);
	struct fetch_file file = {
	    .url = url, .sha256 = best->sha256, .size = best->size, .name = name};
	int rc;

	if (fetch_files(in->fetch, &file, 1, e) < 0)
		return -1;
	rc = dist_kit_store(
	    file.path, in->home, in->combo, progress_waiting, in->progress, &p->kit, e);
	fetch_files_free(&file, 1);
	return rc;
}

int
install_fetch_kit(const struct install *in, struct install_plan *p, struct err *e)
{
	struct err failure = {0};
	int rc = 1;

	while (rc > 0 && fetch_one_kit(in, p, e) < 0) {
		size_t next = p->kit_hit.server + 1;

		if (e->cls != ERR_NETWORK)
			return -1;
		failure = *e;
		fetch_hit_free(&p->kit_hit);
		rc = fetch_find_kit(in->fetch, in->combo->id, next, &p->kit_hit, e);
		if (rc > 0)
			in->progress->step(in->progress->ctx, failure.msg);
	}
	if (rc < 0 && e->cls != ERR_NETWORK)
		return -1;
	if (!p->kit && in->from == INSTALL_DIST) {
		*e = failure;
		return -1;
	}
	if (!p->kit)
		p->kit_failure = xstrdup(failure.msg);
	p->get_kit = false;
	p->conf_text = wrapgen_text(in->combo, p->kit);
	return 0;
}

/* A std and a kit come at the same time: both into the cache, where the steps that
 * want them find them. What fails here is tried again there. */
void
install_prefetch(const struct install *in, const struct install_plan *p)
{
	const struct fetch_hit *hits[] = {&p->hit, &p->kit_hit};
	struct fetch_file files[2] = {{0}};
	AUTO(strv) urls = {0};
	struct err ignored;

	if (!p->prebuilt || !p->get_kit)
		return;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const struct dist_file *best = dist_item_best(&hits[i]->item);

		strv_give(&urls, fetch_hit_url(in->fetch, hits[i]));
		files[i] = (struct fetch_file){.url = urls.v[i],
		    .sha256 = best->sha256,
		    .size = best->size,
		    .name = i ? "the kit" : "std"};
	}
	if (fetch_files(in->fetch, files, ARRAY_LEN(files), &ignored) == 0)
		fetch_files_free(files, ARRAY_LEN(files));
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
