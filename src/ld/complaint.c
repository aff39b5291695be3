/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/complaint.h"

#include <stdbool.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

enum { MAX_LINES = 40, MAX_LAST = 12, MAX_LINE = 400 };

/* Without terminal escapes: ESC [ ... letter (ECMA-48, 5.4). */
static char *
plain(const char *line)
{
	AUTO(str) out = {0};

	while (*line) {
		if (line[0] == '\033' && line[1] == '[') {
			line += 2;
			line += strspn(line, "0123456789;?");
			line += *line ? 1 : 0;
		} else if (*line == '\r') {
			line++;
		} else {
			str_addc(&out, *line++);
		}
	}
	return str_take(&out);
}

static bool
tells_why(const char *line)
{
	static const char *const signs[] = {"error:", "ERROR", "undefined reference to",
	    "multiple definition of", "cannot find", "No space left", "No rule to make target",
	    "in function `", "relocation truncated", "final link failed", " overflowed by ",
	    "Killed", "command not found", "ot found", "Permission denied", "No such file",
	    "read-only file system"};
	static const char *const starts[] = {" E  ", "E  ", "error ", "Error ", "fatal"};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (strstr(line, signs[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (str_starts(line, starts[i]))
			return true;
	return false;
}

static void
add_line(const char *line, struct str *out)
{
	AUTOFREE char *shown = str_printable(line, MAX_LINE);

	str_addf(out, "%s\n", shown);
}

void
complaint_pick(const char *text, struct str *out)
{
	AUTO(strv) lines = {0}, seen = {0};

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n && seen.n < MAX_LINES; i++) {
		AUTOFREE char *line = plain(lines.v[i]);

		if (!tells_why(line) || strv_has(&seen, line))
			continue;
		strv_add(&seen, line);
		add_line(line, out);
	}
}

void
complaint_fallback(const char *said, const char *printed, struct str *out)
{
	AUTO(strv) lines = {0};

	if (out->len > 0)
		return;
	strv_split(&lines, said[strspn(said, " \t\r\n")] ? said : printed, '\n');
	for (size_t i = lines.n > MAX_LAST ? lines.n - MAX_LAST : 0; i < lines.n; i++) {
		AUTOFREE char *line = plain(lines.v[i]);

		add_line(line, out);
	}
}

void
complaint_undefined(const char *text, struct strv *names)
{
	/* bfd (GNU binutils: ld/ldmain.c, undefined_symbol), in the C locale or not. */
	static const struct {
		const char *before, *after;
	} forms[] = {
	    {"undefined reference to `", "'\n"},
	    {"undefined reference to \xe2\x80\x98", "\xe2\x80\x99\n"},
	    {"undefined symbol: ", " \n"},
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		for (const char *p = text; (p = strstr(p, forms[i].before));) {
			AUTOFREE char *name = NULL;
			size_t n;

			p += strlen(forms[i].before);
			n = strcspn(p, forms[i].after);
			name = xstrndup(p, n);
			if (*name && !strv_has(names, name))
				strv_add(names, name);
		}
}
