/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/dist_channel.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/tar.h"
#include "core/toml.h"

/* Where a table begins and ends in the text. */
struct table {
	size_t at, end;
};

static bool
path_is(const struct strv *path, size_t n, const char *const *parts)
{
	if (path->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (parts[i] && strcmp(path->v[i], parts[i]) != 0)
			return false;
	return true;
}

/* Whether the table's text has the line: target = "T". */
static bool
names_target(const char *text, const struct table *t, const char *target)
{
	AUTOFREE char *body = xstrndup(text + t->at, t->end - t->at);
	AUTOFREE char *line = xasprintf("\ntarget = \"%s\"", target);
	const char *found = strstr(body, line);

	return found && (found[strlen(line)] == '\n' || found[strlen(line)] == '\0');
}

static size_t
line_start(const char *text, size_t len, unsigned line)
{
	size_t at = 0;

	for (unsigned i = 1; i < line && at < len; i++) {
		const char *nl = memchr(text + at, '\n', len - at);

		at = nl ? (size_t)(nl - text) + 1 : len;
	}
	return at;
}

/* The tables of the text that are about a std of the target, the last one's end being
 * the next header. */
struct removal {
	const char *text, *target;
	struct table open; /* the table that is being read */
	bool is_open, by_name;
	struct str out;
	size_t done; /* the text up to here is dealt with */
};

static void
close_table(struct removal *r, size_t end)
{
	if (!r->is_open)
		return;
	r->open.end = end;
	r->is_open = false;
	if (!r->by_name && !names_target(r->text, &r->open, r->target))
		return;
	str_addn(&r->out, r->text + r->done, r->open.at - r->done);
	r->done = end;
}

static void
open_table(struct removal *r, const struct toml_item *item, size_t at)
{
	const char *const std[] = {"pkg", "rust-std", "target", r->target};
	const char *const extension[] = {"pkg", "rust", "target", NULL, "extensions"};
	const char *const installed[] = {"components"};

	close_table(r, at);
	r->by_name = item->kind == TOML_TABLE && path_is(&item->path, ARRAY_LEN(std), std);
	r->is_open = r->by_name || (item->kind == TOML_ARRAY &&
				       (path_is(&item->path, ARRAY_LEN(extension), extension) ||
					   path_is(&item->path, ARRAY_LEN(installed), installed)));
	r->open = (struct table){.at = at};
}

char *
dist_channel_remove(
    const char *name, const char *text, size_t len, const char *target, struct err *e)
{
	struct toml t = toml_open(name, text, len);
	struct removal r = {.text = text, .target = target};
	struct toml_item item = {0};
	unsigned line = 1;
	size_t at = 0;
	int rc;

	while ((rc = toml_next(&t, &item, e)) == 0 && item.kind != TOML_END) {
		at += line_start(text + at, len - at, item.line - line + 1);
		line = item.line;
		if (item.kind == TOML_TABLE || item.kind == TOML_ARRAY)
			open_table(&r, &item, at);
	}
	toml_item_free(&item);
	if (rc < 0) {
		str_free(&r.out);
		return NULL;
	}
	close_table(&r, len);
	str_addn(&r.out, text + r.done, len - r.done);
	return str_take(&r.out);
}

/* The line "extensions = []" of the host's toolchain: rustup writes it when there are
 * none, and TOML then allows no [[...extensions]]. */
static int
drop_no_extensions(const char *name, struct str *text, const char *host, struct err *e)
{
	struct toml t = toml_open(name, str_text(text), text->len);
	const char *const rust[] = {"pkg", "rust", "target", host};
	const char *const key[] = {"extensions"};
	struct toml_item item = {0};
	bool inside = false;
	size_t at = 0, n;
	int rc;

	while ((rc = toml_next(&t, &item, e)) == 0 && item.kind != TOML_END) {
		if (item.kind == TOML_TABLE || item.kind == TOML_ARRAY)
			inside = item.kind == TOML_TABLE && path_is(&item.path, 4, rust);
		if (!inside || item.kind != TOML_KEY || !path_is(&item.path, 1, key))
			continue;
		at = line_start(text->buf, text->len, item.line);
		n = strcspn(text->buf + at, "\n");
		if (strncmp(text->buf + at, "extensions = []", n) != 0) {
			rc = err_set(e, ERR_INPUT, "%s:%u: these extensions are not understood",
			    name, item.line);
			break;
		}
		memmove(text->buf + at, text->buf + at + n + 1, text->len - at - n);
		str_cut(text, text->len - n - 1);
		break;
	}
	toml_item_free(&item);
	return rc;
}

static void
add_quoted(struct str *out, const char *key, const char *value)
{
	str_addf(out, "%s = ", key);
	toml_quote(out, value);
	str_addc(out, '\n');
}

static void
add_extension(struct str *out, const char *host, const char *target)
{
	str_addf(out, "\n[[pkg.rust.target.%s.extensions]]\n", host);
	add_quoted(out, "pkg", "rust-std");
	add_quoted(out, "target", target);
}

static void
add_std(struct str *out, const char *server, const struct dist_item *item)
{
	static const char *const prefixes[] = {[TAR_GZ] = "", [TAR_XZ] = "xz_", [TAR_ZST] = "zst_"};

	str_addf(out, "\n[pkg.rust-std.target.%s]\navailable = true\n", item->target);
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		const struct dist_file *file = &item->files[i];
		AUTOFREE char *url = NULL;
		AUTOFREE char *url_key = xasprintf("%surl", prefixes[i]);
		AUTOFREE char *hash_key = xasprintf("%shash", prefixes[i]);

		if (!file->path)
			continue;
		url = xasprintf("%s/%s", server, file->path);
		add_quoted(out, url_key, url);
		add_quoted(out, hash_key, file->sha256);
	}
}

char *
dist_channel_add(const char *name, const char *text, size_t len, const struct strv *hosts,
    const char *server, const struct dist_item *item, struct err *e)
{
	AUTOFREE char *without = dist_channel_remove(name, text, len, item->target, e);
	AUTO(str) out = {0};

	if (!without)
		return NULL;
	str_add(&out, without);
	for (size_t i = 0; i < hosts->n; i++)
		if (drop_no_extensions(name, &out, hosts->v[i], e) < 0)
			return NULL;
	while (out.len > 0 && out.buf[out.len - 1] == '\n')
		str_cut(&out, out.len - 1);
	str_addc(&out, '\n');
	for (size_t i = 0; i < hosts->n; i++)
		add_extension(&out, hosts->v[i], item->target);
	add_std(&out, server, item);
	return str_take(&out);
}
