/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/tar_sink.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SLOTS = 8, SLOT_BYTES = 1 << 18 };

struct tar_sink {
	tar_sink_write *write;
	void *ctx;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* Under the mutex: the slots from first on are full; the last one may still be
	 * filled by the owner, who has not counted it yet. */
	unsigned first, full;
	bool stop, failed;
	size_t used[SLOTS];
	unsigned char *slots[SLOTS];
	/* The owner's. */
	size_t filled; /* bytes in the slot behind the full ones */
	/* The thread's, and the owner's while nothing is full. */
	struct hash *hash;
	long long at;
};

static void
must(int rc)
{
	if (rc != 0)
		abort();
}

/* One full slot, outside of the mutex. */
static int
take(struct tar_sink *s, unsigned slot)
{
	hash_add(s->hash, s->slots[slot], s->used[slot]);
	if (s->write(s->ctx, s->slots[slot], s->used[slot], s->at) < 0)
		return -1;
	s->at += (long long)s->used[slot];
	return 0;
}

static void *
work(void *arg)
{
	struct tar_sink *s = arg;
	bool failed;

	pthread_mutex_lock(&s->mutex);
	for (;;) {
		while (s->full == 0 && !s->stop)
			pthread_cond_wait(&s->changed, &s->mutex);
		if (s->full == 0)
			break;
		failed = s->failed;
		pthread_mutex_unlock(&s->mutex);
		failed = failed || take(s, s->first) < 0;
		pthread_mutex_lock(&s->mutex);
		s->failed = failed;
		s->first = (s->first + 1) % SLOTS;
		s->full--;
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->mutex);
	return NULL;
}

struct tar_sink *
tar_sink_new(tar_sink_write *write, void *ctx)
{
	struct tar_sink *s = xcalloc(1, sizeof(*s));
	sigset_t all, old;

	s->write = write;
	s->ctx = ctx;
	s->hash = hash_new();
	for (size_t i = 0; i < SLOTS; i++)
		s->slots[i] = xmalloc(SLOT_BYTES);
	must(pthread_mutex_init(&s->mutex, NULL));
	must(pthread_cond_init(&s->changed, NULL));
	/* Signals are for the main thread, whose waits they end. */
	sigfillset(&all);
	must(pthread_sigmask(SIG_SETMASK, &all, &old));
	must(pthread_create(&s->thread, NULL, work, s));
	must(pthread_sigmask(SIG_SETMASK, &old, NULL));
	return s;
}

/* Hand the slot over that is being filled, and wait for a free one. */
static void
hand_over(struct tar_sink *s)
{
	pthread_mutex_lock(&s->mutex);
	s->used[(s->first + s->full) % SLOTS] = s->filled;
	s->full++;
	pthread_cond_broadcast(&s->changed);
	while (s->full == SLOTS)
		pthread_cond_wait(&s->changed, &s->mutex);
	pthread_mutex_unlock(&s->mutex);
	s->filled = 0;
}

/* The slot behind the full ones; as long as only the thread changes them, it stays
 * the same one. */
static unsigned char *
current(struct tar_sink *s)
{
	unsigned char *slot;

	pthread_mutex_lock(&s->mutex);
	slot = s->slots[(s->first + s->full) % SLOTS];
	pthread_mutex_unlock(&s->mutex);
	return slot;
}

void
tar_sink_put(struct tar_sink *s, const void *data, size_t n)
{
	const unsigned char *from = data;

	while (n > 0) {
		size_t part = SLOT_BYTES - s->filled < n ? SLOT_BYTES - s->filled : n;

		memcpy(current(s) + s->filled, from, part);
		s->filled += part;
		from += part;
		n -= part;
		if (s->filled == SLOT_BYTES)
			hand_over(s);
	}
}

int
tar_sink_end(struct tar_sink *s, char sha256[HASH_HEX + 1])
{
	int rc;

	if (s->filled > 0)
		hand_over(s);
	pthread_mutex_lock(&s->mutex);
	while (s->full > 0)
		pthread_cond_wait(&s->changed, &s->mutex);
	rc = s->failed ? -1 : 0;
	s->failed = false;
	pthread_mutex_unlock(&s->mutex);
	hash_end(s->hash, sha256);
	s->hash = hash_new();
	s->at = 0;
	return rc;
}

void
tar_sink_free(struct tar_sink *s)
{
	char unused[HASH_HEX + 1];

	if (!s)
		return;
	pthread_mutex_lock(&s->mutex);
	s->stop = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->mutex);
	must(pthread_join(s->thread, NULL));
	must(pthread_cond_destroy(&s->changed));
	must(pthread_mutex_destroy(&s->mutex));
	for (size_t i = 0; i < SLOTS; i++)
		free(s->slots[i]);
	hash_end(s->hash, unused);
	free(s);
}
