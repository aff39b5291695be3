/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/post.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "core/post_elf.h"

static const struct {
	const char *name;
	bool options;
	int (*run)(const struct strv *step, const char *output, const char *debug, struct err *e);
} steps[] = {
    {"strip", false, post_strip},
    {"bootinfo", true, post_bootinfo},
    {"multiboot", false, post_multiboot},
    {"binary", false, post_binary},
    {"linux-arm64", false, post_linux_arm64},
};

bool
post_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (strcmp(name, steps[i].name) == 0)
			return true;
	return false;
}

int
post_run(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		if (strcmp(step->v[0], steps[i].name) != 0)
			continue;
		if (step->n > 1 && !steps[i].options)
			return err_set(e, ERR_INPUT, "the kit's step %s has no option '%.40s'",
			    step->v[0], step->v[1]);
		if (steps[i].run(step, output, debug, e) < 0)
			return err_wrap(e, "%s", step->v[0]);
		return 0;
	}
	err_set(
	    e, ERR_INPUT, "the kit has a step '%.40s' that this version does not know", step->v[0]);
	return err_hint(e, "update kraft-rust, or make the kit again with this version");
}
