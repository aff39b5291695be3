/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "ld/elf.h"

/* A small executable: header, two segments, three sections, their names. */
struct sample {
	Elf64_Ehdr eh;
	Elf64_Phdr ph[2];
	Elf64_Shdr sh[3];
	char names[32];
};

static struct sample
good(void)
{
	struct sample s = {
	    .eh = {.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_entry = 0x401000,
		.e_phoff = offsetof(struct sample, ph),
		.e_phnum = 2,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_shoff = offsetof(struct sample, sh),
		.e_shnum = 3,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shstrndx = 2},
	    .ph = {{.p_type = PT_LOAD}, {.p_type = PT_GNU_STACK}},
	    .sh = {{.sh_type = SHT_NULL}, {.sh_type = SHT_PROGBITS, .sh_name = 1},
		{.sh_type = SHT_STRTAB,
		    .sh_offset = offsetof(struct sample, names),
		    .sh_size = sizeof(s.names)}},
	    .names = "\0.text\0.interp",
	};

	memcpy(s.eh.e_ident, ELFMAG, SELFMAG);
	s.eh.e_ident[EI_CLASS] = ELFCLASS64;
	s.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	return s;
}

static int
file_of(const void *data, size_t n)
{
	int fd = memfd_create("elf", 0);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, n), n);
	return fd;
}

static const char *
load(const struct sample *s, size_t n, struct elf *elf)
{
	static struct err e;
	AUTOFD int fd = file_of(s, n);

	e = (struct err){0};
	if (elf_load_fd(fd, "f", elf, &e) == 0)
		return "ok";
	assert_int_equal(e.cls, ERR_FAIL);
	return e.msg;
}

static void
test_good(void **state)
{
	struct sample s = good();
	struct elf elf;

	(void)state;
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_int_equal(elf.machine, EM_X86_64);
	assert_int_equal(elf.type, ET_EXEC);
	assert_true(elf.entry);
	assert_false(elf.interp);
	assert_false(elf.dynamic);
	s.eh.e_phnum = 0;
	s.eh.e_shoff = 0; /* no tables at all is fine */
	assert_string_equal(load(&s, sizeof(s.eh), &elf), "ok");
}

static void
test_dynamic(void **state)
{
	struct sample s = good();
	struct elf elf;

	(void)state;
	s.ph[1].p_type = PT_INTERP;
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_true(elf.interp && !elf.dynamic);
	s.ph[1].p_type = PT_DYNAMIC;
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_true(!elf.interp && elf.dynamic);
	s = good();
	s.sh[1].sh_type = SHT_DYNAMIC; /* a section without its segment */
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_true(!elf.interp && elf.dynamic);
	s = good();
	s.sh[1].sh_name = 7;
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_true(elf.interp && !elf.dynamic);
	s.sh[1].sh_name = 31; /* the name would end outside the table */
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_false(elf.interp);
}

/* An entry point 0 is none, unless there is code at 0. */
static void
test_entry(void **state)
{
	static const struct {
		Elf64_Phdr ph;
		bool entry;
	} rows[] = {
	    {{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 1}, true},
	    {{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 1, .p_vaddr = 4096}, false},
	    {{.p_type = PT_LOAD, .p_flags = PF_R | PF_X, .p_filesz = 0}, false},
	    {{.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_filesz = 1}, false},
	    {{.p_type = PT_NOTE, .p_flags = PF_R | PF_X, .p_filesz = 1}, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sample s = good();
		struct elf elf;

		s.eh.e_entry = 0;
		s.ph[0] = rows[i].ph;
		assert_string_equal(load(&s, sizeof(s), &elf), "ok");
		assert_int_equal(elf.entry, rows[i].entry);
	}
}

/* Counts that do not fit the header are in the first section header. */
static void
test_large_counts(void **state)
{
	struct sample s = good();
	struct elf elf;

	(void)state;
	s.eh.e_shnum = 0;
	s.eh.e_shstrndx = SHN_XINDEX;
	s.eh.e_phnum = PN_XNUM;
	s.sh[0].sh_size = 3;
	s.sh[0].sh_link = 2;
	s.sh[0].sh_info = 2;
	s.sh[1].sh_name = 7;
	s.ph[1].p_type = PT_DYNAMIC;
	assert_string_equal(load(&s, sizeof(s), &elf), "ok");
	assert_true(elf.interp && elf.dynamic);
	s.sh[0].sh_size = UINT64_MAX / 2;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its section headers are cut off");
	s.sh[0].sh_size = 3;
	s.sh[0].sh_info = UINT32_MAX;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its program headers are cut off");
}

static void
test_broken(void **state)
{
	struct sample s = good();
	struct elf elf;

	(void)state;
	assert_string_equal(load(&s, 0, &elf), "f: is not an ELF file");
	assert_string_equal(load(&s, sizeof(s.eh) - 1, &elf), "f: is not an ELF file");
	assert_string_equal(load(&s, sizeof(s.eh), &elf), "f: its section headers are cut off");
	s.eh.e_phoff = UINT64_MAX - 8;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its program headers are cut off");
	s.eh.e_phentsize = 1;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its program headers have an odd size");
	s.eh.e_shoff = INT64_MAX;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its section headers are cut off");
	s.eh.e_shentsize = 0;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: its section headers have an odd size");
	s.eh.e_ident[EI_CLASS] = ELFCLASS32;
	assert_string_equal(load(&s, sizeof(s), &elf), "f: is not a 64-bit little-endian ELF file");
	s.eh.e_ident[0] = 'x';
	assert_string_equal(load(&s, sizeof(s), &elf), "f: is not an ELF file");
}

/* Every length and every single bad byte: no crash, no read outside (ASan). */
static void
test_hostile(void **state)
{
	struct sample s = good();
	struct elf elf;

	(void)state;
	for (size_t n = 0; n <= sizeof(s); n += 3)
		load(&s, n, &elf);
	for (size_t i = 0; i < offsetof(struct sample, names); i++) {
		unsigned char *byte = (unsigned char *)&s + i, old = *byte;

		*byte = 0xff;
		load(&s, sizeof(s), &elf);
		*byte = old;
	}
}

struct member {
	const char *name;
	const void *data;
	size_t n;
};

static int
archive_of(const struct member *m, size_t n)
{
	int fd = memfd_create("ar", 0);

	assert_int_equal(write(fd, "!<arch>\n", 8), 8);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(dprintf(fd, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", m[i].name, 0, 0, 0,
				     0644, m[i].n),
		    60);
		assert_int_equal(write(fd, m[i].data, m[i].n), m[i].n);
		assert_int_equal(write(fd, "\n", m[i].n % 2), m[i].n % 2);
	}
	return fd;
}

static void
test_peek(void **state)
{
	struct sample s = good();
	const struct member members[] = {
	    {"/", "symbols", 7}, {"lib.rmeta/", "rust metadata", 13}, {"a.o/", &s, sizeof(s)}};
	AUTOFD int fd = -1, none = -1, object = -1, big = -1, text = -1, cut = -1;
	struct elf elf = {0};

	(void)state;
	s.eh.e_machine = EM_AARCH64;
	s.eh.e_type = ET_REL;
	fd = archive_of(members, ARRAY_LEN(members));
	assert_true(elf_peek_fd(fd, &elf));
	assert_int_equal(elf.machine, EM_AARCH64);
	assert_int_equal(elf.type, ET_REL);
	none = archive_of(members, 2);
	assert_false(elf_peek_fd(none, &elf));
	object = file_of(&s, 20);
	assert_true(elf_peek_fd(object, &elf));
	s.eh.e_ident[EI_DATA] = ELFDATA2MSB;
	s.eh.e_machine = 0x1500; /* EM_PPC64 the other way round */
	big = file_of(&s, sizeof(s));
	assert_true(elf_peek_fd(big, &elf));
	assert_int_equal(elf.machine, EM_PPC64);
	text = file_of("INPUT(a.o b.o) /* a linker script */", 36);
	assert_false(elf_peek_fd(text, &elf));
	cut = file_of("!<arch>\nx", 9);
	assert_false(elf_peek_fd(cut, &elf));
	assert_false(elf_peek("/nowhere", &elf));
	assert_false(elf_peek("/tmp", &elf));
	assert_true(elf_peek("/proc/self/exe", &elf));
}

static void
test_load_path(void **state)
{
	struct err e = {0};
	struct elf elf;

	(void)state;
	assert_int_equal(elf_load("/nowhere", &elf, &e), -1);
	assert_string_equal(e.msg, "/nowhere: is not there or not a regular file");
	assert_int_equal(elf_load("/proc/self/exe", &elf, &e), 0);
	assert_true(elf.interp && elf.dynamic && elf.entry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good),
	    cmocka_unit_test(test_dynamic),
	    cmocka_unit_test(test_entry),
	    cmocka_unit_test(test_large_counts),
	    cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_hostile),
	    cmocka_unit_test(test_peek),
	    cmocka_unit_test(test_load_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
