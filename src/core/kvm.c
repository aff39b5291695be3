/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kvm.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "core/image.h"

enum { PAGE = 4096, API_VERSION = 12 };

#if defined(__x86_64__)
enum { HLT = 0xf4 };

/* One instruction, HLT, in real mode at address 0 (Linux: Documentation/virt/kvm/
 * api.rst). */
static bool
runs_code(int kvm, int vm)
{
	AUTOFD int cpu = -1;
	unsigned char *page;
	struct kvm_run *run;
	struct kvm_sregs segments;
	struct kvm_regs regs = {.rflags = 2};
	bool ok = false;
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return false;
	page[0] = HLT;
	struct kvm_userspace_memory_region region = {
	    .memory_size = PAGE, .userspace_addr = (uint64_t)(uintptr_t)page};
	if (size > 0 && ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0)
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	run = cpu < 0 ? MAP_FAILED
		      : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run != MAP_FAILED) {
		if (ioctl(cpu, KVM_GET_SREGS, &segments) == 0) {
			segments.cs.base = 0;
			segments.cs.selector = 0;
			ok = ioctl(cpu, KVM_SET_SREGS, &segments) == 0 &&
			     ioctl(cpu, KVM_SET_REGS, &regs) == 0 && ioctl(cpu, KVM_RUN, 0) == 0 &&
			     run->exit_reason == KVM_EXIT_HLT;
		}
		munmap(run, (size_t)size);
	}
	munmap(page, PAGE);
	return ok;
}
#else
static bool
runs_code(int kvm, int vm)
{
	(void)kvm;
	return vm >= 0;
}
#endif

bool
kvm_works(unsigned machine)
{
	AUTOFD int kvm = -1;
	AUTOFD int vm = -1;

	if (!image_is_native(machine))
		return false;
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0 || ioctl(kvm, KVM_GET_API_VERSION, 0) != API_VERSION)
		return false;
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	return vm >= 0 && runs_code(kvm, vm);
}
