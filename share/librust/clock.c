/* SPDX-License-Identifier: BSD-3-Clause */
/* SystemTime in Firecracker on x86_64. That machine has no clock that keeps the date, and
 * Unikraft up to 0.17 reads none but that one, as 1999. So KVM is asked, which writes down
 * once, when it is told where to, what time it was when the machine was made: Linux,
 * Documentation/virt/kvm/x86/msr.rst, MSR_KVM_WALL_CLOCK_NEW, and cpuid.rst. */
#include <uk/arch/types.h>
#include <uk/plat/io.h>
#include <uk/plat/time.h>

enum {
	KVM_SIGNATURE = 0x40000000,
	KVM_FEATURES = 0x40000001,
	HAS_WALL_CLOCK = 1 << 3,
	WALL_CLOCK = 0x4b564d00,
};

#define NSEC_PER_SEC 1000000000ULL

__nsec __real_ukplat_wall_clock(void);
__nsec __wrap_ukplat_wall_clock(void);

static int has_wall_clock(void)
{
	__u32 a = KVM_SIGNATURE, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	/* "KVMKVMKVM" */
	if (a < KVM_FEATURES || b != 0x4b4d564b || c != 0x564b4d56 || d != 0x4d)
		return 0;
	a = KVM_FEATURES;
	c = 0;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return (a & HAS_WALL_CLOCK) != 0;
}

/* 0: KVM does not say. */
static __nsec made_at(void)
{
	static volatile struct {
		__u32 version, seconds, nanoseconds;
	} now;
	const __u64 place = ukplat_virt_to_phys(&now);

	if (!has_wall_clock())
		return 0;
	__asm__ volatile("wrmsr"
			 :
			 : "c"(WALL_CLOCK), "a"((__u32)place), "d"((__u32)(place >> 32))
			 : "memory");
	return now.seconds * NSEC_PER_SEC + now.nanoseconds;
}

__nsec __wrap_ukplat_wall_clock(void)
{
	static int asked;
	static __nsec start;

	if (!asked) {
		asked = 1;
		start = made_at();
	}
	return start ? start + ukplat_monotonic_clock() : __real_ukplat_wall_clock();
}
