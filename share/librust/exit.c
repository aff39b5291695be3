/* SPDX-License-Identifier: BSD-3-Clause */
/* The exit status. A virtual machine has none, and the devices that could carry one
 * differ from monitor to monitor. What each of them has is a console: the last thing
 * written to it is
 *
 *	ESC ] 7616 ; exit ; N ESC \
 *
 * with N from 0 to 255 in decimal: an operating system command in the sense of
 * ECMA-48 (8.3.89), which terminals that do not know it swallow. "kraft-rust run"
 * takes it off the output and exits with N. A machine that ends without it has
 * died. */
#include <uk/essentials.h>
#include <uk/plat/bootstrap.h>

#include "console.h"

#define MARK_BEGIN "\033]7616;exit;"
#define MARK_END "\033\\"

/* What a shell reports of a process that SIGABRT ended: 128 + 6. */
enum { STATUS_ABORTED = 134 };

void __noreturn __wrap_abort(void);
long __noreturn __wrap_uk_syscall_r_exit_group(long status);

static void __noreturn finish(unsigned int status)
{
	char digits[3];
	unsigned int n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + status % 10);
		status /= 10;
	} while (status);
	console_put(MARK_BEGIN, sizeof(MARK_BEGIN) - 1);
	console_put(digits + n, sizeof(digits) - n);
	console_put(MARK_END, sizeof(MARK_END) - 1);
	ukplat_terminate(UKPLAT_HALT);
}

/* process::exit(). Unikraft's own ends every thread, the one that would shut the
 * machine down among them, and leaves the machine idling for ever. */
long __noreturn __wrap_uk_syscall_r_exit_group(long status)
{
	finish((unsigned int)status & 0xff);
}

/* A panic that aborts. lib-musl's abort() is a kernel crash with a register dump. */
void __noreturn __wrap_abort(void)
{
	finish(STATUS_ABORTED);
}
