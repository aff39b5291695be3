/* SPDX-License-Identifier: BSD-3-Clause */
/* A virtual machine's network, as people say it. */
#ifndef KRAFT_RUST_CORE_VMNET_H
#define KRAFT_RUST_CORE_VMNET_H

struct err;
struct strv;

enum vmnet_kind {
	VMNET_NONE,
	VMNET_USER,   /* QEMU's own network behind one address of this machine */
	VMNET_TAP,    /* a tap device that is there */
	VMNET_BRIDGE, /* a new device on a bridge that is there */
	VMNET_QEMU,   /* anything else that QEMU's -netdev takes */
};

struct vmnet {
	enum vmnet_kind kind;
	char *device; /* the tap's or the bridge's name */
	char *netdev; /* QEMU's -netdev without an id */
	char *param;  /* what the kernel is told about its address; NULL: nothing */
};

/* Read
 *
 *	user[,...]  tap=NAME[,ip=ADDRESS/BITS[,gw=ADDRESS]]  bridge=NAME[,ip=...]  TYPE[,...]
 *
 * and ports to be forwarded, [[ADDRESS:]PORT:]PORT[/tcp|/udp], of which the last is the
 * program's. The ports alone mean "user". net NULL: not given. ERR_USAGE. */
int vmnet_parse(const char *net, const struct strv *ports, struct vmnet *n, struct err *e);
void vmnet_free(struct vmnet *n);

#endif
