/* SPDX-License-Identifier: BSD-3-Clause */
/* What a power cut would take away: powercut.c keeps the account, powercut_calls.c has the
 * calls that it is about. */
#ifndef KRAFT_RUST_TESTS_POWERCUT_H
#define KRAFT_RUST_TESTS_POWERCUT_H

#include <dlfcn.h>
#include <stdbool.h>
#include <sys/types.h>

/* The C library's own. */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define POWERCUT_LEN 4096

enum powercut_kind { CREATED, RENAMED, EXCHANGED, REMOVED, REMOVED_DIR };

bool powercut_on(void);
void powercut_die(const char *what);
/* The absolute path; false: it is none of ours, or POWERCUT_AT is not set. */
bool powercut_place(int at, const char *path, char out[POWERCUT_LEN]);
/* A change is about to be made. When it is one of ours, which is told, the account is
 * locked until powercut_done. */
bool powercut_begin(const char *what, int at, const char *path, char out[POWERCUT_LEN]);
void powercut_done(void);
/* It was made; from: of a rename. grave: what powercut_bury returned. */
void powercut_note(enum powercut_kind kind, const char *path, const char *from, char *grave);
/* Keep what is at path under another name; NULL: nothing is there. */
char *powercut_bury(const char *path);
/* The file behind fd is about to be changed from an offset on; -1: behind its end. */
void powercut_touch(int fd, off_t from);
/* fd has been synced. */
void powercut_safe(int fd);
void powercut_all_safe(void);

#endif
