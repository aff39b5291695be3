/* SPDX-License-Identifier: BSD-3-Clause */
/* Child processes: always an argv, never a shell. */
#ifndef KRAFT_RUST_BASE_PROC_H
#define KRAFT_RUST_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;
struct str;
struct strv;

struct proc {
	char *const *argv;      /* NULL-terminated; argv[0] is searched on PATH */
	const char *cwd;        /* NULL: ours */
	bool session;           /* in a session of its own: no terminal to ask questions on */
	const struct strv *env; /* "K=V" sets, "K" removes, on top of ours; may be NULL */
	/* Standard output: each line without its newline to on_line, or everything
	 * to out, or (both NULL) inherited. on_line returns -1 with *e filled to
	 * have the child killed. A line of more than 8 MiB, and more than 64 MiB
	 * into out or err_out, are errors (ERR_TOOL) that kill it too. */
	int (*on_line)(void *ctx, char *line, size_t len, struct err *e);
	void *ctx;
	struct str *out;
	/* Standard error: to the end of err_out, or to err_fd when it is > 0, else
	 * inherited. */
	struct str *err_out;
	int err_fd;
};

/* Run the child to its end, standard input from /dev/null, in a process group
 * of its own. *status is its exit code, or 128 + signal. INT, TERM and HUP are
 * passed to the group (KILL after two seconds) and end the call with ERR_SIGNAL.
 * The child dies with us. What it leaves running is not waited for, even when that
 * still holds the child's output open. -1 when it could not be started: ERR_TOOL. */
int proc_run(const struct proc *p, int *status, struct err *e);

/* proc_run that wants exit code 0; otherwise ERR_TOOL with the command line and,
 * when captured, what it said on standard error. */
int proc_check(const struct proc *p, struct err *e);

/* Start a program with these descriptors as its standard ones, in a process group of its
 * own. It dies with us; a program that cannot be executed ends with 127. Returns the pid,
 * which the caller reaps; -1: errno is set. */
pid_t proc_start(const char *exe, char *const *argv, int in, int out, int errors);

/* The command as one would type it in a shell. Owned by the caller. */
char *proc_quote(char *const *argv);

/* Make sure that descriptors 0, 1 and 2 are open, so that no file that is opened
 * later gets one of these numbers. Writing to them still fails. Call it first. */
void proc_open_standard(void);

/* From now on INT, TERM and HUP set a flag instead of killing us, and PIPE is
 * ignored. */
void proc_catch_signals(void);
int proc_pending_signal(void); /* 0: none */
/* Give up the handler and die of the pending signal. */
void proc_reraise(void);

#endif
