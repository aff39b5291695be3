/* SPDX-License-Identifier: BSD-3-Clause */
/* What is used of libcurl, which is loaded at its first use: curl_api.f(...) for f(...). */
#ifndef KRAFT_RUST_BASE_CURL_API_H
#define KRAFT_RUST_BASE_CURL_API_H

/* The macros that check types call the functions by their names, which are not linked. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

struct err;

/* clang-format off */
#define CURL_FUNCTIONS(X) \
	X(curl_easy_cleanup) \
	X(curl_easy_getinfo) \
	X(curl_easy_init) \
	X(curl_easy_setopt) \
	X(curl_easy_strerror) \
	X(curl_free) \
	X(curl_global_cleanup) \
	X(curl_global_init) \
	X(curl_multi_add_handle) \
	X(curl_multi_cleanup) \
	X(curl_multi_info_read) \
	X(curl_multi_init) \
	X(curl_multi_perform) \
	X(curl_multi_poll) \
	X(curl_multi_remove_handle) \
	X(curl_url) \
	X(curl_url_cleanup) \
	X(curl_url_get) \
	X(curl_url_set)
/* clang-format on */

#define CURL_FUNCTION_MEMBER(f) __typeof__(&f) f;
struct curl_api {
	CURL_FUNCTIONS(CURL_FUNCTION_MEMBER)
};
#undef CURL_FUNCTION_MEMBER

extern struct curl_api curl_api;

/* Call it first: before it has returned 0, nothing in curl_api may be used.
 * ERR_FAIL, see lazy_load. */
int curl_api_load(struct err *e);

#endif
