/* SPDX-License-Identifier: BSD-3-Clause */
/* Run a fuzz target over the files named on the command line: the corpus as a
 * regression test, without libFuzzer. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		AUTO(str) text = {0};
		struct err e;

		if (fs_read(argv[i], 16 << 20, &text, &e) < 0) {
			fprintf(stderr, "%s\n", e.msg);
			return 1;
		}
		LLVMFuzzerTestOneInput((const uint8_t *)str_text(&text), text.len);
	}
	printf("%d passed, 0 failed\n", argc - 1);
	return 0;
}
