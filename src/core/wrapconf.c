/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/wrapconf.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/kv.h"
#include "base/mem.h"

enum { MAX_BYTES = 1 << 20 };

static int
set_text(const struct kv_entry *en, const char *name, bool word, char **to, struct err *e)
{
	if (word ? !str_word(en->value) : !*en->value)
		return err_set(e, ERR_INPUT, "%s:%u: %s is %s", name, en->line, en->key,
		    word ? "not a plain word" : "empty");
	if (*to)
		return err_set(e, ERR_INPUT, "%s:%u: %s is there twice", name, en->line, en->key);
	*to = xstrdup(en->value);
	return 0;
}

static int
take_entry(struct wrapconf *c, const struct kv_entry *en, const char *name, struct err *e)
{
	const struct {
		const char *key;
		char **to;
		bool word;
	} texts[] = {
	    {"architecture", &c->arch, true},
	    {"platform", &c->plat, true},
	    {"target", &c->target, true},
	    {"kit", &c->kit, false},
	    {"kraft", &c->kraft, false},
	    {"unikraft", &c->unikraft, false},
	    {"install", &c->install, false},
	};
	const struct {
		const char *key;
		struct strv *to;
	} lists[] = {
	    {"alias", &c->aliases},
	    {"ld", &c->ld},
	    {"library", &c->libs},
	    {"kconfig", &c->kconfig},
	};

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strcmp(en->key, texts[i].key) == 0)
			return set_text(en, name, texts[i].word, texts[i].to, e);
	if (strcmp(en->key, "machine") == 0)
		return kv_set_number(en, name, &c->machine, e);
	if (strcmp(en->key, "format") == 0)
		return 0;
	if (!*en->value)
		return err_set(e, ERR_INPUT, "%s:%u: %s is empty", name, en->line, en->key);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (strcmp(en->key, lists[i].key) == 0) {
			strv_add(lists[i].to, en->value);
			return 0;
		}
	return err_set(e, ERR_INPUT, "%s:%u: unknown key '%.40s'", name, en->line, en->key);
}

static int
check_absolute(const char *key, const char *path, const char *name, struct err *e)
{
	if (!path || path[0] == '/')
		return 0;
	return err_set(e, ERR_INPUT, "%s: %s is not an absolute path: %s", name, key, path);
}

static int
check_paths(const struct wrapconf *c, const char *name, struct err *e)
{
	const struct {
		const char *key;
		const struct strv *paths;
	} lists[] = {{"library", &c->libs}, {"kconfig", &c->kconfig}};

	if (check_absolute("kit", c->kit, name, e) < 0 ||
	    check_absolute("unikraft", c->unikraft, name, e) < 0)
		return -1;
	for (size_t k = 0; k < ARRAY_LEN(lists); k++)
		for (size_t i = 0; i < lists[k].paths->n; i++)
			if (check_absolute(lists[k].key, lists[k].paths->v[i], name, e) < 0)
				return -1;
	return 0;
}

/* "qemu/x86_64" */
static int
check_kraft(const struct wrapconf *c, const char *name, struct err *e)
{
	const char *slash = c->kraft ? strchr(c->kraft, '/') : NULL;
	AUTOFREE char *plat = slash ? xstrndup(c->kraft, (size_t)(slash - c->kraft)) : NULL;

	if (!c->kraft || (slash && str_word(plat) && str_word(slash + 1)))
		return 0;
	return err_set(
	    e, ERR_INPUT, "%s: kraft is not PLATFORM/ARCHITECTURE: %.80s", name, c->kraft);
}

static int
check_whole(const struct wrapconf *c, const char *name, struct err *e)
{
	const char *missing = NULL;

	if (!c->install)
		missing = "install";
	if (c->ld.n == 0)
		missing = "ld";
	if (!c->machine)
		missing = "machine";
	if (!c->target)
		missing = "target";
	if (!c->plat)
		missing = "platform";
	if (!c->arch)
		missing = "architecture";
	if (missing)
		return err_set(e, ERR_INPUT, "%s: no %s", name, missing);
	if (check_paths(c, name, e) < 0)
		return -1;
	return check_kraft(c, name, e);
}

static int
fill(struct wrapconf *c, const struct kv *kv, const char *name, struct err *e)
{
	const char *format = kv_get(kv, "format");

	if (!format)
		return err_set(e, ERR_INPUT, "%s: no format", name);
	if (strcmp(format, "1") != 0)
		return err_set(e, ERR_INPUT,
		    "%s: is of format '%.20s', this program knows format 1; install again", name,
		    format);
	for (size_t i = 0; i < kv->n; i++)
		if (take_entry(c, &kv->entries[i], name, e) < 0)
			return -1;
	return check_whole(c, name, e);
}

int
wrapconf_parse(const char *name, const char *text, size_t len, struct wrapconf *c, struct err *e)
{
	AUTO(kv) kv = {0};

	*c = (struct wrapconf){0};
	if (kv_parse(name, text, len, &kv, e) < 0)
		return -1;
	if (fill(c, &kv, name, e) < 0) {
		wrapconf_free(c);
		return -1;
	}
	return 0;
}

static void
prefer(struct strv *own, struct strv *common)
{
	struct strv old = *common;

	if (own->n == 0)
		return;
	*common = *own;
	*own = (struct strv){0};
	strv_free(&old);
}

static int
add_local(struct wrapconf *c, struct err *e)
{
	static const char *const allowed[] = {"ld", "unikraft", "library", "kconfig"};
	AUTO(wrapconf) own = {0};
	AUTO(kv) kv = {0};

	if (!fs_exists(c->local))
		return 0;
	if (kv_load(c->local, &kv, e) < 0)
		return -1;
	for (size_t i = 0; i < kv.n; i++) {
		const struct kv_entry *en = &kv.entries[i];
		bool known = false;

		for (size_t k = 0; k < ARRAY_LEN(allowed); k++)
			known = known || strcmp(en->key, allowed[k]) == 0;
		if (!known)
			return err_set(e, ERR_INPUT,
			    "%s:%u: '%.40s' cannot be set here, only ld, unikraft, library and "
			    "kconfig",
			    c->local, en->line, en->key);
		if (take_entry(&own, en, c->local, e) < 0)
			return -1;
	}
	if (check_paths(&own, c->local, e) < 0)
		return -1;
	prefer(&own.ld, &c->ld);
	prefer(&own.libs, &c->libs);
	prefer(&own.kconfig, &c->kconfig);
	if (own.unikraft) {
		free(c->unikraft);
		c->unikraft = take_ptr(own.unikraft);
	}
	return 0;
}

int
wrapconf_load(const char *path, struct wrapconf *c, struct err *e)
{
	size_t stem = strlen(path) - (str_ends(path, ".conf") ? strlen(".conf") : 0);
	AUTO(str) text = {0};

	*c = (struct wrapconf){0};
	if (fs_read(path, MAX_BYTES, &text, e) < 0 ||
	    wrapconf_parse(path, str_text(&text), text.len, c, e) < 0)
		return -1;
	c->local = xasprintf("%.*s.local", (int)stem, path);
	if (add_local(c, e) == 0)
		return 0;
	wrapconf_free(c);
	return -1;
}

char *
wrapconf_text(const struct wrapconf *c)
{
	AUTOFREE char *machine = xasprintf("%u", c->machine);
	AUTO(str) out = {0};

	str_add(&out, "# Made by kraft-rust: what kraftld must know about one combination.\n");
	kv_add(&out, "format", "1");
	kv_add(&out, "architecture", c->arch);
	kv_add(&out, "platform", c->plat);
	for (size_t i = 0; i < c->aliases.n; i++)
		kv_add(&out, "alias", c->aliases.v[i]);
	kv_add(&out, "target", c->target);
	kv_add(&out, "machine", machine);
	for (size_t i = 0; i < c->ld.n; i++)
		kv_add(&out, "ld", c->ld.v[i]);
	if (c->kit)
		kv_add(&out, "kit", c->kit);
	if (c->kraft)
		kv_add(&out, "kraft", c->kraft);
	if (c->unikraft)
		kv_add(&out, "unikraft", c->unikraft);
	for (size_t i = 0; i < c->libs.n; i++)
		kv_add(&out, "library", c->libs.v[i]);
	for (size_t i = 0; i < c->kconfig.n; i++)
		kv_add(&out, "kconfig", c->kconfig.v[i]);
	kv_add(&out, "install", c->install);
	return str_take(&out);
}

void
wrapconf_free(struct wrapconf *c)
{
	free(c->arch);
	free(c->plat);
	strv_free(&c->aliases);
	free(c->target);
	strv_free(&c->ld);
	free(c->kit);
	free(c->kraft);
	free(c->unikraft);
	strv_free(&c->libs);
	strv_free(&c->kconfig);
	free(c->local);
	free(c->install);
	*c = (struct wrapconf){0};
}

static bool
fits(const struct wrapconf *c, const struct wrapconf_want *w)
{
	if (w->target && strcmp(w->target, c->target) != 0)
		return false;
	if (w->machine && w->machine != c->machine)
		return false;
	if (w->plat && strcmp(w->plat, c->plat) != 0 && !strv_has(&c->aliases, w->plat))
		return false;
	return !w->arch || strcmp(w->arch, c->arch) == 0 || strv_has(&c->aliases, w->arch);
}

static bool
newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static void
describe(const struct wrapconf_want *w, struct str *out)
{
	if (w->target)
		str_addf(out, " target %.64s", w->target);
	if (w->plat)
		str_addf(out, " platform %.64s", w->plat);
	if (w->arch)
		str_addf(out, " architecture %.64s", w->arch);
	if (!w->target && w->machine)
		str_addf(out, " ELF machine %u", w->machine);
}

static int
none_fits(const char *dir, const struct wrapconf_want *w, const struct strv *seen, struct err *e)
{
	AUTOFREE char *there = strv_join(seen, ", ");
	AUTO(str) wanted = {0};

	describe(w, &wanted);
	if (seen->n == 0)
		err_set(e, ERR_FAIL, "nothing is installed to link with (looked in %s)", dir);
	else
		err_set(e, ERR_FAIL, "nothing that is installed is for%s; there is %s",
		    str_text(&wanted), there);
	if (w->plat && w->arch)
		return err_hint(e, "run 'kraft-rust install %.64s %.64s'", w->arch, w->plat);
	return err_hint(e, "run 'kraft-rust list' to see what can be installed, then "
			   "'kraft-rust install ARCHITECTURE PLATFORM'");
}

int
wrapconf_find(
    const char *data_home, const struct wrapconf_want *want, struct wrapconf *c, struct err *e)
{
	AUTOFREE char *dir = xasprintf("%s/linkers", data_home);
	AUTO(strv) files = {0}, seen = {0};
	struct timespec best = {0};
	struct err broken = {0}, later = {0}, *be = &broken;

	*c = (struct wrapconf){0};
	if (fs_list(dir, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files.v[i]);
		AUTO(wrapconf) one = {0};
		struct stat st;

		if (files.v[i][0] == '.' || !str_ends(path, ".conf") || stat(path, &st) < 0)
			continue;
		if (wrapconf_load(path, &one, be) < 0) {
			be = &later; /* the first broken file is the one to tell of */
			continue;
		}
		strv_addf(&seen, "%s/%s", one.plat, one.arch);
		if (!fits(&one, want) || (c->arch && !newer(&st.st_mtim, &best)))
			continue;
		best = st.st_mtim;
		wrapconf_free(c);
		*c = one;
		one = (struct wrapconf){0};
	}
	if (c->arch)
		return 0;
	if (broken.cls != ERR_NONE) {
		*e = broken;
		return -1;
	}
	return none_fits(dir, want, &seen, e);
}
