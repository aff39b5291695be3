/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration of a kit: presets, one behind the other, later ones win. A preset
 * line "# requires CONFIG_X: HINT" says that without the option, which Unikraft drops
 * silently when something it depends on is missing, the preset makes no sense. */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/kitbuild_private.h"
#include "core/matrix.h"
#include "core/progress.h"

enum { MAX_CONFIG = 1 << 20 };

#define REQUIRES "# requires "

int
kitbuild_presets(const char *share, struct strv *names, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/templates/kconfig", share);
	AUTO(strv) all = {0};

	if (fs_list(dir, &all, e) < 0)
		return -1;
	/* arch-* and plat-* go with the combination; base is always there. */
	for (size_t i = 0; i < all.n; i++)
		if (str_word(all.v[i]) && !strchr(all.v[i], '-') && strcmp(all.v[i], "base") != 0)
			strv_add(names, all.v[i]);
	return 0;
}

static int
add_preset(const struct kitbuild *b, const char *name, struct strv *files, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/kconfig/%s", b->share, name);
	AUTOFREE char *list = NULL;
	AUTO(strv) known = {0};

	if (fs_is_file(path) && str_word(name)) {
		strv_give(files, take_ptr(path));
		return 0;
	}
	if (kitbuild_presets(b->share, &known, e) < 0)
		return -1;
	list = strv_join(&known, ", ");
	err_set(e, ERR_USAGE, "no preset '%.64s'; there is %s", name, list);
	return err_hint(e, "options of your own go into a file: --kconfig FILE");
}

/* The files of the configuration, in their order. */
static int
config_files(const struct kitbuild *b, struct strv *files, struct err *e)
{
	const struct matrix_combo *c = b->combo;
	AUTOFREE char *arch = xasprintf("%s/templates/kconfig/arch-%s", b->share, c->arch->name);
	AUTOFREE char *plat = xasprintf("%s/templates/kconfig/plat-%s", b->share, c->plat->name);

	if (add_preset(b, "base", files, e) < 0)
		return -1;
	/* A row of the user's own has none: --kconfig says what it is. */
	if (fs_is_file(arch))
		strv_add(files, arch);
	if (fs_is_file(plat))
		strv_add(files, plat);
	if ((!fs_is_file(arch) || !fs_is_file(plat)) && !b->kconfig)
		return err_set(e, ERR_FAIL,
		    "which options of Unikraft mean %s %s is not known: name them with "
		    "--kconfig FILE",
		    c->arch->name, c->plat->name);
	for (size_t i = 0; i < b->presets->n; i++)
		if (add_preset(b, b->presets->v[i], files, e) < 0)
			return -1;
	if (b->kconfig)
		strv_add(files, b->kconfig);
	return 0;
}

int
kitbuild_configure(const struct kitbuild_job *j, const char *path, struct err *e)
{
	AUTO(strv) files = {0};
	AUTO(str) text = {0};

	if (config_files(j->b, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		if (fs_read(files.v[i], MAX_CONFIG, &text, e) < 0)
			return -1;
		str_addc(&text, '\n');
	}
	str_addf(&text, "CONFIG_UK_NAME=\"%s\"\n", KITBUILD_APP);
	return fs_write(path, str_text(&text), text.len, 0666, e);
}

static bool
is_set(const struct strv *lines, const char *option)
{
	AUTOFREE char *want = xasprintf("%s=", option);

	for (size_t i = 0; i < lines->n; i++)
		if (str_starts(lines->v[i], want) && strcmp(lines->v[i] + strlen(want), "n") != 0)
			return true;
	return false;
}

static int
check_required(const struct strv *made, const char *file, const char *line, struct err *e)
{
	const char *name = line + strlen(REQUIRES), *hint = strstr(name, ": ");
	AUTOFREE char *option = xstrndup(name, strcspn(name, ": "));

	if (is_set(made, option))
		return 0;
	err_set(e, ERR_FAIL, "Unikraft does not take %s, which the preset %s needs", option,
	    fs_basename(file));
	return hint ? err_hint(e, "%s", hint + 2) : -1;
}

/* What the user's own file asks for and Unikraft left out is worth a word. */
static void
note_dropped(const struct kitbuild *b, const struct strv *made, const char *line)
{
	AUTOFREE char *option = xstrndup(line, strcspn(line, "="));
	AUTOFREE char *text = NULL;

	if (!str_starts(line, "CONFIG_") || str_ends(line, "=n") || is_set(made, option))
		return;
	text = xasprintf("note: Unikraft left out %s: it does not know it, or something that it "
			 "depends on is not set",
	    option);
	b->progress->step(b->progress->ctx, text);
}

int
kitbuild_check_config(const struct kitbuild_job *j, const char *made, struct err *e)
{
	AUTO(strv) files = {0}, result = {0};
	AUTO(str) text = {0};

	if (config_files(j->b, &files, e) < 0 || fs_read(made, MAX_CONFIG, &text, e) < 0)
		return -1;
	strv_split(&result, str_text(&text), '\n');
	for (size_t i = 0; i < files.n; i++) {
		bool own = j->b->kconfig && i + 1 == files.n;
		AUTO(strv) lines = {0};

		str_cut(&text, 0);
		if (fs_read(files.v[i], MAX_CONFIG, &text, e) < 0)
			return -1;
		strv_split(&lines, str_text(&text), '\n');
		for (size_t k = 0; k < lines.n; k++) {
			if (str_starts(lines.v[k], REQUIRES) &&
			    check_required(&result, files.v[i], lines.v[k], e) < 0)
				return -1;
			if (own)
				note_dropped(j->b, &result, lines.v[k]);
		}
	}
	return 0;
}
