/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/component.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"

#define META "kraft-rust.json"
#define INSTALLER_VERSION "3"

enum { SMALL_MAX = 65536, MANIFEST_MAX = 16 << 20 };

void
component_list_free(struct component_list *list)
{
	strv_free(&list->files);
	strv_free(&list->dirs);
}

static int
add_line(const char *name, char *line, size_t number, struct component_list *list, struct err *e)
{
	struct strv *to = NULL;
	const char *path = strchr(line, ':'), *why;
	AUTOFREE char *shown = str_printable(line, 200);

	if (str_starts(line, "file:"))
		to = &list->files;
	else if (str_starts(line, "dir:"))
		to = &list->dirs;
	else
		return err_set(
		    e, ERR_INTEGRITY, "%s:%zu: not a file: or dir: line: %s", name, number, shown);
	why = tar_bad_path(++path);
	if (why)
		return err_set(
		    e, ERR_INTEGRITY, "%s:%zu: the path %s: %s", name, number, why, shown);
	strv_add(to, path);
	return 0;
}

static int
no_duplicates(const char *name, struct strv *paths, struct err *e)
{
	strv_sort(paths);
	for (size_t i = 1; i < paths->n; i++)
		if (strcmp(paths->v[i], paths->v[i - 1]) == 0)
			return err_set(e, ERR_INTEGRITY, "%s: has '%s' twice", name, paths->v[i]);
	return 0;
}

static int
parse_list(
    const char *name, const char *text, size_t len, struct component_list *list, struct err *e)
{
	size_t number = 0;

	if (memchr(text, '\0', len))
		return err_set(e, ERR_INTEGRITY, "%s: has a NUL byte", name);
	for (size_t at = 0; at < len;) {
		const char *nl = memchr(text + at, '\n', len - at);
		size_t n = nl ? (size_t)(nl - text) - at : len - at;
		AUTOFREE char *line = xstrndup(text + at, n);

		number++;
		at += n + 1;
		if (n > 0 && add_line(name, line, number, list, e) < 0)
			return -1;
	}
	if (list->files.n + list->dirs.n == 0)
		return err_set(e, ERR_INTEGRITY, "%s: lists nothing", name);
	return no_duplicates(name, &list->files, e) < 0 || no_duplicates(name, &list->dirs, e) < 0
		   ? -1
		   : 0;
}

int
component_list_parse(
    const char *name, const char *text, size_t len, struct component_list *list, struct err *e)
{
	*list = (struct component_list){0};
	if (parse_list(name, text, len, list, e) == 0)
		return 0;
	component_list_free(list);
	return -1;
}

static int
compare(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Whether a sorted list has it. */
static bool
has(const struct strv *sorted, const char *path)
{
	return sorted->n && bsearch(&path, sorted->v, sorted->n, sizeof(path), compare);
}

static bool
listed(const struct component_list *list, const char *path)
{
	if (has(&list->files, path))
		return true;
	for (size_t i = 0; i < list->dirs.n; i++) {
		size_t n = strlen(list->dirs.v[i]);

		if (strncmp(path, list->dirs.v[i], n) == 0 && path[n] == '/')
			return true;
	}
	return false;
}

/* A tarball on its way out. */
struct unpack {
	const char *tarball, *dir;
	const struct component_want *want;
	struct tar *tar;
	char *top;         /* the one directory at the top */
	struct strv paths; /* the component's files */
	struct str manifest, components, version;
	struct component_got *got;
};

static void
unpack_free(struct unpack *u)
{
	tar_close(u->tar);
	free(u->top);
	strv_free(&u->paths);
	str_free(&u->manifest);
	str_free(&u->components);
	str_free(&u->version);
}

static int
bad(const struct unpack *u, struct err *e, const char *what, const char *which)
{
	return err_set(e, ERR_INTEGRITY, "%s: %s%s%s%s", u->tarball, what, which ? " '" : "",
	    which ? which : "", which ? "'" : "");
}

static int
take_payload(struct unpack *u, const char *path, const struct tar_entry *entry, struct err *e)
{
	AUTOFREE char *to = NULL;
	AUTOFREE char *parent = NULL;
	char sha256[HASH_HEX + 1];
	struct js *file;
	const char *rest;

	if (!str_starts(path, u->want->prefix))
		return bad(u, e, "has a file out of place:", path);
	rest = path + strlen(u->want->prefix);
	to = xasprintf("%s/%s", u->dir, rest);
	parent = fs_dirname(to);
	if (fs_mkdirs(parent, e) < 0 || tar_extract(u->tar, to, sha256, e) < 0)
		return -1;
	file = js_obj();
	js_set(file, "name", js_str(rest));
	js_set(file, "size", js_int((long long)entry->size));
	js_set(file, "sha256", js_str(sha256));
	js_push(u->got->files, file);
	strv_add(&u->paths, path);
	return 0;
}

/* A file at the top, beside the component. */
static int
take_top(struct unpack *u, const char *name, struct err *e)
{
	AUTO(str) text = {0};

	if (strcmp(name, "components") == 0)
		return tar_read(u->tar, SMALL_MAX, &u->components, e);
	if (strcmp(name, "rust-installer-version") == 0)
		return tar_read(u->tar, SMALL_MAX, &u->version, e);
	if (strcmp(name, META) == 0) {
		if (tar_read(u->tar, SMALL_MAX, &text, e) < 0)
			return -1;
		u->got->meta = str_take(&text);
	} else if (strcmp(name, "git-commit-hash") == 0) {
		if (tar_read(u->tar, SMALL_MAX, &text, e) < 0)
			return -1;
		u->got->commit = xstrndup(str_text(&text), strcspn(str_text(&text), "\r\n"));
	}
	/* Whatever else is there (licences, an installer) is not for us. */
	return 0;
}

static int
take_entry(struct unpack *u, const struct tar_entry *entry, struct err *e)
{
	size_t top = strcspn(entry->path, "/"), name = strlen(u->want->component);
	const char *below = entry->path + top;

	if (!u->top)
		u->top = xstrndup(entry->path, top);
	if (strlen(u->top) != top || strncmp(u->top, entry->path, top) != 0)
		return bad(u, e, "has more than one directory at its top:", entry->path);
	if (entry->dir)
		return 0;
	if (!*below++)
		return bad(u, e, "has a file at its top:", entry->path);
	if (!strchr(below, '/'))
		return take_top(u, below, e);
	if (strncmp(below, u->want->component, name) != 0 || below[name] != '/')
		return bad(u, e, "has a file of another component:", entry->path);
	below += name + 1;
	if (strcmp(below, "manifest.in") == 0)
		return tar_read(u->tar, MANIFEST_MAX, &u->manifest, e);
	return take_payload(u, below, entry, e);
}

/* The text is one line, which says this. */
static bool
says(const struct str *text, const char *what)
{
	size_t n = strlen(what);

	return str_starts(str_text(text), what) &&
	       (text->len == n || (text->len == n + 1 && text->buf[n] == '\n'));
}

static int
check_list(struct unpack *u, struct err *e)
{
	AUTOFREE char *name = xasprintf("%s: manifest.in", u->tarball);
	AUTO(component_list) list = {0};

	if (!says(&u->version, INSTALLER_VERSION))
		return bad(u, e, "is not a component of installer version", INSTALLER_VERSION);
	if (!says(&u->components, u->want->component))
		return bad(u, e, "does not have exactly the component", u->want->component);
	if (component_list_parse(name, str_text(&u->manifest), u->manifest.len, &list, e) < 0)
		return -1;
	strv_sort(&u->paths);
	for (size_t i = 0; i < u->paths.n; i++)
		if (!listed(&list, u->paths.v[i]))
			return bad(
			    u, e, "has a file that its manifest.in does not list:", u->paths.v[i]);
	for (size_t i = 0; i < list.files.n; i++)
		if (!has(&u->paths, list.files.v[i]))
			return bad(
			    u, e, "lacks a file that its manifest.in lists:", list.files.v[i]);
	return 0;
}

int
component_unpack(const char *tarball, const struct component_want *want, const char *dir,
    struct component_got *got, struct err *e)
{
	AUTO(unpack) u = {.tarball = tarball, .dir = dir, .want = want, .got = got};
	struct tar_entry entry;
	int rc;

	*got = (struct component_got){.files = js_arr()};
	u.tar = tar_open(tarball, &want->limits, e);
	rc = u.tar ? 1 : -1;
	while (rc > 0 && (rc = tar_next(u.tar, &entry, e)) > 0)
		rc = take_entry(&u, &entry, e) < 0 ? -1 : 1;
	if (rc == 0)
		rc = check_list(&u, e);
	if (rc < 0)
		component_got_free(got);
	return rc;
}

void
component_got_free(struct component_got *got)
{
	js_free(got->files);
	free(got->meta);
	free(got->commit);
	*got = (struct component_got){0};
}

int
component_meta(const char *tarball, char **meta, struct err *e)
{
	AUTOTAR struct tar *t = tar_open(tarball, NULL, e);
	struct tar_entry entry;
	AUTO(str) text = {0};
	int rc;

	*meta = NULL;
	if (!t)
		return -1;
	while ((rc = tar_next(t, &entry, e)) > 0) {
		const char *below = strchr(entry.path, '/');

		if (entry.dir || !below)
			continue;
		/* It comes before any file of the component: little is unpacked here. */
		if (strchr(below + 1, '/'))
			return 0;
		if (strcmp(below + 1, META) != 0)
			continue;
		if (tar_read(t, SMALL_MAX, &text, e) < 0)
			return -1;
		*meta = str_take(&text);
		return 0;
	}
	return rc;
}

int
component_add(struct component_out *out, const char *path, const char *from, struct err *e)
{
	AUTOFREE char *member = xasprintf("%s/%s/%s", out->top, out->component, path);
	struct stat st;

	if (lstat(from, &st) < 0)
		return err_errno(e, "read %s", from);
	tar_add_file(&out->members, member, from);
	str_addf(&out->manifest, "file:%s\n", path);
	out->bytes += (uint64_t)st.st_size;
	return 0;
}

static void
add_text(struct component_out *out, const char *name, const char *text)
{
	AUTOFREE char *member = xasprintf("%s/%s", out->top, name);

	tar_add_text(&out->members, member, text);
}

void
component_finish(struct component_out *out, const char *meta)
{
	AUTOFREE char *manifest = xasprintf("%s/manifest.in", out->component);
	AUTOFREE char *components = xasprintf("%s\n", out->component);

	add_text(out, "components", components);
	add_text(out, "rust-installer-version", INSTALLER_VERSION "\n");
	add_text(out, META, meta);
	add_text(out, manifest, str_text(&out->manifest));
}

void
component_out_free(struct component_out *out)
{
	tar_members_free(&out->members);
	str_free(&out->manifest);
}
