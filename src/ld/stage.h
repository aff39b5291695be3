/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a link is made before it is published: a private directory on the output's
 * own file system, <output's directory>/.kraftld-<uid>/<random>/. It goes away with
 * the link; what a killed link left behind is swept by the next one there. */
#ifndef KRAFT_RUST_LD_STAGE_H
#define KRAFT_RUST_LD_STAGE_H

#include <stdbool.h>

struct err;

struct stage {
	char *target; /* where the image goes: the output, its symlinks resolved */
	bool discard; /* the output is /dev/null or the like: verify and forget */
	char *root;   /* .kraftld-<uid> */
	char *dir;    /* <root>/<random>, locked while we live */
	int fd;
	char *image, *debug, *args; /* the names to use within */
};

/* Prepare for an output. ERR_FAIL when the directory is not there or not ours to
 * write in, or the output is something that cannot be replaced. */
int stage_open(const char *output, struct stage *s, struct err *e);
/* Put the image, and with_debug the image with symbols as <target>.dbg, in place:
 * each is either the old one or the new one at any moment. Not synced to disk, as no
 * linker's output is: it can be linked again. */
int stage_publish(const struct stage *s, bool with_debug, struct err *e);
void stage_free(struct stage *s);

#endif
