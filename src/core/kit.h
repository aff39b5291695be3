/* SPDX-License-Identifier: BSD-3-Clause */
/* Kits: everything the last link of one combination needs, a directory with
 * kit.conf in kv.h's format and the files that it names.
 *
 *	format = 1
 *	architecture = x86_64
 *	platform = host
 *	target = x86_64-unikraft-linux-musl
 *	machine = 62
 *	arg = ...            the linker's arguments in order, one a line
 *	step = NAME [WORD]   post-processing that kraftld does itself
 *	run = ...            a recorded command's argument; "run-end =" ends one
 *
 * In arg and run, {kit} stands for the kit's directory. In arg, the argument
 * {inputs} stands for everything rustc handed over, {strip} for the strip flag
 * rustc asked for (or nothing), and {output} inside an argument for the file to
 * be written. A kit that strips in a step leaves {strip} out. */
#ifndef KRAFT_RUST_CORE_KIT_H
#define KRAFT_RUST_CORE_KIT_H

#include <stddef.h>

#include "base/str.h"

struct err;

enum kit_step_kind {
	KIT_STEP_RUN, /* a recorded command */
};

struct kit_step {
	enum kit_step_kind kind;
	struct strv argv;
};

struct kit {
	char *dir;
	char *arch, *plat, *target;
	unsigned machine;
	struct strv args;
	struct kit_step *steps;
	size_t n_steps;
};

/* Load <dir>/kit.conf. A file of a later format, an unknown key or step, or no
 * {inputs} or {output} is ERR_INPUT. */
int kit_load(const char *dir, struct kit *k, struct err *e);
void kit_free(struct kit *k);

#endif
