/* SPDX-License-Identifier: BSD-3-Clause */
/* manifest.in of component tarballs: no path leads out, none is there twice. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/tar.h"
#include "core/component.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct strv *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		if (tar_bad_path(paths->v[i]) || paths->v[i][0] == '/' ||
		    strstr(paths->v[i], "/../"))
			abort();
		if (i > 0 && strcmp(paths->v[i], paths->v[i - 1]) <= 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(component_list) list = {0};
	AUTOFREE char *text = xcalloc(size + 1, 1);
	struct err err = {0};

	if (size)
		memcpy(text, data, size);
	if (component_list_parse("manifest.in", text, size, &list, &err) < 0) {
		if (err.cls != ERR_INTEGRITY || !err.msg[0] || list.files.n || list.dirs.n)
			abort();
		return 0;
	}
	check(&list.files);
	check(&list.dirs);
	if (list.files.n + list.dirs.n == 0)
		abort();
	return 0;
}
