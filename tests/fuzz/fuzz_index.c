/* SPDX-License-Identifier: BSD-3-Clause */
/* Indexes of dist servers. What is accepted has only names that are safe in paths and
 * URLs, and its text is read back the same. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/dist_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
check_item(const struct dist_item *item)
{
	AUTOFREE char *dir = dist_item_dir(item);

	must(str_word(item->key) && !tar_bad_path(dir));
	for (size_t i = 0; i < TAR_FORMATS; i++) {
		const struct dist_file *file = &item->files[i];

		if (!file->path)
			continue;
		must(!tar_bad_path(file->path) && str_starts(file->path, dir));
		must(!strpbrk(file->path, " ?#%&\"'<>:"));
		must(strlen(file->sha256) == HASH_HEX && file->size > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(dist_index) index = {0};
	AUTO(dist_index) again = {0};
	AUTOFREE char *text = NULL;
	struct err err = {0};

	if (dist_index_parse("index", (const char *)data, size, &index, &err) < 0) {
		must(err.cls == ERR_INPUT && err.msg[0] && !index.v);
		return 0;
	}
	for (size_t i = 0; i < index.n; i++)
		check_item(&index.v[i]);
	text = dist_index_text(&index);
	must(dist_index_parse("again", text, strlen(text), &again, &err) == 0);
	must(again.n == index.n && again.serial == index.serial);
	return 0;
}
