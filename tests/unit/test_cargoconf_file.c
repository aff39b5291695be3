/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"

static const struct cargoconf plain = {
    .arch = "x86_64",
    .plat = "qemu",
    .target = "x86_64-unikraft-linux-musl",
    .linker = "kraftld",
    .runner = "kraft-rust",
};

/* A fresh folder; the caller removes it. */
static char *
folder(void)
{
	char *dir = xstrdup("/tmp/kraft-rust-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void
write_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTOFREE char *parent = fs_dirname(path);
	struct err e;

	assert_int_equal(fs_mkdirs(parent, &e), 0);
	assert_int_equal(fs_write(path, text, strlen(text), mode, &e), 0);
}

static char *
read_file(const char *dir, const char *name)
{
	AUTOFREE char *path = xasprintf("%s/%s", dir, name);
	AUTO(str) out = {0};
	struct err e;

	assert_int_equal(fs_read(path, CARGOCONF_MAX, &out, &e), 0);
	return str_take(&out);
}

static void
test_update(void **state)
{
	AUTOFREE char *dir = folder();
	AUTOFREE char *block = NULL;
	AUTOFREE char *text = NULL;
	struct err e = {0};
	bool changed;

	(void)state;
	assert_int_equal(cargoconf_update(dir, &plain, NULL, &changed, &e), 0);
	assert_true(changed);
	block = cargoconf_block(&plain, &e);
	text = read_file(dir, ".cargo/config.toml");
	assert_string_equal(text, block);
	/* An unchanged file is neither written nor checked: this cargo does not exist. */
	assert_int_equal(cargoconf_update(dir, &plain, "/nowhere/cargo", &changed, &e), 0);
	assert_false(changed);
	fs_remove(dir, &e);
}

/* A cargo that refuses keeps the old file, and leaves nothing behind. */
static void
test_update_refused(void **state)
{
	AUTOFREE char *dir = folder();
	AUTOFREE char *cargo = xasprintf("%s/cargo", dir);
	AUTOFREE char *project = xasprintf("%s/p", dir);
	AUTOFREE char *dotcargo = xasprintf("%s/p/.cargo", dir);
	AUTOFREE char *want = NULL;
	AUTO(strv) names = {0};
	struct err e = {0};
	bool changed;

	(void)state;
	write_file(dir, "cargo", "#!/bin/sh\necho 'error: no good' >&2\nexit 101\n", 0755);
	assert_int_equal(fs_mkdirs(project, &e), 0);
	assert_int_equal(cargoconf_update(project, &plain, cargo, &changed, &e), -1);
	assert_false(changed);
	assert_int_equal(e.cls, ERR_TOOL);
	want = xasprintf(
	    "cargo refuses the new %s/.cargo/config.toml, so it was not written: ", project);
	assert_memory_equal(e.msg, want, strlen(want));
	assert_non_null(strstr(e.msg, "error: no good"));
	assert_false(fs_exists(dotcargo));

	write_file(project, ".cargo/config.toml", "[net]\n", 0640);
	assert_int_equal(cargoconf_update(project, &plain, cargo, &changed, &e), -1);
	assert_int_equal(fs_list(dotcargo, &names, &e), 0);
	assert_int_equal(names.n, 1);
	free(take_ptr(want));
	want = read_file(project, ".cargo/config.toml");
	assert_string_equal(want, "[net]\n");
	fs_remove(dir, &e);
}

/* A cargo from before 1.78 gets no rustdocflags, and a second call changes nothing. */
static void
test_update_old_cargo(void **state)
{
	static const struct {
		const char *version;
		bool old;
	} row[] = {{"cargo 1.65.0", true}, {"cargo 1.77.2 (e52e36006 2024-03-26)", true},
	    {"cargo 1.78.0 (54d8815d0 2024-03-26)", false}, {"cargo 1.97.0-nightly (x)", false},
	    {"hello", false}, {"cargo x", false}};
	struct cargoconf c = plain;

	(void)state;
	c.sysroot = "/s";
	for (size_t i = 0; i < ARRAY_LEN(row); i++) {
		AUTOFREE char *dir = folder();
		AUTOFREE char *cargo = xasprintf("%s/cargo", dir);
		AUTOFREE char *script = xasprintf("#!/bin/sh\necho '%s'\n", row[i].version);
		AUTOFREE char *text = NULL;
		struct err e = {0};
		bool changed;

		write_file(dir, "cargo", script, 0755);
		assert_int_equal(cargoconf_update(dir, &c, cargo, &changed, &e), 0);
		assert_true(changed);
		text = read_file(dir, ".cargo/config.toml");
		assert_non_null(strstr(text, "\nrustflags = \"--sysroot=/s\"\n"));
		assert_int_equal(strstr(text, "rustdocflags") == NULL, row[i].old);
		assert_int_equal(cargoconf_update(dir, &c, cargo, &changed, &e), 0);
		assert_false(changed);
		fs_remove(dir, &e);
	}
}

static void
test_update_old_name(void **state)
{
	AUTOFREE char *dir = folder();
	AUTOFREE char *want = xasprintf(
	    "%s/.cargo/config: cargo would read this file and not the config.toml to be written\n"
	    "  run 'mv %s/.cargo/config %s/.cargo/config.toml' and try again",
	    dir, dir, dir);
	AUTOFREE char *both =
	    xasprintf("%s/.cargo/config: cargo reads this file and not the config.toml beside it\n"
		      "  move what it says into config.toml, delete it, and try again",
		dir);
	AUTOFREE char *link = xasprintf("%s/.cargo/config", dir);
	struct err e = {0};
	bool changed;

	(void)state;
	write_file(dir, ".cargo/config", "[net]\n", 0644);
	assert_int_equal(cargoconf_update(dir, &plain, NULL, &changed, &e), -1);
	assert_string_equal(e.msg, want);
	write_file(dir, ".cargo/config.toml", "[net]\n", 0644);
	assert_int_equal(cargoconf_update(dir, &plain, NULL, &changed, &e), -1);
	assert_string_equal(e.msg, both);
	/* The link that cargo's documentation recommends for old cargos is fine. */
	fs_remove(link, &e);
	assert_int_equal(fs_symlink_swap("config.toml", link, &e), 0);
	assert_int_equal(cargoconf_update(dir, &plain, NULL, &changed, &e), 0);
	assert_true(changed);
	fs_remove(dir, &e);
}

static void
test_update_keeps_link_and_mode(void **state)
{
	AUTOFREE char *dir = folder();
	AUTOFREE char *link = xasprintf("%s/p/.cargo/config.toml", dir);
	AUTOFREE char *real = xasprintf("%s/real.toml", dir);
	AUTOFREE char *project = xasprintf("%s/p", dir);
	AUTOFREE char *says = NULL;
	struct stat st;
	struct err e = {0};
	bool changed;

	(void)state;
	write_file(dir, "real.toml", "[net]\n", 0600);
	write_file(dir, "p/.cargo/x", "", 0600);
	assert_int_equal(fs_symlink_swap("../../real.toml", link, &e), 0);
	assert_int_equal(cargoconf_update(project, &plain, NULL, &changed, &e), 0);
	says = fs_readlink(link);
	assert_string_equal(says, "../../real.toml");
	assert_int_equal(stat(real, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(take_ptr(says));
	says = read_file(dir, "real.toml");
	assert_memory_equal(says, "[net]\n\n# >>> kraft-rust ", 24);
	fs_remove(dir, &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_update),
	    cmocka_unit_test(test_update_refused),
	    cmocka_unit_test(test_update_old_cargo),
	    cmocka_unit_test(test_update_old_name),
	    cmocka_unit_test(test_update_keeps_link_and_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
