/* SPDX-License-Identifier: BSD-3-Clause */
/* Kits: everything the last link of one combination needs, a directory with
 * kit.conf in kv.h's format and the files that it names.
 *
 *	format = 1
 *	architecture = x86_64
 *	platform = host
 *	target = x86_64-unikraft-linux-musl
 *	machine = 62
 *	arg = ...           one of GNU ld's arguments; all of them, in order
 *	run = PROGRAM       starts a post-processing command, in order
 *	run-arg = ...       one more argument of the last run
 *	step = NAME         a post-processing step that kraftld itself does (ld/post.h);
 *	                    steps and runs are done in the order of the file
 *	step-arg = ...      one more option of the last step
 *
 * In arg, run and run-arg, {kit} stands for the kit's directory, {output} for the
 * image to be written and {debug} for the image with symbols, which is published
 * beside it as <output>.dbg. The whole argument {inputs} stands for everything
 * that rustc handed over, {strip} for the strip flag that rustc asked for (or
 * nothing); both may only be in arg. ld writes {debug} when some arg names it,
 * else {output}, and what ld wrote is verified; a kit whose ld writes {debug}
 * has a run or step that makes {output} from it, and leaves {strip} out. There is no need
 * for -nostdlib: kraftld always gives it, so that only the kit's and the
 * project's own library directories are searched.
 *
 * Any order of keys is fine, apart from arg, and the runs and steps with what belongs
 * to them, among themselves. */
#ifndef KRAFT_RUST_CORE_KIT_H
#define KRAFT_RUST_CORE_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct err;

struct kit_step {
	bool builtin;     /* argv is the name of a step and its options, no command */
	struct strv argv; /* never empty */
};

struct kit {
	char *dir;
	char *arch, *plat, *target;
	unsigned machine;
	struct strv args;
	struct kit_step *steps;
	size_t n_steps;
};

/* Load <dir>/kit.conf. A file of a later format, an unknown or missing key, an
 * unknown {word}, no {inputs}, or no {output} is ERR_INPUT with the file's name;
 * no file at all is ERR_FAIL. After an error *k is empty. */
int kit_load(const char *dir, struct kit *k, struct err *e);
/* The same from a text; name is for messages. */
int kit_parse(
    const char *name, const char *dir, const char *text, size_t len, struct kit *k, struct err *e);
/* The text of kit.conf, always the same bytes for the same values. Owned by the
 * caller. */
char *kit_text(const struct kit *k);
void kit_free(struct kit *k);

/* Append a command, or a step that kraftld does itself. The step is borrowed until the
 * next one is added. */
struct kit_step *kit_add_step(struct kit *k, bool builtin, const char *name);

/* Whether ld writes {debug}. */
bool kit_has_debug(const struct kit *k);
/* Append a copy of arg in which {kit}, {output} and {debug} are replaced. */
void kit_expand(
    const struct kit *k, const char *arg, const char *output, const char *debug, struct strv *out);

#endif
