/* SPDX-License-Identifier: BSD-3-Clause */
/* Xen: a domain's configuration, and the tool that makes and destroys it. */
#ifndef KRAFT_RUST_CORE_XEN_H
#define KRAFT_RUST_CORE_XEN_H

struct err;
struct guest;
struct strv;
struct vm_result;
struct vmnet;

/* A name that no other domain has. Owned by the caller. */
char *xen_name(void);
/* Whether Xen has such a network: ERR_USAGE. */
int xen_check_net(const struct vmnet *n, struct err *e);
/* The domain's configuration, xl.cfg(5). An image for another processor is ERR_FAIL. Owned
 * by the caller, NULL: an error. */
char *xen_config(const struct guest *g, const char *domain, struct err *e);
/* Append the command that makes the domain and stays with its console, which is its
 * standard output. ERR_TOOL: it is not there. */
int xen_command(const char *config, struct strv *argv, struct err *e);
/* The machine has died: when xl has failed, what there is to say about Xen here goes behind
 * the message. */
void xen_explain(unsigned machine, const struct vm_result *r, struct err *e);
/* Destroy the domain if it is there, after a signal too. */
void xen_destroy(const char *domain);
/* The same while xl may still be making it, and is not to be stopped half-way: waits for
 * it to be there. */
void xen_stop(const char *domain);

#endif
