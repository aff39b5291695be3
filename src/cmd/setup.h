/* SPDX-License-Identifier: BSD-3-Clause */
/* What config and new share: the block for a project, and what to tell about it. */
#ifndef KRAFT_RUST_CMD_SETUP_H
#define KRAFT_RUST_CMD_SETUP_H

#include <stdbool.h>

#include "core/cargosetup.h"

struct ctx;
struct err;
struct matrix_combo;

/* cargosetup_make for a project in dir with the command line's compiler, the notes and
 * warnings that belong to it on standard error. */
int setup_make(struct ctx *c, const struct matrix_combo *combo, const char *dir,
    struct cargosetup *s, struct err *e);
/* cargosetup_add likewise; a combination that is there already is not added again. */
int setup_add(struct ctx *c, const struct matrix_combo *combo, const char *dir,
    struct cargosetup *s, struct err *e);
/* cargoconf_update with a note when there is no cargo to check the result. */
int setup_write(
    struct ctx *c, const char *dir, const struct cargosetup *s, bool *changed, struct err *e);

#endif
