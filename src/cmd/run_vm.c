/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/run_vm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "cmd/cmd.h"
#include "cmd/run_kvm.h"
#include "cmd/run_options.h"
#include "cmd/run_trace.h"
#include "core/firecracker.h"
#include "core/guest.h"
#include "core/qemu.h"
#include "core/vm.h"
#include "core/xen.h"

enum { MAX_SAID = 10 };

/* A machine on its way. */
struct launch {
	const struct ctx *c;
	const struct run_options *options;
	const struct monitor *monitor;
	struct guest guest;
	struct run_trace *trace;
	char *domain; /* on Xen */
	char *config; /* the text of the file that the monitor reads; NULL: none */
	int config_fd;
	struct strv argv;
};

/* How the images of a platform are started. */
struct monitor {
	const char *plat, *name;
	bool terminal; /* it takes input from a terminal only */
	/* Fill in the command and what it reads. */
	int (*prepare)(struct launch *l, struct err *e);
	/* NULL: it has every network, and every kind of acceleration. */
	int (*check_net)(const struct vmnet *n, struct err *e);
	/* The machine has died: put the way out behind the message. NULL: none is known. */
	void (*explain)(unsigned machine, const struct vm_result *r, struct err *e);
};

static void
launch_free(struct launch *l)
{
	free(l->domain);
	free(l->config);
	mem_close_fd(&l->config_fd);
	strv_free(&l->argv);
}

/* A descriptor by name: a path could have characters in it that mean something to the
 * monitor, or to the kernel, whose command line it becomes part of. */
static char *
fd_path(int fd)
{
	return xasprintf("/proc/self/fd/%d", fd);
}

/* Without close-on-exec: the monitor opens it by its number. */
static int
open_file(const char *path, int *fd, struct err *e)
{
	AUTOFREE char *shown = str_printable(path, 512);

	/* A pipe could be waited for without end. */
	if (fs_exists(path) && !fs_is_file(path))
		return err_set(e, ERR_INPUT, "%s: is not a file", shown);
	*fd = open(path, O_RDONLY);
	return *fd < 0 ? err_errno(e, "%s", shown) : 0;
}

/* The configuration as a file without a name, which no end of this process leaves
 * behind. Owned by the caller, NULL: an error. */
static char *
hand_over_config(struct launch *l, struct err *e)
{
	const size_t len = strlen(l->config);

	if (ctx_flag(l->c, OPT_DRY_RUN))
		return xstrdup("CONFIG");
	l->config_fd = memfd_create("kraft-rust", 0);
	if (l->config_fd < 0 || write(l->config_fd, l->config, len) != (ssize_t)len) {
		err_errno(e, "hand the configuration to %s", l->monitor->name);
		return NULL;
	}
	return fd_path(l->config_fd);
}

static int
prepare_qemu(struct launch *l, struct err *e)
{
	bool kvm;

	if (run_kvm_choose(l->c, l->options->accel, l->guest.machine, &kvm, e) < 0)
		return -1;
	return qemu_command(&l->guest, kvm, &l->argv, e);
}

static int
prepare_firecracker(struct launch *l, struct err *e)
{
	AUTOFREE char *path = NULL;

	l->config = firecracker_config(&l->guest, e);
	path = l->config ? hand_over_config(l, e) : NULL;
	return path ? firecracker_command(path, &l->argv, e) : -1;
}

static int
prepare_xen(struct launch *l, struct err *e)
{
	AUTOFREE char *path = NULL;

	l->domain = xen_name();
	l->config = xen_config(&l->guest, l->domain, e);
	path = l->config ? hand_over_config(l, e) : NULL;
	return path ? xen_command(path, &l->argv, e) : -1;
}

static const struct monitor monitors[] = {
    {.plat = "qemu", .name = "QEMU", .prepare = prepare_qemu},
    {.plat = "fc",
	.name = "Firecracker",
	.prepare = prepare_firecracker,
	.check_net = firecracker_check_net,
	.explain = firecracker_explain},
    {.plat = "xen",
	.name = "Xen",
	.terminal = true,
	.prepare = prepare_xen,
	.check_net = xen_check_net,
	.explain = xen_explain},
};

static const struct monitor *
find_monitor(const struct matrix_plat *plat)
{
	for (size_t i = 0; i < ARRAY_LEN(monitors); i++)
		if (strcmp(plat->name, monitors[i].plat) == 0)
			return &monitors[i];
	return NULL;
}

bool
run_vm_can(const struct matrix_plat *plat)
{
	return find_monitor(plat) != NULL;
}

int
run_vm_check(const struct matrix_plat *plat, const struct run_options *o, struct err *e)
{
	const struct monitor *m = find_monitor(plat);

	if (!m)
		return err_set(e, ERR_USAGE,
		    "the platform %s has no machine that an option could be for", plat->name);
	if (!m->check_net)
		return 0;
	if (strcmp(o->accel, "auto") != 0)
		return err_set(e, ERR_USAGE, "--accel is for QEMU; %s has no choice", m->name);
	return m->check_net(&o->net, e);
}

/* What the monitor wrote, on lines of its own behind the message; of much the end. */
static void
add_said(const struct vm_result *r, struct err *text)
{
	AUTO(strv) lines = {0};

	strv_split(&lines, str_text(&r->said), '\n');
	for (size_t i = lines.n > MAX_SAID ? lines.n - MAX_SAID : 0; i < lines.n; i++) {
		AUTOFREE char *shown = str_printable(lines.v[i], 500);

		err_hint(text, "%s", shown);
	}
}

static int
explain(const struct launch *l, const struct vm_result *r)
{
	const unsigned timeout = l->options->timeout;
	struct err text = {0};

	if (r->end == VM_EXITED)
		return r->status;
	if (r->end == VM_TIMEOUT)
		err_set(&text, ERR_FAIL, "the program was still running after %u second%s", timeout,
		    timeout == 1 ? "" : "s");
	else
		err_set(&text, ERR_FAIL,
		    "the machine ended, and the program had not told its exit status: it crashed, "
		    "or %s failed (status %d)",
		    fs_basename(l->argv.v[0]), r->vmm_status);
	if (r->end == VM_DIED)
		add_said(r, &text);
	if (r->end == VM_DIED && l->monitor->explain)
		l->monitor->explain(l->guest.machine, r, &text);
	ctx_error(l->c, text.msg);
	return r->end == VM_TIMEOUT ? RUN_TIMEOUT : RUN_DIED;
}

/* The command, and under it the file that it reads. */
static int
print_launch(const struct launch *l)
{
	AUTOFREE char *command = proc_quote(l->argv.v);

	printf("%s\n", command);
	if (l->config)
		printf("\nCONFIG:\n%s", l->config);
	return 0;
}

static int
launch(struct launch *l, struct err *e)
{
	struct vm_result r __attribute__((cleanup(vm_result_free))) = {0};
	struct vm vm = {.argv = &l->argv,
	    .in = STDIN_FILENO,
	    .out = STDOUT_FILENO,
	    .timeout = l->options->timeout,
	    .terminal = l->monitor->terminal,
	    .trace = &l->trace->backtrace};
	int rc;

	if (l->monitor->prepare(l, e) < 0)
		return -1;
	vm.stop = l->domain ? xen_stop : NULL;
	vm.name = l->domain;
	if (ctx_flag(l->c, OPT_DRY_RUN))
		return print_launch(l);
	rc = vm_run(&vm, &r, e);
	/* xl is only what watches it. */
	if (l->domain)
		xen_destroy(l->domain);
	return rc < 0 ? -1 : explain(l, &r);
}

static int
not_bootable(const char *image, struct err *e)
{
	AUTOFREE char *shown = str_printable(image, 512);

	return err_set(
	    e, ERR_INPUT, "%s: is neither an ELF image nor a Linux kernel for arm64", shown);
}

int
run_vm(struct ctx *c, const struct matrix_plat *plat, unsigned machine, struct err *e)
{
	const char *image = c->args.v[0];
	AUTO(run_options) o = {0};
	AUTO(run_trace) trace = {0};
	AUTO(launch) l = {.c = c, .options = &o, .trace = &trace, .config_fd = -1};
	AUTOFREE char *image_path = NULL;
	AUTOFREE char *initrd_path = NULL;
	AUTOFREE char *seed = NULL;
	AUTOFD int image_fd = -1;
	AUTOFD int initrd_fd = -1;

	if (run_options_read(c, &o, e) < 0 || run_vm_check(plat, &o, e) < 0 ||
	    open_file(image, &image_fd, e) < 0 ||
	    (o.initrd && open_file(o.initrd, &initrd_fd, e) < 0))
		return -1;
	if (machine == 0)
		return not_bootable(image, e);
	run_trace_start(&trace, c, machine, image_fd, &o.env);
	if (!ctx_flag(c, OPT_DRY_RUN)) {
		image_path = fd_path(image_fd);
		seed = guest_seed();
		initrd_path = o.initrd ? fd_path(initrd_fd) : NULL;
	}
	l.monitor = find_monitor(plat);
	l.guest = (struct guest){.machine = machine,
	    .image = image_path ? image_path : image,
	    .initrd = initrd_path ? initrd_path : o.initrd,
	    .name = fs_basename(image),
	    .seed = seed,
	    .args = c->args.v + 1,
	    .n_args = c->args.n - 1,
	    .env = &o.env,
	    .memory = o.memory,
	    .cpus = o.cpus,
	    .net = &o.net};
	return launch(&l, e);
}
