/* SPDX-License-Identifier: BSD-3-Clause */
/* Out of all that a build prints, the lines that tell why it failed. */
#ifndef KRAFT_RUST_LD_COMPLAINT_H
#define KRAFT_RUST_LD_COMPLAINT_H

struct str;
struct strv;

/* Append the lines of text with errors of compilers, linkers, kraft and the like, each
 * once, without colours and at most 40 of them. */
void complaint_pick(const char *text, struct str *out);
/* When out is still empty: the last lines of what was said, or else of what was
 * printed. */
void complaint_fallback(const char *said, const char *printed, struct str *out);

/* Append the names in GNU ld's "undefined reference to `NAME'" and "undefined symbol:
 * NAME", each once. */
void complaint_undefined(const char *text, struct strv *names);

#endif
