/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of fetch.h that decides whether to believe an index. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/str.h"
#include "core/fetch.h"
#include "core/fetch_private.h"
#include "core/home.h"

enum { INDEX_MAX = 4 << 20, SIGNATURE_MAX = 16384 };

/* An index as it came. */
struct raw {
	struct str text, signature; /* signature empty: none */
};

static void
raw_free(struct raw *r)
{
	str_free(&r->text);
	str_free(&r->signature);
}

static char *
remembered_path(const struct fetch *f, const char *server)
{
	char hex[HASH_HEX + 1];

	hash_text(server, hex);
	return xasprintf("%s/servers/%.16s.json", f->home->cache, hex);
}

static int
check_signature(const struct fetch *f, const char *name, const struct raw *r, struct err *e)
{
	if (f->conf.n_keys == 0)
		return 0;
	if (r->signature.len == 0) {
		err_set(e, ERR_INTEGRITY, "%s: has no signature, and keys are trusted here", name);
		return err_hint(e,
		    "whoever runs the server signs it with 'kraft-rust dist sign'; to "
		    "do without, remove the keys from %s/trusted-keys",
		    f->home->config);
	}
	return sign_verify(name, str_text(&r->text), r->text.len, str_text(&r->signature),
	    f->conf.keys, f->conf.n_keys, NULL, e);
}

static int
read_raw(const struct fetch *f, const char *name, const struct raw *r, struct dist_index *index,
    struct err *e)
{
	if (check_signature(f, name, r, e) < 0)
		return -1;
	if (dist_index_parse(name, str_text(&r->text), r->text.len, index, e) == 0)
		return 0;
	/* It is no file of the user's, and nobody can use it as it is. */
	e->cls = ERR_INTEGRITY;
	return -1;
}

/* The index that was accepted last; false: none that is worth anything. */
static bool
remembered(const struct fetch *f, const char *server, struct dist_index *index)
{
	AUTOFREE char *path = remembered_path(f, server);
	AUTOJS struct js *j = NULL;
	AUTO(raw) r = {0};
	struct err ignored;

	if (!fs_is_file(path) || !(j = js_load(path, &ignored)) ||
	    !str_eq(js_get_text(j, "server"), server) || !js_get_text(j, "index"))
		return false;
	str_add(&r.text, js_get_text(j, "index"));
	if (js_get_text(j, "signature"))
		str_add(&r.signature, js_get_text(j, "signature"));
	return read_raw(f, path, &r, index, &ignored) == 0;
}

static int
remember(const struct fetch *f, const char *server, const struct raw *r, struct err *e)
{
	AUTOFREE char *path = remembered_path(f, server);
	AUTOFREE char *dir = fs_dirname(path);
	AUTOFREE char *text = NULL;
	AUTOJS struct js *j = js_obj();

	js_set(j, "server", js_str(server));
	js_set(j, "index", js_str(str_text(&r->text)));
	js_set(j, "signature", js_str(r->signature.len ? str_text(&r->signature) : NULL));
	text = js_pretty(j);
	if (fs_mkdirs(dir, e) < 0)
		return -1;
	/* With keys it tells a rollback, and must not be forgotten when the power fails. */
	return f->conf.n_keys ? fs_write_if_changed(path, text, e)
			      : fs_put_if_changed(path, text, e);
}

static int
check_time(const struct fetch *f, const char *server, const char *name,
    const struct dist_index *index, struct err *e)
{
	AUTOFREE char *path = remembered_path(f, server);
	AUTO(dist_index) last = {0};
	char date[32];
	time_t expires = (time_t)index->expires;
	struct tm tm;

	if (index->expires && time(NULL) > expires) {
		strftime(date, sizeof(date), "%F %R UTC", gmtime_r(&expires, &tm));
		err_set(e, ERR_INTEGRITY, "%s: expired on %s", name, date);
		return err_hint(e, "whoever runs the server makes a new one with 'kraft-rust dist "
				   "index'; if that is not it, check this machine's clock");
	}
	if (f->conf.n_keys == 0 || !remembered(f, server, &last) || last.serial <= index->serial)
		return 0;
	err_set(e, ERR_INTEGRITY,
	    "%s: is older (serial %lld) than the one seen before (serial %lld)", name,
	    index->serial, last.serial);
	return err_hint(e, "somebody may be replaying it; if going back is meant, remove %s", path);
}

static int
get_raw(struct fetch *f, const char *url, struct raw *r, struct err *e)
{
	AUTOFREE char *signature = xasprintf("%s.minisig", url);
	struct net_item items[2] = {
	    {.url = url, .text = &r->text, .size = INDEX_MAX},
	    {.url = signature, .text = &r->signature, .size = SIGNATURE_MAX, .optional = true},
	};

	return net_get(fetch_net(f), items, f->conf.n_keys ? 2 : 1, e);
}

static int
get_index(struct fetch *f, const char *server, struct dist_index *index, struct err *e)
{
	AUTOFREE char *url = xasprintf("%s/index.json", server);
	AUTOFREE char *shown = net_shown(url);
	AUTO(raw) r = {0};

	if (get_raw(f, url, &r, e) < 0 || read_raw(f, shown, &r, index, e) < 0)
		return -1;
	if (check_time(f, server, shown, index, e) == 0 && remember(f, server, &r, e) == 0)
		return 0;
	dist_index_free(index);
	return -1;
}

int
fetch_index(struct fetch *f, const char *server, struct dist_index *index, struct err *e)
{
	AUTOFREE char *shown = net_shown(server);

	*index = (struct dist_index){0};
	if (!f->offline)
		return get_index(f, server, index, e);
	if (remembered(f, server, index))
		return 0;
	return err_set(
	    e, ERR_NETWORK, "%s: its index was never fetched, and --offline forbids it", shown);
}
