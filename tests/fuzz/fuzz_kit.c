/* SPDX-License-Identifier: BSD-3-Clause */
/* What kraftld reads: kits, wrapper configs, the ELF files and archives it looks into,
 * and what a build said. What is accepted comes back the same once written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/kit.h"
#include "core/wrapconf.h"
#include "ld/complaint.h"
#include "ld/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(int ok)
{
	if (!ok)
		abort();
}

static void
check_kit(const char *text, size_t n)
{
	AUTOFREE char *first = NULL, *second = NULL;
	AUTO(kit) k = {0}, again = {0};
	AUTO(strv) argv = {0};
	struct err e = {0};

	if (kit_parse("kit", "/kit", text, n, &k, &e) < 0) {
		must(e.cls == ERR_INPUT && e.msg[0] && !k.dir);
		return;
	}
	first = kit_text(&k);
	must(kit_parse("kit", "/kit", first, strlen(first), &again, &e) == 0);
	second = kit_text(&again);
	must(strcmp(first, second) == 0);
	for (size_t i = 0; i < k.args.n; i++)
		kit_expand(&k, k.args.v[i], "/out", "/out.dbg", &argv);
	must(argv.n == k.args.n);
}

static void
check_wrapconf(const char *text, size_t n)
{
	AUTOFREE char *first = NULL, *second = NULL;
	AUTO(wrapconf) c = {0}, again = {0};
	struct err e = {0};

	if (wrapconf_parse("conf", text, n, &c, &e) < 0) {
		must(e.cls == ERR_INPUT && e.msg[0] && !c.arch);
		return;
	}
	first = wrapconf_text(&c);
	must(wrapconf_parse("conf", first, strlen(first), &again, &e) == 0);
	second = wrapconf_text(&again);
	must(strcmp(first, second) == 0);
}

static void
check_elf(const uint8_t *data, size_t n)
{
	AUTOFD int fd = memfd_create("elf", 0);
	struct err e = {0};
	struct elf elf;

	must(fd >= 0 && write(fd, data, n) == (ssize_t)n);
	if (elf_peek_fd(fd, &elf))
		must(elf.machine != 0);
	if (elf_load_fd(fd, "elf", &elf, &e) < 0)
		must(e.cls == ERR_FAIL && e.msg[0]);
}

/* Fit to be shown, whatever a program printed. */
static void
check_said(const char *data, size_t n)
{
	AUTOFREE char *text = xstrndup(data, n);
	AUTO(strv) names = {0};
	AUTO(str) out = {0};

	complaint_pick(text, &out);
	complaint_fallback(text, text, &out);
	must(str_utf8(str_text(&out), out.len, NULL));
	for (size_t i = 0; i < out.len; i++)
		must((unsigned char)out.buf[i] >= ' ' || out.buf[i] == '\n');
	complaint_undefined(text, &names);
	for (size_t i = 0; i < names.n; i++)
		must(names.v[i][0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_said((const char *)data, size);
	check_kit((const char *)data, size);
	check_wrapconf((const char *)data, size);
	check_elf(data, size);
	return 0;
}
