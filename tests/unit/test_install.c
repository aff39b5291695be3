/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>

#include "base/proc.h"
#include "core/installed.h"
#include "core/sysroot.h"
#include "support.h"
#include "world.h"

/* Whether something of a build lies about. */
static bool
building(const struct world *w)
{
	AUTOFREE char *dir = join(w->home.cache, "build");

	return fs_exists(dir);
}

static void
installs(void **state)
{
	AUTO(world) w;
	struct err e = {0};
	AUTOFREE char *link =
	    join(*state, TOOLCHAIN "/lib/rustlib/" FAKE_TARGET "/lib/libstd-1.rlib");
	AUTOFREE char *env = NULL;
	AUTOFREE char *steps = NULL;
	AUTO(installed_list) list = {0};
	AUTOFREE char *lib = NULL;

	world_open(&w, *state, TOOLCHAIN);
	setenv("RUSTFLAGS", "-Ctarget-cpu=native", 1);
	setenv("CARGO_BUILD_TARGET", "nonsense", 1);
	setenv("RUSTC_WRAPPER", "sccache", 1);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	unsetenv("RUSTFLAGS");
	unsetenv("CARGO_BUILD_TARGET");
	unsetenv("RUSTC_WRAPPER");
	assert_int_equal(builds(&w), 1);
	assert_true(fs_is_file(link)); /* through both links, into the store */
	env = get(w.root, "bin/cargo-env");
	assert_has(env, "\nRUSTC_BOOTSTRAP=1\n");
	assert_has(env, "-Zforce-unstable-if-unmarked\x1f");
	assert_null(strstr(env, "native"));
	assert_null(strstr(env, "nonsense"));
	assert_null(strstr(env, "sccache"));
	steps = strv_join(&w.told, "\n");
	assert_has(
	    steps, "building std for " FAKE_TARGET " with " FAKE_LINE "\ncc 1/4\ncore 2/4\n");
	assert_ok(installed_load(w.home.data, &list, &e), &e);
	assert_int_equal(list.n, 1);
	assert_string_equal(list.v[0].toolchain, "stable");
	lib = xasprintf("%s/std/%s/lib", w.home.data, list.v[0].std_key);
	assert_tree(lib, "libcore-1.rlib\nlibstd-1.rlib\n");
	/* Nothing of the build is left besides the log. */
	assert_false(building(&w));
}

static void
second_install_does_nothing(void **state)
{
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTO(strv) lines = {0};
	AUTOFREE char *before = NULL;
	struct err e = {0};
	size_t calls;

	world_open(&w, *state, TOOLCHAIN);
	assert_ok(install(&w, "x86_64/host", &e), &e);
	before = tree(*state);
	calls = count_lines(w.root, "bin/calls");
	in = wanted(&w, "host/x86_64");
	assert_ok(install_plan(&in, &p, &e), &e);
	assert_true(install_done(&p));
	install_describe(&in, &p, &lines);
	assert_int_equal(lines.n, 0);
	assert_ok(install_run(&in, &p, &e), &e);
	assert_int_equal(builds(&w), 1);
	assert_int_equal(count_lines(w.root, "bin/calls"), calls);
	assert_tree(*state, before);
}

static void
describes_the_plan(void **state)
{
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTO(strv) lines = {0};
	AUTOFREE char *before = NULL;
	AUTOFREE char *all = NULL;
	AUTOFREE char *want = NULL;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	in = wanted(&w, "x86_64/host");
	before = tree(w.root);
	assert_ok(install_plan(&in, &p, &e), &e);
	assert_false(install_done(&p));
	install_describe(&in, &p, &lines);
	all = strv_join(&lines, "\n");
	want = xasprintf(
	    "build std for %s with %s from %s/lib/rustlib/src/rust/library into %s/std/%s\n"
	    "make the kit of x86_64 host from this machine's musl\n"
	    "write the wrapper config %s/linkers/host-x86_64.conf\n"
	    "link %s/lib/rustlib/%s to std\n"
	    "publish the sysroot %s/sysroots/1.96.0-%.8s/host-x86_64",
	    FAKE_TARGET, FAKE_LINE, w.root, w.home.data, p.key, w.home.data, w.root, FAKE_TARGET,
	    w.home.data, p.key);
	assert_string_equal(all, want);
	assert_false(fs_exists(w.home.data));
	assert_int_equal(builds(&w), 0);
}

static void
leaves_foreign_targets_alone(void **state)
{
	AUTO(world) w;
	AUTOFREE char *place = NULL;
	AUTO(installed_list) list = {0};
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	put(w.root, "lib/rustlib/" FAKE_TARGET "/lib/libstd-9.rlib", "rustup's own");
	place = sysroot_link_place(w.home.data, &w.r, FAKE_TARGET);
	assert_null(place);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	assert_file(w.root, "lib/rustlib/" FAKE_TARGET "/lib/libstd-9.rlib", "rustup's own");
	assert_ok(installed_load(w.home.data, &list, &e), &e);
	assert_null(list.v[0].link);
}

static void
shows_cargos_errors(void **state)
{
	AUTO(world) w;
	AUTO(str) fail = {0};
	struct err e = {0};
	const char *log;

	world_open(&w, *state, TOOLCHAIN);
	str_add(
	    &fail, "warning: noise\nerror[E0463]: can't find crate for `core`\n  --> lib.rs:1:1\n");
	for (int i = 0; i < 40; i++)
		str_addf(&fail, "   | %04000d\n", i);
	put(w.root, "bin/fail", fail.buf);
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_true(
	    str_starts(e.msg, "cargo could not build std for " FAKE_TARGET " with " FAKE_LINE
			      " (status 101)\n    error[E0463]: can't find crate for `core`\n"
			      "      --> lib.rs:1:1\n"));
	assert_null(strstr(e.msg, "noise"));
	log = strstr(e.msg, "\n  the whole log is in ");
	assert_non_null(log);
	log += strlen("\n  the whole log is in ");
	assert_true(fs_is_file(log));
	assert_false(building(&w));
	assert_false(fs_exists(w.home.data));
}

/* The first run is killed while cargo works; the second one finds no trace of it. */
static void
starts_again_after_a_kill(void **state)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGKILL};

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		AUTOFREE char *dir = xasprintf("%s/%zu", (char *)*state, i);
		AUTO(world) w;
		struct err e = {0};
		int status;
		pid_t pid;

		world_open(&w, dir, TOOLCHAIN);
		AUTOFREE char *hang = join(w.root, "bin/hang");
		put(w.root, "bin/hang", "");
		pid = fork();
		if (pid == 0) {
			proc_catch_signals();
			if (install(&w, "x86_64/qemu", &e) == -1 && e.cls == ERR_SIGNAL)
				proc_reraise();
			_exit(1);
		}
		wait_for(w.root, "bin/ready");
		assert_true(building(&w));
		kill(pid, signals[i]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == signals[i]);
		if (signals[i] != SIGKILL)
			assert_false(building(&w));
		assert_false(fs_exists(w.home.data));
		assert_int_equal(unlink(hang), 0);
		assert_ok(install(&w, "x86_64/qemu", &e), &e);
		assert_false(building(&w));
		assert_int_equal(builds(&w), 2);
	}
}

static void
two_at_once_build_once(void **state)
{
	AUTO(world) w;
	struct err e = {0};
	pid_t pids[3];

	world_open(&w, *state, TOOLCHAIN);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(install(&w, i == 1 ? "x86_64/host" : "x86_64/qemu", &e) < 0 ? 1 : 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(builds(&w), 1);
	assert_false(building(&w));
}

static void
rebuilds_a_damaged_std(void **state)
{
	AUTO(world) w;
	AUTO(installed_list) list = {0};
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	AUTOFREE char *before = tree(w.home.data);
	assert_ok(installed_load(w.home.data, &list, &e), &e);
	AUTOFREE char *rlib = xasprintf("std/%s/lib/libstd-1.rlib", list.v[0].std_key);
	put(w.home.data, rlib, "");
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	assert_int_equal(builds(&w), 2);
	assert_file(w.home.data, rlib, "rlib of std\n");
	assert_tree(w.home.data, before);
}

/* kraftld takes the platform whose config is the youngest. */
static void
last_install_is_the_youngest(void **state)
{
	static const char *const order[] = {"qemu", "host", "qemu", "host"};
	AUTO(world) w;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		AUTOFREE char *combo = xasprintf("x86_64/%s", order[i]);
		AUTOFREE char *mine = xasprintf("%s/linkers/%s-x86_64.conf", w.home.data, order[i]);
		AUTOFREE char *other = xasprintf(
		    "%s/linkers/%s-x86_64.conf", w.home.data, order[i][0] == 'q' ? "host" : "qemu");
		struct stat a, b;

		nap(15); /* the clock of a file system may tick slowly */
		assert_ok(install(&w, combo, &e), &e);
		assert_int_equal(stat(mine, &a), 0);
		if (i == 0)
			continue;
		assert_int_equal(stat(other, &b), 0);
		assert_true(a.st_mtim.tv_sec > b.st_mtim.tv_sec ||
			    (a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
				a.st_mtim.tv_nsec > b.st_mtim.tv_nsec));
	}
}

static void
remove_source(const struct world *w)
{
	AUTOFREE char *src = join(w->root, "lib/rustlib/src");
	struct err e = {0};

	assert_ok(fs_remove(src, &e), &e);
}

static void
says_where_sources_come_from(void **state)
{
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTOFREE char *other = join(*state, "rustup home/toolchains/full");
	AUTOFREE char *want = NULL;
	struct err e = {0};

	world_open(&w, *state, "plain");
	remove_source(&w);
	fake_rustc(other);
	fake_source(other);
	in = wanted(&w, "x86_64/qemu");
	assert_int_equal(install_plan(&in, &p, &e), -1);
	want =
	    xasprintf("the sources of std for " FAKE_LINE " are not here\n"
		      "  looked in %s/lib/rustlib/src/rust/library\n"
		      "  put the rust-src of exactly this compiler there\n"
		      "  or use a compiler that has its sources: 'kraft-rust install x86_64 qemu "
		      "--toolchain full'",
		w.root);
	assert_true(str_starts(e.msg, want));
	assert_int_equal(e.cls, ERR_FAIL);
	assert_false(fs_exists(w.home.data));
}

static void
offline_fetches_nothing(void **state)
{
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTOFREE char *path = join(*state, "path");
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	remove_source(&w);
	fake_rustup(path);
	in = wanted(&w, "x86_64/qemu");
	in.offline = true;
	assert_int_equal(install_plan(&in, &p, &e), -1);
	assert_has(e.msg, "\n  get them: 'rustup component add rust-src --toolchain stable'");
	assert_int_equal(count_lines(path, "calls"), 0);
}

static void
rustup_brings_the_sources(void **state)
{
	AUTO(world) w;
	AUTOFREE char *path = join(*state, "path");
	AUTOFREE char *offline = join(path, "offline");
	AUTOFREE char *said = NULL;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	remove_source(&w);
	fake_rustup(path);
	put(path, "offline", "");
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_true(str_starts(e.msg, "the sources of std for " FAKE_LINE " are not here\n"));
	assert_has(e.msg,
	    "\n  rustup said: 'rustup component add rust-src --toolchain stable' ended "
	    "with status 1:\nerror: no network");
	assert_false(building(&w));
	assert_int_equal(unlink(offline), 0);
	assert_ok(install(&w, "x86_64/qemu", &e), &e);
	said = strv_join(&w.told, "\n");
	assert_has(said, "fetching the sources of std with rustup\n");
	assert_int_equal(builds(&w), 1);
}

static void
refuses_a_compiler_that_is_too_old(void **state)
{
	AUTO(world) w;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	strv_free(&w.r.targets);
	strv_add(&w.r.targets, "x86_64-unknown-linux-gnu");
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_string_equal(e.msg,
	    FAKE_LINE " knows neither " FAKE_TARGET
		      " nor x86_64-unknown-linux-musl, from which a spec of it could be made\n"
		      "  update the compiler, or choose another with --rustc or --toolchain");
	assert_int_equal(builds(&w), 0);
}

static void
needs_cargo(void **state)
{
	AUTO(world) w;
	struct install in;
	struct install_plan p __attribute__((cleanup(install_plan_free))) = {0};
	AUTOFREE char *cargo = NULL;
	AUTOFREE char *want = NULL;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	cargo = join(w.root, "bin/cargo");
	in = wanted(&w, "x86_64/qemu");
	assert_ok(install_plan(&in, &p, &e), &e);
	assert_int_equal(unlink(cargo), 0);
	setenv("PATH", "/none", 1);
	assert_int_equal(install_run(&in, &p, &e), -1);
	want =
	    xasprintf("building std needs cargo, which is neither beside %s/bin/rustc nor on PATH\n"
		      "  install it, 'apt install cargo-web' on Debian 12",
		w.root);
	assert_string_equal(e.msg, want);
	assert_false(building(&w));
}

static void
needs_a_home_that_can_be_written(void **state)
{
	AUTO(world) w;
	struct err e = {0};

	world_open(&w, *state, TOOLCHAIN);
	put(*state, "home/.local/share/kraft-rust", "a file");
	assert_int_equal(install(&w, "x86_64/qemu", &e), -1);
	assert_has(e.msg, "kraft-rust");
	assert_has(e.msg, "Not a directory");
	assert_false(building(&w));
	AUTOFREE char *link = join(w.root, "lib/rustlib/" FAKE_TARGET);
	assert_false(fs_is_link(link));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(installs),
	    TEST(second_install_does_nothing),
	    TEST(describes_the_plan),
	    TEST(leaves_foreign_targets_alone),
	    TEST(shows_cargos_errors),
	    TEST(starts_again_after_a_kill),
	    TEST(two_at_once_build_once),
	    TEST(rebuilds_a_damaged_std),
	    TEST(last_install_is_the_youngest),
	    TEST(says_where_sources_come_from),
	    TEST(offline_fetches_nothing),
	    TEST(rustup_brings_the_sources),
	    TEST(refuses_a_compiler_that_is_too_old),
	    TEST(needs_cargo),
	    TEST(needs_a_home_that_can_be_written),
	};

	return cmocka_run_group_tests_name("install", tests, NULL, NULL);
}
