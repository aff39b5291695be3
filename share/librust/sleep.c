/* SPDX-License-Identifier: BSD-3-Clause */
/* thread::sleep() calls clock_nanosleep(CLOCK_MONOTONIC), which up to Unikraft 0.17 is
 * a stub that returns at once for every clock but CLOCK_REALTIME, and for every
 * absolute time. */
#include <errno.h>
#include <time.h>
#include <uk/essentials.h>

enum { NSEC_PER_SEC = 1000000000 };

long uk_syscall_r_nanosleep(long request, long remain);
long __wrap_uk_syscall_r_clock_nanosleep(long clock, long flags, long request, long remain);

static long sleep_until(clockid_t clock, const struct timespec *when)
{
	struct timespec now, left;
	long rc;

	/* Woken early, or the clock was set: look again. */
	for (;;) {
		if (clock_gettime(clock, &now) < 0)
			return -EINVAL;
		left.tv_sec = when->tv_sec - now.tv_sec;
		left.tv_nsec = when->tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_nsec += NSEC_PER_SEC;
			left.tv_sec--;
		}
		if (left.tv_sec < 0 || (left.tv_sec == 0 && left.tv_nsec == 0))
			return 0;
		rc = uk_syscall_r_nanosleep((long)&left, 0);
		if (rc < 0)
			return rc;
	}
}

long __wrap_uk_syscall_r_clock_nanosleep(long clock, long flags, long request, long remain)
{
	const struct timespec *when = (const struct timespec *)request;

	if (!when)
		return -EFAULT;
	if (when->tv_sec < 0 || when->tv_nsec < 0 || when->tv_nsec >= NSEC_PER_SEC)
		return -EINVAL;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	if (flags & TIMER_ABSTIME)
		return sleep_until((clockid_t)clock, when);
	return uk_syscall_r_nanosleep(request, remain);
}
