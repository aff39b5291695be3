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
enum stage_what {
	STAGE_PLAIN, /* the image; an image with symbols of an earlier link goes away */
	STAGE_DEBUG, /* the image, and the one with symbols as <target>.dbg */
	STAGE_ALONE, /* the image is no image but an object: <target>.dbg is not ours */
};

/* Put it in place: each file is either the old one or the new one at any moment. Not
 * synced to disk, as no linker's output is: it can be linked again. */
int stage_publish(const struct stage *s, enum stage_what what, struct err *e);
void stage_free(struct stage *s);

#endif
