/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/xen.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/guest.h"
#include "core/image.h"
#include "core/vm.h"
#include "core/vmnet.h"

/* MAX_LINE: MAX_GUEST_CMDLINE of Xen's public/xen.h less the NUL. Xen cuts without a word
 * what is beyond; Unikraft has the same limit on arm64. */
enum { MAX_LINE = 1024 - 1, DESTROY_SECONDS = 10, STOP_TRIES = 40, TICK_MS = 20 };

extern char **environ;

char *
xen_name(void)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint32_t)time(NULL);
	return xasprintf("kraft-rust-%ld-%08x", (long)getpid(), random);
}

/* A string of xl.cfg(5): what xl's lexer takes as an escape, it gives back as it was. */
static void
add_string(struct str *out, const char *key, const char *value)
{
	str_addf(out, "%s = \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			str_addf(out, "\\%c", *value);
		else if (*value == '\n')
			str_add(out, "\\n");
		else
			str_addc(out, *value);
	}
	str_add(out, "\"\n");
}

int
xen_check_net(const struct vmnet *n, struct err *e)
{
	if (n->kind == VMNET_NONE || n->kind == VMNET_BRIDGE)
		return 0;
	err_set(e, ERR_USAGE, "Xen has no network but a device on a bridge");
	return err_hint(e, "use --net bridge=NAME, with the name of a bridge of this machine: 'ip "
			   "link show type bridge'");
}

static int
check(const struct guest *g, struct err *e)
{
	if (!image_is_native(g->machine))
		return err_set(e, ERR_FAIL,
		    "%s: Xen runs images for this machine's own processor only", g->name);
	return xen_check_net(g->net, e);
}

char *
xen_config(const struct guest *g, const char *domain, struct err *e)
{
	AUTOFREE char *line = NULL;
	AUTO(str) out = {0};

	if (check(g, e) < 0)
		return NULL;
	line = guest_command_line(g, "", "Xen", MAX_LINE, e);
	if (!line)
		return NULL;
	add_string(&out, "name", domain);
	/* Unikraft is paravirtualised on x86; on Arm there is one type only. */
	add_string(&out, "type", g->machine == EM_X86_64 ? "pv" : "pvh");
	add_string(&out, "kernel", g->image);
	if (g->initrd)
		add_string(&out, "ramdisk", g->initrd);
	add_string(&out, "cmdline", line);
	str_addf(&out, "memory = %u\nvcpus = %u\n", g->memory, g->cpus);
	if (g->net->kind == VMNET_BRIDGE)
		str_addf(&out, "vif = [\"bridge=%s\"]\n", g->net->device);
	add_string(&out, "on_poweroff", "destroy");
	add_string(&out, "on_reboot", "destroy");
	add_string(&out, "on_crash", "destroy");
	return str_take(&out);
}

int
xen_command(const char *config, struct strv *argv, struct err *e)
{
	AUTOFREE char *found = fs_which("xl");

	if (!found) {
		err_set(e, ERR_TOOL, "xl is not on PATH");
		return err_hint(e, "it is part of Xen, 'apt install xen-system' on Debian and "
				   "Ubuntu, and in /usr/sbin");
	}
	strv_addl(argv, found, "create", "-q", "-c", config, NULL);
	return 0;
}

void
xen_explain(unsigned machine, const struct vm_result *r, struct err *e)
{
	AUTO(str) said = {0};
	struct err ignored = {0};

	(void)machine;
	if (r->vmm_status == 0)
		return;
	/* Of the domain that may control others (Xen: docs/misc, xenfs). */
	if (fs_read("/proc/xen/capabilities", 4096, &said, &ignored) == 0 &&
	    strstr(str_text(&said), "control_d"))
		err_hint(e, "see 'xl dmesg', and the logs in /var/log/xen");
	else
		err_hint(e, "this machine does not run under Xen, or may not make domains: boot "
			    "Xen, and run this in its control domain as root; the platform qemu "
			    "does without it");
}

/* The signal that ends us must not end this too, so it has a session of its own. */
static pid_t
start_destroy(const char *domain)
{
	char *const argv[] = {(char[]){"xl"}, (char[]){"destroy"}, (char *)(uintptr_t)domain, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid = -1;

	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSID);
	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	if (posix_spawnp(&pid, "xl", &files, &attr, argv, environ) != 0)
		pid = -1;
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attr);
	return pid;
}

static void
tick(void)
{
	const struct timespec t = {.tv_nsec = TICK_MS * 1000000};

	nanosleep(&t, NULL);
}

/* Whether xl has destroyed it. */
static bool
destroy(const char *domain)
{
	const pid_t pid = start_destroy(domain);
	int status = -1;

	for (int i = 0; pid > 0 && i < DESTROY_SECONDS * 1000 / TICK_MS; i++) {
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			return ended == pid && status == 0;
		tick();
	}
	return false;
}

void
xen_destroy(const char *domain)
{
	destroy(domain);
}

/* A domain has its name only when most of it is made. Without xl what was made until then
 * would stay, and nothing could be told to destroy it. */
void
xen_stop(const char *domain)
{
	const int64_t deadline = clock_ms() + DESTROY_SECONDS * 1000;

	for (int i = 0; i < STOP_TRIES && clock_ms() < deadline && !destroy(domain); i++)
		tick();
}
