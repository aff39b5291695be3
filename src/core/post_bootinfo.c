/* SPDX-License-Identifier: BSD-3-Clause */
/* The boot information: what Unikraft's early code reads to learn which memory its own
 * image takes. A struct ukplat_bootinfo and a list of struct ukplat_memregion_desc
 * (unikraft: plat/common/include/uk/plat/common/bootinfo.h, include/uk/plat/memory.h),
 * in the layout that Unikraft's build writes (support/scripts/mkbootinfo.py). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "core/post_elf.h"

enum {
	MAGIC_LEN = 4,
	HEADER = 80,      /* sizeof(struct ukplat_bootinfo) */
	CAPACITY_AT = 72, /* mrds.capacity */
	COUNT_AT = 76,    /* mrds.count */
	REGION = 32,      /* what a region counts for, without and with a name */
	REGION_NAMED = 64,
	NAME_LEN = 36,
	KERNEL = 4, /* UKPLAT_MEMRT_KERNEL */
	READ = 1,
	WRITE = 2,
	EXECUTE = 4,
	PAGE = 4096,
};

static const unsigned char magic[] = {0xb0, 0xb0, 0x07, 0xb0, 1};

struct options {
	bool names, wide;
	uint64_t min_address;
};

static int
read_options(const struct strv *step, struct options *o, struct err *e)
{
	static const char min[] = "min-address=";

	*o = (struct options){0};
	for (size_t i = 1; i < step->n; i++) {
		const char *arg = step->v[i];
		char *end = NULL;

		if (strcmp(arg, "names") == 0)
			o->names = true;
		else if (strcmp(arg, "wide") == 0)
			o->wide = true;
		else if (str_starts(arg, min) && arg[sizeof(min) - 1] >= '0' &&
			 arg[sizeof(min) - 1] <= '9')
			o->min_address = strtoull(arg + sizeof(min) - 1, &end, 0);
		else
			return err_set(e, ERR_INPUT, "no option '%.40s'", arg);
		if (end && *end)
			return err_set(e, ERR_INPUT, "'%.40s' is no address", arg);
	}
	return 0;
}

static void
add_le(struct str *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		str_addc(out, (char)(value >> 8 * i & 0xff));
}

static int
by_address(const void *a, const void *b)
{
	const Elf64_Phdr *x = *(const Elf64_Phdr *const *)a, *y = *(const Elf64_Phdr *const *)b;

	if (x->p_vaddr != y->p_vaddr)
		return x->p_vaddr < y->p_vaddr ? -1 : 1;
	return x < y ? -1 : 1;
}

/* The name of every region: the image's, without its last suffix. */
static void
add_name(struct str *out, const char *image)
{
	const char *base = fs_basename(image), *dot = strrchr(base, '.');
	size_t n = dot && dot != base ? (size_t)(dot - base) : strlen(base);
	char name[NAME_LEN] = {0};

	memcpy(name, base, n < NAME_LEN ? n : NAME_LEN - 1);
	str_addn(out, name, sizeof(name));
}

static void
add_region(
    struct str *out, const Elf64_Phdr *p, uint64_t size, const struct options *o, const char *image)
{
	unsigned flags = (p->p_flags & PF_R ? READ : 0u) | (p->p_flags & PF_W ? WRITE : 0u) |
			 (p->p_flags & PF_X ? EXECUTE : 0u);

	add_le(out, p->p_vaddr, 8); /* physical */
	add_le(out, p->p_vaddr, 8); /* virtual: they are the same */
	if (o->wide)
		add_le(out, 0, 8); /* the offset in the first page */
	add_le(out, size, 8);
	if (o->wide)
		add_le(out, size / PAGE, 8);
	add_le(out, KERNEL, 2);
	add_le(out, flags, 2);
	if (o->names)
		add_name(out, image);
	else
		add_le(out, 0, 4);
}

static int
make_table(const struct post_elf *elf, const struct options *o, const char *image, size_t size,
    struct str *out, struct err *e)
{
	AUTOFREE const Elf64_Phdr **sorted = xcalloc(elf->n_segments + 1, sizeof(*sorted));
	const uint64_t capacity = (size - HEADER) / (o->names ? REGION_NAMED : REGION);
	uint32_t count = 0;
	size_t n = 0;

	for (unsigned i = 0; i < elf->n_segments; i++)
		if (elf->segments[i].p_type == PT_LOAD)
			sorted[n++] = &elf->segments[i];
	qsort(sorted, n, sizeof(*sorted), by_address);
	str_addn(out, magic, sizeof(magic));
	add_le(out, 0, 8);
	while (out->len < CAPACITY_AT)
		str_addc(out, '\0');
	add_le(out, capacity, 4);
	add_le(out, 0, 4);
	for (size_t i = 0; i < n; i++) {
		uint64_t bytes = (sorted[i]->p_memsz + PAGE - 1) & ~(uint64_t)(PAGE - 1);

		if (sorted[i]->p_vaddr < o->min_address || bytes == 0)
			continue;
		add_region(out, sorted[i], bytes, o, image);
		if (++count > capacity || out->len > size)
			return err_set(e, ERR_FAIL,
			    "%s: section .uk_bootinfo has no room for its segments", image);
	}
	for (unsigned i = 0; i < 4; i++)
		out->buf[COUNT_AT + i] = (char)(count >> 8 * i & 0xff);
	while (out->len < size)
		str_addc(out, '\0');
	return 0;
}

int
post_bootinfo(const struct strv *step, const char *output, const char *debug, struct err *e)
{
	struct post_elf elf __attribute__((cleanup(post_elf_free))) = {0};
	const Elf64_Shdr *section;
	AUTO(str) table = {0};
	struct options o;

	(void)debug;
	if (read_options(step, &o, e) < 0 || post_elf_load(output, &elf, e) < 0)
		return -1;
	section = &elf.sections[post_elf_section(&elf, ".uk_bootinfo")];
	if (!post_elf_has_bytes(section) || section->sh_size < HEADER)
		return err_set(e, ERR_FAIL, "%s: no section .uk_bootinfo to fill", output);
	if (make_table(&elf, &o, output, section->sh_size, &table, e) < 0)
		return -1;
	memcpy(elf.file.buf + section->sh_offset, table.buf, section->sh_size);
	return post_save(output, &elf.file, e);
}
