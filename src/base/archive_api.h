/* SPDX-License-Identifier: BSD-3-Clause */
/* What is used of libarchive, which is loaded at its first use: archive_api.f(...) for f(...). */
#ifndef KRAFT_RUST_BASE_ARCHIVE_API_H
#define KRAFT_RUST_BASE_ARCHIVE_API_H

#include <archive.h>
#include <archive_entry.h>

struct err;

/* clang-format off */
#define ARCHIVE_FUNCTIONS(X) \
	X(archive_entry_filetype) \
	X(archive_entry_free) \
	X(archive_entry_hardlink) \
	X(archive_entry_new) \
	X(archive_entry_pathname) \
	X(archive_entry_perm) \
	X(archive_entry_set_filetype) \
	X(archive_entry_set_gid) \
	X(archive_entry_set_mtime) \
	X(archive_entry_set_pathname) \
	X(archive_entry_set_perm) \
	X(archive_entry_set_size) \
	X(archive_entry_set_uid) \
	X(archive_entry_size) \
	X(archive_entry_size_is_set) \
	X(archive_entry_sparse_reset) \
	X(archive_error_string) \
	X(archive_filter_bytes) \
	X(archive_format) \
	X(archive_read_data_block) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open_filename) \
	X(archive_read_set_option) \
	X(archive_read_support_filter_gzip) \
	X(archive_read_support_filter_xz) \
	X(archive_read_support_filter_zstd) \
	X(archive_read_support_format_tar) \
	X(archive_write_add_filter_gzip) \
	X(archive_write_add_filter_xz) \
	X(archive_write_add_filter_zstd) \
	X(archive_write_close) \
	X(archive_write_data) \
	X(archive_write_data_block) \
	X(archive_write_disk_new) \
	X(archive_write_disk_set_options) \
	X(archive_write_fail) \
	X(archive_write_finish_entry) \
	X(archive_write_free) \
	X(archive_write_header) \
	X(archive_write_new) \
	X(archive_write_open_fd) \
	X(archive_write_set_filter_option) \
	X(archive_write_set_format_ustar)
/* clang-format on */

#define ARCHIVE_FUNCTION_MEMBER(f) __typeof__(&f) f;
struct archive_api {
	ARCHIVE_FUNCTIONS(ARCHIVE_FUNCTION_MEMBER)
};
#undef ARCHIVE_FUNCTION_MEMBER

extern struct archive_api archive_api;

/* Call it first: before it has returned 0, nothing in archive_api may be used.
 * ERR_FAIL, see lazy_load. */
int archive_api_load(struct err *e);

#endif
