/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust dist: artifacts for others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/sign.h"
#include "cmd/cmd.h"
#include "cmd/password.h"
#include "cmd/progress.h"
#include "core/dist_kit.h"
#include "core/dist_tree.h"

#define TREE "dist"

enum { KEY_MAX = 4096, DAYS_MAX = 36500 };

/* Which archives to write: all, or those that --format names. */
static int
choose_formats(const struct ctx *c, bool formats[TAR_FORMATS], struct err *e)
{
	const struct strv *named = &c->opts[OPT_FORMAT];

	for (size_t i = 0; i < TAR_FORMATS; i++)
		formats[i] = named->n == 0 || strv_has(named, tar_suffixes[i]);
	for (size_t i = 0; i < named->n; i++)
		if (strcmp(named->v[i], "xz") != 0 && strcmp(named->v[i], "zst") != 0 &&
		    strcmp(named->v[i], "gz") != 0)
			return err_set(
			    e, ERR_USAGE, "--format is xz, zst or gz, not '%s'", named->v[i]);
	return 0;
}

static void
print_files(const struct dist_pack *p, const struct dist_item *item)
{
	for (size_t i = 0; i < TAR_FORMATS; i++)
		if (item->files[i].path)
			printf("%s/%s\n", p->tree, item->files[i].path);
}

/* The kit of a combination, when it has one that did not come from this machine. */
static int
pack_kit(struct ctx *c, const struct dist_pack *p, struct err *e)
{
	AUTOFREE char *dir = matrix_libc(p->combo) ? NULL : dist_kit_dir(p->home, p->combo);
	AUTO(dist_item) item = {0};

	if (!dir)
		return 0;
	ctx_note(c, "packing the kit of %s %s", p->combo->arch->name, p->combo->plat->name);
	if (dist_kit_pack(p, dir, &item, e) < 0)
		return -1;
	print_files(p, &item);
	return 0;
}

static int
pack(struct ctx *c, struct dist_pack *p, struct strv *done, struct err *e)
{
	AUTO(dist_item) item = {0};

	/* One std serves all platforms of an architecture. */
	if (strv_has(done, p->combo->arch->target))
		return 0;
	ctx_note(c, "packing std for %s and %s", p->combo->arch->target, p->rustc->line);
	if (dist_pack_std(p, &item, e) < 0)
		return -1;
	strv_add(done, p->combo->arch->target);
	print_files(p, &item);
	return 0;
}

int
cmd_dist_pack(struct ctx *c, struct err *e)
{
	const char *tree = ctx_opt(c, OPT_OUTPUT);
	AUTO(strv) done = {0};
	struct meter m;
	struct dist_pack p = {
	    .home = &c->home, .tree = tree ? tree : TREE, .progress = &m.progress};
	size_t used;

	meter_start(&m, c);
	if (choose_formats(c, p.formats, e) < 0 || ctx_share(c, &p.share, e) < 0 ||
	    ctx_rustc(c, &p.rustc, e) < 0)
		return -1;
	for (size_t at = 0; at < c->args.n; at += used) {
		int rc = ctx_combo(c, at, &p.combo, &used, e);

		if (rc == 0)
			rc = pack(c, &p, &done, e);
		if (rc == 0)
			rc = pack_kit(c, &p, e);
		meter_clear(&m);
		if (rc < 0)
			return -1;
	}
	ctx_note(c, "next: 'kraft-rust dist index %s'", p.tree);
	return 0;
}

static int
read_days(const struct ctx *c, unsigned *days, struct err *e)
{
	const char *text = ctx_opt(c, OPT_EXPIRES);
	char *end;
	long n;

	if (!text)
		return 0;
	n = strtol(text, &end, 10);
	if (*end || n < 1 || n > DAYS_MAX)
		return err_set(e, ERR_USAGE, "--expires is 1 to %d days, not '%s'", DAYS_MAX, text);
	*days = (unsigned)n;
	return 0;
}

int
cmd_dist_index(struct ctx *c, struct err *e)
{
	const char *dir = c->args.v[0];
	struct strv from = {.v = c->args.v + 1, .n = c->args.n - 1}; /* borrowed */
	struct dist_tree t = {.dir = dir, .from = &from};
	AUTO(dist_tree_result) result = {0};

	if (read_days(c, &t.expire_days, e) < 0 || dist_tree_index(&t, &result, e) < 0)
		return -1;
	if (result.elsewhere > 0)
		ctx_note(c, "%zu files are not in %s; they have to be on the server already",
		    result.elsewhere, dir);
	for (size_t i = 0; i < result.behind.n; i++)
		ctx_note(c, "%s", result.behind.v[i]);
	ctx_note(c, "%s/index.json %s (%zu items)", dir, result.changed ? "is new" : "is unchanged",
	    result.items);
	if (result.changed)
		ctx_note(c, "next: 'kraft-rust dist sign %s', then serve the folder as it is", dir);
	return 0;
}

static int
load_key(struct ctx *c, struct sign_secret *secret, struct err *e)
{
	const char *path = ctx_opt(c, OPT_KEY), *home = getenv("HOME");
	AUTOFREE char *standard = xasprintf("%s/.minisign/minisign.key", home ? home : "");
	AUTOFREE char *password = NULL;
	AUTO(str) text = {0};
	int rc;

	if (!path)
		path = standard;
	if (!fs_exists(path)) {
		err_set(e, ERR_USAGE, "%s: there is no such secret key", path);
		return err_hint(
		    e, "make one with 'minisign -G -s %s', or name it with --key", path);
	}
	if (fs_read(path, KEY_MAX, &text, e) < 0)
		return -1;
	if (sign_secret_locked(str_text(&text)) &&
	    password_get(ctx_opt(c, OPT_PASSWORD_FILE), path, &password, e) < 0)
		return -1;
	rc = sign_secret_parse(path, str_text(&text), password, secret, e);
	password_forget(password);
	password_forget(text.buf);
	return rc;
}

int
cmd_dist_sign(struct ctx *c, struct err *e)
{
	const char *dir = c->args.n ? c->args.v[0] : TREE;
	AUTO(sign_secret) secret = {0};
	char id[SIGN_ID_HEX + 1];

	if (load_key(c, &secret, e) < 0 || dist_tree_sign(dir, &secret, e) < 0)
		return -1;
	sign_id(secret.id, id);
	ctx_note(c, "%s/index.json is signed by the key %s", dir, id);
	return 0;
}
