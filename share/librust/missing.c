/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions that std calls on Linux with musl and that lib-musl leaves out. */
#include <errno.h>
#include <spawn.h>
#include <sys/types.h>
#include <uk/config.h>
#include <uk/essentials.h>

/* std::process::Command: one program is all there is, so it says "unsupported". */
int posix_spawnp(pid_t *pid __unused, const char *file __unused,
		 const posix_spawn_file_actions_t *actions __unused,
		 const posix_spawnattr_t *attr __unused, char *const argv[] __unused,
		 char *const envp[] __unused)
{
	return ENOSYS;
}

/* HashMap's seed. lib-musl has getrandom() where there is the random generator by its
 * name up to Unikraft 0.16, which 0.17 renamed. */
#if CONFIG_LIBUKRANDOM
long uk_syscall_r_getrandom(long buf, long len, long flags);
ssize_t getrandom(void *buf, size_t len, unsigned int flags);

ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	long rc = uk_syscall_r_getrandom((long)buf, (long)len, (long)flags);

	if (rc < 0) {
		errno = (int)-rc;
		return -1;
	}
	return rc;
}
#endif
