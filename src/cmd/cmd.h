/* SPDX-License-Identifier: BSD-3-Clause */
/* The commands: one table drives the dispatcher, --help and the completions. */
#ifndef KRAFT_RUST_CMD_CMD_H
#define KRAFT_RUST_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "core/home.h"
#include "core/matrix.h"
#include "core/rustc.h"

struct err;

enum opt_id {
	OPT_HELP,
	OPT_VERSION,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_COLOR,
	OPT_MATRIX,
	OPT_RUSTC,
	OPT_TOOLCHAIN,
	OPT_JSON,
	OPT_INSTALLED,
	OPT_OUTPUT,
	OPT_FROM,
	OPT_OFFLINE,
	OPT_DRY_RUN,
	OPT_ALL,
	OPT_DIR,
	OPT_PRINT,
	OPT_PANIC,
	OPT_ARCH,
	OPT_PLAT,
	OPT_FOR,
	OPT_FORMAT,
	OPT_EXPIRES,
	OPT_KEY,
	OPT_PASSWORD_FILE,
	OPT_UNIKRAFT,
	OPT_LIB,
	OPT_PRESET,
	OPT_KCONFIG,
	OPT_ARCHIVES,
	OPT_DEBUG,
	OPT_MEM,
	OPT_CPUS,
	OPT_NET,
	OPT_PORT,
	OPT_ENV,
	OPT_ENV_PASS,
	OPT_INITRD,
	OPT_TIMEOUT,
	OPT_ACCEL,
	OPT_NO_RUN_OPTIONS,
	OPT_COUNT
};

struct opt {
	const char *name; /* long, without dashes */
	char letter;      /* 0: none */
	const char *arg;  /* its argument's name in the help; NULL: a flag */
	const char *help;
};

/* What a command works with. matrix and rustc are loaded when first asked for. */
struct ctx {
	const struct cmd *cmd;
	struct strv opts[OPT_COUNT]; /* each occurrence's value; "" for a flag */
	struct strv args;            /* what is not an option */
	struct home home;
	char *share;
	bool quiet, verbose, color; /* color: standard error takes colours */
	struct matrix matrix;
	bool have_matrix;
	struct rustc rustc;
	bool have_rustc;
};

struct cmd {
	const char *name;       /* one word, or two: "kit build" */
	const char *synopsis;   /* what follows the name in the usage line, options apart */
	const char *summary;    /* NULL: not for people, no help shows it */
	uint64_t options;       /* bits of enum opt_id, the common ones apart */
	int min_args, max_args; /* max_args < 0: any number */
	bool stop_early;        /* options end at the first argument */
	int (*run)(struct ctx *c, struct err *e); /* -1: failed; else the exit status */
};

extern const struct cmd cmd_table[];
extern const size_t cmd_count;
extern const struct opt opt_table[OPT_COUNT];

#define OPT_BIT(id) (UINT64_C(1) << (id))

/* Parse and run. Returns the exit status; everything is printed. */
int cmd_main(int argc, char **argv);

/* Take up the common options and find the user's folders; cmd_main calls it. */
int ctx_start(struct ctx *c, struct err *e);
void ctx_end(struct ctx *c);

bool ctx_flag(const struct ctx *c, enum opt_id id);
const char *ctx_opt(const struct ctx *c, enum opt_id id); /* the last value; NULL: not given */
int ctx_share(struct ctx *c, const char **share, struct err *e);
int ctx_matrix(struct ctx *c, const struct matrix **m, struct err *e);
struct rustc_choice ctx_choice(const struct ctx *c);
int ctx_rustc(struct ctx *c, const struct rustc **r, struct err *e);
/* The combination that the arguments from args[at] on name ("x86_64 qemu" or
 * "qemu/x86_64"); *used (may be NULL) is how many arguments that took. Anything
 * left over is the caller's to refuse. */
int ctx_combo(
    struct ctx *c, size_t at, const struct matrix_combo **combo, size_t *used, struct err *e);

/* Standard error, a line: silent under -q; only under -v. */
void ctx_note(const struct ctx *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ctx_detail(const struct ctx *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Warnings are printed under -q too. */
void ctx_warn(const struct ctx *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void ctx_error(const struct ctx *c, const char *msg);

/* The command that the n words begin with; *used is how many of them name it (a
 * command such as "kit build" has two). ERR_USAGE with a suggestion when there is
 * none. */
const struct cmd *cmd_find(int n, char *const *words, int *used, struct err *e);

/* One function a command; each in its own file. */
int cmd_list(struct ctx *c, struct err *e);
int cmd_spec(struct ctx *c, struct err *e);
int cmd_generate(struct ctx *c, struct err *e);
int cmd_install(struct ctx *c, struct err *e);
int cmd_uninstall(struct ctx *c, struct err *e);
int cmd_config(struct ctx *c, struct err *e);
int cmd_new(struct ctx *c, struct err *e);
int cmd_run(struct ctx *c, struct err *e);
int cmd_dist_pack(struct ctx *c, struct err *e);
int cmd_dist_index(struct ctx *c, struct err *e);
int cmd_dist_sign(struct ctx *c, struct err *e);
int cmd_dist_register(struct ctx *c, struct err *e);
int cmd_dist_unregister(struct ctx *c, struct err *e);
int cmd_gc(struct ctx *c, struct err *e);
int cmd_kit_build(struct ctx *c, struct err *e);
int cmd_kit_list(struct ctx *c, struct err *e);
int cmd_kit_show(struct ctx *c, struct err *e);
int cmd_kit_export(struct ctx *c, struct err *e);
int cmd_kit_import(struct ctx *c, struct err *e);
int cmd_help(struct ctx *c, struct err *e);
int cmd_complete(struct ctx *c, struct err *e);
int cmd_doctest(struct ctx *c, struct err *e);
int cmd_kraftfile(struct ctx *c, struct err *e);

#endif
