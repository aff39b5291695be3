/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration: firecracker, docs/getting-started.md and the structures that it is
 * read into, which take no unknown key: src/vmm/src/resources.rs and vmm_config. */
#include "core/firecracker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/guest.h"
#include "core/image.h"
#include "core/kvm.h"
#include "core/vm.h"
#include "core/vmnet.h"

/* MAX_LINE: CMDLINE_MAX_SIZE of its arch/layout.rs, with the NUL. On x86_64 " pci=off" and
 * " virtio_mmio.device=4K@0xc0001000:5" for a network device are its own words in it. */
enum { MAX_LINE = 2048 - 1, OWN_WORDS = 64 };

int
firecracker_check_net(const struct vmnet *n, struct err *e)
{
	if (n->kind == VMNET_NONE || n->kind == VMNET_TAP)
		return 0;
	err_set(e, ERR_USAGE, "Firecracker has no network but a tap device");
	return err_hint(e, "make one, 'ip tuntap add tap0 mode tap user $USER', give it an address "
			   "with 'ip addr', and use --net tap=tap0");
}

static int
check(const struct guest *g, struct err *e)
{
	if (!image_is_native(g->machine))
		return err_set(e, ERR_FAIL,
		    "%s: Firecracker runs images for this machine's own processor only", g->name);
	return firecracker_check_net(g->net, e);
}

/* Unikraft's driver takes no device without an address, and Firecracker has none unless it
 * is told one. Made from the tap device's name (FNV-1a), it is locally administered. */
static char *
make_address(const char *device)
{
	uint32_t hash = 2166136261U;

	for (; *device; device++)
		hash = (hash ^ (unsigned char)*device) * 16777619U;
	return xasprintf("06:00:%02x:%02x:%02x:%02x", hash >> 24, hash >> 16 & 0xff,
	    hash >> 8 & 0xff, hash & 0xff);
}

char *
firecracker_config(const struct guest *g, struct err *e)
{
	AUTOFREE char *line = NULL;
	AUTOJS struct js *config = js_obj();
	struct js *boot = js_obj(), *machine = js_obj();

	js_set(config, "boot-source", boot);
	js_set(config, "machine-config", machine);
	js_set(config, "drives", js_arr());
	if (check(g, e) < 0)
		return NULL;
	line = guest_command_line(g, "kernel", "Firecracker", MAX_LINE - OWN_WORDS, e);
	if (!line)
		return NULL;
	js_set(boot, "kernel_image_path", js_str(g->image));
	js_set(boot, "boot_args", js_str(line));
	if (g->initrd)
		js_set(boot, "initrd_path", js_str(g->initrd));
	js_set(machine, "vcpu_count", js_int(g->cpus));
	js_set(machine, "mem_size_mib", js_int(g->memory));
	if (g->net->kind == VMNET_TAP) {
		AUTOFREE char *address = make_address(g->net->device);
		struct js *list = js_arr(), *device = js_obj();

		js_set(device, "iface_id", js_str("net0"));
		js_set(device, "host_dev_name", js_str(g->net->device));
		js_set(device, "guest_mac", js_str(address));
		js_push(list, device);
		js_set(config, "network-interfaces", list);
	}
	return js_pretty(config);
}

int
firecracker_command(const char *config, struct strv *argv, struct err *e)
{
	AUTOFREE char *found = fs_which("firecracker");

	if (!found) {
		err_set(e, ERR_TOOL, "firecracker is not on PATH");
		return err_hint(e, "get it from https://github.com/firecracker-microvm/firecracker/"
				   "releases; Debian has no package of it");
	}
	/* Without a path it logs to standard output, which is the console. Not every /dev
	 * has a stderr. */
	strv_addl(argv, found, "--no-api", "--config-file", config, "--log-path", "/proc/self/fd/2",
	    "--level", "Error", NULL);
	return 0;
}

void
firecracker_explain(unsigned machine, const struct vm_result *r, struct err *e)
{
	AUTOFD int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	const int code = errno;

	/* A KVM that fails has the machine end with any status. */
	const bool failed = strstr(str_text(&r->said), "KVM_EXIT_INTERNAL_ERROR");

	if (kvm < 0 && code == EACCES)
		err_hint(e, "you may not open /dev/kvm, which Firecracker needs: 'sudo usermod -aG "
			    "kvm $USER', then log in again");
	else if (kvm < 0)
		err_hint(e, "Firecracker needs KVM, and there is no /dev/kvm that works: switch "
			    "virtualisation on in the firmware, on a virtual machine nested "
			    "virtualisation; the platform qemu does without it");
	else if (failed || !kvm_works(machine))
		err_hint(e, "Firecracker needs KVM, which does not work on this machine; the "
			    "platform qemu does without it");
}
