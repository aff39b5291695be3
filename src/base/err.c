/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* snprintf cuts silently; a reader should see that something is missing. What is
 * left is still well-formed UTF-8. */
static void
mark_cut(char *text, size_t size, size_t wanted)
{
	size_t at = size - 4;

	if (wanted < size)
		return;
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(text + at, "...", 4);
}

static void
append(struct err *e, const char *sep, const char *text)
{
	size_t len = strlen(e->msg);
	int n = snprintf(e->msg + len, sizeof(e->msg) - len, "%s%s", sep, text);

	if (n > 0)
		mark_cut(e->msg, sizeof(e->msg), len + (size_t)n);
}

int
err_set(struct err *e, enum err_class cls, const char *fmt, ...)
{
	va_list ap;
	int n;

	e->cls = cls;
	va_start(ap, fmt);
	n = vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	if (n > 0)
		mark_cut(e->msg, sizeof(e->msg), (size_t)n);
	return -1;
}

int
err_errno(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	e->cls = ERR_FAIL;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	append(e, ": ", strerror(saved));
	return -1;
}

int
err_wrap(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	append(e, ": ", old);
	return -1;
}

int
err_hint(struct err *e, const char *fmt, ...)
{
	char hint[2048];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(hint, sizeof(hint), fmt, ap);
	va_end(ap);
	if (n > 0)
		mark_cut(hint, sizeof(hint), (size_t)n);
	append(e, "\n  ", hint);
	return -1;
}
