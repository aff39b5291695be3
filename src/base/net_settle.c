/* SPDX-License-Identifier: BSD-3-Clause */
/* What the end of an attempt means: done, once more, or failed. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/net_private.h"
#include "base/str.h"

enum {
	REDIRECTS = 10,
	FAILURES = 4,           /* in a row, without progress */
	ATTEMPTS = 60,          /* in all */
	PAUSE_MS = 200,         /* the first; doubles */
	RETRY_AFTER_MAX = 60,   /* seconds that a server may ask for */
	PROGRESS_BYTES = 65536, /* that many are progress, or a twentieth of the file */
};

static int
failed(const struct transfer *t, struct err *e, const char *why)
{
	AUTOFREE char *shown = net_shown(t->item->url);
	AUTOFREE char *led = net_shown(t->url);

	if (strcmp(shown, led) != 0)
		return err_set(e, ERR_NETWORK, "%s, redirected to %s: %s", shown, led, why);
	return err_set(e, ERR_NETWORK, "%s: %s", shown, why);
}

static int
done(struct transfer *t)
{
	t->state = NET_DONE;
	return 0;
}

static bool
made_progress(const struct transfer *t)
{
	uint64_t want = PROGRESS_BYTES;

	if (t->item->path && t->item->size / 20 < want)
		want = t->item->size / 20 + 1;
	return t->at >= t->began_at + want;
}

/* Once more, after a pause, unless that was tried often enough. */
static int
again(struct transfer *t, const char *why, struct err *e)
{
	curl_off_t after = 0;
	AUTOFREE char *text = NULL;

	curl_api.curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &after);
	t->attempts++;
	t->failures = made_progress(t) ? 0 : t->failures + 1;
	if (t->failures > FAILURES || t->attempts >= ATTEMPTS) {
		text = xasprintf("%s (tried %u times)", why, t->attempts);
		return failed(t, e, text);
	}
	if (t->item->text && transfer_afresh(t, e) < 0)
		return -1;
	if (after > RETRY_AFTER_MAX)
		after = RETRY_AFTER_MAX;
	t->due = clock_ms() + (PAUSE_MS << t->failures) / 2;
	if (after > 0)
		t->due = clock_ms() + after * 1000;
	free(t->url);
	t->url = xstrdup(t->item->url);
	t->redirects = 0;
	return 0;
}

/* What came is not what was promised: once more from the start, then never again. */
static int
mismatch(struct transfer *t, const char *what, struct err *e)
{
	AUTOFREE char *shown = net_shown(t->url);

	if (!t->afresh) {
		t->afresh = true;
		t->due = 0;
		return transfer_afresh(t, e);
	}
	unlink(t->item->path);
	err_set(e, ERR_INTEGRITY, "%s: %s", shown, what);
	return err_hint(e, "the file was removed; whoever runs the server has to publish it again");
}

static int
check_hash(struct transfer *t, struct err *e)
{
	AUTOFREE char *what = NULL;
	char hex[HASH_HEX + 1];

	hash_end(take_ptr(t->hash), hex);
	if (strcmp(hex, t->item->sha256) == 0)
		return done(t);
	what = xasprintf("has the SHA-256 %s, not %s", hex, t->item->sha256);
	return mismatch(t, what, e);
}

static int
complete(struct transfer *t, long code, struct err *e)
{
	uint64_t size = t->item->path ? t->item->size : 0;
	uint64_t whole = code == 200 && t->announced ? t->announced : t->at;
	AUTOFREE char *what = NULL;

	if (t->item->text)
		return done(t);
	if (size && t->at < size && (code == 0 || (code == 200 && t->announced))) {
		what = xasprintf("has %" PRIu64 " bytes, not %" PRIu64, whole, size);
		return mismatch(t, what, e);
	}
	if (size && t->at < size) {
		what = xasprintf("ended after %" PRIu64 " of %" PRIu64 " bytes", t->at, size);
		return again(t, what, e);
	}
	return check_hash(t, e);
}

static int
overflow(struct transfer *t, struct err *e)
{
	AUTOFREE char *shown = net_shown(t->url);
	AUTOFREE char *what = NULL;

	if (t->item->text)
		return err_set(
		    e, ERR_INTEGRITY, "%s: is larger than %" PRIu64 " bytes", shown, t->item->size);
	if (t->announced > t->item->size)
		what =
		    xasprintf("has %" PRIu64 " bytes, not %" PRIu64, t->announced, t->item->size);
	else
		what = xasprintf("has more than its %" PRIu64 " bytes", t->item->size);
	return mismatch(t, what, e);
}

static bool
worse(const char *from, const char *to)
{
	if (strncmp(from, "https:", 6) == 0)
		return strncmp(to, "https:", 6) != 0;
	return strncmp(to, "https:", 6) != 0 && strncmp(to, "http:", 5) != 0;
}

static int
redirect(struct transfer *t, struct err *e)
{
	const char *to = NULL;
	AUTOFREE char *next = NULL;
	AUTOFREE char *text = NULL;

	curl_api.curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &to);
	if (!to)
		return failed(t, e, "redirects to nowhere");
	if (++t->redirects > REDIRECTS)
		return failed(t, e, "redirects too often");
	next = xstrdup(to);
	if (worse(t->url, next)) {
		AUTOFREE char *shown = net_shown(next);

		text = xasprintf("redirects to %s, which is less safe", shown);
		return failed(t, e, text);
	}
	if (net_check_url(next, t->options->plain_http, e) < 0) {
		e->cls = ERR_NETWORK;
		return err_wrap(e, "%s redirects", t->item->url);
	}
	free(t->url);
	t->url = take_ptr(next);
	t->due = 0;
	return 0;
}

static int
missing(struct transfer *t)
{
	t->item->missing = true;
	return done(t);
}

/* An answer that is not the file. */
static int
refused(struct transfer *t, long code, struct err *e)
{
	AUTOFREE char *text = xasprintf("the server answers %ld", code);

	if ((code == 404 || code == 410) && t->item->optional)
		return missing(t);
	if (code == 416 && t->at > 0 && transfer_afresh(t, e) < 0)
		return -1;
	if (code == 416 || code == 408 || code == 425 || code == 429 || code >= 500)
		return again(t, text, e);
	return failed(t, e, text);
}

/* What will be the same the next time. */
static bool
lasting(CURLcode result)
{
	static const CURLcode codes[] = {CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT,
	    CURLE_FILE_COULDNT_READ_FILE, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
	    CURLE_SSL_CERTPROBLEM, CURLE_LOGIN_DENIED};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i] == result)
			return true;
	return false;
}

static int
broken(struct transfer *t, CURLcode result, struct err *e)
{
	AUTOFREE char *text = NULL;

	if (result == CURLE_FILE_COULDNT_READ_FILE && t->item->optional)
		return missing(t);
	if (result == CURLE_OPERATION_TIMEDOUT)
		text = xasprintf("stood still for %u seconds", t->options->stall);
	else if (result == CURLE_FILE_COULDNT_READ_FILE)
		text = xstrdup("cannot be read");
	else
		text = xstrdup(curl_api.curl_easy_strerror(result));
	if (lasting(result))
		return failed(t, e, text);
	/* 206 with another part than was asked for. */
	if (result == CURLE_WRITE_ERROR && !t->body && transfer_afresh(t, e) < 0)
		return -1;
	return again(t, text, e);
}

int
transfer_settle(struct transfer *t, CURLcode result, struct err *e)
{
	long code = 0;

	curl_api.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
	t->state = NET_WAITING;
	if (t->saved_errno) {
		errno = t->saved_errno;
		return err_errno(e, "write %s", t->item->path);
	}
	if (t->overflow)
		return overflow(t, e);
	if (result == CURLE_OK && code / 100 == 3)
		return redirect(t, e);
	if (code >= 300 && (result == CURLE_OK || t->swallowed))
		return refused(t, code, e);
	return result == CURLE_OK ? complete(t, code, e) : broken(t, result, e);
}
