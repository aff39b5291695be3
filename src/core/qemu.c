/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/qemu.h"

#include <elf.h>
#include <stddef.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/console.h"

/* The virtual machine of each architecture. */
static const struct model {
	unsigned machine;
	const char *program, *package;
	const char *board, *nic; /* -machine; NULL: the default */
	const char *first;       /* what the kernel takes for argv[0], when QEMU adds none */
} models[] = {
    {EM_X86_64, "qemu-system-x86_64", "qemu-system-x86", NULL, "virtio-net-pci", ""},
    {EM_AARCH64, "qemu-system-aarch64", "qemu-system-arm", "virt", "virtio-net-pci", "kernel "},
};

static const struct model *
find_model(unsigned machine)
{
	for (size_t i = 0; i < ARRAY_LEN(models); i++)
		if (models[i].machine == machine)
			return &models[i];
	return NULL;
}

/* A descriptor by name: a path could have characters in it that mean something to QEMU,
 * or to the kernel, whose command line it becomes part of. */
static void
add_file(struct strv *argv, const char *option, int fd)
{
	strv_add(argv, option);
	strv_addf(argv, "/proc/self/fd/%d", fd);
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
qemu_command(const struct qemu *q, struct strv *argv, struct err *e)
{
	const struct model *m = begin(q->machine, q->kvm, argv, e);
	AUTOFREE char *words = NULL;

	if (!m)
		return -1;
	strv_addl(argv, "-serial", "stdio", "-no-reboot", NULL);
	strv_add(argv, "-m");
	strv_addf(argv, "%uM", q->memory);
	add_file(argv, "-kernel", q->image);
	if (q->initrd >= 0)
		add_file(argv, "-initrd", q->initrd);
	if (q->net) {
		strv_add(argv, "-netdev");
		strv_addf(argv, "%s,id=net0", q->net);
		strv_add(argv, "-device");
		strv_addf(argv, "%s,netdev=net0", m->nic);
	}
	words = console_command_line(q->name, q->env, q->args, q->n_args);
	strv_add(argv, "-append");
	strv_addf(argv, "%s%s", m->first, words);
	return 0;
}
