/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rustc, and kraft-rustdoc, which is a link to it. It is a program of its own
 * because it starts once a crate: no library hangs on it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "wrap/wrap.h"

static int
run(int argc, char **argv, struct err *e)
{
	AUTOFREE char *self = fs_self(e);
	AUTOFREE char *beside = self ? fs_dirname(self) : NULL;
	const struct wrap_env env = {getenv("RUSTC_BOOTSTRAP"), getenv("KRAFT_RUSTC_WRAPPER"),
	    getenv("KRAFT_RUSTDOC"), beside};
	AUTO(wrapped) w = {0};

	if (!self || wrap_make(argc, argv, &env, &w, e) < 0)
		return -1;
	if (w.bootstrap)
		setenv("RUSTC_BOOTSTRAP", "1", 1);
	/* The other wrapper may be this program: then it is enough once. */
	unsetenv("KRAFT_RUSTC_WRAPPER");
	execvp(w.argv.v[0], w.argv.v);
	err_errno(e, "execute %s", w.argv.v[0]);
	if (env.wrapper && strcmp(w.argv.v[0], env.wrapper) == 0)
		err_hint(e, "KRAFT_RUSTC_WRAPPER names it");
	else if (env.rustdoc && strcmp(w.argv.v[0], env.rustdoc) == 0)
		err_hint(e, "KRAFT_RUSTDOC names it");
	return -1;
}

int
main(int argc, char **argv)
{
	struct err e = {0};

	if (argc == 2 && strcmp(argv[1], "--version") == 0 && !wrap_is_rustdoc(argv[0])) {
		printf("kraft-rustc (kraft-rust) " KRAFT_RUST_VERSION "\n");
		return 0;
	}
	run(argc, argv, &e);
	fprintf(
	    stderr, "%s: %s\n", wrap_is_rustdoc(argv[0]) ? "kraft-rustdoc" : "kraft-rustc", e.msg);
	return (int)e.cls;
}
