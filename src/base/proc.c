/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

/* PIPE_READS: 64 KiB each, as much as a pipe can hold (pipe(7): 1 MiB at most). */
enum { PIPE_READS = 17, GRACE_SECONDS = 2, LINE_MAX_BYTES = 8 << 20, OUT_MAX_BYTES = 64 << 20 };

static volatile sig_atomic_t pending;

static void
on_signal(int sig)
{
	pending = sig;
}

void
proc_catch_signals(void)
{
	static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction sa = {.sa_handler = on_signal}; /* no SA_RESTART: waits must end */
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_LEN(caught); i++)
		/* nohup's and a background job's ignored signals stay ignored. */
		if (sigaction(caught[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(caught[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Inherited as ignored it would leave nothing to wait for. */
	signal(SIGCHLD, SIG_DFL);
}

void
proc_open_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= STDIN_FILENO && fd <= STDERR_FILENO);
	mem_close_fd(&fd);
}

int
proc_pending_signal(void)
{
	return pending;
}

void
proc_reraise(void)
{
	signal(pending, SIG_DFL);
	raise(pending);
}

static bool
plain_char(char c)
{
	return strchr("%+,-./0123456789:=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
		   c) != NULL;
}

static void
quote_word(struct str *out, const char *word)
{
	const char *p = word;

	while (*p && plain_char(*p))
		p++;
	if (*word && !*p) {
		str_add(out, word);
		return;
	}
	str_addc(out, '\'');
	for (p = word; *p; p++) {
		if (*p == '\'')
			str_add(out, "'\\''");
		else
			str_addc(out, *p);
	}
	str_addc(out, '\'');
}

char *
proc_quote(char *const *argv)
{
	AUTO(str) out = {0};

	for (size_t i = 0; argv[i]; i++) {
		if (i)
			str_addc(&out, ' ');
		quote_word(&out, argv[i]);
	}
	return str_take(&out);
}

static void
apply_env(const struct strv *env)
{
	for (size_t i = 0; env && i < env->n; i++) {
		if (strchr(env->v[i], '='))
			putenv(env->v[i]);
		else
			unsetenv(env->v[i]);
	}
}

struct pipes {
	int out[2], err[2], failed[2];
};

/* What every child does first: a group of its own, so that the terminal's Ctrl-C is for us,
 * and no life without us. */
static void
settle_child(bool session, pid_t parent)
{
	if (session)
		setsid();
	else
		setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	signal(SIGPIPE, SIG_DFL);
}

pid_t
proc_start(const char *exe, char *const *argv, int in, int out, int errors)
{
	const pid_t parent = getpid();
	const pid_t pid = fork();

	/* Its group may have to be killed before it has run. */
	if (pid > 0)
		setpgid(pid, pid);
	if (pid != 0)
		return pid;
	settle_child(false, parent);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(errors, STDERR_FILENO) >= 0)
		execv(exe, argv);
	_exit(127);
}

/* Between fork and exec: reports errno through the failed pipe. */
static _Noreturn void
child(const struct proc *p, const char *exe, const struct pipes *io, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY), code;

	settle_child(p->session, parent);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		goto fail;
	if (null > STDERR_FILENO)
		close(null);
	if (io->out[1] >= 0 && dup2(io->out[1], STDOUT_FILENO) < 0)
		goto fail;
	if (io->err[1] >= 0 && dup2(io->err[1], STDERR_FILENO) < 0)
		goto fail;
	if (io->err[1] < 0 && p->err_fd > 0 && dup2(p->err_fd, STDERR_FILENO) < 0)
		goto fail;
	if (p->cwd && chdir(p->cwd) < 0)
		goto fail;
	apply_env(p->env);
	execv(exe, p->argv);
fail:
	code = errno;
	(void)!write(io->failed[1], &code, sizeof(code));
	_exit(127);
}

struct reader {
	struct str line;
	const struct proc *p;
	struct err *e;
	int status; /* -1 once on_line refused, or the output is too much */
};

static void
collect(struct reader *r, struct str *to, const char *data, size_t n)
{
	if (to->len + n > OUT_MAX_BYTES)
		r->status = err_set(r->e, ERR_TOOL, "%s prints without end", r->p->argv[0]);
	else
		str_addn(to, data, n);
}

static void
take_lines(struct reader *r, const char *data, size_t n)
{
	if (!r->p->on_line) {
		if (r->p->out)
			collect(r, r->p->out, data, n);
		return;
	}
	while (n > 0 && r->status == 0) {
		const char *nl = memchr(data, '\n', n);
		size_t part = nl ? (size_t)(nl - data) : n;

		str_addn(&r->line, data, part);
		if (r->line.len > LINE_MAX_BYTES) {
			r->status =
			    err_set(r->e, ERR_TOOL, "%s prints a line without end", r->p->argv[0]);
			return;
		}
		if (!nl)
			return;
		r->status = r->p->on_line(r->p->ctx, r->line.buf, r->line.len, r->e);
		str_cut(&r->line, 0);
		data = nl + 1;
		n -= part + 1;
	}
}

/* Read what is there; false at the end of the stream. */
static bool
drain(int fd, struct reader *r, struct str *plain)
{
	char buf[65536];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n > 0 && plain)
		collect(r, plain, buf, (size_t)n);
	else if (n > 0)
		take_lines(r, buf, (size_t)n);
	return n > 0;
}

/* Kill the group: politely, then not. Reaps the child. */
static void
end_group(pid_t pid, int sig, int *wstatus)
{
	const struct timespec nap = {.tv_nsec = 20 * 1000000};

	kill(-pid, sig);
	for (int i = 0; i < GRACE_SECONDS * 50; i++) {
		if (waitpid(pid, wstatus, WNOHANG) == pid) {
			kill(-pid, SIGKILL);
			return;
		}
		nanosleep(&nap, NULL);
	}
	kill(-pid, SIGKILL);
	while (waitpid(pid, wstatus, 0) < 0 && errno == EINTR)
		;
}

static bool
interrupted(pid_t pid, int *wstatus, struct err *e)
{
	int sig = proc_pending_signal();

	if (!sig)
		return false;
	end_group(pid, sig, wstatus);
	err_set(e, ERR_SIGNAL, "interrupted");
	return true;
}

static int
reap(pid_t pid, int *wstatus, struct err *e)
{
	while (waitpid(pid, wstatus, 0) < 0)
		if (errno != EINTR)
			return err_errno(e, "wait for a child");
	return 0;
}

/* Whether the child has ended; it stays to be reaped. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid == pid;
}

/* Read what is ready on the pipes. */
static void
drain_ready(struct pollfd *fds, struct reader *r)
{
	if (fds[0].revents && !drain(fds[0].fd, r, NULL))
		fds[0].fd = -1;
	if (r->status == 0 && fds[1].revents && !drain(fds[1].fd, r, r->p->err_out))
		fds[1].fd = -1;
}

/* Serve the pipes until the child has ended and all that it wrote is read: by then
 * that is in the pipes, which something that it left running may go on to fill.
 * Reaps the child. */
static int
serve(pid_t pid, struct pollfd *fds, struct reader *r, const sigset_t *open_mask, int *wstatus)
{
	/* Without a descriptor for the child, look from time to time. */
	const struct timespec tick = {.tv_nsec = 20 * 1000000};

	while (!has_ended(pid)) {
		if (interrupted(pid, wstatus, r->e))
			return -1;
		if (ppoll(fds, 3, fds[2].fd < 0 ? &tick : NULL, open_mask) <= 0)
			continue;
		drain_ready(fds, r);
		if (r->status < 0) {
			end_group(pid, SIGTERM, wstatus);
			return -1;
		}
	}
	if (reap(pid, wstatus, r->e) < 0)
		return -1;
	for (int i = 0; i < PIPE_READS && r->status == 0 && poll(fds, 2, 0) > 0; i++)
		drain_ready(fds, r);
	if (r->status == 0 && r->line.len > 0)
		r->status = r->p->on_line(r->p->ctx, r->line.buf, r->line.len, r->e);
	return r->status;
}

/* The signals are let in only while waiting, so that none is missed between a look
 * at the flag and the wait. */
static int
watch(pid_t pid, const struct proc *p, struct pipes *io, int *wstatus, struct err *e)
{
	AUTOFD int ended = (int)syscall(SYS_pidfd_open, pid, 0);
	struct reader r = {.p = p, .e = e};
	struct pollfd fds[3] = {{.fd = io->out[0], .events = POLLIN},
	    {.fd = io->err[0], .events = POLLIN}, {.fd = ended, .events = POLLIN}};
	sigset_t blocked, open_mask;
	int rc;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigprocmask(SIG_BLOCK, &blocked, &open_mask);
	rc = serve(pid, fds, &r, &open_mask, wstatus);
	sigprocmask(SIG_SETMASK, &open_mask, NULL);
	str_free(&r.line);
	return rc;
}

static void
close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++)
		mem_close_fd(&fds[i]);
	fds[0] = fds[1] = -1;
}

static void
close_write_ends(struct pipes *io)
{
	int *ends[] = {&io->out[1], &io->err[1], &io->failed[1]};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		mem_close_fd(ends[i]);
		*ends[i] = -1;
	}
}

static int
start(const struct proc *p, struct pipes *io, pid_t *pid, struct err *e)
{
	AUTOFREE char *found = fs_which(p->argv[0]);
	/* The child looks for it from its own working directory. */
	AUTOFREE char *exe = found ? fs_absolute(found) : NULL;
	pid_t parent = getpid();

	if (!exe)
		return err_set(e, ERR_TOOL, "run %s: not found or not executable", p->argv[0]);
	if (pipe2(io->failed, O_CLOEXEC) < 0 ||
	    ((p->on_line || p->out) && pipe2(io->out, O_CLOEXEC) < 0) ||
	    (p->err_out && pipe2(io->err, O_CLOEXEC) < 0))
		return err_errno(e, "make a pipe");
	*pid = fork();
	if (*pid < 0)
		return err_errno(e, "start %s", exe);
	if (*pid == 0)
		child(p, exe, io, parent);
	/* Whoever leads a group cannot start a session. */
	if (!p->session)
		setpgid(*pid, *pid);
	close_write_ends(io);
	return 0;
}

/* Wait until the child has become the program; true when it could not. */
static bool
not_started(const struct proc *p, const struct pipes *io, struct err *e)
{
	int code = 0;
	ssize_t n;

	do
		n = read(io->failed[0], &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(code))
		return false;
	errno = code;
	if (p->cwd)
		err_errno(e, "run %s in %s", p->argv[0], p->cwd);
	else
		err_errno(e, "run %s", p->argv[0]);
	e->cls = ERR_TOOL;
	return true;
}

int
proc_run(const struct proc *p, int *status, struct err *e)
{
	struct pipes io = {{-1, -1}, {-1, -1}, {-1, -1}};
	int wstatus = 0, rc;
	pid_t pid = -1;

	rc = start(p, &io, &pid, e);
	if (rc == 0 && not_started(p, &io, e)) {
		struct err ignored;

		reap(pid, &wstatus, &ignored);
		rc = -1;
	} else if (rc == 0) {
		rc = watch(pid, p, &io, &wstatus, e);
	}
	close_pair(io.out);
	close_pair(io.err);
	close_pair(io.failed);
	if (rc == 0)
		*status = WIFSIGNALED(wstatus) ? 128 + WTERMSIG(wstatus) : WEXITSTATUS(wstatus);
	return rc;
}

int
proc_check(const struct proc *p, struct err *e)
{
	AUTOFREE char *command = NULL;
	int status;

	if (proc_run(p, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	command = proc_quote(p->argv);
	if (p->err_out && p->err_out->len > 0) {
		size_t n = p->err_out->len;

		while (n > 0 && p->err_out->buf[n - 1] == '\n')
			n--;
		return err_set(e, ERR_TOOL, "'%s' ended with status %d:\n%.*s", command, status,
		    (int)n, p->err_out->buf);
	}
	return err_set(e, ERR_TOOL, "'%s' ended with status %d", command, status);
}
