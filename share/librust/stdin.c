/* SPDX-License-Identifier: BSD-3-Clause */
/* Standard input: the console as a stream of bytes that can end. Unikraft's own reading
 * is made for a person at a terminal: it echoes what it reads into the program's output,
 * knows no end of file, and while it waits no other thread runs.
 *
 * What comes from "kraft-rust run": ^D is the end of the input, and ^V says that the
 * byte behind it means itself. */
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <uk/essentials.h>
#include <uk/sched.h>

#include "console.h"

enum { STDIN = 0, END_OF_INPUT = 0x04, LITERAL_NEXT = 0x16 };

long __real_uk_syscall_r_read(long fd, long buf, long len);
long __wrap_uk_syscall_r_read(long fd, long buf, long len);
long __real_uk_syscall_r_readv(long fd, long iov, long n);
long __wrap_uk_syscall_r_readv(long fd, long iov, long n);

static int ended, literal;

/* Undo the quoting in place. Returns how many bytes are left. */
static long decode(char *buf, long len)
{
	long n = 0;

	for (long i = 0; i < len && !ended; i++) {
		if (!literal && buf[i] == LITERAL_NEXT) {
			literal = 1;
		} else if (!literal && buf[i] == END_OF_INPUT) {
			ended = 1;
		} else {
			literal = 0;
			buf[n++] = buf[i];
		}
	}
	return n;
}

static long read_console(char *buf, unsigned long len)
{
	const unsigned int want = len > 4096 ? 4096 : (unsigned int)len;
	long n = 0;

	while (n == 0 && !ended && want) {
		int got = console_get(buf, want);

		if (got > 0)
			n = decode(buf, got);
		else
			uk_sched_yield();
	}
	return n;
}

long __wrap_uk_syscall_r_read(long fd, long buf, long len)
{
	if (fd != STDIN)
		return __real_uk_syscall_r_read(fd, buf, len);
	if (!buf)
		return -EFAULT;
	return read_console((char *)buf, (unsigned long)len);
}

long __wrap_uk_syscall_r_readv(long fd, long iov, long n)
{
	const struct iovec *v = (const struct iovec *)iov;

	if (fd != STDIN)
		return __real_uk_syscall_r_readv(fd, iov, n);
	if (!v)
		return -EFAULT;
	for (long i = 0; i < n; i++)
		if (v[i].iov_len)
			return read_console(v[i].iov_base, v[i].iov_len);
	return 0;
}
