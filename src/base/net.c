/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/net.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/net_private.h"
#include "base/proc.h"
#include "base/str.h"

enum { STALL_SECONDS = 30, POLL_MS = 100 };

struct net {
	CURLM *multi; /* since the first net_get */
	struct net_options options;
	int64_t reported; /* when progress was told last */
};

struct net *
net_new(const struct net_options *options)
{
	struct net *net = xcalloc(1, sizeof(*net));

	net->options = *options;
	if (!net->options.stall)
		net->options.stall = STALL_SECONDS;
	return net;
}

void
net_free(struct net *net)
{
	if (!net)
		return;
	if (net->multi) {
		curl_api.curl_multi_cleanup(net->multi);
		curl_api.curl_global_cleanup();
	}
	free(net);
}

static int
have_multi(struct net *net, struct err *e)
{
	if (net->multi)
		return 0;
	if (curl_api_load(e) < 0)
		return -1;
	if (curl_api.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    !(net->multi = curl_api.curl_multi_init()))
		abort();
	return 0;
}

static void
report(struct net *net, const struct transfer *v, size_t n, bool last)
{
	int64_t now = clock_ms();
	uint64_t done = 0, total = 0;
	bool known = true, files = false;

	if (!net->options.progress || (!last && now - net->reported < POLL_MS))
		return;
	net->reported = now;
	for (size_t i = 0; i < n; i++) {
		uint64_t size = v[i].item->path ? v[i].item->size : 0;

		files = files || v[i].item->path;
		size = size ? size : v[i].announced;
		done += v[i].at;
		total += size;
		known = known && size > 0;
	}
	if (files)
		net->options.progress(net->options.ctx, done, known ? total : 0);
}

/* Start what is due; how long the rest can wait, in milliseconds. */
static int
start_due(struct net *net, struct transfer *v, size_t n, struct err *e)
{
	int64_t now = clock_ms(), wait = POLL_MS;

	for (size_t i = 0; i < n; i++) {
		if (v[i].state != NET_WAITING)
			continue;
		if (v[i].due > now) {
			wait = v[i].due - now < wait ? v[i].due - now : wait;
			continue;
		}
		if (transfer_start(&v[i], e) < 0)
			return -1;
		if (v[i].state == NET_RUNNING &&
		    curl_api.curl_multi_add_handle(net->multi, v[i].curl))
			abort();
	}
	return (int)wait;
}

static int
settle_finished(struct net *net, struct err *e)
{
	CURLMsg *msg;
	int left;

	while ((msg = curl_api.curl_multi_info_read(net->multi, &left))) {
		CURLcode result = msg->data.result;
		struct transfer *t = NULL;

		curl_api.curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		curl_api.curl_multi_remove_handle(net->multi, msg->easy_handle);
		t->state = NET_WAITING;
		if (transfer_settle(t, result, e) < 0)
			return -1;
	}
	return 0;
}

static bool
all_done(const struct transfer *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].state != NET_DONE)
			return false;
	return true;
}

static int
drive(struct net *net, struct transfer *v, size_t n, struct err *e)
{
	int running, wait;

	for (;;) {
		wait = start_due(net, v, n, e);
		if (wait < 0)
			return -1;
		if (curl_api.curl_multi_perform(net->multi, &running) != CURLM_OK)
			abort();
		if (settle_finished(net, e) < 0)
			return -1;
		if (proc_pending_signal())
			return err_set(e, ERR_SIGNAL, "interrupted");
		report(net, v, n, false);
		if (all_done(v, n))
			return 0;
		/* Without a running transfer this sleeps. */
		curl_api.curl_multi_poll(net->multi, NULL, 0, wait, NULL);
	}
}

int
net_get(struct net *net, struct net_item *items, size_t n, struct err *e)
{
	AUTOFREE struct transfer *v = xcalloc(n, sizeof(*v));
	int rc = 0;

	if (have_multi(net, e) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		v[i] = (struct transfer){.item = &items[i], .options = &net->options, .fd = -1};
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = transfer_open(&v[i], e);
	if (rc == 0)
		rc = drive(net, v, n, e);
	if (rc == 0)
		report(net, v, n, true);
	for (size_t i = 0; i < n; i++) {
		if (v[i].state == NET_RUNNING)
			curl_api.curl_multi_remove_handle(net->multi, v[i].curl);
		transfer_close(&v[i]);
	}
	return rc;
}

char *
net_shown(const char *url)
{
	const char *host = strstr(url, "://"), *at;
	size_t len;

	if (!host)
		return str_printable(url, 1024);
	host += 3;
	len = strcspn(host, "/?#");
	at = memrchr(host, '@', len);
	if (at) {
		AUTOFREE char *plain = xasprintf("%.*s%s", (int)(host - url), url, at + 1);

		return str_printable(plain, 1024);
	}
	return str_printable(url, 1024);
}
