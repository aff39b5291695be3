/* SPDX-License-Identifier: BSD-3-Clause */
/* The matrix between its files and its final form; private to matrix*.c. Reading
 * gives rows with their places, linking makes a matrix of the rows of all files. */
#ifndef KRAFT_RUST_CORE_MATRIX_ROWS_H
#define KRAFT_RUST_CORE_MATRIX_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/matrix.h"

struct err;
struct yml_node;

/* A part is an architecture or a platform. */
struct matrix_part {
	const char *name;
	const char *file;               /* where it is, for messages */
	size_t seq;                     /* its place among all parts of its kind */
	const struct yml_node *at;      /* its name */
	const struct yml_node *aliases; /* their list; NULL: none */
	const struct yml_node *libc;    /* a platform's libc rows; NULL: none */
	struct matrix_arch *arch;       /* one of these two */
	struct matrix_plat *plat;
};

struct matrix_parts {
	const char *kind; /* "architecture" */
	struct matrix_part *v;
	size_t n, cap;
};

/* One word in a list of combinations. */
struct matrix_pair {
	const char *file;
	const struct yml_node *arch, *plat;
};

struct matrix_rows {
	struct matrix_parts archs, plats;
	struct matrix_pair *pairs;
	size_t n_pairs, cap_pairs;
};

/* Add the rows of one file. Strings live in the arena. */
int matrix_read(struct arena *a, const char *file, const struct yml_node *root,
    struct matrix_rows *rows, struct err *e);
/* Replace earlier rows by later ones, resolve names, and fill in the matrix, whose
 * arena is the one that the rows live in. Changes the rows. */
int matrix_link(struct matrix_rows *rows, struct matrix *m, struct err *e);
void matrix_rows_free(struct matrix_rows *rows);

#endif
