/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/run_kvm.h"

#include <fcntl.h>
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

enum { PROBE_SECONDS = 10 };

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

int
run_kvm_choose(const struct ctx *c, const char *accel, unsigned machine, bool *kvm, struct err *e)
{
	AUTO(strv) probe = {0};

	*kvm = false;
	/* Without QEMU there is nothing to say about KVM. */
	if (qemu_probe_kvm(machine, &probe, e) < 0)
		return -1;
	if (strcmp(accel, "tcg") == 0)
		return 0;
	*kvm = kvm_works(machine) && qemu_takes_kvm(c, machine);
	if (*kvm)
		return 0;
	if (strcmp(accel, "kvm") == 0) {
		err_set(e, ERR_FAIL, "KVM does not work here for this image");
		return err_hint(e, "see that you may open /dev/kvm, or leave --accel out");
	}
	say_emulated(c);
	return 0;
}
