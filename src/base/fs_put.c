/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of fs.h for files that can be made again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

static bool
has_text(const char *path, const char *text, size_t n)
{
	AUTO(str) old = {0};
	struct err ignored;

	return fs_read(path, n, &old, &ignored) == 0 && old.len == n &&
	       memcmp(str_text(&old), text, n) == 0;
}

int
fs_put_if_changed(const char *path, const char *text, struct err *e)
{
	AUTOFREE char *tmp = xasprintf("%s.kraft-rust-%ld", path, (long)getpid());
	AUTOFREE char *shown = str_printable(path, 512);
	size_t n = strlen(text);
	struct stat st;
	FILE *f;
	bool ok;

	if (has_text(path, text, n))
		return 0;
	/* A link or a device keeps its place only when it is written as it is. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fs_write(path, text, n, 0666, e);
	f = fopen(tmp, "we");
	if (!f)
		return err_errno(e, "write %s", shown);
	ok = fwrite(text, 1, n, f) == n;
	ok = fclose(f) == 0 && ok && rename(tmp, path) == 0;
	if (ok)
		return 0;
	err_errno(e, "write %s", shown);
	unlink(tmp);
	return -1;
}
