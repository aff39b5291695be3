/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/progress.h"

#include <stdarg.h>

#include "base/mem.h"

void
progress_step(const struct progress *p, const char *fmt, ...)
{
	AUTOFREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	p->step(p->ctx, text);
}

void
progress_waiting(const void *progress)
{
	progress_step(progress, "waiting for another kraft-rust to finish");
}
