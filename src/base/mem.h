/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory that is always there (running out aborts, here and nowhere else), and
 * variables that clean up after themselves. */
#ifndef KRAFT_RUST_BASE_MEM_H
#define KRAFT_RUST_BASE_MEM_H

#include <stdarg.h>
#include <stddef.h>

void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

void mem_free_ptr(void *pp); /* takes the address of a pointer */
void mem_close_fd(int *fd);

/* AUTOFREE char *s = NULL;  AUTOFD int fd = -1;  AUTO(strv) v = {0};
 * AUTO(T) is a struct T that T_free(struct T *) empties. Always initialise. */
#define AUTOFREE __attribute__((cleanup(mem_free_ptr)))
#define AUTOFD __attribute__((cleanup(mem_close_fd)))
#define AUTO(type) __attribute__((cleanup(type##_free))) struct type

/* Hand over: the variable's value, which the variable forgets. */
#define take_ptr(p) \
	__extension__({ \
		__typeof__(p) take_ptr_ = (p); \
		(p) = NULL; \
		take_ptr_; \
	})
#define take_fd(fd) \
	__extension__({ \
		int take_fd_ = (fd); \
		(fd) = -1; \
		take_fd_; \
	})

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* An arena: many small objects that die together. Zeroed memory. */
struct arena {
	struct arena_block *head;
};

void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);
void arena_free(struct arena *a);

#endif
