/* SPDX-License-Identifier: BSD-3-Clause */
/* Threads on Xen for x86_64: there are none. Unikraft's clone() there switches interrupts
 * off and loads segments of ring 0, which a paravirtual guest may not; it would crash.
 * Refused in this way, thread::spawn() is an error, and Rust's test harness runs its
 * tests one after the other. */
#include <errno.h>

long __wrap_uk_syscall_r_clone(void);

long __wrap_uk_syscall_r_clone(void)
{
	return -EAGAIN;
}
