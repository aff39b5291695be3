/* SPDX-License-Identifier: BSD-3-Clause */
/* core/backtrace: what becomes of a machine's output, whatever pieces it comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/backtrace.h"
#include "core/symbolizer.h"

#define UNKNOWN " - <unknown>\n"
#define NOTE \
	"note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose " \
	"backtrace.\n"
/* The program below: two frames of the panic handler, two of the program's, std's. */
#define FRAMES \
	"   0:           0x100011" UNKNOWN "   1:           0x100021" UNKNOWN \
	"   2:           0x100031" UNKNOWN "   3:           0x100041" UNKNOWN \
	"   4:           0x100051" UNKNOWN "   5:           0x100061" UNKNOWN
#define BRIEF \
	"   0: core::panicking::panic_fmt\n" \
	"   1: mine::inlined\n             at ./src/lib.rs:7\n" \
	"   2: mine::main\n             at ./src/main.rs:3\n"

static const struct fact {
	uint64_t address;
	const char *name, *file;
	unsigned line;
} facts[] = {
    {0x100010, "std::print", "/rustc/x/std.rs", 1},
    {0x100020, "std::__rust_end_short_backtrace::<x>", NULL, 0},
    {0x100030, "core::panicking::panic_fmt", NULL, 0},
    {0x100040, "mine::inlined", "/home/me/src/lib.rs", 7},
    {0x100040, "mine::main", "/home/me/src/main.rs", 3},
    {0x100050, "std::__rust_begin_short_backtrace", "/rustc/x/std.rs", 8},
    {0x100060, "main", NULL, 0},
};

struct asked {
	size_t n, fail_at; /* fail_at: 0: never */
};

static int
resolve(void *ctx, uint64_t address, struct symbols *out)
{
	struct asked *a = ctx;

	*out = (struct symbols){0};
	if (++a->n == a->fail_at)
		return -1;
	assert_true(!a->fail_at || a->n < a->fail_at);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		const struct fact *f = &facts[i];

		if (f->address != address)
			continue;
		out->v = xrealloc(out->v, (out->n + 1) * sizeof(*out->v));
		out->v[out->n++] = (struct symbol){.name = xstrdup(f->name),
		    .file = f->file ? xstrdup(f->file) : NULL,
		    .line = f->line};
	}
	return 0;
}

static const struct sample {
	const char *label, *in, *out;
	bool brief;
	const char *cwd;
	size_t fail_at;
} samples[] = {
    {"no backtrace", "a\nstack backtrace\nstack backtrace: \nb", NULL, true, NULL, 0},
    {"only at the beginning of a line", " stack backtrace:\n" FRAMES, NULL, true, NULL, 0},
    {"brief", "x\nstack backtrace:\n" FRAMES "after\n",
	"x\nstack backtrace:\n" BRIEF NOTE "after\n", true, "/home/me", 0},
    {"brief at the end", "stack backtrace:\n" FRAMES, "stack backtrace:\n" BRIEF NOTE, true,
	"/home/me", 0},
    {"two of them", "stack backtrace:\n" FRAMES "stack backtrace:\n" FRAMES,
	"stack backtrace:\n" BRIEF NOTE "stack backtrace:\n" BRIEF NOTE, true, "/home/me", 0},
    {"another directory", "stack backtrace:\n" FRAMES,
	"stack backtrace:\n   0: core::panicking::panic_fmt\n   1: mine::inlined\n"
	"             at /home/me/src/lib.rs:7\n   2: mine::main\n"
	"             at /home/me/src/main.rs:3\n" NOTE,
	true, "/home/m", 0},
    {"the root directory", "stack backtrace:\n" FRAMES,
	"stack backtrace:\n   0: core::panicking::panic_fmt\n   1: mine::inlined\n"
	"             at ./home/me/src/lib.rs:7\n   2: mine::main\n"
	"             at ./home/me/src/main.rs:3\n" NOTE,
	true, "/", 0},
    {"full",
	"stack backtrace:\n   0:           0x100011" UNKNOWN "   1:           0x100041" UNKNOWN
	"   2:           0xabcdef" UNKNOWN "   3:                0x0" UNKNOWN "end",
	"stack backtrace:\n   0:           0x100011 - std::print\n"
	"                               at /rustc/x/std.rs:1\n"
	"   1:           0x100041 - mine::inlined\n"
	"                               at /home/me/src/lib.rs:7\n"
	"   2:           0x100041 - mine::main\n"
	"                               at /home/me/src/main.rs:3\n"
	"   3:           0xabcdef - <unknown>\n   4:                0x0 - <unknown>\nend",
	false, "/home/me", 0},
    {"nothing is known", "stack backtrace:\n" FRAMES, NULL, true, NULL, 1},
    {"no more is known", "stack backtrace:\n" FRAMES,
	"stack backtrace:\n   0: core::panicking::panic_fmt\n   3:           0x100041" UNKNOWN
	"   4:           0x100051" UNKNOWN "   5:           0x100061" UNKNOWN,
	true, "/home/me", 4},
    {"without the panic handler", "stack backtrace:\n   0:           0x100041" UNKNOWN "x", NULL,
	true, NULL, 0},
    {"cut in a frame", "stack backtrace:\n   0:           0x100021" UNKNOWN "   1:         0x10",
	"stack backtrace:\n" NOTE "   1:         0x10", true, NULL, 0},
    {"frames begin at 0", "stack backtrace:\n   1:           0x100021" UNKNOWN, NULL, true, NULL,
	0},
    {"frames have symbols", "stack backtrace:\n   0:           0x100021 - main\n", NULL, true, NULL,
	0},
    {"std's own brief one", "stack backtrace:\n" NOTE, NULL, true, NULL, 0},
    {"a short address", "stack backtrace:\n   0: 0x100021" UNKNOWN, NULL, true, NULL, 0},
    {"no digits", "stack backtrace:\n   0:                 0x" UNKNOWN, NULL, true, NULL, 0},
    {"no address", "stack backtrace:\n   0:                   " UNKNOWN, NULL, true, NULL, 0},
    {"upper case", "stack backtrace:\n   0:           0x10002A" UNKNOWN, NULL, true, NULL, 0},
    {"an absurd address", "stack backtrace:\n   0: 0xffffffffffffffff" UNKNOWN, NULL, false, NULL,
	0},
    {"one that is too long", "stack backtrace:\n   0: 0xfffffffffffffffff" UNKNOWN, NULL, true,
	NULL, 0},
    {"blanks", "stack backtrace:\n   \n    \n", NULL, true, NULL, 0},
    {"carriage returns", "stack backtrace:\r\n   0:           0x100021" UNKNOWN, NULL, true, NULL,
	0},
};

/* All of the text, cut in front of each multiple of step. */
static void
feed(struct backtrace *b, const char *s, size_t n, size_t step, struct str *out)
{
	for (size_t i = 0; i < n; i += step)
		backtrace_take(b, s + i, n - i < step ? n - i : step, out);
	backtrace_end(b, out);
}

static void
test_samples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		const struct sample *s = &samples[i];
		const size_t n = strlen(s->in);

		for (size_t step = 1; step <= n; step++) {
			struct asked a = {.fail_at = s->fail_at};
			AUTO(backtrace)
			b = {.brief = s->brief, .cwd = s->cwd, .resolve = resolve, .ctx = &a};
			AUTO(str) out = {0};

			feed(&b, s->in, n, step, &out);
			if (strcmp(str_text(&out), s->out ? s->out : s->in) != 0)
				fail_msg(
				    "%s, in steps of %zu:\n%s", s->label, step, str_text(&out));
		}
	}
}

/* Outside of frames not one byte waits for another. */
static void
test_prompt(void **state)
{
	static const char *const prompts[] = {"> ", "stack",
	    "a\nstack backtrace:", "stack backtrace:\nname? ", "stack backtrace:\n" FRAMES "0",
	    "\r\033["};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(prompts); i++) {
		struct asked a = {.fail_at = 1};
		AUTO(backtrace) b = {.resolve = resolve, .ctx = &a};
		AUTO(str) out = {0};

		backtrace_take(&b, prompts[i], strlen(prompts[i]), &out);
		assert_string_equal(str_text(&out), prompts[i]);
	}
}

/* A prompt of blanks, and the end of a brief backtrace, wait for a short time only. */
static void
test_pause(void **state)
{
	static const char frames[] = "stack backtrace:\n" FRAMES;
	struct asked a = {0};
	AUTO(backtrace) b = {.brief = true, .cwd = "/home/me", .resolve = resolve, .ctx = &a};
	AUTO(str) out = {0};

	(void)state;
	backtrace_take(&b, frames, strlen(frames), &out);
	assert_string_equal(str_text(&out), "stack backtrace:\n" BRIEF);
	for (int i = 0; i < 20; i++)
		backtrace_pause(&b, &out);
	assert_string_equal(str_text(&out), "stack backtrace:\n" BRIEF NOTE);
	backtrace_take(&b, "  ", 2, &out);
	assert_string_equal(str_text(&out), "stack backtrace:\n" BRIEF NOTE);
	for (int i = 0; i < 20; i++)
		backtrace_pause(&b, &out);
	assert_string_equal(str_text(&out), "stack backtrace:\n" BRIEF NOTE "  ");
	backtrace_end(&b, &out);
	assert_string_equal(str_text(&out), "stack backtrace:\n" BRIEF NOTE "  ");
}

static void
add_frame(struct str *s, size_t number, uint64_t address)
{
	AUTOFREE char *hex = xasprintf("0x%llx", (unsigned long long)address);

	str_addf(s, "%4zu: %18s" UNKNOWN, number, hex);
}

/* A brief backtrace has at most 101 frames, as std's; a full one all of them. */
static void
test_many(void **state)
{
	struct asked brief = {0}, full = {0};
	AUTO(backtrace) b = {.brief = true, .resolve = resolve, .ctx = &brief};
	AUTO(backtrace) f = {.resolve = resolve, .ctx = &full};
	AUTO(str) in = {0}, out = {0}, all = {0};

	(void)state;
	str_add(&in, "stack backtrace:\n");
	add_frame(&in, 0, 0x100021);
	for (size_t i = 1; i < 10000; i++)
		add_frame(&in, i, 0x200000 + i);
	str_add(&in, "x\n");
	feed(&b, in.buf, in.len, 4096, &out);
	assert_non_null(strstr(str_text(&out), "\n  99: <unknown>\n" NOTE "x\n"));
	assert_int_equal(brief.n, 101);
	feed(&f, in.buf, in.len, 4096, &all);
	assert_non_null(strstr(str_text(&all), "\n9999:           0x20270f - <unknown>\nx\n"));
	assert_int_equal(full.n, 9999 + 1);
}

/* A brief one that is not a panic's is not kept back for ever. */
static void
test_many_hidden(void **state)
{
	struct asked a = {0};
	AUTO(backtrace) b = {.brief = true, .resolve = resolve, .ctx = &a};
	AUTO(str) in = {0}, out = {0};

	(void)state;
	str_add(&in, "stack backtrace:\n");
	for (size_t i = 0; i < 10000; i++)
		add_frame(&in, i, 0x200000 + i);
	for (size_t i = 0; i < in.len; i++) {
		backtrace_take(&b, in.buf + i, 1, &out);
		assert_true(b.kept.len < 6000);
	}
	backtrace_end(&b, &out);
	assert_string_equal(str_text(&out), str_text(&in));
}

/* A line without end, with what looks like a frame in front. */
static void
test_long_line(void **state)
{
	struct asked a = {0};
	AUTO(backtrace) b = {.resolve = resolve, .ctx = &a};
	AUTO(str) in = {0}, out = {0};

	(void)state;
	str_add(&in, "stack backtrace:\n   0: ");
	for (size_t i = 0; i < 1 << 20; i++)
		str_addc(&in, ' ');
	for (size_t i = 0; i < in.len; i++) {
		backtrace_take(&b, in.buf + i, 1, &out);
		assert_true(b.line.len < 64);
	}
	backtrace_end(&b, &out);
	assert_string_equal(str_text(&out), str_text(&in));
	assert_int_equal(a.n, 0);
}

/* Any bytes: what is not changed is not lost either. */
static void
test_noise(void **state)
{
	static const char *const parts[] = {"stack backtrace:\n",
	    "   0: ", "   1: ", "          0x100021", UNKNOWN, "\n", " ", "0x", "\0",
	    "   0:           0x100011", "\r\n"};
	unsigned seed = 1;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct asked a = {.fail_at = 1};
		AUTO(backtrace) b = {.brief = round & 1, .resolve = resolve, .ctx = &a};
		AUTO(str) in = {0}, out = {0};

		for (int i = 0; i < 12; i++) {
			const char *part;

			seed = seed * 1103515245 + 12345;
			part = parts[(seed >> 16) % ARRAY_LEN(parts)];
			str_addn(&in, part, *part ? strlen(part) : 1);
		}
		feed(&b, in.buf, in.len, 1 + (size_t)round % 40, &out);
		assert_int_equal(out.len, in.len);
		assert_memory_equal(out.buf, in.buf, in.len);
	}
}

static void
test_tidy(void **state)
{
	static const char *const names[][2] = {
	    {"boom::inner::h3fee7b51e0733d73", "boom::inner"},
	    {"boom::outer::_$u7b$$u7b$closure$u7d$$u7d$::h4e3f7110ba9889ba",
		"boom::outer::{{closure}}"},
	    {"_$LT$boom..P$u20$as$u20$core..fmt..Display$GT$::fmt::h0123456789abcdef",
		"<boom::P as core::fmt::Display>::fmt"},
	    {"core::ptr::drop_in_place$LT$$RF$mut$u20$dyn$u20$a..B$GT$",
		"core::ptr::drop_in_place<&mut dyn a::B>"},
	    {"main", "main"},
	    {"a$u$b$u110000$c$", "a$u$b$u110000$c$"},
	    {"h3fee7b51e0733d73", "h3fee7b51e0733d73"},
	    {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTOFREE char *name = xstrdup(names[i][0]);

		symbolizer_tidy(name);
		assert_string_equal(name, names[i][1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples),
	    cmocka_unit_test(test_prompt),
	    cmocka_unit_test(test_pause),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_many_hidden),
	    cmocka_unit_test(test_long_line),
	    cmocka_unit_test(test_noise),
	    cmocka_unit_test(test_tidy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
