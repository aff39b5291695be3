/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_rustup.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/dist_channel.h"
#include "core/dist_pack.h"
#include "core/fetch.h"
#include "core/home.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/rustc.h"

enum { MANIFEST_MAX = 32 << 20 };

/* rustup's files in the toolchain (rustup: src/dist/manifestation.rs). */
struct places {
	char *target;     /* the component's files */
	char *components; /* a list of names */
	char *files;      /* what the component consists of */
	char *channel;    /* the copy of the channel manifest */
	char *backup;     /* ours, of that */
	char *config;     /* the components that an update wants to keep */
	char *lock;       /* ours */
};

static void
places_free(struct places *p)
{
	free(p->target);
	free(p->components);
	free(p->files);
	free(p->channel);
	free(p->backup);
	free(p->config);
	free(p->lock);
}

static int
find_places(const struct dist_rustup *d, struct places *p, struct err *e)
{
	const char *target = d->combo->arch->target;
	AUTOFREE char *dir = xasprintf("%s/lib/rustlib", d->rustc->sysroot);

	if (!d->rustc->toolchain) {
		err_set(e, ERR_USAGE, "%s is not one of rustup's compilers", d->rustc->exe);
		return err_hint(e,
		    "for others there is 'kraft-rust install'; a toolchain of rustup's "
		    "is named with --toolchain");
	}
	*p = (struct places){
	    .target = xasprintf("%s/%s", dir, target),
	    .components = xasprintf("%s/components", dir),
	    .files = xasprintf("%s/manifest-rust-std-%s", dir, target),
	    .channel = xasprintf("%s/multirust-channel-manifest.toml", dir),
	    .backup = xasprintf("%s/multirust-channel-manifest.toml.kraft-rust", dir),
	    .config = xasprintf("%s/multirust-config.toml", dir),
	    .lock = xasprintf("%s/.kraft-rust.lock", dir),
	};
	if (fs_is_file(p->channel) && fs_is_file(p->config) && fs_is_file(p->components))
		return 0;
	err_set(
	    e, ERR_FAIL, "the toolchain %s was not installed from a channel", d->rustc->toolchain);
	return err_hint(e, "rustup adds nothing to linked toolchains; use 'kraft-rust install'");
}

/* Digits, a dot, digits, a dot and digits. */
static bool
is_release(const char *s)
{
	for (int part = 0; part < 3; part++) {
		size_t digits = strspn(s, "0123456789");

		if (digits == 0 || (part < 2 && s[digits] != '.'))
			return false;
		s += digits + (part < 2);
	}
	return !*s || *s == '-';
}

bool
dist_rustup_pinned(const char *toolchain)
{
	const char *day;

	if (is_release(toolchain))
		return !strstr(toolchain, "-beta-") && !str_ends(toolchain, "-beta");
	for (day = strchr(toolchain, '-'); day; day = strchr(day + 1, '-'))
		if (strlen(day) >= 11 && strspn(day + 1, "0123456789-") >= 10 && isdigit(day[1]) &&
		    day[5] == '-' && day[8] == '-')
			return true;
	return false;
}

/* The lines of the list of components, and whether ours is one of them. */
static int
read_components(const struct dist_rustup *d, const struct places *p, struct strv *others,
    bool *listed, struct err *e)
{
	AUTOFREE char *ours = xasprintf("rust-std-%s", d->combo->arch->target);
	AUTO(strv) lines = {0};
	AUTO(str) text = {0};

	if (fs_read(p->components, MANIFEST_MAX, &text, e) < 0)
		return -1;
	strv_split(&lines, str_text(&text), '\n');
	*listed = false;
	for (size_t i = 0; i < lines.n; i++) {
		if (strcmp(lines.v[i], ours) == 0)
			*listed = true;
		else
			strv_add(others, lines.v[i]);
	}
	return 0;
}

/* Take the std of our target out of one of rustup's TOML files. */
static int
forget_in(const char *path, const char *target, bool *was, struct err *e)
{
	AUTOFREE char *without = NULL;
	AUTO(str) text = {0};

	if (fs_read(path, MANIFEST_MAX, &text, e) < 0)
		return -1;
	without = dist_channel_remove(path, str_text(&text), text.len, target, e);
	if (!without)
		return -1;
	*was = *was || strcmp(without, str_text(&text)) != 0;
	return fs_write_if_changed(path, without, e);
}

/* Whether rustup's copy of the channel manifest has the std of our target. */
static int
is_announced(const struct dist_rustup *d, const struct places *p, bool *is, struct err *e)
{
	AUTOFREE char *without = NULL;
	AUTO(str) text = {0};

	if (fs_read(p->channel, MANIFEST_MAX, &text, e) < 0)
		return -1;
	without =
	    dist_channel_remove(p->channel, str_text(&text), text.len, d->combo->arch->target, e);
	*is = without && strcmp(without, str_text(&text)) != 0;
	return without ? 0 : -1;
}

/* The line that tells which edition of the channel a manifest is. */
static char *
date_of(const char *path)
{
	AUTO(str) text = {0};
	const char *found;
	struct err ignored;

	if (fs_read(path, MANIFEST_MAX, &text, &ignored) < 0)
		return NULL;
	found = strstr(str_text(&text), "\ndate = ");
	return found ? xstrndup(found + 1, strcspn(found + 1, "\n")) : NULL;
}

/* Put the manifest back as it was, unless rustup has another one by now, and have
 * rustup forget the component. */
static int
put_back(const struct dist_rustup *d, const struct places *p, bool *was, struct err *e)
{
	const char *target = d->combo->arch->target;
	AUTOFREE char *now = date_of(p->channel);
	AUTOFREE char *then = fs_exists(p->backup) ? date_of(p->backup) : NULL;

	if (forget_in(p->config, target, was, e) < 0)
		return -1;
	if (then && str_eq(now, then))
		return fs_rename(p->backup, p->channel, e);
	unlink(p->backup);
	return forget_in(p->channel, target, was, e);
}

/* Remove the component's files, the list of them last: it says that they are ours. */
static int
remove_component(const struct dist_rustup *d, const struct places *p, bool *was, struct err *e)
{
	AUTO(strv) others = {0};
	AUTOFREE char *text = NULL;
	AUTOFREE char *lines = NULL;
	bool listed;

	if (read_components(d, p, &others, &listed, e) < 0)
		return -1;
	if (!listed)
		return 0;
	*was = true;
	lines = strv_join(&others, "\n");
	text = xasprintf("%s%s", lines, others.n ? "\n" : "");
	if (fs_remove(p->target, e) < 0 || fs_write_if_changed(p->components, text, e) < 0)
		return -1;
	return fs_remove(p->files, e);
}

int
dist_rustup_unregister(const struct dist_rustup *d, bool *was, struct err *e)
{
	AUTO(places) p = {0};
	AUTOFD int held = -1;
	int rc;

	*was = false;
	if (find_places(d, &p, e) < 0 ||
	    fs_lock(p.lock, progress_waiting, d->progress, &held, e) < 0)
		return -1;
	rc = put_back(d, &p, was, e) < 0 ? -1 : remove_component(d, &p, was, e);
	unlink(p.lock);
	return rc;
}

/* Whether something that is neither rustup's nor ours to remove is in the way. */
static int
check_free(const struct dist_rustup *d, const struct places *p, struct err *e)
{
	if (fs_is_link(p->target)) {
		err_set(e, ERR_FAIL,
		    "'kraft-rust install' has put std into the toolchain %s already",
		    d->rustc->toolchain);
		return err_hint(e,
		    "one way is enough; to go this one, 'kraft-rust uninstall %s %s "
		    "--toolchain %s' first",
		    d->combo->arch->name, d->combo->plat->name, d->rustc->toolchain);
	}
	if (fs_exists(p->target))
		return err_set(e, ERR_FAIL,
		    "%s is there, and rustup does not know it; move it away", p->target);
	return 0;
}

/* A path with everything escaped that a URL could take for something else. */
static char *
url_path(const char *path)
{
	static const char plain[] =
	    "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	AUTO(str) out = {0};

	for (; *path; path++) {
		if (strchr(plain, *path))
			str_addc(&out, *path);
		else
			str_addf(&out, "%%%02X", (unsigned char)*path);
	}
	return str_take(&out);
}

/* Name the item's files, which are below server, in the toolchain's manifest. */
static int
announce(const struct dist_rustup *d, const struct places *p, const char *server,
    const struct dist_item *item, struct err *e)
{
	AUTOFREE char *with = NULL;
	struct strv hosts = {.v = (char *[]){d->rustc->host}, .n = 1}; /* borrowed */
	AUTO(str) text = {0};

	if (fs_read(p->channel, MANIFEST_MAX, &text, e) < 0)
		return -1;
	with = dist_channel_add(p->channel, str_text(&text), text.len, &hosts, server, item, e);
	return with ? fs_write(p->channel, with, strlen(with), 0666, e) : -1;
}

/* The same with the tarball in the cache, which is checked. */
static int
announce_cached(const struct dist_rustup *d, const struct places *p, enum tar_format format,
    const struct fetch_file *file, struct err *e)
{
	struct dist_item item = {.kind = DIST_STD, .target = xstrdup(d->combo->arch->target)};
	int rc;

	item.files[format].path = url_path(file->path + 1);
	memcpy(item.files[format].sha256, file->sha256, HASH_HEX);
	rc = fs_copy(p->channel, p->backup, e);
	if (rc == 0)
		rc = announce(d, p, "file://", &item, e);
	dist_item_free(&item);
	return rc;
}

static int
target_add(const struct dist_rustup *d, struct err *e)
{
	AUTO(strv) argv = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc run = {.out = &out, .err_out = &errors};

	strv_addl(&argv, "rustup", "target", "add", d->combo->arch->target, "--toolchain",
	    d->rustc->toolchain, NULL);
	run.argv = argv.v;
	return proc_check(&run, e);
}

/* What a killed run left, and what was registered before. */
static int
clear(const struct dist_rustup *d, const struct places *p, struct err *e)
{
	bool was = false, is = false;

	if (!dist_rustup_pinned(d->rustc->toolchain) && !fs_exists(p->backup) &&
	    is_announced(d, p, &is, e) < 0)
		return -1;
	if (is) {
		err_set(e, ERR_FAIL, "the toolchain %s has the target %s from its own channel",
		    d->rustc->toolchain, d->combo->arch->target);
		return err_hint(e, "'rustup target add %s --toolchain %s' installs it",
		    d->combo->arch->target, d->rustc->toolchain);
	}
	if (put_back(d, p, &was, e) < 0 || remove_component(d, p, &was, e) < 0)
		return -1;
	return check_free(d, p, e);
}

/* rustup has the component. What it may know of it from now on depends on whether it
 * will want to update the toolchain. */
static int
settle(
    const struct dist_rustup *d, const struct places *p, const struct fetch_hit *hit, struct err *e)
{
	AUTOFREE char *server = net_shown(d->fetch->conf.servers.v[hit->server]);
	bool was = false;

	if (!dist_rustup_pinned(d->rustc->toolchain))
		return put_back(d, p, &was, e);
	/* The cache may be emptied; the server is where rustup finds it again. */
	if (announce(d, p, server, &hit->item, e) < 0)
		return -1;
	return fs_remove(p->backup, e);
}

/* With the tarball in the cache, checked and locked. */
static int
install_from(const struct dist_rustup *d, const struct places *p, const struct fetch_hit *hit,
    const struct fetch_file *file, struct err *e)
{
	enum tar_format format = (enum tar_format)(dist_item_best(&hit->item) - hit->item.files);
	struct err ignored;
	bool was = false;

	if (clear(d, p, e) < 0)
		return -1;
	d->progress->step(d->progress->ctx, "rustup target add");
	if (announce_cached(d, p, format, file, e) == 0 && target_add(d, e) == 0 &&
	    settle(d, p, hit, e) == 0)
		return 0;
	put_back(d, p, &was, &ignored);
	remove_component(d, p, &was, &ignored);
	return -1;
}

static int
fetch_and_install(
    const struct dist_rustup *d, const struct places *p, struct fetch_hit *hit, struct err *e)
{
	const struct dist_file *best = dist_item_best(&hit->item);
	AUTOFREE char *url = fetch_hit_url(d->fetch, hit);
	AUTOFREE char *name = xasprintf("std for %s", d->combo->arch->target);
	struct fetch_file file = {
	    .url = url, .sha256 = best->sha256, .size = best->size, .name = name};
	AUTOFD int held = -1;
	int rc;

	if (fetch_files(d->fetch, &file, 1, e) < 0)
		return -1;
	rc = fs_lock(p->lock, progress_waiting, d->progress, &held, e);
	if (rc == 0) {
		rc = install_from(d, p, hit, &file, e);
		unlink(p->lock);
	}
	fetch_files_free(&file, 1);
	return rc;
}

int
dist_rustup_register(const struct dist_rustup *d, struct err *e)
{
	const char *target = d->combo->arch->target;
	AUTO(places) p = {0};
	AUTO(fetch_hit) hit = {0};
	AUTO(str) why = {0};
	char key[STD_KEY_LEN + 1], recipe[HASH_HEX + 1];
	int rc;

	if (find_places(d, &p, e) < 0)
		return -1;
	if (d->fetch->conf.servers.n == 0) {
		err_set(e, ERR_USAGE, "no server is configured to take a prebuilt std from");
		return err_hint(e, "name one in KRAFT_RUST_DIST_SERVER or in %s/dist.yaml",
		    d->fetch->home->config);
	}
	if (dist_std_key(d->share, d->combo, d->rustc, key, recipe, e) < 0)
		return -1;
	rc = fetch_find_std(d->fetch, key, target, 0, &hit, &why, e);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		err_set(e, ERR_FAIL, "no server has the std for %s and %s", target, d->rustc->line);
		return err_hint(e, "%s", str_text(&why));
	}
	return fetch_and_install(d, &p, &hit, e);
}
