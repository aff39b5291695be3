/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/net_private.h"
#include "base/str.h"

enum {
	SLOW_BYTES = 1000,      /* a second: less is standing still */
	ERROR_PAGE_MAX = 65536, /* as much of one is read, to keep the connection */
};

int
transfer_afresh(struct transfer *t, struct err *e)
{
	char unused[HASH_HEX + 1];

	if (t->item->text) {
		/* What was there before this item is not ours to cut. */
		str_cut(t->item->text, t->item->text->len - (size_t)t->at);
	} else if (ftruncate(t->fd, 0) < 0 || lseek(t->fd, 0, SEEK_SET) < 0) {
		return err_errno(e, "write %s", t->item->path);
	} else {
		if (t->hash)
			hash_end(t->hash, unused);
		t->hash = hash_new();
	}
	t->at = t->began_at = 0;
	return 0;
}

/* The bytes of an earlier run go into the hash; it is told at the end whether they
 * were the right ones. */
static int
take_beginning(struct transfer *t, struct err *e)
{
	AUTOFREE char *buf = xmalloc(1 << 17);
	ssize_t n;

	while ((n = read(t->fd, buf, 1 << 17)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, "read %s", t->item->path);
		hash_add(t->hash, buf, (size_t)n);
		t->at += (uint64_t)n;
	}
	return t->item->size && t->at > t->item->size ? transfer_afresh(t, e) : 0;
}

static bool set_up_curl(struct transfer *t);

/* A pipe could be waited for without end, a device be read without end: servers name URLs
 * too. */
static int
check_file(const char *url, struct err *e)
{
	AUTOFREE char *shown = net_shown(url);
	CURLU *u = curl_api.curl_url();
	struct stat st = {.st_mode = S_IFREG};
	char *path = NULL;

	if (!u)
		abort();
	if (strncasecmp(url, "file:", strlen("file:")) == 0 &&
	    curl_api.curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_api.curl_url_get(u, CURLUPART_PATH, &path, CURLU_URLDECODE) == CURLUE_OK &&
	    stat(path, &st) < 0)
		st.st_mode = S_IFREG;
	curl_api.curl_free(path);
	curl_api.curl_url_cleanup(u);
	return S_ISREG(st.st_mode) ? 0 : err_set(e, ERR_INPUT, "%s: is not a file", shown);
}

int
transfer_open(struct transfer *t, struct err *e)
{
	t->url = xstrdup(t->item->url);
	if (net_check_url(t->url, t->options->plain_http, e) < 0 || check_file(t->url, e) < 0)
		return -1;
	t->curl = curl_api.curl_easy_init();
	if (!t->curl || !set_up_curl(t))
		abort();
	if (t->item->text)
		return 0;
	t->hash = hash_new();
	t->fd = open(t->item->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (t->fd < 0)
		return err_errno(e, "write %s", t->item->path);
	return take_beginning(t, e);
}

void
transfer_close(struct transfer *t)
{
	char unused[HASH_HEX + 1];

	if (t->hash)
		hash_end(t->hash, unused);
	mem_close_fd(&t->fd);
	curl_api.curl_easy_cleanup(t->curl);
	free(t->url);
}

static long
answer(struct transfer *t)
{
	long code = 0;

	curl_api.curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &code);
	return code;
}

/* Before the first byte of a body: whether it continues what is here. */
static bool
begin_body(struct transfer *t, long code)
{
	struct err ignored;

	if (t->at == 0 || code == 0 || (code == 206 && t->range_start == (int64_t)t->at))
		return true;
	/* 200: Range was ignored, the file comes from its start. */
	return code == 200 && transfer_afresh(t, &ignored) == 0;
}

static bool
store(struct transfer *t, const char *data, size_t n)
{
	if (t->item->text) {
		str_addn(t->item->text, data, n);
	} else {
		hash_add(t->hash, data, n);
		for (size_t done = 0; done < n;) {
			ssize_t wrote = write(t->fd, data + done, n - done);

			if (wrote < 0 && errno == EINTR)
				continue;
			if (wrote < 0) {
				t->saved_errno = errno;
				return false;
			}
			done += (size_t)wrote;
		}
	}
	t->at += n;
	return true;
}

static size_t
on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	long code = answer(t);

	n *= size;
	if (code != 0 && code != 200 && code != 206) {
		t->swallowed += n;
		return t->swallowed > ERROR_PAGE_MAX ? 0 : n;
	}
	if (!t->body && !begin_body(t, code))
		return 0;
	t->body = true;
	if (t->item->size && t->at + n > t->item->size) {
		t->overflow = true;
		return 0;
	}
	return store(t, data, n) ? n : 0;
}

/* "Content-Range: bytes 10-99/100" and the length (RFC 9110, section 14.4). */
static size_t
on_header(char *data, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	AUTOFREE char *line = xstrndup(data, n * size);
	uint64_t from, length;

	if (strncasecmp(line, "HTTP/", 5) == 0) {
		t->range_start = -1;
		t->announced = 0;
	}
	if (strncasecmp(line, "Content-Range:", 14) == 0 &&
	    sscanf(line + 14, " bytes %" SCNu64 "-", &from) == 1 && from <= INT64_MAX)
		t->range_start = (int64_t)from;
	if (strncasecmp(line, "Content-Length:", 15) == 0 &&
	    sscanf(line + 15, " %" SCNu64, &length) == 1)
		t->announced = length;
	return n * size;
}

static bool
set_protocols(CURL *curl)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	return curl_api.curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http,file") ==
	       CURLE_OK;
#else
	return curl_api.curl_easy_setopt(curl, CURLOPT_PROTOCOLS,
		   CURLPROTO_HTTPS | CURLPROTO_HTTP | CURLPROTO_FILE) == CURLE_OK;
#endif
}

/* The variables that the curl program and OpenSSL's tools read. */
static void
set_ca(CURL *curl)
{
	static const char *const vars[] = {"CURL_CA_BUNDLE", "SSL_CERT_FILE"};

	for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
		const char *file = getenv(vars[i]);

		if (file && *file) {
			curl_api.curl_easy_setopt(curl, CURLOPT_CAINFO, file);
			return;
		}
	}
}

static bool
set_up_curl(struct transfer *t)
{
	CURL *c = t->curl;
	long stall = (long)t->options->stall;

	set_ca(c);
	return set_protocols(c) && curl_api.curl_easy_setopt(c, CURLOPT_PRIVATE, t) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_WRITEDATA, t) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_HEADERDATA, t) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_USERAGENT, "kraft-rust/" KRAFT_RUST_VERSION) ==
		   CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 1L << 18) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, stall) == CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES) ==
		   CURLE_OK &&
	       curl_api.curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, stall) == CURLE_OK;
}

/* The scheme and host of a URL; both NULL when it is none. */
static void
url_parts(const char *url, char **scheme, char **host)
{
	CURLU *u = curl_api.curl_url();
	char *s = NULL, *h = NULL;

	*scheme = *host = NULL;
	if (!u)
		abort();
	if (curl_api.curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_api.curl_url_get(u, CURLUPART_SCHEME, &s, 0) == CURLUE_OK) {
		*scheme = xstrdup(s);
		if (curl_api.curl_url_get(u, CURLUPART_HOST, &h, 0) == CURLUE_OK)
			*host = xstrdup(h);
	}
	curl_api.curl_free(s);
	curl_api.curl_free(h);
	curl_api.curl_url_cleanup(u);
}

static bool
is_loopback(const char *host)
{
	unsigned a, b, c, d;
	char end;

	if (!host)
		return false;
	if (sscanf(host, "%3u.%3u.%3u.%3u%c", &a, &b, &c, &d, &end) == 4)
		return a == 127 && b < 256 && c < 256 && d < 256;
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

int
net_check_url(const char *url, bool plain_http, struct err *e)
{
	AUTOFREE char *shown = net_shown(url);
	AUTOFREE char *scheme = NULL;
	AUTOFREE char *host = NULL;

	if (curl_api_load(e) < 0)
		return -1;
	url_parts(url, &scheme, &host);
	if (!scheme)
		return err_set(e, ERR_USAGE, "%s: is not a URL", shown);
	if (strcmp(scheme, "https") == 0 || strcmp(scheme, "file") == 0)
		return 0;
	if (strcmp(scheme, "http") != 0)
		return err_set(e, ERR_USAGE, "%s: only https, http and file are understood", shown);
	if (plain_http || is_loopback(host))
		return 0;
	err_set(e, ERR_USAGE, "%s: plain http can be changed on its way", shown);
	return err_hint(e, "use https; or allow it with 'plain-http: true' in dist.yaml or "
			   "KRAFT_RUST_PLAIN_HTTP=1");
}

int
transfer_start(struct transfer *t, struct err *e)
{
	AUTOFREE char *scheme = NULL;
	AUTOFREE char *host = NULL;
	AUTOFREE char *range = t->at ? xasprintf("%" PRIu64 "-", t->at) : NULL;

	if (t->item->size && t->item->path && t->at == t->item->size)
		return transfer_settle(t, CURLE_OK, e);
	url_parts(t->url, &scheme, &host);
	t->began_at = t->at;
	t->body = t->overflow = false;
	t->swallowed = 0;
	t->range_start = -1;
	t->state = NET_RUNNING;
	if (curl_api.curl_easy_setopt(t->curl, CURLOPT_URL, t->url) != CURLE_OK ||
	    curl_api.curl_easy_setopt(t->curl, CURLOPT_RANGE, range) != CURLE_OK ||
	    curl_api.curl_easy_setopt(t->curl, CURLOPT_NOPROXY, is_loopback(host) ? "*" : NULL) !=
		CURLE_OK)
		abort();
	return 0;
}
