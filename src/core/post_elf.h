/* SPDX-License-Identifier: BSD-3-Clause */
/* For post.c and its steps: a whole 64-bit little-endian ELF file in memory (System V
 * gABI, chapters 4 and 5), its tables held against the file's size once. */
#ifndef KRAFT_RUST_CORE_POST_ELF_H
#define KRAFT_RUST_CORE_POST_ELF_H

#include <elf.h>
#include <stdbool.h>

#include "base/str.h"

struct err;

struct post_elf {
	struct str file;
	Elf64_Ehdr header;
	Elf64_Phdr *segments;
	Elf64_Shdr *sections;
	unsigned n_segments, n_sections;
	char **names; /* the sections', owned */
};

int post_elf_load(const char *path, struct post_elf *elf, struct err *e);
void post_elf_free(struct post_elf *elf);
/* The section's number; 0: there is none. */
unsigned post_elf_section(const struct post_elf *elf, const char *name);
/* Whether the section's bytes are in the file. */
bool post_elf_has_bytes(const Elf64_Shdr *section);
/* The symbol's value; false: there is none. */
bool post_elf_symbol(const struct post_elf *elf, const char *name, Elf64_Addr *value);
/* Replace the file's bytes; it is executable. Not synced, as no linker's output is. */
int post_save(const char *path, const struct str *bytes, struct err *e);

/* One function a step; step->v[0] is its name. */
int post_strip(const struct strv *step, const char *output, const char *debug, struct err *e);
int post_bootinfo(const struct strv *step, const char *output, const char *debug, struct err *e);
int post_multiboot(const struct strv *step, const char *output, const char *debug, struct err *e);
int post_binary(const struct strv *step, const char *output, const char *debug, struct err *e);
int post_linux_arm64(const struct strv *step, const char *output, const char *debug, struct err *e);

#endif
