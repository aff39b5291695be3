/* SPDX-License-Identifier: BSD-3-Clause */
/* What an ELF file says of itself (System V gABI, chapters 4 and 5). Nothing in
 * the file is believed before it was held against the file's size. */
#ifndef KRAFT_RUST_LD_ELF_H
#define KRAFT_RUST_LD_ELF_H

#include <stdbool.h>
#include <stdint.h>

struct err;

struct elf {
	unsigned machine; /* e_machine */
	unsigned type;    /* e_type: <elf.h>'s ET_REL, ET_EXEC ... */
	bool entry;       /* elf_load only: there is an entry point */
	bool interp;      /* elf_load only: PT_INTERP or a section .interp */
	bool dynamic;     /* elf_load only: PT_DYNAMIC or a section SHT_DYNAMIC */
};

/* The machine and type of an object, or of the first ELF member of an ar archive
 * (a thin one has no members in it). False when there is none, or the file cannot
 * be read. */
bool elf_peek(const char *path, struct elf *out);
bool elf_peek_fd(int fd, struct elf *out);

/* All of struct elf, from a 64-bit little-endian ELF file. What is wrong with the
 * file is ERR_FAIL. */
int elf_load(const char *path, struct elf *out, struct err *e);
int elf_load_fd(int fd, const char *name, struct elf *out, struct err *e);

#endif
