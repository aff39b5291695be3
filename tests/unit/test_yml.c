/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/yml.h"

static const char laughs[] = "a: &a [lol, lol, lol]\n"
			     "b: &b [*a, *a, *a, *a]\n"
			     "c: [*b, *b, *b, *b]\n";

static const struct {
	const char *text, *msg;
} bad[] = {
    {"", "f.yaml:1:1: the file is empty"},
    {"\n \n", "f.yaml:1:1: the file is empty"},
    {"# only\n# comments\n", "f.yaml:1:1: the file is empty"},
    {"---\n", "f.yaml:1:1: the file is empty"},
    {"---\n...\n", "f.yaml:1:1: the file is empty"},
    {"\xef\xbb\xbf", "f.yaml:1:1: the file is empty"},
    {laughs, "f.yaml:1:4: anchors (&name) are not supported"},
    {"a: [1, *x]\n", "f.yaml:1:8: aliases (*name) are not supported"},
    {"*x : 1\n", "f.yaml:1:1: aliases (*name) are not supported"},
    {"&k a: 1\n", "f.yaml:1:1: anchors (&name) are not supported"},
    {"a: !!str x\n", "f.yaml:1:4: tags (!name) are not supported"},
    {"a: !py [x]\n", "f.yaml:1:4: tags (!name) are not supported"},
    {"a: !py {x: 1}\n", "f.yaml:1:4: tags (!name) are not supported"},
    {"%TAG ! x\n---\na: 1\n", "f.yaml:1:1: tags (%TAG) are not supported"},
    {"%YAML 1.1\n%TAG ! x\n---\na: 1\n", "f.yaml:2:1: tags (%TAG) are not supported"},
    {"#\r%TAG ! x\r", "f.yaml:1:3: tags (%TAG) are not supported"},
    {"#\xe2\x80\xa8%TAG ! x\n", "f.yaml:1:3: tags (%TAG) are not supported"},
    {"a:\n  <<: {b: 1}\n", "f.yaml:2:3: merge keys (<<) are not supported"},
    {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document; a file may hold only one"},
    {"a:\n\tb: 1\n", "f.yaml:2:1: a tab cannot indent; use spaces"},
    {"\xc3\xa9:\n  b: 1\n\tc: 1\n", "f.yaml:3:1: a tab cannot indent; use spaces"},
    {"a: |\n\tb\n", "f.yaml:2:1: a tab cannot indent; use spaces"},
    {"a: b\n\tc\n", "f.yaml:2:1: a tab cannot indent; use spaces"},
    {"a: \xff\n", "f.yaml:1:4: not UTF-8"},
    {"a: 1\n# \xc3\xa9\xc3\n", "f.yaml:2:4: not UTF-8"},
    {"\xff\xfe"
     "a",
	"f.yaml:1:1: UTF-16; save the file as UTF-8"},
    {"\xfe\xff"
     "a",
	"f.yaml:1:1: UTF-16; save the file as UTF-8"},
    {"a: 1\nb: \x01\n", "f.yaml:2:4: control characters are not allowed"},
    {"a: \"\\0\"\n", "f.yaml:1:4: a NUL character in a value"},
    {"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: 'a' is given twice, first in line 1"},
    {"x: {a: 1, b: 2, a: 3}\n", "f.yaml:1:17: 'a' is given twice, first in line 1"},
    {"a: 1\n\"a\": 3\n", "f.yaml:2:1: 'a' is given twice, first in line 1"},
    {"\"\\e[1m\": 1\n\"\\e[1m\": 3\n", "f.yaml:2:1: '\\x1b[1m' is given twice, first in line 1"},
    {"[a, b]: 1\n", "f.yaml:1:1: a key must be a word, not a list or mapping"},
    {"? {a: 1}\n: 1\n", "f.yaml:1:3: a key must be a word, not a list or mapping"},
    {"a: 1\n? \n: 1\n", "f.yaml:2:2: a key is missing before ':'"},
    {"\"\": 1\n", "f.yaml:1:1: a key is missing before ':'"},
    {"a: [1, 2\n", "f.yaml:2:1: did not find expected ',' or ']' while parsing a flow "
		   "sequence that begins in line 1"},
    {"a: 1\n b: 2\n", "f.yaml:2:3: mapping values are not allowed in this context"},
    {"a: b: c\n", "f.yaml:1:5: mapping values are not allowed in this context"},
    {"a: \"x\n", "f.yaml:2:1: found unexpected end of stream while scanning a quoted "
		 "scalar that begins in line 1"},
    {"@x\n", "f.yaml:1:1: found character that cannot start any token"},
};

static void
test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena arena = {0};
		struct err err = {0};

		if (yml_parse(&arena, "f.yaml", bad[i].text, strlen(bad[i].text), &err))
			fail_msg("accepted: %s", bad[i].text);
		assert_string_equal(err.msg, bad[i].msg);
		assert_int_equal(err.cls, ERR_INPUT);
		arena_free(&arena);
	}
}

static void
test_nul(void **state)
{
	struct arena arena = {0};
	struct err err = {0};

	(void)state;
	assert_null(yml_parse(&arena, "f.yaml", "a: 1\nb\0c: 1\n", 13, &err));
	assert_string_equal(err.msg, "f.yaml:2:2: a NUL byte");
	assert_null(yml_parse(&arena, "f.yaml", "a\0:\0 \0", 6, &err));
	assert_string_equal(err.msg, "f.yaml:1:2: a NUL byte");
	arena_free(&arena);
}

static void
test_depth(void **state)
{
	struct arena arena = {0};
	AUTO(str) text = {0};
	struct err err = {0};

	(void)state;
	for (int i = 0; i < YML_MAX_DEPTH; i++)
		str_addc(&text, '[');
	for (int i = 0; i < YML_MAX_DEPTH; i++)
		str_addc(&text, ']');
	assert_non_null(yml_parse(&arena, "f.yaml", text.buf, text.len, &err));
	str_free(&text);
	for (int i = 0; i < 500000; i++)
		str_addc(&text, '[');
	assert_null(yml_parse(&arena, "f.yaml", text.buf, text.len, &err));
	assert_string_equal(err.msg, "f.yaml:1:33: nested more than 32 levels deep");
	arena_free(&arena);
}

/* A file of the greatest size whose every line is a key takes no noticeable time. */
static void
test_many_keys(void **state)
{
	struct arena arena = {0};
	AUTO(str) text = {0};
	struct err err = {0};
	const struct yml_node *root = NULL;

	(void)state;
	for (int i = 0; text.len < YML_MAX_BYTES - 20; i++)
		str_addf(&text, "k%d: v\n", i);
	root = yml_parse(&arena, "f.yaml", text.buf, text.len, &err);
	assert_non_null(root);
	assert_true(root->n > 90000);
	str_add(&text, "k7: v\n");
	assert_null(yml_parse(&arena, "f.yaml", text.buf, text.len, &err));
	assert_non_null(strstr(err.msg, ": 'k7' is given twice, first in line 8"));
	arena_free(&arena);
}

static void
test_tree(void **state)
{
	static const char text[] = "\xef\xbb\xbf# comment\n%s"
				   "a: 1\n"
				   "\"b\": '2'\n"
				   "list:\n"
				   "  - x\n"
				   "  - {k: v, \"<<\": w}\n"
				   "empty:\n";
	AUTOFREE char *with = xasprintf(text, ""), *dos = xasprintf(text, "---\r\n");
	struct arena arena = {0};
	struct err err = {0};
	const struct yml_node *root = NULL, *n = NULL;

	(void)state;
	assert_non_null(yml_parse(&arena, "f.yaml", dos, strlen(dos), &err));
	root = yml_parse(&arena, "f.yaml", with, strlen(with), &err);
	assert_non_null(root);
	assert_int_equal(root->kind, YML_MAP);
	assert_int_equal(root->n, 4);
	n = root->first;
	assert_string_equal(n->key->text, "a");
	assert_int_equal(n->key->line, 2);
	assert_int_equal(n->key->column, 1);
	assert_string_equal(n->text, "1");
	assert_int_equal(n->column, 4);
	assert_true(n->plain);
	n = n->next;
	assert_string_equal(n->key->text, "b");
	assert_false(n->plain);
	n = n->next;
	assert_int_equal(n->kind, YML_SEQ);
	assert_int_equal(n->n, 2);
	assert_string_equal(n->first->text, "x");
	assert_null(n->first->key);
	assert_int_equal(n->first->next->kind, YML_MAP);
	assert_int_equal(n->first->next->n, 2);
	n = n->next;
	assert_string_equal(n->text, "");
	assert_true(n->plain);
	assert_null(n->next);
	assert_int_equal(yml_error("x\n.yaml", n, &err, "no %d", 7), -1);
	assert_string_equal(err.msg, "x\\x0a.yaml:7:7: no 7");
	arena_free(&arena);
}

/* A percent sign is no harm where it is no directive. */
static void
test_percent(void **state)
{
	static const char *const texts[] = {"a: x%TAG\n", "a: \"%TAG\"\n", "# %TAG\na: 1\n",
	    "%YAML 1.1\n---\na: 1\n", "a: |\n  %TAG\n"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct arena arena = {0};

		if (!yml_parse(&arena, "f.yaml", texts[i], strlen(texts[i]), &err))
			fail_msg("%s", err.msg);
		arena_free(&arena);
	}
}

static char *
in_dir(const char *dir, const char *name, const char *text)
{
	char *path = xasprintf("%s/%s", dir, name);
	FILE *f = text ? fopen(path, "w") : NULL;

	if (f) {
		fputs(text, f);
		fclose(f);
	}
	return path;
}

static void
refused(const char *path, const char *msg)
{
	AUTOFREE char *want = xasprintf("%s%s", path, msg);
	struct arena arena = {0};
	struct err err = {0};

	assert_null(yml_load(&arena, path, &err));
	assert_string_equal(err.msg, want);
	assert_int_equal(err.cls, ERR_INPUT);
	arena_free(&arena);
}

static void
test_load(void **state)
{
	char dir[] = "/tmp/test_yml.XXXXXX";
	AUTOFREE char *ok = NULL, *fifo = NULL, *big = NULL, *none = NULL;
	struct arena arena = {0};
	struct rusage before, after;
	struct err err = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	ok = in_dir(dir, "ok.yaml", "a: 1\n");
	assert_non_null(yml_load(&arena, ok, &err));
	arena_free(&arena);
	none = in_dir(dir, "none.yaml", NULL);
	refused(none, ": No such file or directory");
	refused(dir, ": a directory, not a file");
	refused("/dev/null", ": not a regular file");
	fifo = in_dir(dir, "fifo", NULL);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	refused(fifo, ": not a regular file");

	big = in_dir(dir, "big.yaml", "a: 1\n");
	assert_int_equal(truncate(big, 100L << 20), 0);
	getrusage(RUSAGE_SELF, &before);
	refused(big, ":1:1: more than 1048576 bytes");
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < 4096); /* KiB */
	unlink(ok);
	unlink(fifo);
	unlink(big);
	assert_int_equal(rmdir(dir), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_nul),
	    cmocka_unit_test(test_depth),
	    cmocka_unit_test(test_many_keys),
	    cmocka_unit_test(test_percent),
	    cmocka_unit_test(test_tree),
	    cmocka_unit_test(test_load),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
