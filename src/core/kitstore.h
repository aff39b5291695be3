/* SPDX-License-Identifier: BSD-3-Clause */
/* The kits that are here: <home>/kits/<combination>/<id>, where the id is made from
 * what the kit's files are. */
#ifndef KRAFT_RUST_CORE_KITSTORE_H
#define KRAFT_RUST_CORE_KITSTORE_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct matrix;
struct matrix_combo;
struct strv;

enum { KIT_ID_LEN = 16 };

/* Check a kit and put it into the store, under the home's lock, and let the wrapper
 * config name it. The stage may lie anywhere; it is taken over. A kit of the same
 * content that is there already, and whole, is kept. Returns the kit's directory, owned by the
 * caller. */
char *kitstore_add(const char *data_home, const struct matrix_combo *c, const char *stage,
    void (*waiting)(const void *), const void *ctx, struct err *e);

struct kitstore_entry {
	const struct matrix_combo *combo;
	char *id, *dir;
	bool used;   /* the wrapper config names it */
	bool broken; /* its kit.conf cannot be read */
};

struct kitstore_list {
	struct kitstore_entry *v;
	size_t n;
};

/* Every kit of the matrix's combinations, in the matrix's order. */
int kitstore_list(
    const char *data_home, const struct matrix *m, struct kitstore_list *l, struct err *e);
void kitstore_list_free(struct kitstore_list *l);

/* Put files from a folder, which is taken over, in dir's place as a whole, synced. The
 * caller holds the home's lock. */
int kitstore_publish(const char *from, const struct strv *files, const char *dir, struct err *e);

/* The regular files below a directory, sorted, as paths from there. Anything that is
 * neither a file nor a folder is ERR_INTEGRITY. */
int kitstore_files(const char *dir, struct strv *files, struct err *e);

#endif
