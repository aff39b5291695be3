/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/spec.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/js.h"
#include "base/mem.h"
#include "core/dialect.h"
#include "core/matrix.h"
#include "core/rustc.h"

static struct js *
load_template(const char *share, struct err *e)
{
	AUTOFREE char *path = xasprintf("%s/templates/spec.json", share);

	return js_load(path, e);
}

static void
inherit(struct js *spec, const struct js *base, const struct js *names)
{
	for (size_t i = 0; i < js_len(names); i++) {
		const char *name = js_text(js_at(names, i));
		struct js *value = name ? js_get(base, name) : NULL;

		if (value)
			js_set(spec, name, js_copy(value));
	}
}

/* Whether the compiler understands the field in the template's form. */
static bool
understood(const struct ver *v, const struct js *since, const char *field)
{
	const char *text = js_get_text(since, field);
	struct ver first;

	return !text || !ver_parse(text, &first) || ver_cmp(v, &first) >= 0;
}

static void
set_fields(struct js *spec, const struct ver *v, const struct js *template)
{
	struct js *set = js_get(template, "set"), *since = js_get(template, "since");

	for (void *it = js_first(set); it; it = js_next(set, it))
		if (understood(v, since, js_key(it)))
			js_set(spec, js_key(it), js_copy(js_value(it)));
}

/* A compiler whose base spec has no metadata does not know the field. The base's
 * description names its musl, which is the version this target's libc crate is
 * written for too. */
static void
set_metadata(struct js *spec, const struct js *template)
{
	struct js *meta = js_get(spec, "metadata"), *ours = js_get(template, "metadata");
	const char *text = js_get_text(meta, "description");
	const char *os = text ? strstr(text, "Linux") : NULL;

	if (!meta)
		return;
	for (void *it = js_first(ours); it; it = js_next(ours, it))
		js_set(meta, js_key(it), js_copy(js_value(it)));
	if (os) {
		AUTOFREE char *said =
		    xasprintf("%.*sUnikraft%s", (int)(os - text), text, os + strlen("Linux"));

		js_set(meta, "description", js_str(said));
	}
}

/* link-env holds the variables that KraftKit's own kraftld reads. */
void
spec_name(struct js *spec, const struct matrix_combo *c)
{
	AUTOFREE char *arch = xasprintf("KRAFTKIT_ARCH=%s", c->arch->kraft);
	AUTOFREE char *plat =
	    xasprintf("KRAFTKIT_PLAT=%s", c->plat->kraft ? c->plat->kraft : c->plat->name);
	struct js *env = js_arr();

	js_push(env, js_str(arch));
	js_push(env, js_str(plat));
	js_set(spec, "link-env", env);
}

/* The spec from the facts of the compiler at hand, with the fields that the rustc v
 * understands. */
static int
compose(const struct matrix_combo *c, const struct rustc *r, const struct ver *v,
    const struct js *template, struct js *spec, struct err *e)
{
	AUTOJS struct js *base = NULL;

	if (!strv_has(&r->targets, c->arch->base)) {
		err_set(e, ERR_TOOL,
		    "%s does not know %s, from which the spec of %s takes its facts", r->line,
		    c->arch->base, c->arch->target);
		return err_hint(e, "choose another compiler with --rustc or --toolchain");
	}
	if (rustc_builtin_spec(r, c->arch->base, &base, e) < 0)
		return -1;
	inherit(spec, base, js_get(template, "inherit"));
	set_fields(spec, v, template);
	set_metadata(spec, template);
	spec_name(spec, c);
	return 0;
}

int
spec_make(const struct matrix_combo *c, const struct rustc *r, const char *share, struct js **out,
    struct err *e)
{
	AUTOJS struct js *template = load_template(share, e);
	AUTOJS struct js *spec = js_obj();

	if (!template || compose(c, r, &r->version, template, spec, e) < 0 ||
	    rustc_load_spec(r, c->arch->target, spec, e) < 0)
		return -1;
	*out = take_ptr(spec);
	return 0;
}

/* What of the spec only the other compiler could have said. */
static void
note_facts(const struct js *spec, const struct js *facts, const struct rustc *r, struct strv *notes)
{
	AUTO(strv) names = {0};
	AUTOFREE char *list = NULL;

	for (size_t i = 0; i < js_len(facts); i++)
		if (js_text(js_at(facts, i)) && js_get(spec, js_text(js_at(facts, i))))
			strv_add(&names, js_text(js_at(facts, i)));
	list = strv_join(&names, ", ");
	strv_addf(notes, "%s: taken from rustc %s", list, r->release);
}

int
spec_make_for(const struct matrix_combo *c, const struct rustc *r, const char *share,
    const struct ver *v, struct js **out, struct strv *notes, struct err *e)
{
	AUTOJS struct js *template = load_template(share, e);
	AUTOJS struct js *spec = js_obj();

	if (!template || compose(c, r, v, template, spec, e) < 0)
		return -1;
	note_facts(spec, js_get(template, "facts"), r, notes);
	if (dialect_convert(spec, share, &r->version, v, notes, e) < 0)
		return -1;
	*out = take_ptr(spec);
	return 0;
}

struct js *
spec_identity(const struct js *spec)
{
	struct js *copy = js_copy(spec);

	js_del(copy, "link-env");
	return copy;
}

enum spec_known
spec_known(const struct matrix_combo *c, const struct rustc *r)
{
	if (strv_has(&r->targets, c->arch->target))
		return SPEC_BUILTIN;
	return strv_has(&r->targets, c->arch->base) ? SPEC_JSON : SPEC_TOO_OLD;
}

int
spec_gated(const struct matrix_combo *c, const struct rustc *r, const struct js *spec, bool *gated,
    struct err *e)
{
	*gated = false;
	if (spec_known(c, r) != SPEC_JSON)
		return 0;
	return rustc_spec_gated(r, c->arch->target, spec, gated, e);
}
