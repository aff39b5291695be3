/* SPDX-License-Identifier: BSD-3-Clause */
/* Sockets, where Unikraft up to 0.17 with lib-lwip says something else than std expects. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#undef sendfile64

int __real_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
ssize_t __real_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __real_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len);
ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
int __real_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...);
int __real_close(int fd);
int __wrap_close(int fd);
ssize_t __wrap_sendfile(int out, int in, off_t *offset, size_t len);
ssize_t __wrap_sendfile64(int out, int in, off_t *offset, size_t len);

/* An error comes back as a positive number, which is no -1, and a refused connection as one
 * that was reset. */
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	const int rc = __real_connect(fd, addr, len);

	if (rc <= 0)
		return rc;
	errno = rc == ECONNRESET ? ECONNREFUSED : rc;
	return -1;
}

/* lib-lwip's says that it has sent nothing, which std takes for the end of the file;
 * without it std copies by reading and writing. */
ssize_t __wrap_sendfile(int out, int in, off_t *offset, size_t len)
{
	(void)out;
	(void)in;
	(void)offset;
	(void)len;
	errno = ENOSYS;
	return -1;
}

/* By this name std of 2023 and before calls it. */
ssize_t __wrap_sendfile64(int out, int in, off_t *offset, size_t len)
{
	return __wrap_sendfile(out, in, offset, len);
}

/* SO_RCVTIMEO and SO_SNDTIMEO, which are refused: what was set is kept here, and waited for
 * by poll() in front of the call. A duplicate has what its original had then. */
enum way { RECEIVE, SEND, WAYS };

static struct limit {
	int fd;
	struct timeval time[WAYS];
	struct limit *behind;
} *limits;

static struct limit **find(int fd)
{
	struct limit **l = &limits;

	while (*l && (*l)->fd != fd)
		l = &(*l)->behind;
	return l;
}

/* NULL: out of memory. */
static struct limit *find_or_add(int fd)
{
	struct limit *l = *find(fd);

	if (l)
		return l;
	l = calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->fd = fd;
	l->behind = limits;
	limits = l;
	return l;
}

static void drop(int fd)
{
	struct limit **place = find(fd), *l = *place;

	if (!l)
		return;
	*place = l->behind;
	free(l);
}

static int is_limit(int level, int name)
{
	return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
}

static int is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return __real_getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	struct timeval time;
	struct limit *l;

	if (!is_limit(level, name))
		return __real_setsockopt(fd, level, name, value, len);
	if (!is_socket(fd))
		return -1;
	if (!value || len < sizeof(time)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(&time, value, sizeof(time));
	if (time.tv_sec < 0 || time.tv_usec < 0 || time.tv_usec >= 1000000) {
		errno = EDOM;
		return -1;
	}
	l = find_or_add(fd);
	if (!l) {
		errno = ENOMEM;
		return -1;
	}
	l->time[name == SO_RCVTIMEO ? RECEIVE : SEND] = time;
	return 0;
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const struct limit *l = *find(fd);
	struct timeval time = {0};

	if (!is_limit(level, name))
		return __real_getsockopt(fd, level, name, value, len);
	if (!is_socket(fd))
		return -1;
	if (!value || !len || *len < sizeof(time)) {
		errno = EINVAL;
		return -1;
	}
	if (l)
		time = l->time[name == SO_RCVTIMEO ? RECEIVE : SEND];
	memcpy(value, &time, sizeof(time));
	*len = sizeof(time);
	return 0;
}

/* Whether the call may be made: what it would wait for is there, or it says itself what is
 * wrong, or nobody has set a time. If not, errno is set. */
static int in_time(int fd, enum way way, int flags)
{
	const struct limit *l = *find(fd);
	struct pollfd p = {.fd = fd, .events = way == RECEIVE ? POLLIN : POLLOUT};
	const struct timeval *t;
	long long ms;

	if (!l || flags & MSG_DONTWAIT || __real_fcntl(fd, F_GETFL) & O_NONBLOCK)
		return 1;
	t = &l->time[way];
	if (t->tv_sec == 0 && t->tv_usec == 0)
		return 1;
	ms = t->tv_sec > INT_MAX / 1000 ? INT_MAX : t->tv_sec * 1000LL + (t->tv_usec + 999) / 1000;
	if (poll(&p, 1, ms > INT_MAX ? INT_MAX : (int)ms) != 0)
		return 1;
	errno = EAGAIN;
	return 0;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
	return in_time(fd, RECEIVE, flags) ? __real_recv(fd, buf, len, flags) : -1;
}

ssize_t __wrap_recvfrom(int fd, void *buf, size_t len, int flags, struct sockaddr *from,
			socklen_t *from_len)
{
	if (!in_time(fd, RECEIVE, flags))
		return -1;
	return __real_recvfrom(fd, buf, len, flags, from, from_len);
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
	return in_time(fd, SEND, flags) ? __real_send(fd, buf, len, flags) : -1;
}

int __wrap_fcntl(int fd, int command, ...)
{
	const struct limit *old;
	struct limit *made;
	va_list list;
	long arg;
	int rc;

	va_start(list, command);
	arg = va_arg(list, long);
	va_end(list);
	rc = __real_fcntl(fd, command, arg);
	if (rc < 0 || (command != F_DUPFD && command != F_DUPFD_CLOEXEC))
		return rc;
	old = *find(fd);
	made = old ? find_or_add(rc) : NULL;
	if (made)
		memcpy(made->time, old->time, sizeof(made->time));
	return rc;
}

int __wrap_close(int fd)
{
	drop(fd);
	return __real_close(fd);
}
