/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/spec.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "cmd/cmd.h"

int
cmd_spec(struct ctx *c, struct err *e)
{
	const char *output = ctx_opt(c, OPT_OUTPUT), *share;
	const struct matrix_combo *combo;
	const struct rustc *r;
	AUTOJS struct js *spec = NULL;
	AUTOFREE char *text = NULL;

	if (ctx_combo(c, 0, &combo, NULL, e) < 0 || ctx_share(c, &share, e) < 0 ||
	    ctx_rustc(c, &r, e) < 0 || spec_make(combo, r, share, &spec, e) < 0)
		return -1;
	text = js_pretty(spec);
	if (output && strcmp(output, "-") != 0)
		return fs_write(output, text, strlen(text), 0666, e);
	fputs(text, stdout);
	return 0;
}
