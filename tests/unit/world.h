/* SPDX-License-Identifier: BSD-3-Clause */
/* A machine for the tests of install and uninstall: a fake compiler with a fake cargo,
 * sources, musl and a home. Include it after fakes.h. */
#ifndef KRAFT_RUST_TESTS_WORLD_H
#define KRAFT_RUST_TESTS_WORLD_H

#include "core/home.h"
#include "core/install.h"
#include "core/matrix.h"
#include "core/progress.h"
#include "core/rustc.h"
#include "core/uninstall.h"
#include "fakes.h"

/* The told lines are what progress was told: steps, and "unit done/total". */
struct world {
	const char *dir;
	char *share, *root;
	struct matrix m;
	struct home home;
	struct rustc r;
	struct strv told;
	struct progress progress;
};

static inline void
on_step(void *ctx, const char *text)
{
	struct world *w = ctx;

	strv_add(&w->told, text);
}

static inline void
on_unit(void *ctx, const char *name, size_t done, size_t total)
{
	struct world *w = ctx;

	strv_addf(&w->told, "%s %zu/%zu", name, done, total);
}

static inline void
world_open(struct world *w, const char *dir, const char *root)
{
	AUTOFREE char *exe = NULL;
	struct rustc_choice choice = {0};
	struct err e = {0};

	*w = (struct world){.dir = dir};
	w->progress = (struct progress){.ctx = w, .step = on_step, .unit = on_unit};
	fake_world(dir);
	w->root = join(dir, root);
	fake_rustc(w->root);
	fake_cargo(w->root);
	fake_source(w->root);
	fake_musl(dir);
	fake_matrix(dir, &w->m);
	w->share = fs_realpath(".", &e);
	exe = join(w->root, "bin/rustc");
	choice.rustc = exe;
	assert_ok(home_find(&w->home, &e), &e);
	assert_ok(rustc_find(&choice, w->home.cache, &w->r, &e), &e);
}

static inline void
world_free(struct world *w)
{
	free(w->share);
	free(w->root);
	matrix_free(&w->m);
	home_free(&w->home);
	rustc_free(&w->r);
	strv_free(&w->told);
}

#define TOOLCHAIN "rustup home/toolchains/stable"

static inline struct install
wanted(struct world *w, const char *combo)
{
	struct err e = {0};
	struct install in = {.home = &w->home,
	    .share = w->share,
	    .rustc = &w->r,
	    .combo = matrix_find(&w->m, combo, NULL, &e),
	    .progress = &w->progress};

	if (!in.combo)
		fail_msg("%s", e.msg);
	return in;
}

static inline int
install(struct world *w, const char *combo, struct err *e)
{
	struct install in = wanted(w, combo);
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};

	if (install_plan(&in, &p, e) < 0)
		return -1;
	return install_run(&in, &p, e);
}

static inline int
uninstall(struct world *w, const char *combo, const char *rustc_id, size_t *n, struct err *e)
{
	const struct uninstall u = {
	    .home = &w->home, .combo = combo, .rustc_id = rustc_id, .progress = &w->progress};

	return uninstall_run(&u, n, e);
}

static inline size_t
builds(const struct world *w)
{
	AUTOFREE char *calls = get(w->root, "bin/cargo-calls");
	size_t n = 0;

	for (const char *p = calls; p && (p = strstr(p, "build ")); p++)
		n++;
	return n / 2; /* the first of two calls only counts the units */
}

#endif
