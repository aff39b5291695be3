/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON. The values are opaque; everything handed to js_set and js_push is owned
 * by the container afterwards, everything js_get and js_at return is borrowed.
 * A function that reads tolerates NULL and values of another type. */
#ifndef KRAFT_RUST_BASE_JS_H
#define KRAFT_RUST_BASE_JS_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct js;

/* name is for messages: "name:line:column: what is wrong", ERR_INPUT. Duplicate
 * keys are errors. Owned by the caller. */
struct js *js_parse(const char *name, const char *text, size_t len, struct err *e);
struct js *js_load(const char *path, struct err *e); /* at most 16 MiB */
struct js *js_obj(void);
struct js *js_arr(void);
struct js *js_str(const char *s); /* NULL makes null; broken UTF-8 is replaced */
struct js *js_int(long long n);
struct js *js_bool(bool b);
struct js *js_copy(const struct js *v); /* deep */
void js_free(struct js *v);
void js_unref(struct js **v); /* for AUTOJS */
#define AUTOJS __attribute__((cleanup(js_unref)))

void js_set(struct js *obj, const char *key, struct js *value);
void js_del(struct js *obj, const char *key);
void js_push(struct js *arr, struct js *value);

struct js *js_get(const struct js *obj, const char *key); /* NULL: not there */
struct js *js_at(const struct js *arr, size_t i);
size_t js_len(const struct js *v);       /* of an array or object */
const char *js_text(const struct js *v); /* NULL: not a string */
const char *js_get_text(const struct js *obj, const char *key);
long long js_num(const struct js *v, long long otherwise);
bool js_is_obj(const struct js *v);
bool js_is_arr(const struct js *v);
bool js_is_true(const struct js *v);
bool js_equal(const struct js *a, const struct js *b);

/* Go through an object: key(s) in insertion order. NULL ends.
 *	for (void *it = js_first(o); it; it = js_next(o, it)) js_key(it), js_value(it) */
void *js_first(const struct js *obj);
void *js_next(const struct js *obj, void *it);
const char *js_key(void *it);
struct js *js_value(void *it);

/* Keys sorted, two spaces of indentation, a newline at the end: the form that
 * rustc prints. Owned by the caller. */
char *js_pretty(const struct js *v);
char *js_compact(const struct js *v); /* keys sorted, one line, no newline */

#endif
