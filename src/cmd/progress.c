/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/cmd.h"

enum { BAR = 20 };

static int
columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void
meter_clear(struct meter *m)
{
	if (m->pending)
		fputs("\r\033[K", stderr);
	m->pending = false;
}

static void
on_step(void *ctx, const char *text)
{
	struct meter *m = ctx;

	meter_clear(m);
	ctx_note(m->ctx, "%s", text);
}

static void
on_unit(void *ctx, const char *name, size_t done, size_t total)
{
	struct meter *m = ctx;
	AUTOFREE char *text = NULL;
	char bar[BAR + 1];

	if (m->ctx->quiet)
		return;
	if (!m->live) {
		if (total)
			fprintf(stderr, "  [%zu/%zu] %s\n", done, total, name);
		else
			fprintf(stderr, "  [%zu] %s\n", done, name);
		return;
	}
	for (size_t i = 0; i < BAR; i++)
		bar[i] = total && i * total < done * BAR ? '=' : ' ';
	bar[BAR] = '\0';
	text = total ? xasprintf("  [%s] %zu/%zu %s", bar, done, total, name)
		     : xasprintf("  %zu %s", done, name);
	/* One column stays free: a full line would wrap and could not be cleared. */
	fprintf(stderr, "\r\033[K%.*s", columns() - 1, text);
	fflush(stderr);
	m->pending = true;
}

/* Seconds since the transfer's first report. */
static double
elapsed(struct meter *m, uint64_t done)
{
	struct timespec now;
	double t;

	clock_gettime(CLOCK_MONOTONIC, &now);
	t = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	if (m->began <= 0 || done < m->began_at) {
		m->began = t;
		m->began_at = done;
	}
	return t - m->began;
}

static void
on_bytes(void *ctx, uint64_t done, uint64_t total)
{
	struct meter *m = ctx;
	double seconds = elapsed(m, done), rate = 0;
	AUTOFREE char *text = NULL;
	char bar[BAR + 1];

	if (m->ctx->quiet || !m->live)
		return;
	if (seconds > 0)
		rate = (double)(done - m->began_at) / seconds;
	for (size_t i = 0; i < BAR; i++)
		bar[i] = total && i * total < done * BAR ? '=' : ' ';
	bar[BAR] = '\0';
	if (total && rate > 0)
		text = xasprintf("  [%s] %.1f/%.1f MB, %.1f MB/s, %.0f s left", bar,
		    (double)done / 1e6, (double)total / 1e6, rate / 1e6,
		    (double)(total - done) / rate);
	else
		text = xasprintf("  %.1f MB, %.1f MB/s", (double)done / 1e6, rate / 1e6);
	fprintf(stderr, "\r\033[K%.*s", columns() - 1, text);
	fflush(stderr);
	m->pending = true;
	if (done == total) {
		m->began = 0;
		meter_clear(m);
	}
}

void
meter_start(struct meter *m, const struct ctx *c)
{
	*m = (struct meter){.ctx = c, .live = isatty(STDERR_FILENO) != 0};
	m->progress =
	    (struct progress){.ctx = m, .step = on_step, .unit = on_unit, .bytes = on_bytes};
}
