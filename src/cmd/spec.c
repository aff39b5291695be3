/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust spec: the target JSON of one combination. */
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"

/* The first rustc whose dialect was looked at. */
static const struct ver first = {.major = 1, .minor = 63};

/* For a compiler that is not here, with everything that makes the result less sure than
 * that for one at hand on standard error. */
static int
make_for(struct ctx *c, const struct matrix_combo *combo, const struct rustc *r, const char *share,
    struct js **spec, struct err *e)
{
	const char *text = ctx_opt(c, OPT_FOR);
	AUTOFREE char *shown = str_printable(text, 64);
	AUTO(strv) notes = {0};
	struct ver v;

	if (!ver_parse(text, &v))
		return err_set(e, ERR_USAGE, "--for: '%s' is not a version such as 1.70.0", shown);
	if (ver_cmp(&v, &first) < 0)
		return err_set(e, ERR_USAGE,
		    "--for: the oldest dialect known is that of rustc %u.%u", first.major,
		    first.minor);
	if (spec_make_for(combo, r, share, &v, spec, &notes, e) < 0)
		return -1;
	ctx_warn(c, "made for rustc %u.%u.%u by rustc %s; no compiler has loaded it", v.major,
	    v.minor, v.patch, r->release);
	for (size_t i = 0; i < notes.n; i++)
		ctx_note(c, "  %s", notes.v[i]);
	return 0;
}

int
cmd_spec(struct ctx *c, struct err *e)
{
	const char *output = ctx_opt(c, OPT_OUTPUT), *share;
	const struct matrix_combo *combo;
	const struct rustc *r;
	AUTOJS struct js *spec = NULL;
	AUTOFREE char *text = NULL;

	if (ctx_combo(c, 0, &combo, NULL, e) < 0 || ctx_share(c, &share, e) < 0 ||
	    ctx_rustc(c, &r, e) < 0)
		return -1;
	if (ctx_opt(c, OPT_FOR) ? make_for(c, combo, r, share, &spec, e) < 0
				: spec_make(combo, r, share, &spec, e) < 0)
		return -1;
	text = js_pretty(spec);
	if (output && strcmp(output, "-") != 0)
		return fs_write(output, text, strlen(text), 0666, e);
	fputs(text, stdout);
	return 0;
}
