/* SPDX-License-Identifier: BSD-3-Clause */
/* What machine monitors are told: networks, command lines, configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <elf.h>
#include <string.h>

#include "base/err.h"
#include "base/js.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/firecracker.h"
#include "core/guest.h"
#include "core/vmnet.h"
#include "core/xen.h"

#if defined(__x86_64__)
enum { NATIVE = EM_X86_64, OTHER = EM_AARCH64 };
#define TYPE "pv"
#else
enum { NATIVE = EM_AARCH64, OTHER = EM_X86_64 };
#define TYPE "pvh"
#endif

static const struct strv no_words;
static const struct vmnet no_net;
static char *const two[] = {(char[]){"a b"}, (char[]){"--"}};

static struct guest
make_guest(void)
{
	return (struct guest){.machine = NATIVE,
	    .image = "/i",
	    .name = "prog",
	    .args = two,
	    .n_args = ARRAY_LEN(two),
	    .env = &no_words,
	    .memory = 64,
	    .cpus = 1,
	    .net = &no_net};
}

static void
networks(void **state)
{
	static const struct {
		const char *net, *ports, *netdev, *device, *param;
		enum vmnet_kind kind;
	} rows[] = {
	    {NULL, "", NULL, NULL, NULL, VMNET_NONE},
	    {"user", "", "user", NULL, NULL, VMNET_USER},
	    {"user,restrict=on", "", "user,restrict=on", NULL, NULL, VMNET_USER},
	    {NULL, "80", "user,hostfwd=tcp:127.0.0.1:80-:80", NULL, NULL, VMNET_USER},
	    {"user", "8080:80 1.2.3.4:53:5353/udp",
		"user,hostfwd=tcp:127.0.0.1:8080-:80,hostfwd=udp:1.2.3.4:53-:5353", NULL, NULL,
		VMNET_USER},
	    {"tap=tap0", "", "tap,ifname=tap0,script=no,downscript=no", "tap0", NULL, VMNET_TAP},
	    {"tap=t,ip=10.0.0.2/24,gw=10.0.0.1", "", "tap,ifname=t,script=no,downscript=no", "t",
		"netdev.ip=10.0.0.2/24:10.0.0.1", VMNET_TAP},
	    {"bridge=br0,ip=10.0.0.2/8", "", "bridge,br=br0", "br0", "netdev.ip=10.0.0.2/8",
		VMNET_BRIDGE},
	    {"tap,ifname=x,script=no", "", "tap,ifname=x,script=no", NULL, NULL, VMNET_QEMU},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(strv) ports = {0};
		AUTO(vmnet) n = {0};
		struct err e = {0};

		strv_split(&ports, rows[i].ports, ' ');
		assert_int_equal(vmnet_parse(rows[i].net, &ports, &n, &e), 0);
		assert_int_equal(n.kind, rows[i].kind);
		assert_true(str_eq(n.netdev, rows[i].netdev));
		assert_true(str_eq(n.device, rows[i].device));
		assert_true(str_eq(n.param, rows[i].param));
	}
}

static void
no_networks(void **state)
{
	static const struct {
		const char *net, *port, *want;
	} rows[] = {
	    {",", NULL, "names no network"},
	    {"tap=", NULL, "this is no name of a device"},
	    {"tap=../x", NULL, "this is no name of a device"},
	    {"tap=sixteen-letters-", NULL, "this is no name of a device"},
	    {"bridge=b\"r", NULL, "this is no name of a device"},
	    {"tap=t,mac=1", NULL, "not 'mac=1'"},
	    {"tap=t,ip=10.0.0.1", NULL, "not 'ip=10.0.0.1'"},
	    {"tap=t,ip=10.0.0.1/33", NULL, "not 'ip=10.0.0.1/33'"},
	    {"tap=t,ip=10.0.0.1/x", NULL, "not 'ip=10.0.0.1/x'"},
	    {"tap=t,ip=10.0.0/8", NULL, "not 'ip=10.0.0/8'"},
	    {"tap=t,gw=10.0.0.1", NULL, "gw= needs ip= too"},
	    {"tap=t", "1:2", "an address of its own"},
	    {"socket,listen=:1", "1:2", "an address of its own"},
	    {NULL, "0:1", "no forwarded port"},
	    {NULL, "65536:1", "no forwarded port"},
	    {NULL, "1:99999999999", "no forwarded port"},
	    {NULL, "1:2:3:4", "no forwarded port"},
	    {NULL, "localhost:1:2", "no forwarded port"},
	    {NULL, "1::2", "no forwarded port"},
	    {NULL, ":1", "no forwarded port"},
	    {NULL, ":", "no forwarded port"},
	    {NULL, "1:", "no forwarded port"},
	    {NULL, "1:2/sctp", "no forwarded port"},
	    {NULL, "1:2,hostfwd=x", "no forwarded port"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(strv) ports = {0};
		struct vmnet n;
		struct err e = {0};

		if (rows[i].port)
			strv_add(&ports, rows[i].port);
		assert_int_equal(vmnet_parse(rows[i].net, &ports, &n, &e), -1);
		assert_int_equal(e.cls, ERR_USAGE);
		if (!strstr(e.msg, rows[i].want))
			fail_msg("row %zu: %s", i, e.msg);
	}
}

static void
command_lines(void **state)
{
	struct guest g = make_guest();
	struct vmnet net = {.param = (char[]){"netdev.ip=1.2.3.4/8"}};
	struct err e = {0};
	AUTOFREE char *plain = guest_command_line(&g, "", "it", 100, &e);
	AUTOFREE char *whole = NULL;
	AUTOFREE char *cut = NULL;
	const char *want = "kernel netdev.ip=1.2.3.4/8 -- %kraft-rust %=prog a%20b --";

	(void)state;
	assert_string_equal(plain, "-- %kraft-rust %=prog a%20b --");
	g.net = &net;
	whole = guest_command_line(&g, "kernel", "it", strlen(want), &e);
	assert_string_equal(whole, want);
	cut = guest_command_line(&g, "kernel", "it", strlen(want) - 1, &e);
	assert_null(cut);
	assert_int_equal(e.cls, ERR_USAGE);
	assert_non_null(strstr(e.msg, "57 bytes as a kernel's command line, of which it takes 56"));
}

static void
many_words(void **state)
{
	struct guest g = make_guest();
	AUTO(strv) args = {0};
	AUTOFREE char *fits = NULL;
	AUTOFREE char *beyond = NULL;
	struct err e = {0};

	(void)state;
	/* 1024 with what the kernel puts in front, "--", the coding and the name. */
	while (args.n < 1020)
		strv_add(&args, "");
	g.args = args.v;
	g.n_args = args.n;
	fits = guest_command_line(&g, "", "it", 100000, &e);
	assert_non_null(fits);
	strv_add(&args, "x");
	g.args = args.v;
	g.n_args = args.n;
	beyond = guest_command_line(&g, "", "it", 100000, &e);
	assert_null(beyond);
	assert_non_null(strstr(e.msg, "1021 arguments and 0 environment variables are too many"));
}

static void
for_firecracker(void **state)
{
	struct guest g = make_guest();
	struct vmnet net = {.kind = VMNET_TAP, .device = (char[]){"tap1"}};
	struct err e = {0};
	AUTOFREE char *plain = firecracker_config(&g, &e);
	AUTOFREE char *full = NULL;
	AUTOFREE char *other = NULL;
	AUTOJS struct js *js = NULL;
	const struct js *device;

	(void)state;
	assert_string_equal(plain, "{\n"
				   "  \"boot-source\": {\n"
				   "    \"boot_args\": \"kernel -- %kraft-rust %=prog a%20b --\",\n"
				   "    \"kernel_image_path\": \"/i\"\n"
				   "  },\n"
				   "  \"drives\": [],\n"
				   "  \"machine-config\": {\n"
				   "    \"mem_size_mib\": 64,\n"
				   "    \"vcpu_count\": 1\n"
				   "  }\n"
				   "}\n");
	g.initrd = "/r\"";
	g.net = &net;
	full = firecracker_config(&g, &e);
	js = js_parse("config", full, strlen(full), &e);
	assert_string_equal(js_get_text(js_get(js, "boot-source"), "initrd_path"), "/r\"");
	device = js_at(js_get(js, "network-interfaces"), 0);
	assert_string_equal(js_get_text(device, "host_dev_name"), "tap1");
	assert_string_equal(js_get_text(device, "guest_mac"), "06:00:b6:4a:65:69");
	g.machine = OTHER;
	other = firecracker_config(&g, &e);
	assert_null(other);
	assert_int_equal(e.cls, ERR_FAIL);
}

static void
for_xen(void **state)
{
	struct guest g = make_guest();
	struct vmnet net = {.kind = VMNET_BRIDGE, .device = (char[]){"xenbr0"}};
	struct err e = {0};
	AUTOFREE char *text = NULL;
	AUTOFREE char *other = NULL;
	AUTOFREE char *one = xen_name();
	AUTOFREE char *two_names = xen_name();

	(void)state;
	assert_string_not_equal(one, two_names);
	assert_true(str_word(one));
	g.image = "/a \"b\\\n";
	g.initrd = "/r";
	g.net = &net;
	text = xen_config(&g, "dom", &e);
	assert_string_equal(text, "name = \"dom\"\n"
				  "type = \"" TYPE "\"\n"
				  "kernel = \"/a \\\"b\\\\\\n\"\n"
				  "ramdisk = \"/r\"\n"
				  "cmdline = \"-- %kraft-rust %=prog a%20b --\"\n"
				  "memory = 64\n"
				  "vcpus = 1\n"
				  "vif = [\"bridge=xenbr0\"]\n"
				  "on_poweroff = \"destroy\"\n"
				  "on_reboot = \"destroy\"\n"
				  "on_crash = \"destroy\"\n");
	net.kind = VMNET_USER;
	other = xen_config(&g, "dom", &e);
	assert_null(other);
	assert_int_equal(e.cls, ERR_USAGE);
}

/* As many digits as share/librust/random.c takes, and others each time. */
static void
seeds(void **state)
{
	AUTOFREE char *seed = guest_seed();
	AUTOFREE char *other = guest_seed();

	(void)state;
	assert_non_null(seed);
	assert_int_equal(strlen(seed), 80);
	assert_int_equal(strspn(seed, "0123456789abcdef"), 80);
	assert_string_not_equal(seed, other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks),
	    cmocka_unit_test(no_networks),
	    cmocka_unit_test(command_lines),
	    cmocka_unit_test(many_words),
	    cmocka_unit_test(for_firecracker),
	    cmocka_unit_test(for_xen),
	    cmocka_unit_test(seeds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
