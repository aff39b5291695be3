/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/symbolizer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "core/debugfile.h"
#include "core/matrix.h"

enum { PATIENCE_MS = 10000, TICK_MS = 200, MAX_ANSWER = 4 << 20 };

/* No program has code there: what is said of it ends the answer before it. */
static const char nowhere[] = "0xffffffffffffffff";

void
symbols_free(struct symbols *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].file);
	}
	free(s->v);
	*s = (struct symbols){0};
}

/* The length of the escape of rustc's older names that s begins with, and what it stands
 * for; 0: none. */
static size_t
unescape(const char *s, char *is)
{
	static const struct {
		const char *escape;
		char is;
	} named[] = {{"$LT$", '<'}, {"$GT$", '>'}, {"$RF$", '&'}, {"$BP$", '*'}, {"$C$", ','},
	    {"$SP$", '@'}, {"$LP$", '('}, {"$RP$", ')'}};
	unsigned long code;
	char *end;

	for (size_t i = 0; i < ARRAY_LEN(named); i++)
		if (str_starts(s, named[i].escape)) {
			*is = named[i].is;
			return strlen(named[i].escape);
		}
	if (s[0] != '$' || s[1] != 'u')
		return 0;
	code = strtoul(s + 2, &end, 16);
	if (*end != '$' || code < ' ' || code >= 0x7f)
		return 0;
	*is = (char)code;
	return (size_t)(end + 1 - s);
}

void
symbolizer_tidy(char *name)
{
	const size_t len = strlen(name), hash = strlen("::h0123456789abcdef");
	char *to = name;

	if (len > hash && str_starts(name + len - hash, "::h") &&
	    strspn(name + len - 16, "0123456789abcdef") == 16)
		name[len - hash] = '\0';
	if (!strchr(name, '$'))
		return;
	for (const char *s = name; *s;) {
		char is;
		size_t n = unescape(s, &is);

		if (n > 0) {
			s += n;
			*to++ = is;
		} else if (s[0] == '.' && s[1] == '.') {
			*to++ = ':';
			*to++ = ':';
			s += 2;
		} else if (s[0] == '_' && s[1] == '$' &&
			   (s == name || (s > name + 1 && s[-1] == ':'))) {
			s++;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The addr2line of the binutils that an ld is from; LLVM's knows every architecture. */
static char *
find_program(const struct matrix_names *ld)
{
	static const char *const others[] = {"llvm-addr2line", "llvm-symbolizer", "addr2line"};
	char *path;

	for (size_t i = 0; i < ld->n; i++) {
		AUTOFREE char *name = NULL;

		if (!str_ends(ld->v[i], "ld"))
			continue;
		name = xasprintf("%.*saddr2line", (int)(strlen(ld->v[i]) - 2), ld->v[i]);
		path = fs_which(name);
		if (path)
			return path;
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		path = fs_which(others[i]);
		if (path)
			return path;
	}
	return NULL;
}

static int
spawn(struct symbolizer *s, char *const *argv, struct err *e)
{
	AUTOFD int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) < 0)
		return err_errno(e, "make a pipe");
	s->to = in[1];
	if (pipe2(out, O_CLOEXEC) < 0) {
		close(in[0]);
		close(in[1]);
		return err_errno(e, "make a pipe");
	}
	s->from = out[0];
	s->pid = proc_start(argv[0], argv, in[0], out[1], null);
	close(in[0]);
	close(out[1]);
	if (s->pid > 0)
		return 0;
	s->pid = 0;
	close(s->to);
	close(s->from);
	return err_errno(e, "start %s", argv[0]);
}

static int
start(struct symbolizer *s, struct err *e)
{
	AUTOFREE char *program = find_program(s->ld);
	AUTO(strv) argv = {0};

	if (!program) {
		err_set(e, ERR_TOOL, "no addr2line is on PATH");
		return err_hint(e, "install it: on Debian and Ubuntu it is in binutils");
	}
	s->debug = debugfile_find(s->image, s->image_fd, e);
	if (!s->debug)
		return -1;
	strv_addl(&argv, program, "-a", "-f", "-i", "-C", "-e", s->debug, NULL);
	if (str_ends(program, "llvm-symbolizer"))
		strv_add(&argv, "--output-style=GNU");
	return spawn(s, argv.v, e);
}

static int
no_answer(const struct symbolizer *s, const char *what, struct err *e)
{
	return err_set(e, ERR_TOOL, "addr2line %s about %s", what, s->debug);
}

/* More of the answer; it may be a part of a line. */
static int
receive(struct symbolizer *s, int64_t deadline, struct err *e)
{
	struct pollfd p = {.fd = s->from, .events = POLLIN};
	char buf[4096];
	ssize_t n;
	int ready;

	if (s->answer > MAX_ANSWER)
		return no_answer(s, "says too much", e);
	ready = poll(&p, 1, TICK_MS);
	if (proc_pending_signal())
		return err_set(e, ERR_SIGNAL, "interrupted");
	if (clock_ms() >= deadline)
		return no_answer(s, "gave no answer in 10 seconds", e);
	if (ready == 0)
		return 0;
	n = ready < 0 ? -1 : read(s->from, buf, sizeof(buf));
	if (n == 0)
		return no_answer(s, "ended without a word", e);
	if (n < 0)
		return errno == EINTR ? 0 : err_errno(e, "read what addr2line says");
	str_addn(&s->got, buf, (size_t)n);
	s->answer += (size_t)n;
	return 0;
}

/* The next line of the answer, owned by the caller. */
static char *
get_line(struct symbolizer *s, int64_t deadline, struct err *e)
{
	const char *end;
	size_t len;
	char *line;

	while (!(end = s->got.len ? memchr(s->got.buf, '\n', s->got.len) : NULL))
		if (receive(s, deadline, e) < 0)
			return NULL;
	len = (size_t)(end - s->got.buf);
	line = xstrndup(s->got.buf, len);
	memmove(s->got.buf, end + 1, s->got.len - len - 1);
	str_cut(&s->got, s->got.len - len - 1);
	return line;
}

/* FILE:LINE, with "?" for what is not known and perhaps " (discriminator N)" behind. */
static void
take_place(const char *text, struct symbol *to)
{
	const char *colon = strrchr(text, ':');
	unsigned long line = colon ? strtoul(colon + 1, NULL, 10) : 0;

	if (line == 0 || line > UINT32_MAX || str_starts(text, "??:"))
		return;
	to->file = xstrndup(text, (size_t)(colon - text));
	to->line = (unsigned)line;
}

static void
add_symbol(struct symbols *out, char *name, const char *place)
{
	struct symbol *to;

	out->v = xrealloc(out->v, (out->n + 1) * sizeof(*out->v));
	to = &out->v[out->n];
	*to = (struct symbol){0};
	take_place(place, to);
	if (strcmp(name, "??") != 0) {
		symbolizer_tidy(name);
		to->name = xstrdup(name);
	}
	if (to->name || to->file)
		out->n++;
}

static int
read_answer(struct symbolizer *s, struct symbols *out, struct err *e)
{
	const int64_t deadline = clock_ms() + PATIENCE_MS;
	bool ending = false;

	for (;;) {
		AUTOFREE char *line = get_line(s, deadline, e);
		AUTOFREE char *place = NULL;

		if (!line)
			return -1;
		/* An address, and the two lines of each function at it. */
		if (str_starts(line, "0x")) {
			ending = strcmp(line, nowhere) == 0;
			continue;
		}
		place = get_line(s, deadline, e);
		if (!place)
			return -1;
		if (ending)
			return 0;
		add_symbol(out, line, place);
	}
}

static int
put_question(struct symbolizer *s, uint64_t address, struct err *e)
{
	AUTOFREE char *text = xasprintf("0x%llx\n%s\n", (unsigned long long)address, nowhere);
	const size_t len = strlen(text);

	s->answer = 0;
	/* Less than a pipe takes at once. */
	if (write(s->to, text, len) == (ssize_t)len)
		return 0;
	return no_answer(s, "ended without a word", e);
}

static void
stop(struct symbolizer *s)
{
	int wstatus;

	if (s->pid == 0)
		return;
	close(s->to);
	close(s->from);
	kill(-s->pid, SIGKILL);
	while (waitpid(s->pid, &wstatus, 0) < 0 && errno == EINTR)
		;
	s->pid = 0;
}

int
symbolizer_ask(struct symbolizer *s, uint64_t address, struct symbols *out, struct err *e)
{
	*out = (struct symbols){0};
	if (s->pid == 0 && start(s, e) < 0)
		return -1;
	if (put_question(s, address, e) < 0 || read_answer(s, out, e) < 0) {
		stop(s);
		symbols_free(out);
		return -1;
	}
	return 0;
}

void
symbolizer_free(struct symbolizer *s)
{
	stop(s);
	str_free(&s->got);
	free(s->debug);
	s->debug = NULL;
}
