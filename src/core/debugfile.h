/* SPDX-License-Identifier: BSD-3-Clause */
/* The image with symbols that an image was made from. */
#ifndef KRAFT_RUST_CORE_DEBUGFILE_H
#define KRAFT_RUST_CORE_DEBUGFILE_H

struct err;

/* Find it for the image that is open: IMAGE.dbg, and where kraftld wrote it when cargo
 * made a link or a copy of the image: deps/NAME-HASH.dbg, or NAME-HASH.dbg in the same
 * folder for examples. What the file loads has to be in the image. Owned by the caller;
 * NULL: there is none, or only of another build. */
char *debugfile_find(const char *image, int image_fd, struct err *e);

#endif
