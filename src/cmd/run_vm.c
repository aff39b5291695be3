/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/run_vm.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "core/kvm.h"
#include "core/qemu.h"
#include "core/vm.h"

enum { DEFAULT_MIB = 512, PROBE_SECONDS = 10 };

bool
run_vm_can(const struct matrix_plat *plat)
{
	return strcmp(plat->name, "qemu") == 0;
}

static int
number(const struct ctx *c, enum opt_id id, unsigned otherwise, unsigned *out, struct err *e)
{
	const char *text = ctx_opt(c, id);
	char *end = NULL;
	unsigned long n;

	*out = otherwise;
	if (!text)
		return 0;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end || errno || n == 0 || n > INT_MAX / 2)
		return err_set(e, ERR_USAGE, "--%s is a whole number above 0, not '%.40s'",
		    opt_table[id].name, text);
	*out = (unsigned)n;
	return 0;
}

/* Without close-on-exec: the monitor opens it by its number. */
static int
open_file(const char *path, int *fd, struct err *e)
{
	AUTOFREE char *shown = str_printable(path, 512);

	*fd = open(path, O_RDONLY);
	return *fd < 0 ? err_errno(e, "%s", shown) : 0;
}

/* NAME=value as it is; NAME alone passes our own on, when we have one. */
static int
make_env(const struct ctx *c, struct strv *env, struct err *e)
{
	const struct strv *given = &c->opts[OPT_ENV];

	for (size_t i = 0; i < given->n; i++) {
		const char *equal = strchr(given->v[i], '='), *own;

		if (equal == given->v[i])
			return err_set(
			    e, ERR_USAGE, "--env %.80s: a variable has a name", given->v[i]);
		own = equal ? NULL : getenv(given->v[i]);
		if (equal)
			strv_add(env, given->v[i]);
		else if (own)
			strv_addf(env, "%s=%s", given->v[i], own);
	}
	return 0;
}

/* That programs are emulated is said once on a machine, not at every run. */
static void
say_emulated(const struct ctx *c)
{
	AUTOFREE char *stamp = xasprintf("%s/said-emulated", c->home.cache);
	struct err ignored = {0};

	if (fs_exists(stamp))
		return;
	ctx_note(c, "kraft-rust: KVM does not work here, so QEMU emulates the processor, which is "
		    "slower");
	if (fs_mkdirs(c->home.cache, &ignored) == 0)
		fs_write(stamp, "", 0, 0666, &ignored);
}

/* What is known of QEMU with KVM since this machine was started: /dev/kvm is made anew
 * by then. */
static char *
kvm_stamp(const struct ctx *c, const char *program)
{
	struct stat kvm = {0}, qemu = {0};

	stat("/dev/kvm", &kvm);
	stat(program, &qemu);
	return xasprintf("%s/kvm-%lld-%lld", c->home.cache, (long long)kvm.st_ctim.tv_sec,
	    (long long)qemu.st_mtim.tv_sec);
}

/* Whether QEMU gets along with a KVM that works: on some virtual machines it stops when
 * it sets the processor up. It is asked to do that and to quit. */
static bool
try_qemu(unsigned machine)
{
	static const char quit[] = "quit\n";
	struct vm_result r __attribute__((cleanup(vm_result_free))) = {0};
	AUTOFD int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct err ignored = {0};
	AUTO(strv) argv = {0};
	struct vm vm = {.argv = &argv, .out = null, .timeout = PROBE_SECONDS};
	int fds[2];
	bool ok;

	if (null < 0 || qemu_probe_kvm(machine, &argv, &ignored) < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return false;
	vm.in = fds[0];
	ok = write(fds[1], quit, sizeof(quit) - 1) == (ssize_t)sizeof(quit) - 1;
	close(fds[1]);
	ok = ok && vm_run(&vm, &r, &ignored) == 0 && r.end == VM_DIED && r.vmm_status == 0;
	close(fds[0]);
	return ok;
}

static bool
qemu_takes_kvm(const struct ctx *c, unsigned machine)
{
	AUTO(strv) argv = {0};
	AUTO(str) known = {0};
	struct err ignored = {0};
	AUTOFREE char *stamp = NULL;
	bool ok;

	if (qemu_probe_kvm(machine, &argv, &ignored) < 0)
		return false;
	stamp = kvm_stamp(c, argv.v[0]);
	if (fs_read(stamp, 16, &known, &ignored) == 0)
		return strcmp(str_text(&known), "works\n") == 0;
	ok = try_qemu(machine);
	if (fs_mkdirs(c->home.cache, &ignored) == 0)
		fs_write(stamp, ok ? "works\n" : "fails\n", 6, 0666, &ignored);
	return ok;
}

static int
choose_kvm(const struct ctx *c, unsigned machine, bool *kvm, struct err *e)
{
	const char *accel = ctx_opt(c, OPT_ACCEL);
	AUTO(strv) probe = {0};

	*kvm = false;
	/* Without QEMU there is nothing to say about KVM. */
	if (qemu_probe_kvm(machine, &probe, e) < 0)
		return -1;
	if (accel && strcmp(accel, "tcg") == 0)
		return 0;
	if (accel && strcmp(accel, "kvm") != 0 && strcmp(accel, "auto") != 0)
		return err_set(e, ERR_USAGE, "--accel is auto, kvm or tcg, not '%.40s'", accel);
	*kvm = kvm_works(machine) && qemu_takes_kvm(c, machine);
	if (*kvm)
		return 0;
	if (accel && strcmp(accel, "kvm") == 0) {
		err_set(e, ERR_FAIL, "KVM does not work here for this image");
		return err_hint(e, "see that you may open /dev/kvm, or leave --accel out");
	}
	say_emulated(c);
	return 0;
}

static int
explain(const struct ctx *c, const struct vm_result *r, unsigned timeout, const char *program)
{
	AUTOFREE char *said = str_printable(str_text(&r->said), 1000);

	if (r->end == VM_TIMEOUT) {
		AUTOFREE char *text = xasprintf("the program was still running after %u second%s",
		    timeout, timeout == 1 ? "" : "s");

		ctx_error(c, text);
		return RUN_TIMEOUT;
	}
	if (r->end == VM_DIED) {
		AUTOFREE char *text = xasprintf("the machine ended, and the program had not told "
						"its exit status: it crashed, or %s failed (status "
						"%d)%s%s",
		    program, r->vmm_status, *said ? ": " : "", said);

		ctx_error(c, text);
		return RUN_DIED;
	}
	return r->status;
}

static int
run(const struct ctx *c, struct qemu *q, struct err *e)
{
	struct vm_result r __attribute__((cleanup(vm_result_free))) = {0};
	AUTO(strv) argv = {0}, env = {0};
	struct vm vm = {.argv = &argv, .in = STDIN_FILENO, .out = STDOUT_FILENO};

	if (number(c, OPT_MEM, DEFAULT_MIB, &q->memory, e) < 0 ||
	    number(c, OPT_TIMEOUT, 0, &vm.timeout, e) < 0 || make_env(c, &env, e) < 0 ||
	    choose_kvm(c, q->machine, &q->kvm, e) < 0)
		return -1;
	q->env = &env;
	if (qemu_command(q, &argv, e) < 0 || vm_run(&vm, &r, e) < 0)
		return -1;
	return explain(c, &r, vm.timeout, fs_basename(argv.v[0]));
}

int
run_vm(struct ctx *c, unsigned machine, struct err *e)
{
	const char *image = c->args.v[0], *initrd = ctx_opt(c, OPT_INITRD);
	AUTOFD int image_fd = -1;
	AUTOFD int initrd_fd = -1;
	struct qemu q = {.machine = machine,
	    .initrd = -1,
	    .name = fs_basename(image),
	    .args = c->args.v + 1,
	    .n_args = c->args.n - 1,
	    .net = ctx_opt(c, OPT_NET)};

	if (open_file(image, &image_fd, e) < 0 || (initrd && open_file(initrd, &initrd_fd, e) < 0))
		return -1;
	q.image = image_fd;
	q.initrd = initrd_fd;
	return run(c, &q, e);
}
