/* SPDX-License-Identifier: BSD-3-Clause */
/* What a kit that was made elsewhere may say. Its objects only ever run in a virtual
 * machine; its kit.conf is carried out on this one, at every link. */
#ifndef KRAFT_RUST_CORE_KITCHECK_H
#define KRAFT_RUST_CORE_KITCHECK_H

struct err;
struct matrix_combo;

/* Check the kit in dir: for the combination, without commands, with steps that are
 * known, with arguments for ld that read the kit's own files and write the image only,
 * and with objects of the right machine. Anything else is ERR_INTEGRITY. That each
 * {kit}/FILE is there is kitstore_add's to check. */
int kitcheck_foreign(const struct matrix_combo *c, const char *dir, struct err *e);

#endif
