/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps on files that are not what they should be. That they make the right bytes of
 * good ones is held against GNU strip and objcopy in tests/cli/vm.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/post.h"

static char path[] = "/tmp/post-XXXXXX";

/* The smallest file that passes: a header, one segment, the null section and names. */
struct file {
	Elf64_Ehdr h;
	Elf64_Phdr p;
	Elf64_Shdr s[3];
	char names[32];
};

static void
make(struct file *f)
{
	static const char names[] = "\0.shstrtab\0.uk_bootinfo";

	memset(f, 0, sizeof(*f));
	memcpy(f->h.e_ident, ELFMAG "\2\1\1", 7);
	f->h.e_type = ET_EXEC;
	f->h.e_machine = EM_X86_64;
	f->h.e_phoff = offsetof(struct file, p);
	f->h.e_phnum = 1;
	f->h.e_phentsize = sizeof(f->p);
	f->h.e_shoff = offsetof(struct file, s);
	f->h.e_shnum = 3;
	f->h.e_shentsize = sizeof(f->s[0]);
	f->h.e_shstrndx = 1;
	f->p = (Elf64_Phdr){.p_type = PT_LOAD, .p_filesz = sizeof(*f), .p_memsz = sizeof(*f)};
	f->s[1] = (Elf64_Shdr){.sh_name = 1,
	    .sh_type = SHT_STRTAB,
	    .sh_offset = offsetof(struct file, names),
	    .sh_size = sizeof(f->names)};
	f->s[2] = (Elf64_Shdr){.sh_name = 11,
	    .sh_type = SHT_PROGBITS,
	    .sh_flags = SHF_ALLOC,
	    .sh_offset = 64,
	    .sh_size = 16};
	memcpy(f->names, names, sizeof(names));
}

static void
fails(const char *name, const struct file *f, size_t n, const char *want)
{
	AUTO(strv) step = {0};
	AUTO(str) after = {0};
	struct err e = {0}, ignored = {0};

	strv_split(&step, name, ' ');
	assert_int_equal(fs_write(path, f, n, 0666, &ignored), 0);
	assert_int_equal(post_run(&step, path, path, &e), -1);
	if (!strstr(e.msg, want))
		fail_msg("'%s' is not in '%s'", want, e.msg);
	assert_int_equal(fs_read(path, 1 << 20, &after, &ignored), 0);
	assert_int_equal(after.len, n);
	if (n)
		assert_memory_equal(after.buf, f, n);
}

static void
test_bad_files(void **state)
{
	static const char *const names[] = {
	    "strip", "bootinfo", "multiboot", "binary", "linux-arm64"};
	struct file f;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		make(&f);
		fails(names[i], &f, 10, "it is not an ELF file");
		fails(names[i], &f, sizeof(f) - 40, "beyond the file");
		f.h.e_ident[EI_CLASS] = ELFCLASS32;
		fails(names[i], &f, sizeof(f), "64-bit little-endian");
		make(&f);
		f.h.e_shoff = UINT64_MAX - 8;
		fails(names[i], &f, sizeof(f), "tables end beyond the file");
		make(&f);
		f.h.e_phentsize = 1;
		fails(names[i], &f, sizeof(f), "entries of an unknown size");
		make(&f);
		f.h.e_shnum = 0;
		fails(names[i], &f, sizeof(f), "are not in its header");
		make(&f);
		f.p.p_offset = UINT64_MAX;
		fails(names[i], &f, sizeof(f), "a segment ends beyond the file");
		make(&f);
		f.s[2].sh_size = UINT64_MAX;
		fails(names[i], &f, sizeof(f), "a section ends beyond the file");
		make(&f);
		f.s[2].sh_name = 32;
		fails(names[i], &f, sizeof(f), "name is not in the string table");
		make(&f);
		f.h.e_shstrndx = 3;
		fails(names[i], &f, sizeof(f), "it has no section names");
		make(&f);
		f.names[31] = 'x';
		fails(names[i], &f, sizeof(f), "not a string table");
	}
}

static void
test_unfit(void **state)
{
	struct file f;

	(void)state;
	make(&f);
	fails("bootinfo", &f, sizeof(f), "no section .uk_bootinfo to fill");
	fails("bootinfo sparkle", &f, sizeof(f), "no option 'sparkle'");
	fails("bootinfo min-address=x", &f, sizeof(f), "no option 'min-address=x'");
	fails("strip -s", &f, sizeof(f), "the kit's step strip has no option '-s'");
	fails("sparkle", &f, sizeof(f), "a step 'sparkle' that this version does not know");
	fails("linux-arm64", &f, sizeof(f), "has no symbol _start_ram_addr");
	f.s[2].sh_size = 80;
	fails("bootinfo", &f, sizeof(f), "no room for its segments");
	f.p.p_vaddr = UINT64_C(1) << 40;
	fails("multiboot", &f, sizeof(f), "does not fit into 32-bit addresses");
	f.h.e_machine = EM_AARCH64;
	fails("multiboot", &f, sizeof(f), "is not for x86_64");
	make(&f);
	f.s[2].sh_type = SHT_RELA;
	fails("strip", &f, sizeof(f), "has relocations (section .uk_bootinfo)");
	f.s[2].sh_flags = 0;
	f.s[2].sh_type = SHT_STRTAB;
	fails("strip", &f, sizeof(f), "nothing in it is loaded");
	fails("binary", &f, sizeof(f), "nothing in it is loaded");
}

/* The same with thread-local storage: the last section is a .tbss. */
struct tls_file {
	Elf64_Ehdr h;
	Elf64_Phdr p[2];
	Elf64_Shdr s[5];
	char names[64];
};

static void
make_tls(struct tls_file *f)
{
	static const char names[] = "\0.shstrtab\0.text\0.tbss\0.tdata";
	struct file base;

	make(&base);
	*f = (struct tls_file){.h = base.h};
	f->h.e_phoff = offsetof(struct tls_file, p);
	f->h.e_phnum = ARRAY_LEN(f->p);
	f->h.e_shoff = offsetof(struct tls_file, s);
	f->h.e_shnum = ARRAY_LEN(f->s);
	f->p[0] = (Elf64_Phdr){.p_type = PT_LOAD, .p_filesz = 0x200};
	f->p[1] = (Elf64_Phdr){.p_type = PT_TLS, .p_offset = 1 << 20, .p_memsz = 8};
	f->s[1] = (Elf64_Shdr){.sh_name = 1, .sh_type = SHT_STRTAB, .sh_size = sizeof(f->names)};
	f->s[1].sh_offset = offsetof(struct tls_file, names);
	f->s[2] = (Elf64_Shdr){.sh_name = 11, .sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC};
	f->s[2].sh_offset = 0x1f0;
	f->s[2].sh_size = 0x10;
	f->s[3] = (Elf64_Shdr){.sh_name = 23};
	f->s[4] = (Elf64_Shdr){.sh_name = 17, .sh_type = SHT_NOBITS, .sh_size = 8};
	f->s[4].sh_flags = SHF_ALLOC | SHF_TLS;
	memcpy(f->names, names, sizeof(names));
}

/* Without a .tdata GNU strip puts .tbss at the first place behind what is loaded that
 * could be mapped at its address, and which the file need not have. */
static void
test_tbss(void **state)
{
	static const struct {
		Elf64_Xword align;
		Elf64_Addr at;
		bool data;
		Elf64_Off want;
	} rows[] = {
	    {4096, 0x3008, false, 0x1008},
	    {4096, 0x3100, false, 0x1100},
	    {16, 0x3008, false, 0x208},
	    {4096, 0x3008, true, 0x200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(strv) step = {0};
		AUTO(str) out = {0};
		struct err e = {0};
		struct tls_file f;
		Elf64_Shdr tbss;
		Elf64_Off headers;

		make_tls(&f);
		f.p[0].p_align = rows[i].align;
		f.s[3].sh_type = rows[i].data ? SHT_PROGBITS : SHT_NULL;
		f.s[3].sh_flags = rows[i].data ? SHF_ALLOC | SHF_TLS : 0;
		f.s[4].sh_addr = rows[i].at;
		strv_add(&step, "strip");
		assert_int_equal(fs_write(path, &f, sizeof(f), 0666, &e), 0);
		assert_string_equal(post_run(&step, path, path, &e) < 0 ? e.msg : "", "");
		assert_int_equal(fs_read(path, 1 << 20, &out, &e), 0);
		memcpy(&headers, out.buf + offsetof(Elf64_Ehdr, e_shoff), sizeof(headers));
		memcpy(&tbss, out.buf + headers + 3 * sizeof(tbss), sizeof(tbss));
		assert_int_equal(tbss.sh_type, SHT_NOBITS);
		assert_int_equal(tbss.sh_offset, rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_unfit),
	    cmocka_unit_test(test_tbss),
	};
	int fd = mkstemp(path), rc;

	if (fd < 0)
		return 1;
	close(fd);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rc;
}
