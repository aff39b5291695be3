/* SPDX-License-Identifier: BSD-3-Clause */
/* What provides an undefined symbol, and the table that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/kv.h"
#include "ld/teach.h"
#include "support.h"

static void
parse(const char *text, struct kv *table)
{
	struct err e = {0};

	assert_ok(kv_parse("t", text, strlen(text), table, &e), &e);
}

static void
test_find(void **state)
{
	static const char text[] = "provides = net\nsymbol = bind\nsymbol = socket\n"
				   "provides = unwinder\nhost = the kit\nsymbol = _Unwind_*\n"
				   "provides = rest\nsymbol = b*\n";
	static const struct {
		const char *symbol, *unikraft, *host;
	} rows[] = {
	    {"bind", "net", NULL},
	    {"bin", "rest", NULL},
	    {"_Unwind_Resume", "unwinder", "the kit"},
	    {"Unwind", NULL, NULL},
	    {"", NULL, NULL},
	};
	AUTO(kv) table = {0};

	(void)state;
	parse(text, &table);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *there = teach_find(&table, rows[i].symbol, false);
		const char *here = teach_find(&table, rows[i].symbol, true);

		assert_true(str_eq(there, rows[i].unikraft));
		assert_true(str_eq(here, rows[i].host));
	}
}

static void
test_lines(void **state)
{
	AUTO(kv) table = {0};
	AUTO(strv) symbols = {0};
	AUTO(str) out = {0};

	(void)state;
	parse("provides = net\nsymbol = s*\nprovides = poll\nsymbol = epoll_*\n", &table);
	teach_lines(&table, &symbols, false, &out);
	assert_string_equal(str_text(&out), "");
	strv_addl(&symbols, "s1", "mine", "epoll_wait", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
	    "s9", "s10", NULL);
	teach_lines(&table, &symbols, false, &out);
	assert_string_equal(str_text(&out), "  s1, s2, s3, s4, s5, s6, s7, s8 and 2 more: net\n"
					    "  epoll_wait: poll\n");
}

static void
test_bad_tables(void **state)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
	    {"symbol = a\n", ":1: symbol before any provides"},
	    {"provides =\n", ":1: provides is empty"},
	    {"provides = a\nsymbol =\n", ":2: symbol is empty"},
	    {"provides = a\nsymbols = b\n", ":2: unknown key 'symbols'"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTOFREE char *path = join(*state, "t"),
			      *want = xasprintf("%s%s", path, rows[i].msg);
		AUTO(kv) table = {0};
		struct err e = {0};

		put(*state, "t", rows[i].text);
		assert_int_equal(teach_load(path, &table, &e), -1);
		assert_int_equal(e.cls, ERR_INPUT);
		assert_string_equal(e.msg, want);
		assert_null(table.entries);
	}
}

/* The names of the task's own examples, and what the table says of each. */
static void
test_shipped(void **state)
{
	static const struct {
		const char *symbol, *part;
	} rows[] = {
	    {"socket", "lib-lwip"},
	    {"bind", "LWIP_SOCKET"},
	    {"epoll_create1", "LIBPOSIX_POLL"},
	    {"eventfd", "LIBPOSIX_EVENTFD"},
	    {"getrandom", "LIBUKRANDOM"},
	    {"posix_spawnp", "librust"},
	    {"_Unwind_Backtrace", "libgcc_eh"},
	    {"_dl_find_object", "librust"},
	    {"__memcpy_chk", "glibc"},
	    {"socketpair", "LIBPOSIX_UNIXSOCKET"},
	    {"_ZNSt6vectorIiE", "C++"},
	    {"pthread_create", "LIBUKSCHED"},
	    {"__rust_alloc", "global_allocator"},
	    {"_RNvCsfgHYwM92fyn_7___rustc12___rust_alloc", "global_allocator"},
	};
	AUTO(kv) table = {0};
	struct err e = {0};

	(void)state;
	assert_ok(teach_load("share/symbols.conf", &table, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *text = teach_find(&table, rows[i].symbol, false);

		if (!text)
			fail_msg("nothing is said of %s", rows[i].symbol);
		assert_has(text, rows[i].part);
	}
	assert_null(teach_find(&table, "my_own_function", false));
	assert_null(teach_find(&table, "bind", true)); /* musl has it */
	assert_non_null(teach_find(&table, "_Unwind_Resume", true));
}

/* No pattern is there that an earlier one hides. */
static void
test_all_reached(void **state)
{
	AUTO(kv) table = {0};
	struct err e = {0};
	const char *provides = NULL;

	(void)state;
	assert_ok(teach_load("share/symbols.conf", &table, &e), &e);
	for (size_t i = 0; i < table.n; i++) {
		const struct kv_entry *en = &table.entries[i];

		if (strcmp(en->key, "provides") == 0)
			provides = en->value;
		else if (strcmp(en->key, "symbol") == 0 &&
			 teach_find(&table, en->value, false) != provides)
			fail_msg("line %u: '%s' belongs to an earlier group", en->line, en->value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find),
	    cmocka_unit_test(test_lines),
	    TEST(test_bad_tables),
	    cmocka_unit_test(test_shipped),
	    cmocka_unit_test(test_all_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
