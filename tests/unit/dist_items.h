/* SPDX-License-Identifier: BSD-3-Clause */
/* An index of a dist tree, and items for it. */
#ifndef KRAFT_RUST_TESTS_DIST_ITEMS_H
#define KRAFT_RUST_TESTS_DIST_ITEMS_H

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define STD_FOR(id, version, target) \
	"{\"kind\": \"std\", \"key\": \"" id "\", \"rustc\": \"rustc " version \
	"\", \"host\": \"h\", \"target\": \"" target \
	"\", \"recipe\": \"r\", \"unpacked\": 5, \"files\": {\"xz\": {\"path\": \"std/" id \
	"/a.tar.xz\", \"size\": 3, \"sha256\": \"" HASH "\"}}}"
#define STD STD_FOR("k1", "1.96.0 (abc 2026-05-25)", "T")
#define KIT(id, version) \
	"{\"kind\": \"kit\", \"key\": \"" id \
	"\", \"combination\": \"qemu-x86_64\", \"unikraft\": \"" version \
	"\", \"target\": \"T\", \"unpacked\": 5, \"files\": {\"gz\": {\"path\": " \
	"\"kits/qemu-x86_64/" id "/k.tar.gz\", \"size\": 3, \"sha256\": \"" HASH "\"}}}"
#define INDEX(items) "{\"format\": 1, \"serial\": 7, \"items\": [" items "]}"

#endif
