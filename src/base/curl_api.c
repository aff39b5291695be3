/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/curl_api.h"

#include "base/lazy.h"
#include "base/mem.h"

#define NAME(f) #f,
static const char *const names[] = {CURL_FUNCTIONS(NAME)};
_Static_assert(sizeof(struct curl_api) == ARRAY_LEN(names) * sizeof(lazy_function), "no padding");

struct curl_api curl_api;

int
curl_api_load(struct err *e)
{
	static struct lazy lazy = {
	    .soname = "libcurl.so.4",
	    .package = "libcurl4",
	    .names = names,
	    .table = &curl_api,
	    .n = ARRAY_LEN(names),
	};

	return lazy_load(&lazy, e);
}
