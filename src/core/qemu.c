/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/qemu.h"

#include <elf.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/guest.h"
#include "core/vmnet.h"

/* An argument of execve(2) has at most 32 pages. */
enum { MAX_LINE = 32 * 4096 - 1 };

/* The virtual machine of each architecture. */
static const struct model {
	unsigned machine;
	const char *program, *package;
	const char *board, *nic; /* -machine; NULL: the default */
	const char *first;       /* what the kernel takes for argv[0], when QEMU adds none */
} models[] = {
    {EM_X86_64, "qemu-system-x86_64", "qemu-system-x86", NULL, "virtio-net-pci", ""},
    {EM_AARCH64, "qemu-system-aarch64", "qemu-system-arm", "virt", "virtio-net-pci", "kernel"},
};

static const struct model *
find_model(unsigned machine)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (models[i].machine == machine)
			return &models[i];
	return NULL;
}

/* The program, and what every one of our machines has. */
static const struct model *
begin(unsigned machine, bool kvm, struct strv *argv, struct err *e)
{
	const struct model *m = find_model(machine);
	AUTOFREE char *found = m ? fs_which(m->program) : NULL;

	if (!m) {
		err_set(e, ERR_FAIL, "no QEMU is known for ELF machine %u", machine);
		return NULL;
	}
	if (!found) {
		err_set(e, ERR_TOOL, "%s is not on PATH", m->program);
		err_hint(e, "install it, 'apt install %s' on Debian and Ubuntu", m->package);
		return NULL;
	}
	/* No default devices, nothing of the user's own configuration: the console is all
	 * that may write. */
	strv_addl(argv, found, "-no-user-config", "-nodefaults", "-display", "none", NULL);
	if (m->board)
		strv_addl(argv, "-machine", m->board, NULL);
	strv_addl(argv, "-accel", kvm ? "kvm" : "tcg", "-cpu", kvm ? "host" : "max", NULL);
	return m;
}

int
qemu_probe_kvm(unsigned machine, struct strv *argv, struct err *e)
{
	if (!begin(machine, true, argv, e))
		return -1;
	strv_addl(argv, "-S", "-monitor", "stdio", NULL);
	return 0;
}

int
qemu_command(const struct guest *g, bool kvm, struct strv *argv, struct err *e)
{
	const struct model *m = begin(g->machine, kvm, argv, e);
	AUTOFREE char *line = NULL;

	if (!m)
		return -1;
	line = guest_command_line(g, m->first, "QEMU", MAX_LINE, e);
	if (!line)
		return -1;
	strv_addl(argv, "-serial", "stdio", "-no-reboot", NULL);
	strv_add(argv, "-m");
	strv_addf(argv, "%uM", g->memory);
	strv_add(argv, "-smp");
	strv_addf(argv, "%u", g->cpus);
	strv_addl(argv, "-kernel", g->image, NULL);
	if (g->initrd)
		strv_addl(argv, "-initrd", g->initrd, NULL);
	if (g->net->netdev) {
		strv_add(argv, "-netdev");
		strv_addf(argv, "%s,id=net0", g->net->netdev);
		strv_add(argv, "-device");
		strv_addf(argv, "%s,netdev=net0", m->nic);
	}
	strv_addl(argv, "-append", line, NULL);
	return 0;
}
