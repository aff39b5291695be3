/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/password.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

enum { PASSWORD_MAX = 1024 };

void
password_forget(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
}

static int
from_file(const char *file, char **password, struct err *e)
{
	AUTO(str) text = {0};

	if (fs_read(file, PASSWORD_MAX, &text, e) < 0)
		return -1;
	*password = xstrndup(str_text(&text), strcspn(str_text(&text), "\r\n"));
	password_forget(text.buf);
	return 0;
}

static bool
read_line(FILE *tty, char line[PASSWORD_MAX])
{
	struct termios old, silent;
	bool ok;

	if (tcgetattr(fileno(tty), &old) < 0)
		return false;
	silent = old;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(fileno(tty), TCSAFLUSH, &silent);
	ok = fgets(line, PASSWORD_MAX, tty) != NULL;
	tcsetattr(fileno(tty), TCSAFLUSH, &old);
	return ok;
}

int
password_get(const char *file, const char *what, char **password, struct err *e)
{
	char line[PASSWORD_MAX] = "";
	FILE *tty;

	if (file)
		return from_file(file, password, e);
	tty = fopen("/dev/tty", "r+e");
	if (!tty) {
		err_set(e, ERR_USAGE, "%s: needs its password, and there is no terminal to ask on",
		    what);
		return err_hint(e, "give a file that holds it with --password-file");
	}
	fprintf(tty, "Password of %s: ", what);
	fflush(tty);
	if (!read_line(tty, line))
		err_set(e, ERR_SIGNAL, "interrupted");
	else
		*password = xstrndup(line, strcspn(line, "\r\n"));
	fprintf(tty, "\n");
	fclose(tty);
	password_forget(line);
	return *password ? 0 : -1;
}
