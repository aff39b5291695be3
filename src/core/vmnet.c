/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/vmnet.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static bool
is_address(const char *text)
{
	struct in_addr ignored;

	return inet_pton(AF_INET, text, &ignored) == 1;
}

/* Digits that say a number from 1 to max. */
static bool
is_number(const char *text, unsigned long max)
{
	size_t n = strspn(text, "0123456789");
	unsigned long value = n > 0 && n < 6 && !text[n] ? strtoul(text, NULL, 10) : 0;

	return value > 0 && value <= max;
}

static bool
is_network(const char *text)
{
	const char *slash = strchr(text, '/');
	AUTOFREE char *address = slash ? xstrndup(text, (size_t)(slash - text)) : NULL;

	return slash && is_address(address) && is_number(slash + 1, 32);
}

/* "tap=NAME,ip=...,gw=...", whose words these are. */
static int
parse_device(const struct strv *words, struct vmnet *n, struct err *e)
{
	const char *ip = NULL, *gw = NULL;

	n->device = xstrdup(strchr(words->v[0], '=') + 1);
	if (!str_word(n->device) || strlen(n->device) >= IF_NAMESIZE)
		return err_set(
		    e, ERR_USAGE, "--net %.80s: this is no name of a device", words->v[0]);
	for (size_t i = 1; i < words->n; i++) {
		if (str_starts(words->v[i], "ip=") && is_network(words->v[i] + 3))
			ip = words->v[i] + 3;
		else if (str_starts(words->v[i], "gw=") && is_address(words->v[i] + 3))
			gw = words->v[i] + 3;
		else
			return err_set(e, ERR_USAGE,
			    "--net %.40s: what may follow is ip=ADDRESS/BITS and gw=ADDRESS, not "
			    "'%.40s'",
			    words->v[0], words->v[i]);
	}
	if (gw && !ip)
		return err_set(e, ERR_USAGE, "--net %.40s: gw= needs ip= too", words->v[0]);
	/* Unikraft: lib/uknetdev, CONFIG_LIBUKNETDEV_EINFO_LIBPARAM. */
	if (ip)
		n->param = xasprintf("netdev.ip=%s%s%s", ip, gw ? ":" : "", gw ? gw : "");
	return 0;
}

/* One forwarded port, as an option of QEMU's -netdev user. */
static int
add_port(const char *text, struct str *netdev, struct err *e)
{
	AUTOFREE char *copy = xstrdup(text);
	char *slash = strchr(copy, '/');
	const char *protocol = slash ? slash + 1 : "tcp", *at[3];
	AUTO(strv) parts = {0};
	size_t n;
	bool ok;

	if (slash)
		*slash = '\0';
	strv_split(&parts, copy, ':');
	n = parts.n;
	at[0] = n > 2 ? parts.v[0] : "127.0.0.1";
	at[1] = n > 1 ? parts.v[n - 2] : n ? parts.v[0] : "";
	at[2] = n ? parts.v[n - 1] : "";
	/* strv_split leaves empty parts out. */
	ok = n <= 3 && !strstr(copy, "::") && *copy != ':' && !str_ends(copy, ":") &&
	     is_address(at[0]) && is_number(at[1], 65535) && is_number(at[2], 65535) &&
	     (str_eq(protocol, "tcp") || str_eq(protocol, "udp"));
	if (!ok) {
		err_set(e, ERR_USAGE, "--port %.80s: this is no forwarded port", text);
		return err_hint(e, "write PORT:PORT, this machine's and the program's, such as "
				   "8080:80; ADDRESS:PORT:PORT; /udp behind it");
	}
	str_addf(netdev, ",hostfwd=%s:%s:%s-:%s", protocol, at[0], at[1], at[2]);
	return 0;
}

static int
parse_user(const char *text, const struct strv *ports, struct vmnet *n, struct err *e)
{
	AUTO(str) netdev = {0};

	n->kind = VMNET_USER;
	str_add(&netdev, text);
	for (size_t i = 0; i < ports->n; i++)
		if (add_port(ports->v[i], &netdev, e) < 0)
			return -1;
	n->netdev = str_take(&netdev);
	return 0;
}

static int
parse(const char *net, const struct strv *ports, struct vmnet *n, struct err *e)
{
	AUTO(strv) words = {0};

	if (!net && ports->n == 0)
		return 0;
	strv_split(&words, net ? net : "user", ',');
	if (words.n == 0)
		return err_set(e, ERR_USAGE, "--net '%.40s' names no network", net);
	if (str_eq(words.v[0], "user"))
		return parse_user(net ? net : "user", ports, n, e);
	if (ports->n > 0)
		return err_set(e, ERR_USAGE,
		    "--port forwards ports of QEMU's user network; with --net %.80s the program "
		    "has an address of its own",
		    net);
	if (str_starts(words.v[0], "tap=")) {
		n->kind = VMNET_TAP;
		if (parse_device(&words, n, e) < 0)
			return -1;
		n->netdev = xasprintf("tap,ifname=%s,script=no,downscript=no", n->device);
		return 0;
	}
	if (str_starts(words.v[0], "bridge=")) {
		n->kind = VMNET_BRIDGE;
		if (parse_device(&words, n, e) < 0)
			return -1;
		n->netdev = xasprintf("bridge,br=%s", n->device);
		return 0;
	}
	n->kind = VMNET_QEMU;
	n->netdev = xstrdup(net);
	return 0;
}

int
vmnet_parse(const char *net, const struct strv *ports, struct vmnet *n, struct err *e)
{
	*n = (struct vmnet){0};
	if (parse(net, ports, n, e) == 0)
		return 0;
	vmnet_free(n);
	return -1;
}

void
vmnet_free(struct vmnet *n)
{
	free(n->device);
	free(n->netdev);
	free(n->param);
	*n = (struct vmnet){0};
}
