/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/respfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { CHUNK = 64 << 10 };

/* isspace(3) in the C locale, which is what libiberty asks. */
static bool
space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
rustc_shape(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] == ' ')
			return false;
		if (s[i] == '\\')
			i++;
	}
	return true;
}

/* Append what comes before one of the stop characters or the end. */
static const char *
take_plain(const char *s, const char *end, const char *stop, struct str *arg)
{
	const char *p = s;

	while (p < end && !strchr(stop, *p))
		p++;
	str_addn(arg, s, (size_t)(p - s));
	return p;
}

static void
parse_rustc(const char *s, const char *end, struct strv *out)
{
	AUTO(str) arg = {0};

	while (s < end) {
		s = take_plain(s, end, "\n\\", &arg);
		if (s == end)
			break;
		if (*s == '\n') {
			strv_add(out, arg.buf);
			str_cut(&arg, 0);
		} else if (++s < end) {
			str_addc(&arg, *s);
		} else {
			str_addc(&arg, '\\');
			break;
		}
		s++;
	}
	if (arg.len > 0)
		strv_add(out, arg.buf);
}

static const char *
gnu_word(const char *s, const char *end, struct str *arg)
{
	char quote = '\0';

	for (; s < end && (quote || !space(*s)); s++) {
		s = take_plain(s, end, quote ? "\\'\"" : "\\'\" \t\n\v\f\r", arg);
		if (s == end || (!quote && space(*s)))
			break;
		if (*s == '\\' && s + 1 < end)
			str_addc(arg, *++s);
		else if (quote && *s == quote)
			quote = '\0';
		else if (!quote && (*s == '\'' || *s == '"'))
			quote = *s;
		else
			str_addc(arg, *s);
	}
	return s;
}

static void
parse_gnu(const char *s, const char *end, struct strv *out)
{
	while (s < end) {
		AUTO(str) arg = {0};

		if (space(*s)) {
			s++;
			continue;
		}
		s = gnu_word(s, end, &arg);
		strv_give(out, str_take(&arg));
	}
}

void
respfile_parse(const char *base, const char *text, size_t len, struct strv *out)
{
	if (strcmp(base, "linker-arguments") == 0 && rustc_shape(text, len))
		parse_rustc(text, text + len, out);
	else
		parse_gnu(text, text + len, out);
}

struct expansion {
	struct strv *out;
	struct err *e;
	size_t files, bytes;
};

static int
read_file(struct expansion *x, const char *path, struct strv *args)
{
	AUTOFREE char *shown = str_printable(path, 200);
	AUTO(str) text = {0};

	if (++x->files > RESPFILE_FILES)
		return err_set(
		    x->e, ERR_INPUT, "response file %s: more than %d files", shown, RESPFILE_FILES);
	if (fs_read(path, RESPFILE_BYTES - x->bytes, &text, x->e) < 0) {
		x->e->cls = ERR_INPUT;
		return err_wrap(x->e, "response file");
	}
	x->bytes += text.len;
	if (text.len > 0 && memchr(text.buf, '\0', text.len))
		return err_set(x->e, ERR_INPUT, "response file %s: has a NUL byte", shown);
	respfile_parse(fs_basename(path), str_text(&text), text.len, args);
	return 0;
}

static int expand(struct expansion *x, char *const *argv, size_t n, unsigned depth);

/* What is in the file, as driver arguments, or each behind -Xlinker. */
static int
expand_file(struct expansion *x, const char *path, bool for_ld, unsigned depth)
{
	AUTO(strv) args = {0}, wrapped = {0};

	if (depth == RESPFILE_DEPTH) {
		AUTOFREE char *shown = str_printable(path, 200);

		return err_set(x->e, ERR_INPUT, "response file %s: nested deeper than %d files",
		    shown, RESPFILE_DEPTH);
	}
	if (read_file(x, path, &args) < 0)
		return -1;
	if (!for_ld)
		return expand(x, args.v, args.n, depth + 1);
	for (size_t i = 0; i < args.n; i++) {
		strv_add(&wrapped, "-Xlinker");
		strv_add(&wrapped, args.v[i]);
	}
	return expand(x, wrapped.v, wrapped.n, depth + 1);
}

/* One argument for ld. As libiberty does, @FILE without such a file means itself:
 * it may be an option's value, like Darwin's -rpath,@loader_path. */
static int
expand_for_ld(struct expansion *x, const char *arg, unsigned depth)
{
	if (arg[0] == '@' && fs_exists(arg + 1))
		return expand_file(x, arg + 1, true, depth);
	strv_add(x->out, "-Xlinker");
	strv_add(x->out, arg);
	return 0;
}

/* -Wl,a,@FILE,b: piece by piece behind -Xlinker. */
static int
expand_commas(struct expansion *x, const char *list, unsigned depth)
{
	for (const char *end;; list = end + 1) {
		AUTOFREE char *piece = NULL;

		end = strchrnul(list, ',');
		piece = xstrndup(list, (size_t)(end - list));
		if (expand_for_ld(x, piece, depth) < 0)
			return -1;
		if (!*end)
			return 0;
	}
}

static int
expand(struct expansion *x, char *const *argv, size_t n, unsigned depth)
{
	for (size_t i = 0; i < n; i++) {
		int rc = 0;

		if (argv[i][0] == '@') {
			rc = expand_file(x, argv[i] + 1, false, depth);
		} else if (str_starts(argv[i], "-Wl,") && strstr(argv[i], ",@")) {
			rc = expand_commas(x, argv[i] + 4, depth);
		} else if (strcmp(argv[i], "-Xlinker") == 0 && i + 1 < n) {
			rc = expand_for_ld(x, argv[++i], depth);
		} else {
			strv_add(x->out, argv[i]);
		}
		if (rc < 0)
			return -1;
	}
	return 0;
}

int
respfile_expand(char *const *argv, size_t n, struct strv *out, struct err *e)
{
	struct expansion x = {.out = out, .e = e};

	return expand(&x, argv, n, 0);
}

static void
format_arg(const char *arg, struct str *out)
{
	/* Newlines go into quotes: newer libiberty drops an escaped newline. */
	const char *quote = !*arg || strchr(arg, '\n') ? "\"" : "";
	const char *special = *quote ? "\\'\"" : "\\'\" \t\n\v\f\r";

	str_add(out, quote);
	for (size_t n; *arg; arg += n) {
		n = strcspn(arg, special);
		if (n == 0) {
			str_addc(out, '\\');
			n = 1;
		}
		str_addn(out, arg, n);
	}
	str_add(out, quote);
	str_addc(out, '\n');
}

void
respfile_format(char *const *argv, struct str *out)
{
	for (size_t i = 0; argv[i]; i++)
		format_arg(argv[i], out);
}

static int
write_out(int fd, struct str *text)
{
	for (size_t at = 0; at < text->len;) {
		ssize_t done = write(fd, text->buf + at, text->len - at);

		if (done < 0 && errno != EINTR)
			return -1;
		at += done > 0 ? (size_t)done : 0;
	}
	str_cut(text, 0);
	return 0;
}

int
respfile_write(const char *path, char *const *argv, struct err *e)
{
	AUTOFD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	AUTO(str) text = {0};

	if (fd < 0)
		return err_errno(e, "write %s", path);
	for (size_t i = 0; argv[i]; i++) {
		format_arg(argv[i], &text);
		if ((text.len > CHUNK || !argv[i + 1]) && write_out(fd, &text) < 0)
			return err_errno(e, "write %s", path);
	}
	return 0;
}
