/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

/* FIPS 180-4's examples, and the empty message. */
static void
test_text(void **state)
{
	static const struct {
		const char *text, *hex;
	} rows[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char hex[HASH_HEX + 1];

		hash_text(rows[i].text, hex);
		assert_string_equal(hex, rows[i].hex);
	}
}

static void
test_pieces(void **state)
{
	struct hash *h = hash_new();
	char hex[HASH_HEX + 1];

	(void)state;
	hash_add(h, "a", 1);
	hash_add(h, "", 0);
	hash_add(h, "bc", 2);
	hash_end(h, hex);
	assert_string_equal(
	    hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
fields(const char *const *f, size_t n, char hex[HASH_HEX + 1])
{
	struct hash *h = hash_new();

	for (size_t i = 0; i < n; i += 2)
		hash_field(h, f[i], f[i + 1]);
	hash_end(h, hex);
}

/* Different fields never give the same digest, whatever they contain. */
static void
test_fields(void **state)
{
	static const char *const rows[][4] = {
	    {"a", "b", "c", "d"},
	    {"a", "b", "cd", ""},
	    {"a", "bc", "", "d"},
	    {"ab", "", "c", "d"},
	    {"a", "b", "c", NULL},
	    {"a", "b", "c", ""},
	    {"a", NULL, "c", NULL},
	    {"a", "b1:c=1:d", "c", "d"},
	};
	char hex[ARRAY_LEN(rows)][HASH_HEX + 1], again[HASH_HEX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		fields(rows[i], 4, hex[i]);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(hex[i], hex[j]);
	fields(rows[0], 4, again);
	assert_string_equal(again, hex[0]);
	/* The form itself: keys made by an older version must stay valid. */
	hash_text("1:a=1:b1:c=1:d", again);
	assert_string_equal(again, hex[0]);
}

static void
test_file(void **state)
{
	char path[] = "/tmp/test_hash.XXXXXX", hex[HASH_HEX + 1];
	int fd = mkstemp(path);
	struct err err = {0};
	char block[1000];

	(void)state;
	assert_true(fd >= 0);
	memset(block, 'a', sizeof(block));
	for (int i = 0; i < 1000; i++)
		assert_int_equal(write(fd, block, sizeof(block)), sizeof(block));
	close(fd);
	assert_int_equal(hash_file(path, hex, &err), 0);
	/* FIPS 180-4: a million times "a". */
	assert_string_equal(
	    hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	unlink(path);
	assert_int_equal(hash_file("/nonexistent/x", hex, &err), -1);
	assert_string_equal(err.msg, "cannot open /nonexistent/x: No such file or directory");
	assert_int_equal(err.cls, ERR_FAIL);
	assert_int_equal(hash_file("/", hex, &err), -1);
	assert_string_equal(err.msg, "cannot read /: Is a directory");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_pieces),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
