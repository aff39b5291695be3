/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a folder. Up to Unikraft 0.17 the place in a folder is a count of names, so that
 * whoever removes what he was just told skips the next one: fs::remove_dir_all() fails with
 * "Directory not empty". So a folder's names are all read at the first call. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#undef readdir64

struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);
struct dirent *__wrap_readdir64(DIR *dir);
void __real_rewinddir(DIR *dir);
void __wrap_rewinddir(DIR *dir);
int __real_closedir(DIR *dir);
int __wrap_closedir(DIR *dir);

/* The folders that are being read. Threads change only where they wait, and nothing waits
 * while the list is changed. */
static struct listing {
	DIR *dir;
	struct dirent *entries;
	size_t n, next;
	struct listing *behind;
} *listings;

static struct listing **find(DIR *dir)
{
	struct listing **l = &listings;

	while (*l && (*l)->dir != dir)
		l = &(*l)->behind;
	return l;
}

static void drop(DIR *dir)
{
	struct listing **place = find(dir), *l = *place;

	if (!l)
		return;
	*place = l->behind;
	free(l->entries);
	free(l);
}

/* 0, or an error's number. */
static int read_all(DIR *dir, struct listing *l)
{
	size_t room = 0;
	const struct dirent *entry;

	for (;;) {
		errno = 0;
		entry = __real_readdir(dir);
		if (!entry)
			return errno;
		if (l->n == room) {
			struct dirent *more;

			room = room ? 2 * room : 16;
			more = realloc(l->entries, room * sizeof(*more));
			if (!more)
				return ENOMEM;
			l->entries = more;
		}
		l->entries[l->n++] = *entry;
	}
}

static struct listing *begin(DIR *dir)
{
	struct listing *l = calloc(1, sizeof(*l));
	int code = l ? read_all(dir, l) : ENOMEM;

	if (code) {
		if (l)
			free(l->entries);
		free(l);
		errno = code;
		return NULL;
	}
	l->dir = dir;
	l->behind = listings;
	listings = l;
	return l;
}

struct dirent *__wrap_readdir(DIR *dir)
{
	const int before = errno;
	struct listing *l = *find(dir);

	if (!l)
		l = begin(dir);
	if (!l)
		return NULL;
	errno = before;
	return l->next < l->n ? &l->entries[l->next++] : NULL;
}

/* By this name std of 2023 and before calls it. */
struct dirent *__wrap_readdir64(DIR *dir)
{
	return __wrap_readdir(dir);
}

void __wrap_rewinddir(DIR *dir)
{
	drop(dir);
	__real_rewinddir(dir);
}

int __wrap_closedir(DIR *dir)
{
	drop(dir);
	return __real_closedir(dir);
}
