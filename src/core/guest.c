/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/guest.h"

#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/console.h"
#include "core/vmnet.h"

/* templates/kconfig/base: CONFIG_LIBUKBOOT_MAXNBARGS. Unikraft drops what is beyond. */
enum { MAX_WORDS = 1024 };

/* share/librust/random.c starts from as many bytes. */
enum { SEED_BYTES = 40 };

char *
guest_seed(void)
{
	unsigned char bytes[SEED_BYTES];
	AUTO(str) out = {0};

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return NULL;
	for (size_t i = 0; i < sizeof(bytes); i++)
		str_addf(&out, "%02x", bytes[i]);
	return str_take(&out);
}

static size_t
count_words(const char *line)
{
	size_t n = 0;

	for (; *line; line++)
		n += *line != ' ' && (line[1] == ' ' || line[1] == '\0');
	return n;
}

char *
guest_command_line(
    const struct guest *g, const char *first, const char *monitor, size_t max, struct err *e)
{
	AUTOFREE char *words = console_command_line(g->name, g->seed, g->env, g->args, g->n_args);
	const char *param = g->net && g->net->param ? g->net->param : "";
	AUTOFREE char *line =
	    xasprintf("%s%s%s%s%s", first, *first ? " " : "", param, *param ? " " : "", words);
	/* argv[0] is not always one of them. */
	const size_t n = count_words(line) + 1;

	if (n <= MAX_WORDS && strlen(line) <= max)
		return take_ptr(line);
	if (n > MAX_WORDS)
		err_set(e, ERR_USAGE,
		    "%zu arguments and %zu environment variables are too many: the kernel takes "
		    "%d words in all",
		    g->n_args, g->env->n, MAX_WORDS);
	else
		err_set(e, ERR_USAGE,
		    "the arguments and the environment are too long: %zu bytes as a kernel's "
		    "command line, of which %s takes %zu",
		    strlen(line), monitor, max);
	err_hint(e, "give the program a file with --initrd, or its standard input");
	return NULL;
}
