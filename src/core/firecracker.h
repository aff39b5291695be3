/* SPDX-License-Identifier: BSD-3-Clause */
/* Firecracker: its configuration and its command line. */
#ifndef KRAFT_RUST_CORE_FIRECRACKER_H
#define KRAFT_RUST_CORE_FIRECRACKER_H

struct err;
struct guest;
struct strv;
struct vm_result;
struct vmnet;

/* Whether Firecracker has such a network: ERR_USAGE. */
int firecracker_check_net(const struct vmnet *n, struct err *e);
/* The configuration, JSON. An image for another processor is ERR_FAIL. Owned by the
 * caller, NULL: an error. */
char *firecracker_config(const struct guest *g, struct err *e);
/* Append the command that starts the machine of that configuration: the console is its
 * standard input and output, its log is on standard error. ERR_TOOL: it is not there. */
int firecracker_command(const char *config, struct strv *argv, struct err *e);
/* The machine has died: what there is to say about KVM here goes behind the message. */
void firecracker_explain(unsigned machine, const struct vm_result *r, struct err *e);

#endif
