/* SPDX-License-Identifier: BSD-3-Clause */
/* The console, by the names that it has up to Unikraft 0.16 and from 0.17 on. */
#ifndef KRAFT_RUST_LIBRUST_CONSOLE_H
#define KRAFT_RUST_LIBRUST_CONSOLE_H

#include <uk/config.h>
#if CONFIG_LIBUKCONSOLE
#include <uk/console.h>
#else
#include <uk/plat/console.h>
#endif

static inline void console_put(const char *text, unsigned int len)
{
#if CONFIG_LIBUKCONSOLE
	uk_console_out(text, len);
#else
	ukplat_coutk(text, len);
#endif
}

/* Up to len bytes that are there; 0 or less when there are none. */
static inline int console_get(char *buf, unsigned int len)
{
#if CONFIG_LIBUKCONSOLE
	return (int)uk_console_in(buf, len);
#else
	return ukplat_cink(buf, len);
#endif
}

#endif
