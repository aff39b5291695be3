/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/elf.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

/* rustc's archives begin with the symbol table and metadata; an object that comes
 * later than this many members is not looked for. */
enum { MAX_MEMBERS = 64 };

static bool
read_at(int fd, uint64_t off, void *buf, size_t n)
{
	unsigned char *p = buf;

	while (n > 0) {
		ssize_t got;

		if (off > INT64_MAX - n)
			return false;
		got = pread(fd, p, n, (off_t)off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
		off += (uint64_t)got;
	}
	return true;
}

/* e_type and e_machine stand at the same place in every class. */
static bool
peek_header(int fd, uint64_t off, struct elf *out)
{
	unsigned char h[20];

	if (!read_at(fd, off, h, sizeof(h)) || memcmp(h, ELFMAG, SELFMAG) != 0)
		return false;
	*out = (struct elf){0};
	if (h[EI_DATA] == ELFDATA2LSB) {
		out->type = (unsigned)h[16] | (unsigned)h[17] << 8;
		out->machine = (unsigned)h[18] | (unsigned)h[19] << 8;
	} else if (h[EI_DATA] == ELFDATA2MSB) {
		out->type = (unsigned)h[17] | (unsigned)h[16] << 8;
		out->machine = (unsigned)h[19] | (unsigned)h[18] << 8;
	} else {
		return false;
	}
	return out->machine != EM_NONE;
}

/* An ar header: name[16] date[12] uid[6] gid[6] mode[8] size[10] "`\n". */
static bool
member_size(const char h[60], uint64_t *size)
{
	*size = 0;
	if (h[58] != '`' || h[59] != '\n')
		return false;
	for (int i = 48; i < 58 && h[i] != ' '; i++) {
		if (h[i] < '0' || h[i] > '9')
			return false;
		*size = *size * 10 + (uint64_t)(h[i] - '0');
	}
	return true;
}

static bool
peek_archive(int fd, struct elf *out)
{
	uint64_t off = 8, size;
	char h[60];

	for (int i = 0; i < MAX_MEMBERS && read_at(fd, off, h, sizeof(h)); i++) {
		if (!member_size(h, &size))
			return false;
		if (peek_header(fd, off + sizeof(h), out))
			return true;
		off += sizeof(h) + size + size % 2;
	}
	return false;
}

bool
elf_peek_fd(int fd, struct elf *out)
{
	char magic[8];

	if (!read_at(fd, 0, magic, sizeof(magic)))
		return false;
	if (memcmp(magic, "!<arch>\n", sizeof(magic)) == 0)
		return peek_archive(fd, out);
	return peek_header(fd, 0, out);
}

/* Inputs may be anything the user names: a pipe must not block the link. */
static int
open_file(const char *path)
{
	AUTOFD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	return take_fd(fd);
}

bool
elf_peek(const char *path, struct elf *out)
{
	AUTOFD int fd = open_file(path);

	return fd >= 0 && elf_peek_fd(fd, out);
}

static bool
inside(uint64_t off, uint64_t n, uint64_t size)
{
	return off <= size && n <= size - off;
}

struct image {
	int fd;
	uint64_t size;
	Elf64_Ehdr eh;
	struct elf *out;
};

/* NULL for a table that is not wholly in the file. Owned by the caller. */
static void *
read_table(const struct image *im, uint64_t off, uint64_t n, uint64_t entry)
{
	AUTOFREE void *table = NULL;

	if (n > im->size / entry || !inside(off, n * entry, im->size))
		return NULL;
	table = xmalloc((size_t)(n * entry));
	return read_at(im->fd, off, table, (size_t)(n * entry)) ? take_ptr(table) : NULL;
}

/* An entry point 0 means none, but where there is code at 0: Xen's paravirtual images
 * begin there. */
static bool
is_code_at_0(const Elf64_Phdr *ph)
{
	return ph->p_type == PT_LOAD && (ph->p_flags & PF_X) != 0 && ph->p_vaddr == 0 &&
	       ph->p_filesz > 0;
}

static const char *
read_segments(const struct image *im, uint64_t n)
{
	AUTOFREE Elf64_Phdr *ph = NULL;

	if (n == 0)
		return NULL;
	if (im->eh.e_phentsize != sizeof(*ph))
		return "its program headers have an odd size";
	ph = read_table(im, im->eh.e_phoff, n, sizeof(*ph));
	if (!ph)
		return "its program headers are cut off";
	for (uint64_t i = 0; i < n; i++) {
		im->out->entry = im->out->entry || is_code_at_0(&ph[i]);
		im->out->interp = im->out->interp || ph[i].p_type == PT_INTERP;
		im->out->dynamic = im->out->dynamic || ph[i].p_type == PT_DYNAMIC;
	}
	return NULL;
}

static bool
is_interp(const struct image *im, const Elf64_Shdr *names, const Elf64_Shdr *sh)
{
	static const char want[] = ".interp";
	char name[sizeof(want)];

	return inside(sh->sh_name, sizeof(name), names->sh_size) &&
	       inside(names->sh_offset, names->sh_size, im->size) &&
	       read_at(im->fd, names->sh_offset + sh->sh_name, name, sizeof(name)) &&
	       memcmp(name, want, sizeof(want)) == 0;
}

/* A linker script may place .dynamic without a segment of its own, so the sections
 * are looked at too. Counts that do not fit the header are in section 0. */
static const char *
read_sections(const struct image *im, uint64_t *segments)
{
	AUTOFREE Elf64_Shdr *sh = NULL;
	uint64_t n = im->eh.e_shnum, names = im->eh.e_shstrndx;

	if (im->eh.e_shoff == 0)
		return NULL;
	if (im->eh.e_shentsize != sizeof(*sh))
		return "its section headers have an odd size";
	sh = read_table(im, im->eh.e_shoff, 1, sizeof(*sh));
	if (!sh)
		return "its section headers are cut off";
	n = n ? n : sh[0].sh_size;
	names = names == SHN_XINDEX ? sh[0].sh_link : names;
	if (*segments == PN_XNUM)
		*segments = sh[0].sh_info;
	free(sh);
	sh = read_table(im, im->eh.e_shoff, n, sizeof(*sh));
	if (!sh)
		return "its section headers are cut off";
	for (uint64_t i = 0; i < n; i++) {
		im->out->dynamic = im->out->dynamic || sh[i].sh_type == SHT_DYNAMIC;
		if (names < n && sh[i].sh_type == SHT_PROGBITS && is_interp(im, &sh[names], &sh[i]))
			im->out->interp = true;
	}
	return NULL;
}

static const char *
read_image(struct image *im)
{
	uint64_t segments;
	const char *bad;

	if (!read_at(im->fd, 0, &im->eh, sizeof(im->eh)) ||
	    memcmp(im->eh.e_ident, ELFMAG, SELFMAG) != 0)
		return "is not an ELF file";
	if (im->eh.e_ident[EI_CLASS] != ELFCLASS64 || im->eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return "is not a 64-bit little-endian ELF file";
	*im->out = (struct elf){
	    .machine = im->eh.e_machine, .type = im->eh.e_type, .entry = im->eh.e_entry != 0};
	segments = im->eh.e_phnum;
	bad = read_sections(im, &segments);
	return bad ? bad : read_segments(im, segments);
}

int
elf_load_fd(int fd, const char *name, struct elf *out, struct err *e)
{
	struct image im = {.fd = fd, .out = out};
	const char *bad;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(e, "read %s", name);
	im.size = (uint64_t)st.st_size;
	bad = read_image(&im);
	return bad ? err_set(e, ERR_FAIL, "%s: %s", name, bad) : 0;
}

int
elf_load(const char *path, struct elf *out, struct err *e)
{
	AUTOFD int fd = open_file(path);

	if (fd < 0)
		return err_set(e, ERR_FAIL, "%s: is not there or not a regular file", path);
	return elf_load_fd(fd, path, out, e);
}
