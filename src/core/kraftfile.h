/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Kraftfile says of its targets (KraftKit: unikraft/target/transform.go and
 * unikraft/app/project.go). */
#ifndef KRAFT_RUST_CORE_KRAFTFILE_H
#define KRAFT_RUST_CORE_KRAFTFILE_H

struct err;
struct matrix;
struct strv;

/* Append "PLAT/ARCH NAME" for each target, in kraft's names. A target without a name of
 * its own has the Kraftfile's, and a Kraftfile without one its folder's. What kraft
 * would not understand is ERR_INPUT, "file:line:column: what is wrong". */
int kraftfile_targets(
    const struct matrix *m, const char *path, struct strv *targets, struct err *e);

#endif
