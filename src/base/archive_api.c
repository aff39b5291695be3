/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/archive_api.h"

#include "base/lazy.h"
#include "base/mem.h"

#define NAME(f) #f,
static const char *const names[] = {ARCHIVE_FUNCTIONS(NAME)};
_Static_assert(
    sizeof(struct archive_api) == ARRAY_LEN(names) * sizeof(lazy_function), "no padding");

struct archive_api archive_api;

int
archive_api_load(struct err *e)
{
	static struct lazy lazy = {
	    .soname = "libarchive.so.13",
	    .package = "libarchive13",
	    .names = names,
	    .table = &archive_api,
	    .n = ARRAY_LEN(names),
	};

	return lazy_load(&lazy, e);
}
