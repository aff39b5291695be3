/* SPDX-License-Identifier: BSD-3-Clause */
/* tar.h: what is refused, and that what is written is always the same. The hostile
 * archives are made by hand, header by header. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/tar.h"
#include "support.h"

enum { BLOCK = 512 };

/* One entry of a hostile archive. */
struct made {
	const char *name;
	char type;        /* '0' file, '1' hard link, '2' symlink, '3' device, '5' directory ... */
	const char *data; /* of a file; of a link: where it leads */
	long long size;   /* 0: data's; else what the header claims */
};

static void
put_entry(struct str *out, const struct made *m)
{
	bool link = m->type == '1' || m->type == '2';
	size_t n = m->data && !link ? strlen(m->data) : 0;
	char block[BLOCK] = {0};
	unsigned sum = 0;

	memcpy(block, m->name, strlen(m->name) < 100 ? strlen(m->name) : 100);
	memcpy(block + 100, "0000644", 7);
	memcpy(block + 108, "0000000", 7);
	memcpy(block + 116, "0000000", 7);
	snprintf(block + 124, 12, "%011llo", m->size ? (unsigned long long)m->size : n);
	memcpy(block + 136, "00000000000", 11);
	block[156] = m->type;
	if (link)
		memcpy(block + 157, m->data, strlen(m->data));
	memcpy(block + 257, "ustar\00000", 8);
	memset(block + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	str_addn(out, block, BLOCK);
	if (n) {
		str_addn(out, m->data, n);
		memset(block, 0, BLOCK);
		str_addn(out, block, (BLOCK - n % BLOCK) % BLOCK);
	}
}

static char *
make_archive(const char *dir, const struct made *m, size_t n)
{
	char *path = join(dir, "hostile.tar");
	char zeros[2 * BLOCK] = {0};
	AUTO(str) out = {0};
	struct err e;

	for (size_t i = 0; i < n && m[i].name; i++)
		put_entry(&out, &m[i]);
	str_addn(&out, zeros, sizeof(zeros));
	assert_ok(fs_write(path, out.buf, out.len, 0644, &e), &e);
	return path;
}

static const char long_name[] =
    "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
    "5678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
    "901234567890";

static void
test_hostile(void **state)
{
	const struct {
		const char *want;
		struct made entries[4];
	} t[] = {
	    {"the path '../evil' has the part '..'", {{"../evil", '0', "x", 0}}},
	    {"the path 'a/../../evil' has the part '..'", {{"a/../../evil", '0', "x", 0}}},
	    {"the path 'a/..' has the part '..'", {{"a/..", '5', NULL, 0}}},
	    {"the path '/tmp/evil' is absolute", {{"/tmp/evil", '0', "x", 0}}},
	    {"the path './a' has the part '.'", {{"./a", '0', "x", 0}}},
	    {"the path 'a//b' has an empty part", {{"a//b", '0', "x", 0}}},
	    {"the path 'a\\x0ab' has a control character or a backslash", {{"a\nb", '0', "x", 0}}},
	    {"has a control character or a backslash", {{"a\\b", '0', "x", 0}}},
	    {"the path 'a\\xff' is not UTF-8", {{"a\xff", '0', "x", 0}}},
	    {"has a part that is too long", {{"@LongLink", 'L', long_name, 0}, {"x", '0', "x", 0}}},
	    {"'a' is a symbolic link", {{"a", '2', "/etc", 0}, {"a/passwd", '0', "x", 0}}},
	    {"'a' is a hard link", {{"a", '1', "/etc/passwd", 0}}},
	    {"is neither a file nor a directory", {{"a", '3', NULL, 0}}},
	    {"is neither a file nor a directory", {{"a", '4', NULL, 0}}},
	    {"is neither a file nor a directory", {{"a", '6', NULL, 0}}},
	    {"has 'a' twice", {{"a", '0', "x", 0}, {"a", '0', "y", 0}}},
	    {"has 'a' twice", {{"a/", '5', NULL, 0}, {"a", '0', "y", 0}}},
	    {"has pax headers", {{"g", 'g', "18 path=/tmp/evil\n", 0}, {"x", '0', "x", 0}}},
	    {"has pax headers", {{"x", 'x', "14 path=../ev\n", 0}, {"x", '0', "x", 0}}},
	    /* A sparse file in pax's way, whose map is broken besides. */
	    {"is damaged", {{"x", 'x', "22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n", 0},
			       {"x", '0', "1\n0\n1\n", 0}}},
	    {"unpacks to more than 1073741824 bytes", {{"a", '0', "x", 077777777777LL}}},
	    {"ustar and GNU tar are understood",
		{{"x", 'x', "18 size=999999999\n", 0}, {"a", '0', "x", 0}}},
	    {"runcated", {{"a", '0', "x", 100000}}},
	    {"is empty", {{NULL, 0, NULL, 0}}},
	};
	const struct tar_limits limits = {.bytes = 1 << 30};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTOFREE char *path = make_archive(*state, t[i].entries, 4);
		AUTOFREE char *dir = join(*state, "out");
		struct err e = {0};

		assert_ok(fs_mkdirs(dir, &e), &e);
		if (tar_unpack(path, dir, &limits, &e) == 0)
			fail_msg("%zu: unpacked, and should have said: %s", i, t[i].want);
		assert_has(e.msg, t[i].want);
		assert_int_equal(e.cls, ERR_INTEGRITY);
		assert_int_equal(fs_remove(dir, &e), 0);
		assert_tree(*state, "hostile.tar\n");
	}
	assert_false(fs_exists("/tmp/evil"));
}

static void
test_file_under_file(void **state)
{
	const struct made m[] = {{"a", '0', "x", 0}, {"a/b", '0', "y", 0}};
	AUTOFREE char *path = make_archive(*state, m, 2);
	AUTOFREE char *dir = join(*state, "out");
	struct err e = {0};

	assert_ok(fs_mkdirs(dir, &e), &e);
	assert_int_equal(tar_unpack(path, dir, NULL, &e), -1);
	assert_tree(dir, "a\n");
}

static void
test_limits(void **state)
{
	const struct made m[] = {{"a", '0', "12345", 0}, {"b", '0', "12345", 0}};
	AUTOFREE char *path = make_archive(*state, m, 2);
	const struct {
		struct tar_limits limits;
		const char *want; /* NULL: fine */
	} t[] = {
	    {{.entries = 2, .bytes = 10}, NULL},
	    {{.entries = 1}, "has more than 1 entries"},
	    {{.bytes = 9}, "unpacks to more than 9 bytes"},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTOFREE char *dir = join(*state, "out");
		struct err e = {0};
		int rc;

		assert_ok(fs_mkdirs(dir, &e), &e);
		rc = tar_unpack(path, dir, &t[i].limits, &e);
		assert_int_equal(rc, t[i].want ? -1 : 0);
		if (t[i].want)
			assert_has(e.msg, t[i].want);
		assert_int_equal(fs_remove(dir, &e), 0);
	}
}

/* A hundred MiB of nothing in a few KiB. */
static void
test_bomb(void **state)
{
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		struct tar_members m __attribute__((cleanup(tar_members_free))) = {0};
		const struct tar_limits loose = {.ratio = 1 << 20};
		AUTOFREE char *zeros = join(*state, "zeros");
		AUTOFREE char *path = join(*state, "bomb.tar");
		AUTOFREE char *dir = join(*state, "out");
		struct err e = {0};

		put(*state, "zeros", "");
		assert_int_equal(truncate(zeros, 100 << 20), 0);
		tar_add_file(&m, "top/zeros", zeros);
		assert_ok(tar_write(path, (enum tar_format)i, &m, &e), &e);
		assert_ok(fs_mkdirs(dir, &e), &e);
		assert_int_equal(tar_unpack(path, dir, NULL, &e), -1);
		assert_int_equal(e.cls, ERR_INTEGRITY);
		assert_has(e.msg, "unpacks to more than 200 times its size");
		assert_int_equal(fs_remove(dir, &e), 0);
		assert_ok(fs_mkdirs(dir, &e), &e);
		assert_ok(tar_unpack(path, dir, &loose, &e), &e);
		assert_int_equal(fs_remove(dir, &e), 0);
	}
}

static void
test_damaged(void **state)
{
	struct tar_members m __attribute__((cleanup(tar_members_free))) = {0};

	for (int i = 0; i < 50; i++) {
		AUTOFREE char *name = xasprintf("top/dir-%d/file", i % 7 * 100 + i);
		AUTOFREE char *text = xasprintf("%d %d %d", i * 7919, i * 104729, i);

		tar_add_text(&m, name, text);
	}
	for (size_t f = 0; f < TAR_FORMATS; f++) {
		AUTOFREE char *path = join(*state, "x.tar");
		AUTOFREE char *dir = join(*state, "out");
		AUTO(str) whole = {0};
		struct err e = {0};

		assert_ok(tar_write(path, (enum tar_format)f, &m, &e), &e);
		assert_ok(fs_read(path, 1 << 20, &whole, &e), &e);
		/* Cut anywhere but in the last bytes, which are padding. */
		for (size_t n = 0; n + 64 < whole.len; n += 37) {
			assert_ok(fs_write(path, whole.buf, n, 0644, &e), &e);
			assert_ok(fs_mkdirs(dir, &e), &e);
			if (tar_unpack(path, dir, NULL, &e) == 0)
				fail_msg("format %zu cut at %zu of %zu unpacks", f, n, whole.len);
			assert_int_equal(e.cls, ERR_INTEGRITY);
			assert_int_equal(fs_remove(dir, &e), 0);
		}
	}
}

static void
test_write_same(void **state)
{
	static const char *const names[] = {"t/z", "t/a", "t/b/c", "t/b/a", "t/b.txt"};

	put(*state, "file", "contents");
	for (size_t f = 0; f < TAR_FORMATS; f++) {
		AUTOFREE char *from = join(*state, "file");
		char hex[2][HASH_HEX + 1];

		for (size_t round = 0; round < 2; round++) {
			struct tar_members m __attribute__((cleanup(tar_members_free))) = {0};
			AUTOFREE char *path = join(*state, "out.tar");
			struct err e = {0};

			for (size_t i = 0; i < ARRAY_LEN(names); i++)
				tar_add_file(&m, names[round ? ARRAY_LEN(names) - 1 - i : i], from);
			tar_add_text(&m, "t/text", "text");
			assert_ok(tar_write(path, (enum tar_format)f, &m, &e), &e);
			assert_ok(hash_file(path, hex[round], &e), &e);
			/* The next round finds the file with other times. */
			put(*state, "file", "contents");
		}
		assert_string_equal(hex[0], hex[1]);
	}
}

static void
test_round_trip(void **state)
{
	struct tar_members m __attribute__((cleanup(tar_members_free))) = {0};
	AUTOFREE char *path = join(*state, "out.tar.zst");
	AUTOFREE char *dir = join(*state, "out");
	AUTOFREE char *from = join(*state, "script");
	AUTOFREE char *script = join(*state, "out/t/bin/script");
	struct err e = {0};

	put_script(*state, "script", "exit 0\n");
	tar_add_file(&m, "t/bin/script", from);
	tar_add_text(&m, "t/components", "one\n");
	tar_add_text(&m, "t/\xc3\xa4", "");
	assert_ok(tar_write(path, TAR_ZST, &m, &e), &e);
	assert_ok(fs_mkdirs(dir, &e), &e);
	assert_ok(tar_unpack(path, dir, NULL, &e), &e);
	assert_tree(dir, "t/\nt/bin/\nt/bin/script\nt/components\nt/\xc3\xa4\n");
	assert_file(dir, "t/components", "one\n");
	assert_file(dir, "t/bin/script", "#!/bin/sh\nexit 0\n");
	assert_int_equal(access(script, X_OK), 0);
	/* Never over something that is there. */
	assert_int_equal(tar_unpack(path, dir, NULL, &e), -1);
}

static void
test_write_bad(void **state)
{
	const struct {
		const char *names[2], *want;
	} t[] = {
	    {{"../x", NULL}, "the path '../x' has the part '..'"},
	    {{"a", "a"}, "the path 'a' is there twice"},
	    {{NULL, NULL}, "there is nothing to pack"},
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct tar_members m __attribute__((cleanup(tar_members_free))) = {0};
		AUTOFREE char *path = join(*state, "out.tar");
		struct err e = {0};

		for (size_t k = 0; k < 2 && t[i].names[k]; k++)
			tar_add_text(&m, t[i].names[k], "x");
		assert_int_equal(tar_write(path, TAR_GZ, &m, &e), -1);
		assert_has(e.msg, t[i].want);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_tree(*state, "");
	}
}

static void
test_bad_path(void **state)
{
	AUTOFREE char *part = xasprintf("%0*d", TAR_PART_MAX, 1);
	AUTOFREE char *long_part = xasprintf("%0*d", TAR_PART_MAX + 1, 1);
	AUTOFREE char *long_path = xasprintf("a/%0*d/%0*d/%0*d/%0*d", TAR_PART_MAX, 1, TAR_PART_MAX,
	    1, TAR_PART_MAX, 1, TAR_PART_MAX, 1);
	const struct {
		const char *path, *want;
	} t[] = {
	    {"a", NULL},
	    {"a/b.c/..d/e..", NULL},
	    {".hidden/...", NULL},
	    {part, NULL},
	    {"", "is empty"},
	    {"/", "is absolute"},
	    {"a/", "has an empty part"},
	    {"..", "has the part '..'"},
	    {"a/.", "has the part '.'"},
	    {"a\x7f", "has a control character or a backslash"},
	    {long_part, "has a part that is too long"},
	    {long_path, "is too long"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		const char *got = tar_bad_path(t[i].path);

		if (!str_eq(got, t[i].want))
			fail_msg("'%s': %s, not %s", t[i].path, got ? got : "fine",
			    t[i].want ? t[i].want : "fine");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_hostile),
	    TEST(test_file_under_file),
	    TEST(test_limits),
	    TEST(test_bomb),
	    TEST(test_damaged),
	    TEST(test_write_same),
	    TEST(test_round_trip),
	    TEST(test_write_bad),
	    cmocka_unit_test(test_bad_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
