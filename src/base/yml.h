/* SPDX-License-Identifier: BSD-3-Clause */
/* YAML, as much of it as a configuration file needs: mappings, sequences and
 * scalars of one document. Anchors, aliases, tags and merge keys are refused,
 * and so is anything beyond the limits below: the file may come from anywhere. */
#ifndef KRAFT_RUST_BASE_YML_H
#define KRAFT_RUST_BASE_YML_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

enum { YML_MAX_BYTES = 1 << 20, YML_MAX_DEPTH = 32 };

enum yml_kind { YML_SCALAR, YML_SEQ, YML_MAP };

struct yml_node {
	enum yml_kind kind;
	unsigned line, column;        /* from 1 */
	bool plain;                   /* a scalar without quotes */
	const char *text;             /* a scalar's value */
	const struct yml_node *key;   /* of a mapping's value: its key, a scalar */
	const struct yml_node *first; /* children of a sequence or mapping */
	const struct yml_node *next;  /* the next sibling */
	size_t n;                     /* how many children */
};

/* The document's root, living in the arena. Every error is ERR_INPUT and reads
 * "name:line:column: what is wrong". Duplicate keys of a mapping are errors. */
const struct yml_node *yml_parse(
    struct arena *a, const char *name, const char *text, size_t len, struct err *e);
const struct yml_node *yml_load(struct arena *a, const char *path, struct err *e);
/* Fill in the error with the node's place. Returns -1. */
int yml_error(const char *name, const struct yml_node *at, struct err *e, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
