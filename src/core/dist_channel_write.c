/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of dist_channel.h that announces the stds of a tree. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/dist_channel.h"
#include "core/toml.h"

enum { MANIFEST_MAX = 32 << 20 };

/* The compiler's version as manifests have it: "1.96.0 (ac68faa20 2026-05-25)". */
static const char *
version_of(const struct dist_item *item)
{
	return str_starts(item->rustc, "rustc ") ? item->rustc + strlen("rustc ") : item->rustc;
}

/* "1.96.0", or "nightly" and the like. */
static char *
channel_of(const struct dist_item *item)
{
	const char *version = version_of(item);
	AUTOFREE char *release = xstrndup(version, strcspn(version, " "));
	const char *pre = strchr(release, '-');

	if (pre && str_starts(pre, "-nightly"))
		return xstrdup("nightly");
	if (pre && str_starts(pre, "-beta"))
		return xstrdup("beta");
	return str_word(release) ? take_ptr(release) : NULL;
}

/* Rust's own builds say nothing behind the date. */
static bool
is_rusts_own(const struct dist_item *item)
{
	const char *open = strchr(item->rustc, '('), *close = open ? strchr(open, ')') : NULL;

	return close && !close[1];
}

static bool
better(const struct dist_item *a, const struct dist_item *b)
{
	if (is_rusts_own(a) != is_rusts_own(b))
		return is_rusts_own(a);
	if (strcmp(a->rustc, b->rustc) != 0)
		return strverscmp(a->rustc, b->rustc) > 0;
	return strcmp(a->host, b->host) < 0;
}

/* The std that a channel announces for a target: the best of them. */
static bool
announced(const struct dist_index *index, const struct dist_item *item, const char *channel)
{
	for (size_t i = 0; i < index->n; i++) {
		const struct dist_item *other = &index->v[i];
		AUTOFREE char *its = other->kind == DIST_STD ? channel_of(other) : NULL;

		if (other != item && str_eq(its, channel) &&
		    strcmp(other->target, item->target) == 0 && better(other, item))
			return false;
	}
	return true;
}

static void
add_hosts(const struct dist_index *index, const char *channel, struct strv *hosts)
{
	for (size_t i = 0; i < index->n; i++) {
		const struct dist_item *item = &index->v[i];
		AUTOFREE char *its = item->kind == DIST_STD ? channel_of(item) : NULL;

		if (str_eq(its, channel) && !strv_has(hosts, item->host))
			strv_add(hosts, item->host);
	}
	strv_sort(hosts);
}

static void
date_of(const struct dist_item *item, char date[11])
{
	const char *close = strchr(item->rustc, ')');

	strcpy(date, "1970-01-01");
	if (close && close - item->rustc > 10 && strspn(close - 10, "0123456789-") == 10)
		memcpy(date, close - 10, 10);
}

static void
add_quoted(struct str *out, const char *key, const char *value)
{
	str_addf(out, "%s = ", key);
	toml_quote(out, value);
	str_addc(out, '\n');
}

/* A manifest that announces no std yet. */
static void
add_manifest(const struct strv *hosts, const struct dist_item *item, struct str *out)
{
	char date[11];

	date_of(item, date);
	add_quoted(out, "manifest-version", "2");
	add_quoted(out, "date", date);
	str_add(out, "\n[pkg.rust]\n");
	add_quoted(out, "version", version_of(item));
	for (size_t i = 0; i < hosts->n; i++)
		str_addf(out, "\n[pkg.rust.target.%s]\navailable = true\n", hosts->v[i]);
	str_add(out, "\n[pkg.rust-std]\n");
	add_quoted(out, "version", version_of(item));
}

/* The manifest of a whole toolchain, when one is there. */
static int
mirrored(const char *path, struct str *text, struct err *e)
{
	if (!fs_exists(path))
		return 0;
	if (fs_read(path, MANIFEST_MAX, text, e) < 0)
		return -1;
	if (!strstr(str_text(text), "\n[pkg.rustc]\n"))
		str_cut(text, 0);
	return 0;
}

static int
publish(const char *path, const char *text, struct err *e)
{
	AUTOFREE char *sum_path = xasprintf("%s.sha256", path);
	AUTOFREE char *sum = NULL;
	char hex[HASH_HEX + 1];

	hash_text(text, hex);
	/* rustup looks at the first 64 bytes, and panics when there are fewer. */
	sum = xasprintf("%s  %s\n", hex, fs_basename(path));
	if (fs_write_if_changed(path, text, e) < 0)
		return -1;
	return fs_write_if_changed(sum_path, sum, e);
}

/* Have the manifest's text announce the stds, for those hosts. */
static int
add_stds(const char *path, struct str *text, const struct strv *hosts,
    const struct dist_item *const *items, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		AUTOFREE char *with = dist_channel_add(
		    path, str_text(text), text->len, hosts, DIST_CHANNEL_SERVER, items[i], e);

		if (!with)
			return -1;
		str_cut(text, 0);
		str_add(text, with);
	}
	return 0;
}

static int
write_channel(const char *tree, const struct dist_index *index, const char *channel, struct err *e)
{
	AUTOFREE const struct dist_item **items = xcalloc(index->n, sizeof(*items));
	AUTOFREE char *path = xasprintf("%s/dist/channel-rust-%s.toml", tree, channel);
	AUTO(strv) hosts = {0};
	AUTO(str) text = {0};
	size_t n = 0;

	for (size_t i = 0; i < index->n; i++) {
		const struct dist_item *item = &index->v[i];
		AUTOFREE char *its = item->kind == DIST_STD ? channel_of(item) : NULL;

		if (str_eq(its, channel) && announced(index, item, channel))
			items[n++] = item;
	}
	add_hosts(index, channel, &hosts);
	if (mirrored(path, &text, e) < 0)
		return -1;
	if (text.len == 0)
		add_manifest(&hosts, items[0], &text);
	if (add_stds(path, &text, &hosts, items, n, e) < 0)
		return -1;
	return publish(path, str_text(&text), e);
}

/* Whether the channel comes from upstream/. */
static bool
is_followed(const char *tree, const char *channel)
{
	AUTOFREE char *path = xasprintf("%s/upstream/channel-rust-%s.toml", tree, channel);

	return fs_exists(path);
}

int
dist_channel_write(const char *tree, const struct dist_index *index, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/dist", tree);
	AUTO(strv) channels = {0};

	if (fs_mkdirs(dir, e) < 0)
		return -1;
	for (size_t i = 0; i < index->n; i++) {
		AUTOFREE char *its = index->v[i].kind == DIST_STD ? channel_of(&index->v[i]) : NULL;

		if (its && !strv_has(&channels, its) && !is_followed(tree, its))
			strv_add(&channels, its);
	}
	for (size_t i = 0; i < channels.n; i++)
		if (write_channel(tree, index, channels.v[i], e) < 0)
			return -1;
	return 0;
}

/* A channel of Rust's, to which our stds are added. */
struct upstream {
	const char *path; /* in upstream/ */
	char *to;         /* in dist/ */
	struct str text;
	char *version; /* of its rustc */
	struct strv hosts;
	const struct dist_item **stds; /* for that rustc, borrowed */
	size_t n;
};

static void
upstream_free(struct upstream *u)
{
	free(u->to);
	str_free(&u->text);
	free(u->version);
	strv_free(&u->hosts);
	free(u->stds);
}

/* The version in the table [pkg.rustc]. */
static int
read_version(struct upstream *u, struct err *e)
{
	const char *table = strstr(str_text(&u->text), "\n[pkg.rustc]\n");
	const char *end = table ? strstr(table + 2, "\n[") : NULL;
	const char *line = table ? strstr(table, "\nversion = \"") : NULL;

	if (!line || (end && line > end))
		return err_set(e, ERR_INPUT,
		    "%s: is no channel manifest: the version of rustc is missing", u->path);
	line = strchr(line, '"') + 1;
	u->version = xstrndup(line, strcspn(line, "\"\n"));
	return 0;
}

/* rustup asks its dist server for whatever the manifest has below Rust's own address in
 * these letters, and takes any other address as it is (rustup: src/dist/download.rs). A
 * host's letters may be large: so Rust's files come from Rust's server. */
static void
keep_address(struct str *text)
{
	static const char from[] = DIST_CHANNEL_SERVER "/", host[] = "STATIC";

	for (char *at = text->len ? text->buf : NULL; at && (at = strstr(at, from));)
		memcpy(at + strlen("https://"), host, strlen(host));
}

static bool
has_std(const struct upstream *u, const char *target)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->stds[i]->target, target) == 0)
			return true;
	return false;
}

/* For each target the best std for exactly this rustc. */
static void
find_stds(struct upstream *u, const struct dist_index *index)
{
	u->stds = xcalloc(index->n + 1, sizeof(const struct dist_item *));
	for (size_t i = 0; i < index->n; i++) {
		const struct dist_item *item = &index->v[i];
		size_t k = 0;

		if (item->kind != DIST_STD || strcmp(version_of(item), u->version) != 0)
			continue;
		if (!strv_has(&u->hosts, item->host))
			strv_add(&u->hosts, item->host);
		while (k < u->n && strcmp(u->stds[k]->target, item->target) != 0)
			k++;
		if (k == u->n || better(item, u->stds[k]))
			u->stds[k] = item;
		u->n += k == u->n;
	}
	strv_sort(&u->hosts);
}

/* Whether the manifest that is published has the std of a target that this one would
 * lack: whoever has it installed could not update. */
static int
loses_target(const struct upstream *u, const struct dist_index *index, bool *loses, struct err *e)
{
	AUTO(str) old = {0};

	*loses = false;
	if (!fs_exists(u->to))
		return 0;
	if (fs_read(u->to, MANIFEST_MAX, &old, e) < 0)
		return -1;
	for (size_t i = 0; i < index->n; i++) {
		const char *target = index->v[i].target;
		AUTOFREE char *without = NULL;

		if (index->v[i].kind != DIST_STD || has_std(u, target))
			continue;
		without = dist_channel_remove(u->to, str_text(&old), old.len, target, e);
		if (!without)
			return -1;
		*loses = *loses || strcmp(without, str_text(&old)) != 0;
	}
	return 0;
}

static int
follow(const char *tree, const char *path, const struct dist_index *index, struct strv *behind,
    struct err *e)
{
	AUTO(upstream) u = {.path = path};
	bool loses;

	u.to = xasprintf("%s/dist/%s", tree, fs_basename(path));
	if (fs_read(path, MANIFEST_MAX, &u.text, e) < 0 || read_version(&u, e) < 0)
		return -1;
	find_stds(&u, index);
	if (loses_target(&u, index, &loses, e) < 0)
		return -1;
	if (loses || u.n == 0) {
		strv_addf(behind, "%s waits for the std for rustc %s", u.to, u.version);
		return 0;
	}
	keep_address(&u.text);
	if (add_stds(path, &u.text, &u.hosts, u.stds, u.n, e) < 0)
		return -1;
	return publish(u.to, str_text(&u.text), e);
}

int
dist_channel_follow(
    const char *tree, const struct dist_index *index, struct strv *behind, struct err *e)
{
	AUTOFREE char *quoted = fs_glob_quote(tree);
	AUTOFREE char *pattern = xasprintf("%s/upstream/channel-rust-*.toml", quoted);
	AUTO(strv) paths = {0};

	fs_glob(pattern, &paths);
	for (size_t i = 0; i < paths.n; i++)
		if (follow(tree, paths.v[i], index, behind, e) < 0)
			return -1;
	return 0;
}
