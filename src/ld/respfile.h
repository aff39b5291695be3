/* SPDX-License-Identifier: BSD-3-Clause */
/* Response files: @FILE on a command line stands for the arguments in FILE. */
#ifndef KRAFT_RUST_LD_RESPFILE_H
#define KRAFT_RUST_LD_RESPFILE_H

#include <stddef.h>

struct err;
struct str;
struct strv;

/* How files nest: no deeper, no more files, no more bytes in all of them. */
enum { RESPFILE_DEPTH = 16, RESPFILE_FILES = 1000, RESPFILE_BYTES = 64 << 20 };

/* Append argv[0..n-1] with each @FILE replaced by what is in it, @FILE in
 * "-Wl,@FILE" and after -Xlinker included: gcc hands those to ld, which reads
 * them. A relative FILE is relative to the working directory, wherever it is
 * named. ERR_INPUT: not readable, or nested too deeply. */
int respfile_expand(char *const *argv, size_t n, struct strv *out, struct err *e);

/* Append the arguments in a response file's text.
 *
 * Two dialects. GNU's (libiberty's buildargv): blanks separate, single and
 * double quotes keep them, and a backslash takes the next character as it is,
 * in quotes too. rustc's (compiler/rustc_codegen_ssa/src/back/link.rs, "Escape"):
 * one argument a line, only space and backslash are escaped by a backslash, quotes
 * are themselves. They differ for a path with a quote or a tab in it, so base, the
 * file's base name, decides: rustc's file is "linker-arguments" and never has a
 * space that is not escaped. */
void respfile_parse(const char *base, const char *text, size_t len, struct strv *out);

/* Append the arguments as a response file that GNU ld and gcc read back. */
void respfile_format(char *const *argv, struct str *out);
/* The same into a new file, or over an old one; not synced to disk, because nobody
 * needs it after the link. */
int respfile_write(const char *path, char *const *argv, struct err *e);

#endif
