/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/backtrace.h"
#include "core/console.h"
#include "core/vmconsole.h"

/* OFF_MS: a machine that told its status has that long to switch itself off. */
enum { OFF_MS = 2000, MAX_SAID = 64 << 10, TICK_MS = 200, MAX_PENDING = 64 << 10 };

struct session {
	const struct vm *vm;
	struct vm_result *r;
	struct console console;
	struct str input; /* on its way to the machine */
	bool input_ended;
	pid_t pid;
	int wstatus;
	int ended;                /* becomes readable when the monitor ends */
	int to, from, errors;     /* our ends of the pipes; -1: closed */
	int64_t deadline, off_by; /* clock_ms(); off_by: once the status was told */
	bool was_marked;
};

static void
session_free(struct session *s)
{
	console_free(&s->console);
	str_free(&s->input);
	mem_close_fd(&s->ended);
	mem_close_fd(&s->to);
	mem_close_fd(&s->from);
	mem_close_fd(&s->errors);
}

static int
start(struct session *s, struct err *e)
{
	AUTOFREE char *exe = fs_which(s->vm->argv->v[0]);
	int ours[2], theirs[2], errors[2];

	if (!exe)
		return err_set(
		    e, ERR_TOOL, "run %s: not found or not executable", s->vm->argv->v[0]);
	if (vmconsole_open(s->vm->terminal, ours, theirs, e) < 0)
		return -1;
	s->to = ours[0];
	s->from = ours[1];
	if (pipe2(errors, O_CLOEXEC) < 0) {
		err_errno(e, "make a pipe");
		close(theirs[0]);
		close(theirs[1]);
		return -1;
	}
	s->errors = errors[0];
	s->pid = proc_start(exe, s->vm->argv->v, theirs[0], theirs[1], errors[1]);
	close(theirs[0]);
	close(theirs[1]);
	close(errors[1]);
	if (s->pid < 0)
		return err_errno(e, "start %s", exe);
	s->ended = (int)syscall(SYS_pidfd_open, s->pid, 0);
	fcntl(s->to, F_SETFL, O_NONBLOCK);
	return 0;
}

static int
put_out(int fd, const struct str *bytes, struct err *e)
{
	for (size_t done = 0; done < bytes->len;) {
		ssize_t n = write(fd, bytes->buf + done, bytes->len - done);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};

			poll(&p, 1, TICK_MS);
		} else if (n < 0 && errno != EINTR) {
			return err_errno(e, "write the program's output");
		}
		if (n < 0 && proc_pending_signal())
			return err_set(e, ERR_SIGNAL, "interrupted");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* What is certain to be the program's, with what is known of its backtraces. */
static int
give_output(struct session *s, const struct str *bytes, struct err *e)
{
	AUTO(str) out = {0};

	if (!s->vm->trace)
		return put_out(s->vm->out, bytes, e);
	backtrace_take(s->vm->trace, bytes->buf, bytes->len, &out);
	return put_out(s->vm->out, &out, e);
}

/* The machine is silent. */
static int
give_pause(struct session *s, struct err *e)
{
	AUTO(str) out = {0};

	if (s->vm->trace)
		backtrace_pause(s->vm->trace, &out);
	return put_out(s->vm->out, &out, e);
}

static int
give_end(struct session *s, struct err *e)
{
	AUTO(str) out = {0};

	if (s->vm->trace)
		backtrace_end(s->vm->trace, &out);
	return put_out(s->vm->out, &out, e);
}

/* What the machine wrote. */
static int
take_output(struct session *s, struct err *e)
{
	AUTO(str) out = {0};
	char buf[65536];
	ssize_t n = read(s->from, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0 && errno != EIO)
		return err_errno(e, "read the console");
	if (n <= 0) {
		close(s->from);
		s->from = -1;
		return 0;
	}
	console_take(&s->console, buf, (size_t)n, &out);
	if (s->console.marked && !s->was_marked)
		s->off_by = clock_ms() + OFF_MS;
	s->was_marked = s->console.marked;
	return give_output(s, &out, e);
}

static void
take_errors(struct session *s)
{
	char buf[4096];
	ssize_t n = read(s->errors, buf, sizeof(buf));

	if (n > 0 && s->r->said.len < MAX_SAID)
		str_addn(&s->r->said, buf, (size_t)n);
	if (n == 0 || (n < 0 && errno != EINTR)) {
		close(s->errors);
		s->errors = -1;
	}
}

/* What is for the program. */
static void
take_input(struct session *s)
{
	char buf[4096];
	ssize_t n = read(s->vm->in, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		console_quote_input(buf, (size_t)n, &s->input);
		return;
	}
	str_add(&s->input, CONSOLE_END_OF_INPUT);
	s->input_ended = true;
}

static void
give_input(struct session *s)
{
	ssize_t n = write(s->to, s->input.buf, s->input.len);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n < 0) {
		/* The machine is about to end. */
		s->input_ended = true;
		str_cut(&s->input, 0);
		return;
	}
	memmove(s->input.buf, s->input.buf + n, s->input.len - (size_t)n);
	str_cut(&s->input, s->input.len - (size_t)n);
}

static int
turn(struct session *s, struct err *e)
{
	struct pollfd fds[] = {{.fd = s->from, .events = POLLIN},
	    {.fd = s->errors, .events = POLLIN},
	    {.fd = s->input_ended || s->input.len > MAX_PENDING ? -1 : s->vm->in, .events = POLLIN},
	    {.fd = s->input.len ? s->to : -1, .events = POLLOUT},
	    {.fd = s->from < 0 ? s->ended : -1, .events = POLLIN}};
	const int ready = poll(fds, ARRAY_LEN(fds), TICK_MS);

	if (ready < 0)
		return errno == EINTR ? 0 : err_errno(e, "wait for the machine");
	if (ready == 0)
		return give_pause(s, e);
	if (fds[0].revents && take_output(s, e) < 0)
		return -1;
	if (fds[1].revents)
		take_errors(s);
	if (fds[2].revents)
		take_input(s);
	if (fds[3].revents)
		give_input(s);
	return 0;
}

/* Whether the monitor has ended; then it is reaped. */
static bool
has_ended(struct session *s)
{
	return waitpid(s->pid, &s->wstatus, WNOHANG) != 0;
}

static void
end_machine(struct session *s)
{
	int wstatus;

	if (s->vm->stop)
		s->vm->stop(s->vm->name);
	kill(-s->pid, SIGKILL);
	while (waitpid(s->pid, &wstatus, 0) < 0 && errno == EINTR)
		;
}

/* Until the console is closed and the monitor has ended, which it may do later. */
static int
serve(struct session *s, bool *killed, struct err *e)
{
	while (s->from >= 0 || !has_ended(s)) {
		if (proc_pending_signal())
			return err_set(e, ERR_SIGNAL, "interrupted");
		if (turn(s, e) < 0)
			return -1;
		if (s->console.marked && clock_ms() >= s->off_by) {
			*killed = true;
			return 0;
		}
		if (!s->console.marked && s->vm->timeout && clock_ms() >= s->deadline) {
			s->r->end = VM_TIMEOUT;
			*killed = true;
			return 0;
		}
	}
	return 0;
}

static int
finish(struct session *s, bool killed, struct err *e)
{
	AUTO(str) rest = {0};
	struct pollfd errors = {.fd = s->errors, .events = POLLIN};
	int status;

	if (killed)
		end_machine(s);
	/* What it wrote is in the pipe, which something that it left running may hold open. */
	while (s->errors >= 0 && s->r->said.len < MAX_SAID && poll(&errors, 1, 0) > 0)
		take_errors(s);
	s->r->vmm_status =
	    WIFSIGNALED(s->wstatus) ? 128 + WTERMSIG(s->wstatus) : WEXITSTATUS(s->wstatus);
	status = console_end(&s->console, &rest);
	if (status >= 0) {
		s->r->end = VM_EXITED;
		s->r->status = status;
	}
	return give_output(s, &rest, e) < 0 ? -1 : give_end(s, e);
}

int
vm_run(const struct vm *vm, struct vm_result *r, struct err *e)
{
	struct session s __attribute__((cleanup(session_free))) = {
	    .vm = vm, .r = r, .ended = -1, .to = -1, .from = -1, .errors = -1};
	bool killed = false;

	*r = (struct vm_result){.end = VM_DIED};
	if (start(&s, e) < 0)
		return -1;
	s.deadline = clock_ms() + (int64_t)vm->timeout * 1000;
	if (serve(&s, &killed, e) < 0) {
		end_machine(&s);
		return -1;
	}
	return finish(&s, killed, e);
}

void
vm_result_free(struct vm_result *r)
{
	str_free(&r->said);
	*r = (struct vm_result){0};
}
