/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/debugfile.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/post_elf.h"

enum { MAX_IMAGE = 1 << 30, CHUNK = 1 << 20 };

static int
read_image(int fd, struct str *out, struct stat *st, struct err *e)
{
	AUTOFREE char *buf = xmalloc(CHUNK);
	ssize_t n = fstat(fd, st);

	while (n >= 0 && (n = pread(fd, buf, CHUNK, (off_t)out->len)) > 0 && out->len < MAX_IMAGE)
		str_addn(out, buf, (size_t)n);
	return n < 0 ? err_errno(e, "read the image") : 0;
}

/* The table of memory regions is filled in behind the link (core/post_bootinfo.c); all
 * else that is loaded stays as it was linked, in whatever form the image is. */
static bool
is_kept(const struct post_elf *elf, unsigned i)
{
	const Elf64_Shdr *h = &elf->sections[i];

	return (h->sh_flags & SHF_ALLOC) && post_elf_has_bytes(h) && h->sh_size > 0 &&
	       strcmp(elf->names[i], ".uk_bootinfo") != 0;
}

static bool
is_of(const char *debug, const struct str *image)
{
	struct post_elf elf __attribute__((cleanup(post_elf_free))) = {0};
	struct err ignored = {0};
	size_t at = 0, n = 0;

	if (post_elf_load(debug, &elf, &ignored) < 0)
		return false;
	for (unsigned i = 1; i < elf.n_sections; i++) {
		const Elf64_Shdr *h = &elf.sections[i];
		const char *found;

		if (!is_kept(&elf, i))
			continue;
		found = memmem(
		    str_text(image) + at, image->len - at, elf.file.buf + h->sh_offset, h->sh_size);
		if (!found)
			return false;
		at = (size_t)(found - image->buf) + h->sh_size;
		n++;
	}
	return n > 0;
}

/* cargo names what it links NAME-HASH, with '_' for '-' in NAME. */
static void
add_hashed(const char *dir, const char *below, const char *name, struct strv *out)
{
	AUTOFREE char *base = xstrdup(name);
	AUTOFREE char *quoted = NULL, *quoted_dir = fs_glob_quote(dir);
	AUTOFREE char *pattern = NULL;

	for (char *p = base; *p; p++)
		if (*p == '-')
			*p = '_';
	quoted = fs_glob_quote(base);
	pattern = xasprintf("%s/%s%s-*.dbg", quoted_dir, below, quoted);
	fs_glob(pattern, out);
}

/* Whether the image beside the file is the same file as ours: a hard link of cargo's. */
static bool
is_linked(const char *debug, const struct stat *image)
{
	AUTOFREE char *stem = xstrndup(debug, strlen(debug) - strlen(".dbg"));
	struct stat st;

	return stat(stem, &st) == 0 && st.st_dev == image->st_dev && st.st_ino == image->st_ino;
}

char *
debugfile_find(const char *image, int image_fd, struct err *e)
{
	AUTOFREE char *path = fs_realpath(image, e);
	AUTOFREE char *dir = path ? fs_dirname(path) : NULL;
	AUTO(strv) found = {0};
	AUTO(str) bytes = {0};
	struct stat st;

	if (!path)
		return NULL;
	strv_addf(&found, "%s.dbg", path);
	add_hashed(dir, "deps/", fs_basename(path), &found);
	add_hashed(dir, "", fs_basename(path), &found);
	if (read_image(image_fd, &bytes, &st, e) < 0)
		return NULL;
	for (int linked = 1; linked >= 0; linked--)
		for (size_t i = 0; i < found.n; i++)
			if (fs_is_file(found.v[i]) && is_linked(found.v[i], &st) == linked &&
			    is_of(found.v[i], &bytes))
				return xstrdup(found.v[i]);
	if (found.n > 1 || fs_exists(found.v[0]))
		err_set(e, ERR_FAIL, "%s is of another build than the image",
		    found.v[fs_exists(found.v[0]) ? 0 : 1]);
	else
		err_set(e, ERR_FAIL, "there is no %s, which kraftld wrote beside the image",
		    found.v[0]);
	return NULL;
}
