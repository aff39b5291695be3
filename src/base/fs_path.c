/* SPDX-License-Identifier: BSD-3-Clause */
/* The part of fs.h about names and places. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

char *
fs_realpath(const char *path, struct err *e)
{
	char *real = realpath(path, NULL);

	if (!real) {
		int saved = errno;
		AUTOFREE char *shown = str_printable(path, PATH_MAX);

		errno = saved;
		err_errno(e, "find %s", shown);
	}
	return real;
}

char *
fs_absolute(const char *path)
{
	AUTOFREE char *cwd = NULL;
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		n--;
	if (path[0] == '/' || !(cwd = getcwd(NULL, 0)))
		return xstrndup(path, n);
	while (n > 2 && str_starts(path, "./")) {
		path += 2;
		n -= 2;
	}
	if (n == 0 || (n == 1 && *path == '.'))
		return take_ptr(cwd);
	return xasprintf("%s/%.*s", cwd, (int)n, path);
}

char *
fs_dirname(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return xstrdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

const char *
fs_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
executable(const char *path)
{
	return access(path, X_OK) == 0 && fs_is_file(path);
}

char *
fs_which(const char *program)
{
	const char *path = getenv("PATH");
	AUTO(strv) dirs = {0};

	if (strchr(program, '/'))
		return executable(program) ? xstrdup(program) : NULL;
	strv_split(&dirs, path ? path : "/usr/local/bin:/usr/bin:/bin", ':');
	for (size_t i = 0; i < dirs.n && *program; i++) {
		AUTOFREE char *full = xasprintf("%s/%s", dirs.v[i], program);

		if (executable(full))
			return take_ptr(full);
	}
	return NULL;
}

char *
fs_self(struct err *e)
{
	char *self = fs_readlink("/proc/self/exe");

	if (!self)
		err_errno(e, "find this program (is /proc mounted?)");
	return self;
}
