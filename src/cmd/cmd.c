/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of commands and options, and the way from argv to a command. */
#include "cmd/cmd.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/near.h"
#include "cmd/args.h"
#include "cmd/help.h"
#include "cmd/kit_source.h"

#define COMPILER (OPT_BIT(OPT_RUSTC) | OPT_BIT(OPT_TOOLCHAIN) | OPT_BIT(OPT_MATRIX))

#define RUN_OPTIONS \
	(OPT_BIT(OPT_MEM) | OPT_BIT(OPT_CPUS) | OPT_BIT(OPT_NET) | OPT_BIT(OPT_PORT) | \
	    OPT_BIT(OPT_ENV) | OPT_BIT(OPT_ENV_PASS) | OPT_BIT(OPT_INITRD) | \
	    OPT_BIT(OPT_TIMEOUT) | OPT_BIT(OPT_ACCEL))

const struct opt opt_table[OPT_COUNT] = {
    [OPT_HELP] = {"help", 'h', NULL, "show this help"},
    [OPT_VERSION] = {"version", 'V', NULL, "show the version"},
    [OPT_QUIET] = {"quiet", 'q', NULL, "print results, warnings and errors only"},
    [OPT_VERBOSE] = {"verbose", 'v', NULL, "say what is done"},
    [OPT_COLOR] = {"color", 0, "WHEN", "colours: auto, always or never"},
    [OPT_MATRIX] = {"matrix", 0, "FILE", "add or replace rows of the matrix"},
    [OPT_RUSTC] = {"rustc", 0, "PATH", "the compiler to work for (default: $RUSTC, then rustc)"},
    [OPT_TOOLCHAIN] = {"toolchain", 0, "NAME", "the rustup toolchain to work for"},
    [OPT_JSON] = {"json", 0, NULL, "print JSON"},
    [OPT_INSTALLED] = {"installed", 0, NULL, "only what is installed"},
    [OPT_OUTPUT] = {"output", 'o', "PATH", "write there instead of standard output"},
    [OPT_FROM] = {"from", 0, "WHERE", "where std comes from: auto, dist, source or a tarball"},
    [OPT_OFFLINE] = {"offline", 0, NULL, "never use the network"},
    [OPT_DRY_RUN] = {"dry-run", 'n', NULL, "print what would be done and do nothing"},
    [OPT_ALL] = {"all", 0, NULL, "everything"},
    [OPT_DIR] = {"directory", 'C', "DIR", "the project's folder (default: the working directory)"},
    [OPT_PRINT] = {"print", 0, NULL, "print the block and write nothing"},
    [OPT_PANIC] = {"panic", 0, "HOW", "how panics end: unwind (the default) or abort"},
    [OPT_ARCH] = {"arch", 0, "ARCH", "the architecture"},
    [OPT_PLAT] = {"plat", 0, "PLAT", "the platform"},
    [OPT_FOR] = {"for", 0, "VERSION", "write for that rustc instead, which need not be here"},
    [OPT_UNIKRAFT] = {"unikraft", 0, "DIR", "Unikraft's source tree (default: $UK_ROOT)"},
    [OPT_LIB] = {"lib", 0, "DIR", "a library's source tree, lib-musl at least; repeatable"},
    [OPT_PRESET] = {"preset", 0, "NAME", "more of Unikraft: net, fs or debug; repeatable"},
    [OPT_KCONFIG] = {"kconfig", 0, "FILE", "options of Unikraft on top of the presets"},
    [OPT_ARCHIVES] = {"archives", 0, "DIR", "take DIR/LIBRARY/FILE in place of downloads"},
    [OPT_DEBUG] = {"debug", 0, "FILE", "write the kit's debug information there"},
    [OPT_MEM] = {"mem", 0, "SIZE", "the machine's memory: MiB, or 2G (default: 512)"},
    [OPT_CPUS] = {"cpus", 0, "N", "the machine's processors (default: 1)"},
    [OPT_NET] = {"net", 0, "NET", "user, tap=NAME, bridge=NAME, or what QEMU's -netdev takes"},
    [OPT_PORT] = {"port", 'p', "FORWARD", "HOST:GUEST, forward that port of this machine; repeatable"},
    [OPT_ENV] = {"env", 0, "NAME", "pass that variable on, or set it: NAME=VALUE; repeatable"},
    [OPT_ENV_PASS] = {"env-pass", 0, "LIST", "pass NAME,NAME*,... on (default: RUST_BACKTRACE, "
					     "...), or none"},
    [OPT_INITRD] = {"initrd", 0, "FILE", "a cpio archive that becomes the file system"},
    [OPT_TIMEOUT] = {"timeout", 0, "SECONDS", "end the machine then, with status 124"},
    [OPT_ACCEL] = {"accel", 0, "ACCEL", "auto (KVM if it works), kvm or tcg"},
    [OPT_NO_RUN_OPTIONS] = {"no-run-options", 0, NULL, "drop the run options that the block has"},
    [OPT_FORMAT] = {"format", 0, "NAME", "xz, zst or gz, once or more (default: all)"},
    [OPT_EXPIRES] = {"expires", 0, "DAYS", "the index is refused after that time"},
    [OPT_KEY] = {"key", 0, "FILE", "minisign's secret key (default: ~/.minisign/minisign.key)"},
    [OPT_PASSWORD_FILE] = {"password-file", 0, "FILE", "a file with the secret key's password"},
};

const struct cmd cmd_table[] = {
    {"list", "", "show every combination and what is installed for it",
	COMPILER | OPT_BIT(OPT_JSON) | OPT_BIT(OPT_INSTALLED), 0, 0, false, cmd_list},
    {"spec", "ARCH PLAT", "print the target spec for the compiler at hand",
	COMPILER | OPT_BIT(OPT_OUTPUT) | OPT_BIT(OPT_FOR), 1, 2, false, cmd_spec},
    {"generate", "[ARCH PLAT]...", "write specs and wrapper configs, the whole matrix by default",
	COMPILER | OPT_BIT(OPT_OUTPUT) | OPT_BIT(OPT_ALL), 0, -1, false, cmd_generate},
    {"install", "ARCH PLAT", "install std and what linking needs",
	COMPILER | KIT_SOURCE_OPTIONS | OPT_BIT(OPT_FROM) | OPT_BIT(OPT_OFFLINE) |
	    OPT_BIT(OPT_DRY_RUN),
	1, 2, false, cmd_install},
    {"uninstall", "ARCH PLAT | --all", "remove what install made",
	COMPILER | OPT_BIT(OPT_ALL) | OPT_BIT(OPT_DRY_RUN), 0, 2, false, cmd_uninstall},
    {"config", "ARCH PLAT [ARCH PLAT]...", "write the project's .cargo/config.toml",
	COMPILER | OPT_BIT(OPT_DIR) | OPT_BIT(OPT_PRINT) | OPT_BIT(OPT_PANIC) | RUN_OPTIONS |
	    OPT_BIT(OPT_NO_RUN_OPTIONS),
	1, -1, false, cmd_config},
    {"new", "NAME", "make a project that builds and runs",
	COMPILER | OPT_BIT(OPT_ARCH) | OPT_BIT(OPT_PLAT) | OPT_BIT(OPT_PANIC), 1, 1, false,
	cmd_new},
    {"run", "IMAGE [ARG...]", "run an image: cargo's runner",
	OPT_BIT(OPT_PLAT) | OPT_BIT(OPT_MATRIX) | RUN_OPTIONS | OPT_BIT(OPT_DRY_RUN), 1, -1, true,
	cmd_run},
    {"gc", "", "drop what nothing installed uses", OPT_BIT(OPT_ALL) | OPT_BIT(OPT_DRY_RUN), 0, 0,
	false, cmd_gc},
    {"dist pack", "ARCH PLAT...", "pack an installed std and kit for others",
	COMPILER | OPT_BIT(OPT_OUTPUT) | OPT_BIT(OPT_FORMAT), 1, -1, false, cmd_dist_pack},
    {"dist index", "DIR [TREE | INDEX]...", "make the folder one that any file server can serve",
	OPT_BIT(OPT_EXPIRES), 1, -1, false, cmd_dist_index},
    {"dist sign", "[DIR]", "sign the folder's index", OPT_BIT(OPT_KEY) | OPT_BIT(OPT_PASSWORD_FILE),
	0, 1, false, cmd_dist_sign},
    {"dist register", "ARCH PLAT", "have rustup itself install a prebuilt std",
	COMPILER | OPT_BIT(OPT_OFFLINE), 1, 2, false, cmd_dist_register},
    {"dist unregister", "ARCH PLAT", "take it out of rustup's toolchain again", COMPILER, 1, 2,
	false, cmd_dist_unregister},
    {"kit build", "ARCH PLAT", "build a kit with Unikraft's own build",
	OPT_BIT(OPT_MATRIX) | OPT_BIT(OPT_OFFLINE) | KIT_SOURCE_OPTIONS, 1, 2, false,
	cmd_kit_build},
    {"kit list", "", "show the kits that are here", OPT_BIT(OPT_MATRIX) | OPT_BIT(OPT_JSON), 0, 0,
	false, cmd_kit_list},
    {"kit show", "ARCH PLAT", "show the kit that links for a combination", OPT_BIT(OPT_MATRIX), 1,
	2, false, cmd_kit_show},
    {"kit export", "ARCH PLAT", "write that kit as an archive for other machines",
	OPT_BIT(OPT_MATRIX) | OPT_BIT(OPT_OUTPUT) | OPT_BIT(OPT_DEBUG), 1, 2, false,
	cmd_kit_export},
    {"kit import", "FILE", "check a kit's archive and link with it from now on",
	OPT_BIT(OPT_MATRIX), 1, 1, false, cmd_kit_import},
    {"help", "[COMMAND]", "show the help of a command", 0, 0, 2, false, cmd_help},
    {"complete", "WORD...", NULL, 0, 1, -1, false, cmd_complete},
    {"doctest", "RUSTDOC ARG...", NULL, 0, 1, -1, true, cmd_doctest},
    {"kraftfile", "FILE", NULL, OPT_BIT(OPT_MATRIX), 1, 1, false, cmd_kraftfile},
};
const size_t cmd_count = ARRAY_LEN(cmd_table);

static int
no_command(const char *name, struct err *e)
{
	AUTO(strv) names = {0};
	const char *near;

	for (size_t i = 0; i < cmd_count; i++) {
		AUTOFREE char *first = xstrndup(cmd_table[i].name, strcspn(cmd_table[i].name, " "));

		if (cmd_table[i].summary)
			strv_addl(&names, first, cmd_table[i].name, NULL);
	}
	near = near_match(name, (const char *const *)names.v, names.n);
	err_set(e, ERR_USAGE, "no command '%s'", name);
	if (near)
		return err_hint(e, "did you mean '%s'?", near);
	return err_hint(e, "'kraft-rust help' lists the commands");
}

const struct cmd *
cmd_find(int n, char *const *words, int *used, struct err *e)
{
	AUTOFREE char *two = xasprintf("%s %s", words[0], n > 1 ? words[1] : "");
	AUTO(str) group = {0};

	for (size_t i = 0; i < cmd_count; i++) {
		const char *name = cmd_table[i].name;
		size_t first = strcspn(name, " ");

		*used = name[first] ? 2 : 1;
		if (strcmp(name, *used == 2 ? two : words[0]) == 0)
			return &cmd_table[i];
		if (name[first] && strncmp(name, words[0], first) == 0 && !words[0][first])
			str_addf(&group, "%s%s", group.len ? ", " : "", name + first + 1);
	}
	if (group.len && n > 1)
		err_set(e, ERR_USAGE, "no command '%s': '%s' is followed by one of: %s", two,
		    words[0], group.buf);
	else if (group.len)
		err_set(e, ERR_USAGE, "'%s' is followed by one of: %s", words[0], group.buf);
	else
		no_command(words[0], e);
	return NULL;
}

static int
check_count(const struct ctx *c, struct err *e)
{
	int n = (int)c->args.n;

	if (n < c->cmd->min_args)
		err_set(e, ERR_USAGE, "'%s' needs %s", c->cmd->name, c->cmd->synopsis);
	else if (c->cmd->max_args >= 0 && n > c->cmd->max_args)
		err_set(e, ERR_USAGE, "'%s' has no use for '%s'", c->cmd->name,
		    c->args.v[c->cmd->max_args]);
	else
		return 0;
	return err_hint(e, "see 'kraft-rust help %s'", c->cmd->name);
}

static int
dispatch(struct ctx *c, int argc, char **argv, struct err *e)
{
	int at = args_parse(c, argc, argv, 1, true, e), used = 0;

	if (at < 0)
		return -1;
	if (at < argc && !ctx_flag(c, OPT_VERSION)) {
		c->cmd = cmd_find(argc - at, argv + at, &used, e);
		if (!c->cmd || args_parse(c, argc, argv, at + used, c->cmd->stop_early, e) < 0)
			return -1;
	}
	if (ctx_flag(c, OPT_VERSION)) {
		printf("kraft-rust " KRAFT_RUST_VERSION "\n");
		return 0;
	}
	if (!c->cmd || ctx_flag(c, OPT_HELP)) {
		help_print(c->cmd);
		return 0;
	}
	if (check_count(c, e) < 0 || ctx_start(c, e) < 0)
		return -1;
	return c->cmd->run(c, e);
}

/* The reader of a pipe may have read enough: 'kraft-rust list | head -1'. */
static bool
reader_gone(void)
{
	struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&out, 1, 0) > 0 && (out.revents & POLLERR);
}

/* Results that did not reach the reader are a failure, a closed pipe is not. */
static int
flush_results(int status)
{
	if ((fflush(stdout) == 0 && !ferror(stdout)) || reader_gone())
		return status;
	if (status == 0)
		fprintf(stderr, "kraft-rust: cannot write the results to standard output\n");
	return status ? status : 1;
}

int
cmd_main(int argc, char **argv)
{
	struct ctx c = {0};
	struct err e = {0};
	int status = dispatch(&c, argc, argv, &e);

	if (status < 0) {
		fflush(stdout);
		if (e.cls != ERR_SIGNAL)
			ctx_error(&c, e.msg);
		status = (int)(e.cls ? e.cls : ERR_FAIL);
	} else {
		status = flush_results(status);
	}
	ctx_end(&c);
	return status;
}
