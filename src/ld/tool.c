/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/tool.h"

#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/wrapconf.h"
#include "ld/respfile.h"

/* Linux takes at most 128 KiB in one argument (MAX_ARG_STRLEN), and ARG_MAX for
 * all of them with the environment. */
enum { MAX_ONE = 96 << 10 };

/* Debian's package names: x86_64-linux-gnu-ld is in binutils-x86-64-linux-gnu. */
static char *
package_of(const char *ld)
{
	AUTOFREE char *triplet = NULL;
	size_t n = strlen(ld);

	if (strchr(ld, '/') || !str_ends(ld, "-ld"))
		return xstrdup("binutils");
	triplet = xstrndup(ld, n - strlen("-ld"));
	for (char *p = triplet; *p; p++)
		if (*p == '_')
			*p = '-';
	return xasprintf("binutils-%s", triplet);
}

char *
tool_ld(const struct wrapconf *c, struct err *e)
{
	AUTOFREE char *package = NULL, *tried = NULL;

	for (size_t i = 0; i < c->ld.n; i++) {
		char *path = fs_which(c->ld.v[i]);

		if (path)
			return path;
	}
	package = package_of(c->ld.v[0]);
	tried = strv_join(&c->ld, ", ");
	err_set(e, ERR_TOOL, "no GNU ld for %s: looked for %s", c->arch, tried);
	err_hint(e, "run 'apt install %s'", package);
	return NULL;
}

static size_t
env_bytes(void)
{
	size_t n = 0;

	for (char **p = environ; p && *p; p++)
		n += strlen(*p) + 1 + sizeof(*p);
	return n;
}

static bool
fits_execve(const struct strv *command)
{
	long max = sysconf(_SC_ARG_MAX);
	size_t limit = (max > 0 ? (size_t)max : 128 << 10) / 2, n = env_bytes();

	for (size_t i = 0; i < command->n; i++) {
		size_t len = strlen(command->v[i]);

		if (len > MAX_ONE)
			return false;
		n += len + 1 + sizeof(char *);
	}
	return n <= limit;
}

int
tool_run(
    const struct strv *command, const char *args_file, struct str *said, int *status, struct err *e)
{
	AUTO(strv) shorter = {0};
	AUTO(strv) env = {0};
	struct proc p = {.argv = command->v, .env = &env, .err_out = said};

	/* Messages in English, as rustc asks for too: some are understood here. */
	strv_add(&env, "LC_ALL=C");
	if (!fits_execve(command)) {
		if (respfile_write(args_file, command->v + 1, e) < 0)
			return -1;
		strv_add(&shorter, command->v[0]);
		strv_addf(&shorter, "@%s", args_file);
		p.argv = shorter.v;
	}
	return proc_run(&p, status, e);
}

bool
tool_is_gnu_ld(const char *path)
{
	AUTO(strv) command = {0};
	AUTO(str) out = {0}, said = {0};
	struct err ignored = {0};
	int status = 0;

	strv_add(&command, path);
	strv_add(&command, "--version");
	if (proc_run(&(struct proc){.argv = command.v, .out = &out, .err_out = &said}, &status,
		&ignored) < 0 ||
	    status != 0)
		return true;
	return str_starts(str_text(&out), "GNU ld");
}
