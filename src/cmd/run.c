/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust run: cargo's runner. A program made for this machine's own kernel takes
 * this process's place, so that everything about it is as if it were started alone. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/run_options.h"
#include "cmd/run_vm.h"
#include "core/image.h"
#include "core/wrapconf.h"

extern char **environ;

/* What the image is for, 0 when that cannot be told. */
static int
read_machine(const char *image, unsigned *machine, struct err *e)
{
	AUTOFREE char *shown = str_printable(image, 512);
	AUTOFD int fd = open(image, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	*machine = 0;
	if (fs_is_dir(image))
		return err_set(e, ERR_INPUT, "%s: is a folder, not an image", shown);
	/* What may be executed need not be readable. */
	if (fd < 0 && errno == EACCES && access(image, X_OK) == 0)
		return 0;
	if (fd < 0)
		return err_errno(e, "%s", shown);
	*machine = image_machine(fd);
	return 0;
}

/* The platform: named by the option, by the environment, or the last one that was
 * installed for the image's machine. NULL: an error. */
static const struct matrix_plat *
find_platform(struct ctx *c, const struct matrix *m, unsigned machine, struct err *e)
{
	const char *option = ctx_opt(c, OPT_PLAT), *env = getenv("KRAFTKIT_PLAT");
	const char *name = option ? option : env && *env ? env : NULL;
	const struct wrapconf_want want = {.machine = machine};
	AUTOFREE char *shown = str_printable(c->args.v[0], 512);
	const struct matrix_plat *plat;
	AUTO(wrapconf) conf = {0};

	if (!name && !machine) {
		err_set(e, ERR_INPUT, "%s: is not an ELF image, so its platform is unknown", shown);
		err_hint(e, "name the platform with --plat PLAT");
		return NULL;
	}
	if (!name && wrapconf_find(c->home.data, &want, &conf, e) < 0) {
		err_wrap(e, "%s", shown);
		return NULL;
	}
	plat = matrix_plat(m, name ? name : conf.plat);
	if (plat)
		return plat;
	err_set(e, ERR_USAGE, "unknown platform '%s'%s", name ? name : conf.plat,
	    option ? ""
	    : name ? ", named by KRAFTKIT_PLAT"
		   : "");
	err_hint(e, "'kraft-rust list' shows every platform");
	return NULL;
}

/* The platform on which this release runs programs of that architecture, NULL: none. */
static const char *
runnable(const struct matrix *m, const struct matrix_arch *arch)
{
	for (size_t i = 0; i < m->n_combos; i++)
		if (m->combos[i]->arch == arch && matrix_libc(m->combos[i]))
			return m->combos[i]->plat->name;
	return NULL;
}

static int
refuse_platform(const struct matrix *m, const char *image, const struct matrix_plat *plat,
    unsigned machine, struct err *e)
{
	const struct matrix_arch *arch = matrix_arch_of(m, machine);
	AUTOFREE char *kraft = fs_which("kraft");
	AUTOFREE char *shown = str_printable(image, 512);
	const char *other = runnable(m, arch);

	err_set(e, ERR_FAIL,
	    "%s: running an image for %s needs kraft: this program does not know how such a "
	    "machine is started",
	    shown, plat->name);
	if (kraft && plat->kraft && arch)
		err_hint(e, "run 'kraft run --plat %s --arch %s' in the project's folder",
		    plat->kraft, arch->kraft);
	else if (plat->kraft)
		err_hint(e,
		    "install kraft (https://unikraft.org/docs/cli/install) and use 'kraft run' in "
		    "the project's folder");
	if (other)
		err_hint(e,
		    "or run the program on this machine's kernel: 'kraft-rust config %s %s' in the "
		    "project's folder, then 'cargo run'",
		    arch->name, other);
	return -1;
}

/* Have an emulator run a program that this machine cannot: it takes this process's
 * place. Returns when there is none. */
static void
emulate(const struct ctx *c, const struct matrix_arch *arch)
{
	for (size_t i = 0; arch && i < arch->emulators.n; i++) {
		AUTOFREE char *emulator = fs_which(arch->emulators.v[i]);
		AUTO(strv) argv = {0};

		if (!emulator)
			continue;
		strv_add(&argv, emulator);
		strv_addv(&argv, &c->args);
		execve(emulator, argv.v, environ);
	}
	errno = ENOEXEC;
}

static int
explain_exec(const char *image, const struct matrix_arch *arch, struct err *e)
{
	const int code = errno;
	AUTOFREE char *shown = str_printable(image, 512);

	if (code == ENOEXEC) {
		err_set(e, ERR_INPUT, "%s: this machine cannot execute it%s%s%s", shown,
		    arch ? " (it is for " : ", it is not a program for it", arch ? arch->name : "",
		    arch ? ")" : "");
		return arch ? err_hint(e,
				  "run it on a machine of that architecture, or under an emulator "
				  "(package qemu-user)")
			    : -1;
	}
	if (code == EACCES && !fs_is_dir(image) && access(image, X_OK) < 0) {
		err_set(e, ERR_INPUT, "%s: is not executable", shown);
		return err_hint(e, "run 'chmod +x' on it if it is a program");
	}
	if (code == ENOENT && fs_exists(image)) {
		err_set(e, ERR_INPUT,
		    "%s: its dynamic loader is not on this machine, so kraftld did not link it",
		    shown);
		return err_hint(
		    e, "see that .cargo/config.toml names kraftld: run 'kraft-rust config'");
	}
	errno = code;
	return err_errno(e, "execute %s", shown);
}

static int
print_command(const struct ctx *c)
{
	AUTOFREE char *command = proc_quote(c->args.v);

	printf("%s\n", command);
	return 0;
}

int
cmd_run(struct ctx *c, struct err *e)
{
	const char *image = c->args.v[0];
	const struct matrix_plat *plat;
	const struct matrix *m;
	unsigned machine;

	if (read_machine(image, &machine, e) < 0 || ctx_matrix(c, &m, e) < 0)
		return -1;
	plat = find_platform(c, m, machine, e);
	if (!plat)
		return -1;
	if (run_vm_can(plat))
		return run_vm(c, plat, machine, e);
	if (plat->n_libcs == 0)
		return refuse_platform(m, image, plat, machine, e);
	if (run_options_given(c))
		return err_set(e, ERR_USAGE,
		    "--%s is for a virtual machine; a program for %s runs on this machine's own "
		    "kernel",
		    run_options_given(c), plat->name);
	if (ctx_flag(c, OPT_DRY_RUN))
		return print_command(c);
	/* Handlers do not outlive an exec, an ignored signal would. */
	signal(SIGPIPE, SIG_DFL);
	execve(image, c->args.v, environ);
	if (errno == ENOEXEC)
		emulate(c, matrix_arch_of(m, machine));
	signal(SIGPIPE, SIG_IGN);
	return explain_exec(image, matrix_arch_of(m, machine), e);
}
