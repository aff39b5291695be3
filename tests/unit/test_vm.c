/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"
#include "core/vm.h"

/* The monitor is to be killed before it has run. */
static void
interrupted_at_once(void **state)
{
	struct vm_result r __attribute__((cleanup(vm_result_free))) = {0};
	struct vm vm = {.in = -1, .out = STDOUT_FILENO};
	AUTO(strv) argv = {0};
	struct err e = {0};

	(void)state;
	strv_addl(&argv, "sleep", "30", NULL);
	vm.argv = &argv;
	proc_catch_signals();
	raise(SIGTERM);
	alarm(10);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(vm_run(&vm, &r, &e), -1);
		assert_int_equal(e.cls, ERR_SIGNAL);
	}
	alarm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interrupted_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
