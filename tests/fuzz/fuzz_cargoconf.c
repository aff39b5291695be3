/* SPDX-License-Identifier: BSD-3-Clause */
/* A user's .cargo/config.toml. What is accepted holds the block once, and a second
 * merge changes nothing. A block that is there is read, whatever it holds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/cargoconf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cargoconf conf = {
	    .arch = "x86_64",
	    .plat = "qemu",
	    .target = "t",
	    .linker = "kraftld",
	    .runner = "kraft-rust",
	};
	AUTOFREE char *text = xmalloc(size + 1);
	AUTOFREE char *once = NULL;
	AUTOFREE char *twice = NULL;
	AUTO(strv) options = {0};
	struct err e = {0};

	memcpy(text, data, size);
	text[size] = '\0';
	if (cargoconf_options("f", text, &conf, &options, &e) < 0 && e.cls != ERR_INPUT)
		abort();
	once = cargoconf_merge("f", text, size, &conf, &e);
	if (!once) {
		if (e.cls != ERR_INPUT || strncmp(e.msg, "f:", 2) != 0)
			abort();
		return 0;
	}
	twice = cargoconf_merge("f", once, strlen(once), &conf, &e);
	if (!twice || strcmp(once, twice) != 0)
		abort();
	return 0;
}
