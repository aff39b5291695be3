/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/lazy.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "base/err.h"

_Static_assert(sizeof(lazy_function) == sizeof(void *), "POSIX: dlsym gives functions, too");

static int
failed(const struct lazy *lazy, struct err *e)
{
	const char *why = dlerror();
	size_t len = strlen(lazy->soname);

	if (!why)
		why = "the reason is not known";
	else if (strncmp(why, lazy->soname, len) == 0 && strncmp(why + len, ": ", 2) == 0)
		why += len + 2;
	err_set(e, ERR_FAIL, "%s cannot be loaded: %s", lazy->soname, why);
	return err_hint(e, "install it, on Debian and Ubuntu: 'apt install %s'", lazy->package);
}

static int
load(struct lazy *lazy, struct err *e)
{
	void *handle = dlopen(lazy->soname, RTLD_NOW | RTLD_LOCAL);

	if (!handle)
		return failed(lazy, e);
	for (size_t i = 0; i < lazy->n; i++) {
		void *symbol = dlsym(handle, lazy->names[i]);

		if (!symbol) {
			failed(lazy, e);
			dlclose(handle);
			return -1;
		}
		/* ISO C knows no cast from an object's to a function's pointer. */
		memcpy((char *)lazy->table + i * sizeof(symbol), &symbol, sizeof(symbol));
	}
	lazy->handle = handle;
	return 0;
}

int
lazy_load(struct lazy *lazy, struct err *e)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	int rc;

	pthread_mutex_lock(&mutex);
	rc = lazy->handle ? 0 : load(lazy, e);
	pthread_mutex_unlock(&mutex);
	return rc;
}
