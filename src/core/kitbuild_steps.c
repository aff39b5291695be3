/* SPDX-License-Identifier: BSD-3-Clause */
/* From the linked image to the one that boots: the commands behind the link. Those that
 * are known are done by kraftld itself, but only when that, tried on the image that
 * Unikraft linked, gives the very image that Unikraft made. */
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/hash.h"
#include "base/mem.h"
#include "core/kitbuild_private.h"
#include "core/post.h"
#include "core/progress.h"

/* The commands with the image, in their order. */
struct behind {
	const struct recipe **v;
	size_t n;
};

static void
behind_free(struct behind *b)
{
	mem_free_ptr(&b->v);
}

/* A command that has the image among its words. What it writes elsewhere by
 * redirection (a list of symbols, a compressed copy) is not part of the image. */
static bool
concerns_image(const struct kitbuild_job *j, const struct recipe *r)
{
	return !r->redirected && (strv_has(&r->argv, j->link_dbg) || strv_has(&r->argv, j->image));
}

/* The image is what the first command behind the link makes of the linked file:
 * Unikraft calls that <image>.dbg. On arm64 Xen starts a binary, made of <binary>.elf. */
static int
find_image(struct kitbuild_job *j, struct err *e)
{
	static const char suffix[] = ".dbg", elf[] = ".elf";

	if (!str_ends(j->link_dbg, suffix))
		return err_set(e, ERR_FAIL,
		    "the link writes %s, where this version expects a file ending in %s",
		    j->link_dbg, suffix);
	j->image = xstrndup(j->link_dbg, strlen(j->link_dbg) - strlen(suffix));
	if (!fs_is_file(j->image))
		return err_set(e, ERR_FAIL, "the build made no %s of %s", j->image, j->link_dbg);
	j->boots = xstrdup(j->image);
	if (str_ends(j->image, elf))
		j->boots[strlen(j->image) - strlen(elf)] = '\0';
	if (!fs_is_file(j->boots))
		return err_set(e, ERR_FAIL, "the build made no %s of %s", j->boots, j->image);
	return 0;
}

static int
find_behind(const struct kitbuild_job *j, const struct recipes *ran, size_t link, struct behind *b,
    struct err *e)
{
	b->v = xcalloc(ran->n + 1, sizeof(*b->v));
	for (size_t i = link + 1; i < ran->n; i++) {
		const struct recipe *r = &ran->v[i];

		if (!concerns_image(j, r))
			continue;
		if (r->opaque) {
			err_set(e, ERR_FAIL,
			    "this version does not understand a step of this "
			    "Unikraft: %.500s",
			    r->text);
			return err_hint(e, "the log is %s", j->log);
		}
		b->v[b->n++] = r;
	}
	return 0;
}

static bool
is_tool(const struct recipe *r, const char *tool)
{
	const char *name = fs_basename(r->argv.v[0]);
	AUTOFREE char *cross = xasprintf("-%s", tool);

	return strcmp(name, tool) == 0 || str_ends(name, cross);
}

static bool
is_words(const struct recipe *r, size_t from, const char *const *words, size_t n)
{
	if (r->argv.n != from + n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!words[i] || strcmp(r->argv.v[from + i], words[i]) != 0)
			return false;
	return true;
}

static bool
is_strip(const struct kitbuild_job *j, const struct recipe *r)
{
	const char *const words[] = {"-s", j->link_dbg, "-o", j->image};

	return is_tool(r, "strip") && is_words(r, 1, words, ARRAY_LEN(words));
}

/* mkbootinfo.py IMAGE TABLE [-a ARCH] [-n] [--min-address=N], and then objcopy IMAGE
 * --update-section .uk_bootinfo=TABLE. */
static bool
known_bootinfo(const struct kitbuild_job *j, const struct recipe *make, const struct recipe *put,
    struct kit *k)
{
	const struct strv *argv = &make->argv;
	AUTOFREE char *update = NULL;
	const char *words[] = {j->image, "--update-section", NULL};
	AUTO(strv) options = {0};
	struct kit_step *step;

	if (strcmp(fs_basename(argv->v[0]), "mkbootinfo.py") != 0 || argv->n < 3 ||
	    strcmp(argv->v[1], j->image) != 0)
		return false;
	for (size_t i = 3; i < argv->n; i++) {
		if (strcmp(argv->v[i], "-a") == 0)
			i++;
		else if (strcmp(argv->v[i], "-n") == 0)
			strv_add(&options, "names");
		else if (str_starts(argv->v[i], "--min-address="))
			strv_add(&options, argv->v[i] + 2);
		else
			return false;
	}
	update = xasprintf(".uk_bootinfo=%s", argv->v[2]);
	words[2] = update;
	if (!put || !is_tool(put, "objcopy") || !is_words(put, 1, words, ARRAY_LEN(words)))
		return false;
	step = kit_add_step(k, true, "bootinfo");
	strv_addv(&step->argv, &options);
	return true;
}

static const char *
known_step(const struct kitbuild_job *j, const struct recipe *r)
{
	const char *const image[] = {j->image}, *const both[] = {j->image, j->link_dbg};
	const char *const binary[] = {"-O", "binary", j->image, j->boots};
	const size_t n_binary = ARRAY_LEN(binary) - (strcmp(j->boots, j->image) == 0);
	const char *name = fs_basename(r->argv.v[0]);

	if (is_strip(j, r))
		return "strip";
	if (strcmp(name, "multiboot.py") == 0 && is_words(r, 1, image, ARRAY_LEN(image)))
		return "multiboot";
	if (is_tool(r, "objcopy") && is_words(r, 1, binary, n_binary))
		return "binary";
	if (strcmp(name, "mklinux.py") == 0 && is_words(r, 1, both, ARRAY_LEN(both)))
		return "linux-arm64";
	return NULL;
}

/* Whether each of the commands is known; its step is then in k. */
static bool
all_known(const struct kitbuild_job *j, const struct behind *b, struct kit *k)
{
	for (size_t i = 0; i < b->n; i++) {
		const char *name = known_step(j, b->v[i]);

		if (name)
			kit_add_step(k, true, name);
		else if (known_bootinfo(j, b->v[i], i + 1 < b->n ? b->v[i + 1] : NULL, k))
			i++;
		else
			return false;
	}
	return true;
}

static void
drop_steps(struct kit *k)
{
	for (size_t i = 0; i < k->n_steps; i++)
		strv_free(&k->steps[i].argv);
	k->n_steps = 0;
}

/* Whether the steps make Unikraft's image of what Unikraft linked. */
static bool
same_image(const struct kitbuild_job *j, const struct kit *k)
{
	AUTOFREE char *trial = xasprintf("%s/trial", j->work);
	AUTOFREE char *copy = xasprintf("%s/%s", trial, fs_basename(j->image));
	char theirs[HASH_HEX + 1], ours[HASH_HEX + 1];
	struct err ignored = {0};

	if (fs_mkdirs(trial, &ignored) < 0 || fs_remove(copy, &ignored) < 0)
		return false;
	for (size_t i = 0; i < k->n_steps; i++)
		if (post_run(&k->steps[i].argv, copy, j->link_dbg, &ignored) < 0)
			return false;
	return hash_file(copy, ours, &ignored) == 0 && hash_file(j->boots, theirs, &ignored) == 0 &&
	       strcmp(ours, theirs) == 0;
}

/* The table of memory regions is larger from 0.17 on. */
static void
widen(struct kit *k)
{
	for (size_t i = 0; i < k->n_steps; i++)
		if (strcmp(k->steps[i].argv.v[0], "bootinfo") == 0)
			strv_add(&k->steps[i].argv, "wide");
}

/* A word of a recorded command, with what the kit will call the things in it. */
static char *
translate(const struct kitbuild_job *j, const char *word)
{
	const char *const map[][2] = {
	    {j->link_dbg, "{debug}"}, {j->image, "{output}"}, {j->boots, "{output}"}};
	AUTO(str) out = {0};

	while (*word) {
		size_t i = 0;

		while (i < ARRAY_LEN(map) && !str_starts(word, map[i][0]))
			i++;
		if (i < ARRAY_LEN(map)) {
			str_add(&out, map[i][1]);
			word += strlen(map[i][0]);
		} else {
			str_addc(&out, *word++);
		}
	}
	return str_take(&out);
}

static int
record(struct kitbuild_job *j, const struct recipe *r, struct kit *k, struct err *e)
{
	AUTOFREE char *program = NULL;
	struct kit_step *step;

	/* The build's own scripts come along, the machine's tools are found on PATH. */
	if (str_starts(r->argv.v[0], j->b->unikraft) || str_starts(r->argv.v[0], j->work))
		program = kitbuild_take_file(j, r->argv.v[0], "tools", false, e);
	else
		program = xstrdup(fs_basename(r->argv.v[0]));
	if (!program)
		return -1;
	step = kit_add_step(k, false, program);
	for (size_t i = 1; i < r->argv.n; i++) {
		strv_give(&step->argv, translate(j, r->argv.v[i]));
		if (strstr(step->argv.v[i], j->work) || strstr(step->argv.v[i], j->b->unikraft))
			return err_set(e, ERR_FAIL,
			    "this version does not understand a step of this Unikraft, for its "
			    "file %s: %.300s",
			    r->argv.v[i], r->text);
	}
	return 0;
}

static int
record_all(struct kitbuild_job *j, const struct behind *b, struct kit *k, struct err *e)
{
	for (size_t i = 0; i < b->n; i++) {
		const char *program = fs_basename(b->v[i]->argv.v[0]);
		AUTOFREE char *text =
		    xasprintf("note: the step %s of this Unikraft is kept as it was run", program);

		j->b->progress->step(j->b->progress->ctx, text);
		if (record(j, b->v[i], k, e) < 0)
			return -1;
	}
	return 0;
}

int
kitbuild_take_steps(
    struct kitbuild_job *j, const struct recipes *ran, size_t link, struct kit *k, struct err *e)
{
	struct behind b __attribute__((cleanup(behind_free))) = {0};

	if (find_image(j, e) < 0 || find_behind(j, ran, link, &b, e) < 0)
		return -1;
	if (all_known(j, &b, k)) {
		if (same_image(j, k))
			return 0;
		widen(k);
		if (same_image(j, k))
			return 0;
	}
	drop_steps(k);
	return record_all(j, &b, k, e);
}
