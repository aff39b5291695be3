/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/kitcheck.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/image.h"
#include "core/kit.h"
#include "core/kitstore.h"
#include "core/matrix.h"
#include "core/post.h"

/* What may follow an argument of ld: nothing, a word in the same or in the next
 * argument, a file of the kit, or the image's name. */
enum form { ALONE, JOINED, WORD, SCRIPT, IMAGE };

/* GNU ld's options that neither read nor write files of their own. Options that load
 * plugins, write maps or name other files are not here. */
static const struct {
	const char *arg;
	enum form form;
} allowed[] = {
    {"-o", IMAGE},
    {"-T", SCRIPT},
    {"-dT", SCRIPT},
    {"--script", SCRIPT},
    {"--default-script", SCRIPT},
    {"-m", WORD},
    {"-z", WORD},
    {"-e", WORD},
    {"-u", WORD},
    {"-z", JOINED},
    {"-melf", JOINED},
    {"-maarch64", JOINED},
    {"--entry=", JOINED},
    {"--wrap=", JOINED},
    {"--defsym=", JOINED},
    {"--undefined=", JOINED},
    {"--build-id=", JOINED},
    {"--orphan-handling=", JOINED},
    {"--hash-style=", JOINED},
    {"--build-id", ALONE},
    {"--eh-frame-hdr", ALONE},
    {"--no-eh-frame-hdr", ALONE},
    {"--as-needed", ALONE},
    {"--no-as-needed", ALONE},
    {"--start-group", ALONE},
    {"--end-group", ALONE},
    {"--whole-archive", ALONE},
    {"--no-whole-archive", ALONE},
    {"--gc-sections", ALONE},
    {"--no-gc-sections", ALONE},
    {"--no-dynamic-linker", ALONE},
    {"--no-relax", ALONE},
    {"--no-warn-rwx-segments", ALONE},
    {"--no-warn-execstack", ALONE},
    {"--no-warn-mismatch", ALONE},
    {"--fix-cortex-a53-835769", ALONE},
    {"--fix-cortex-a53-843419", ALONE},
    {"--nmagic", ALONE},
    {"--omagic", ALONE},
    {"-n", ALONE},
    {"-N", ALONE},
    {"-static", ALONE},
    {"-Bstatic", ALONE},
    {"-no-pie", ALONE},
    {"-nostdlib", ALONE},
    {"-EL", ALONE},
    {"-X", ALONE},
    {"-x", ALONE},
};

static const char kit_file[] = "{kit}/";

/* Without '@', with which ld would read arguments from a file, and without '/'. */
static bool
is_word(const char *s)
{
	return *s && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       "0123456789_.=+-") == strlen(s);
}

static bool
follows(enum form form, const char *next)
{
	if (!next)
		return false;
	if (form == IMAGE)
		return strcmp(next, "{debug}") == 0 || strcmp(next, "{output}") == 0;
	return form == SCRIPT ? str_starts(next, kit_file) : is_word(next);
}

/* How many arguments the one at i makes with what belongs to it; 0: not allowed. */
static size_t
allowed_at(const struct strv *args, size_t i)
{
	const char *arg = args->v[i], *next = i + 1 < args->n ? args->v[i + 1] : NULL;

	if (strcmp(arg, "{inputs}") == 0 || strcmp(arg, "{strip}") == 0 ||
	    str_starts(arg, kit_file))
		return 1;
	for (size_t r = 0; r < ARRAY_LEN(allowed); r++) {
		const char *name = allowed[r].arg;
		enum form form = allowed[r].form;

		if (form == JOINED && str_starts(arg, name))
			return is_word(arg + strlen(name)) ? 1 : 0;
		if (strcmp(arg, name) != 0)
			continue;
		return form == ALONE ? 1 : follows(form, next) ? 2 : 0;
	}
	return 0;
}

static int
build_here(const struct matrix_combo *c, struct err *e)
{
	return err_hint(e,
	    "build the kit on this machine: 'kraft-rust kit build %s %s --unikraft DIR --lib DIR'",
	    c->arch->name, c->plat->name);
}

static int
check_args(const struct matrix_combo *c, const struct kit *k, struct err *e)
{
	size_t n;

	for (size_t i = 0; i < k->args.n; i += n) {
		AUTOFREE char *shown = str_printable(k->args.v[i], 200);

		n = allowed_at(&k->args, i);
		if (n > 0)
			continue;
		err_set(e, ERR_INTEGRITY,
		    "kit.conf: a kit from elsewhere may not give ld the argument '%s'", shown);
		return build_here(c, e);
	}
	return 0;
}

static int
check_steps(const struct matrix_combo *c, const struct kit *k, struct err *e)
{
	for (size_t i = 0; i < k->n_steps; i++) {
		const struct kit_step *s = &k->steps[i];
		AUTOFREE char *shown = str_printable(s->argv.v[0], 80);

		if (s->builtin && post_known(s->argv.v[0]))
			continue;
		if (s->builtin) {
			err_set(e, ERR_INTEGRITY,
			    "kit.conf: has a step '%s' that this version does not know", shown);
			return err_hint(e, "update kraft-rust");
		}
		err_set(e, ERR_INTEGRITY,
		    "kit.conf: starts %s at every link, which a kit from elsewhere may not", shown);
		return build_here(c, e);
	}
	return 0;
}

/* What is no ELF file is ld's to refuse. */
static int
check_objects(const struct matrix_combo *c, const char *dir, struct err *e)
{
	AUTO(strv) files = {0};

	if (kitstore_files(dir, &files, e) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++) {
		AUTOFREE char *path = xasprintf("%s/%s", dir, files.v[i]);
		AUTOFD int fd = -1;
		unsigned machine;

		if (!str_ends(files.v[i], ".o"))
			continue;
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		machine = fd < 0 ? 0 : image_machine(fd);
		if (machine && machine != c->arch->machine)
			return err_set(e, ERR_INTEGRITY,
			    "%s: is an object for ELF machine %u, not for %s (%u)", files.v[i],
			    machine, c->arch->name, c->arch->machine);
	}
	return 0;
}

int
kitcheck_foreign(const struct matrix_combo *c, const char *dir, struct err *e)
{
	AUTO(kit) k = {0};

	if (kit_load(dir, &k, e) < 0) {
		e->cls = ERR_INTEGRITY;
		return -1;
	}
	if (strcmp(k.arch, c->arch->name) != 0 || strcmp(k.plat, c->plat->name) != 0 ||
	    k.machine != c->arch->machine)
		return err_set(e, ERR_INTEGRITY,
		    "kit.conf: is for %.64s %.64s (ELF machine %u), not for %s %s", k.arch, k.plat,
		    k.machine, c->arch->name, c->plat->name);
	if (check_args(c, &k, e) < 0 || check_steps(c, &k, e) < 0)
		return -1;
	return check_objects(c, dir, e);
}
