/* SPDX-License-Identifier: BSD-3-Clause */
/* The options that say what a kit is built from, which kit build and install share. */
#ifndef KRAFT_RUST_CMD_KIT_SOURCE_H
#define KRAFT_RUST_CMD_KIT_SOURCE_H

#include "cmd/cmd.h"
#include "core/kitbuild.h"

#define KIT_SOURCE_OPTIONS \
	(OPT_BIT(OPT_UNIKRAFT) | OPT_BIT(OPT_LIB) | OPT_BIT(OPT_PRESET) | OPT_BIT(OPT_KCONFIG) | \
	    OPT_BIT(OPT_ARCHIVES))

/* What the pointers of a struct kitbuild lead to. */
struct kit_source {
	char *unikraft;
	struct strv libs;
};

/* Fill in what the options say. The tree is that of --unikraft, else of the variable that
 * Unikraft's own tools use. */
int kit_source_read(const struct ctx *c, struct kit_source *s, struct kitbuild *b, struct err *e);
void kit_source_free(struct kit_source *s);

#endif
