/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/query.h"

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/wrapconf.h"
#include "ld/args.h"
#include "ld/tool.h"

static const char help[] =
    "kraftld: the linker that rustc calls for Unikraft targets\n"
    "\n"
    "It takes a gcc-style linker command line, and links with GNU ld and the kit of\n"
    "the combination that 'kraft-rust install ARCHITECTURE PLATFORM' installed, or has\n"
    "kraft or Unikraft's own make build the image.\n"
    "\n"
    "  -###                 show the plan and the commands, run nothing\n"
    "  -v                   show the commands as they run\n"
    "  --version            kraftld's version; -Wl,--version: GNU ld's\n"
    "  -dumpmachine         the target\n"
    "  -print-file-name=F   where F of the kit is\n"
    "  -print-prog-name=ld  which GNU ld links\n"
    "  -print-search-dirs   where the kit and GNU ld are\n"
    "\n"
    "Environment: KRAFTKIT_PLAT and KRAFTKIT_ARCH choose the combination,\n"
    "KRAFTLD_BACKEND the way to link (auto, kit, kraft or make), KRAFTKIT_TARGET the\n"
    "Kraftfile's target, UK_ROOT Unikraft's tree, KRAFT_RUST_HOME where things are.\n";

/* Without a config any GNU ld can answer for itself. */
static char *
find_ld(const struct wrapconf *c, struct err *e)
{
	char *ld = c ? tool_ld(c, e) : fs_which("ld");

	if (!ld && !c) {
		err_set(e, ERR_TOOL, "GNU ld is not on PATH");
		err_hint(e, "run 'apt install binutils'");
	}
	return ld;
}

static int
ask_ld(const struct plan *p, const struct wrapconf *c, struct str *out, struct err *e)
{
	AUTOFREE char *ld = find_ld(c, e);
	AUTO(strv) argv = {0};

	if (!ld)
		return -1;
	strv_add(&argv, ld);
	strv_add(&argv, p->query);
	return proc_check(&(struct proc){.argv = argv.v, .out = out}, e);
}

/* gcc prints the bare name of what it does not find. */
static void
file_name(const struct plan *p, const struct wrapconf *c, struct str *out)
{
	AUTOFREE char *full = c && c->kit ? xasprintf("%s/%s", c->kit, p->query) : NULL;

	str_addf(out, "%s\n", full && *p->query && fs_exists(full) ? full : p->query);
}

static void
prog_name(const struct plan *p, const struct wrapconf *c, struct str *out)
{
	struct err ignored = {0};
	AUTOFREE char *ld = str_eq(p->query, "ld") ? find_ld(c, &ignored) : NULL;

	str_addf(out, "%s\n", ld ? ld : p->query);
}

static void
search_dirs(const struct wrapconf *c, struct str *out)
{
	struct err ignored = {0};
	AUTOFREE char *ld = find_ld(c, &ignored);
	AUTOFREE char *bin = ld ? fs_dirname(ld) : xstrdup("");
	const char *kit = c && c->kit ? c->kit : "";

	str_addf(out, "install: %s/\nprograms: =%s\nlibraries: =%s\n", kit, bin, kit);
}

int
query_answer(const struct plan *p, const struct wrapconf *c, struct str *out, struct err *e)
{
	switch (p->kind) {
	case PLAN_VERSION:
		str_add(out, "kraftld (kraft-rust) " KRAFT_RUST_VERSION "\n");
		return 0;
	case PLAN_HELP:
		str_add(out, help);
		return 0;
	case PLAN_ASK_LD:
		return ask_ld(p, c, out, e);
	case PLAN_MACHINE:
		if (!c)
			return err_set(e, ERR_FAIL, "-dumpmachine: nothing is installed");
		str_addf(out, "%s\n", c->target);
		return 0;
	case PLAN_PRINT_FILE_NAME:
		file_name(p, c, out);
		return 0;
	case PLAN_PRINT_PROG_NAME:
		prog_name(p, c, out);
		return 0;
	case PLAN_PRINT_SEARCH_DIRS:
		search_dirs(c, out);
		return 0;
	case PLAN_PRINT:
	case PLAN_LINK:
	case PLAN_PARTIAL:
		break;
	}
	str_addf(out, "%s\n", p->query);
	return 0;
}
