/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of cargoconf.h that touches files and cargo. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/ver.h"
#include "core/cargoconf.h"

/* cargo prefers the old name without .toml when both exist (cargo: src/context,
 * get_file_path), so that what we write would not count. */
static int
check_old_name(const char *dir, const char *path, struct err *e)
{
	AUTOFREE char *old = xasprintf("%s/.cargo/config", dir);
	struct stat a, b;

	if (stat(old, &a) < 0 || !S_ISREG(a.st_mode))
		return 0;
	if (stat(path, &b) == 0) {
		if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return 0;
		err_set(e, ERR_INPUT, "%s: cargo reads this file and not the config.toml beside it",
		    old);
		return err_hint(e, "move what it says into config.toml, delete it, and try again");
	}
	err_set(e, ERR_INPUT,
	    "%s: cargo would read this file and not the config.toml to be written", old);
	return err_hint(e, "run 'mv %s %s' and try again", old, path);
}

/* Whether "cargo 1.65.0 (...)" is from before [target.T] rustdocflags (cargo pull
 * request 13197): such a cargo stops at the list, expecting a table. */
static bool
is_old(const char *said)
{
	static const struct ver since = {.major = 1, .minor = 78};
	AUTOFREE char *number = NULL;
	struct ver v;

	if (!str_starts(said, "cargo "))
		return false;
	said += strlen("cargo ");
	number = xstrndup(said, strcspn(said, " \n"));
	return ver_parse(number, &v) && ver_cmp(&v, &since) < 0;
}

/* Let cargo load the candidate. It lies beside the file to be replaced, so that an
 * "include" finds its files, and is given to a cargo that stands one folder above,
 * where all other configuration applies but the file to be replaced does not.
 * "version" is the cheapest command that loads the configuration. */
static int
check_with_cargo(const char *dir, const char *text, const char *cargo, bool *old, struct err *e)
{
	AUTOFREE char *parent = fs_dirname(dir);
	AUTOFREE char *candidate = xasprintf("%s/.cargo/.kraft-rust-%ld.toml", dir, (long)getpid());
	AUTO(strv) argv = {0};
	AUTO(str) out = {0};
	AUTO(str) errors = {0};
	struct proc p = {.cwd = parent, .out = &out, .err_out = &errors};
	struct err ignored;
	int r;

	if (fs_write(candidate, text, strlen(text), 0600, e) < 0)
		return -1;
	strv_addl(&argv, cargo, "--config", candidate, "version", NULL);
	p.argv = argv.v;
	r = proc_check(&p, e);
	fs_remove(candidate, &ignored);
	if (r < 0)
		return err_wrap(
		    e, "cargo refuses the new %s/.cargo/config.toml, so it was not written", dir);
	*old = is_old(str_text(&out));
	return 0;
}

/* The file to write; NULL in *text when it is what old (NULL: no file) says already. */
static int
new_text(
    const char *path, const struct str *old, const struct cargoconf *c, char **text, struct err *e)
{
	AUTOFREE char *merged =
	    cargoconf_merge(path, old ? str_text(old) : "", old ? old->len : 0, c, e);

	*text = NULL;
	if (!merged)
		return -1;
	if (!old || strlen(merged) != old->len || memcmp(merged, str_text(old), old->len) != 0)
		*text = take_ptr(merged);
	return 0;
}

/* The text that changes the file, in the first form that cargo takes; NULL in *text
 * when there is nothing to change. */
static int
choose_text(const char *dir, const char *path, const struct str *old, const struct cargoconf *c,
    const char *cargo, char **text, struct err *e)
{
	struct cargoconf form = *c;

	for (;;) {
		bool is_old_one = false;

		if (new_text(path, old, &form, text, e) < 0)
			return -1;
		if (!*text || !cargo)
			return 0;
		if (check_with_cargo(dir, *text, cargo, &is_old_one, e) == 0) {
			if (!is_old_one || form.old_cargo)
				return 0;
			form.old_cargo = true;
		} else if (!form.lists && strstr(e->msg, "expected array, but found string")) {
			form.lists = true;
		} else {
			free(take_ptr(*text));
			return -1;
		}
		free(take_ptr(*text));
	}
}

int
cargoconf_update(
    const char *dir, const struct cargoconf *c, const char *cargo, bool *changed, struct err *e)
{
	AUTOFREE char *folder = xasprintf("%s/.cargo", dir);
	AUTOFREE char *path = xasprintf("%s/config.toml", folder);
	AUTOFREE char *text = NULL;
	AUTO(str) old = {0};
	bool there = fs_exists(path);

	*changed = false;
	if (check_old_name(dir, path, e) < 0)
		return -1;
	if (there && fs_read(path, CARGOCONF_MAX, &old, e) < 0)
		return -1;
	if (fs_mkdirs(folder, e) < 0)
		return -1;
	if (choose_text(dir, path, there ? &old : NULL, c, cargo, &text, e) == 0 &&
	    (!text || fs_write(path, text, strlen(text), 0666, e) == 0)) {
		*changed = text != NULL;
		return 0;
	}
	fs_prune(folder, dir);
	return -1;
}
