/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/verify.h"

#include <elf.h>
#include <stddef.h>

#include "base/err.h"
#include "ld/elf.h"

static const char *
unbootable(const struct elf *elf, unsigned machine, bool partial)
{
	if (elf->machine != machine)
		return "it is for another architecture";
	if (partial)
		return elf->type == ET_REL ? NULL : "it is not an object file";
	if (elf->interp)
		return "it asks for a run-time loader (.interp), which a unikernel has not";
	if (elf->dynamic)
		return "it asks for shared libraries (.dynamic), which a unikernel has not";
	if (elf->type != ET_EXEC)
		return "it is not an executable at a fixed address";
	if (!elf->entry)
		return "it has no entry point";
	return NULL;
}

int
verify_image(const char *path, const char *who, unsigned machine, bool partial, struct err *e)
{
	const char *why;
	struct elf elf;

	if (elf_load(path, &elf, e) < 0) {
		e->cls = ERR_TOOL;
		return err_wrap(e, "what %s wrote cannot be used", who);
	}
	why = unbootable(&elf, machine, partial);
	return why ? err_set(e, ERR_TOOL, "what %s linked cannot be used: %s", who, why) : 0;
}
