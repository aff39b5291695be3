/* SPDX-License-Identifier: BSD-3-Clause */
/* Running a virtual machine: its monitor is a child process whose standard input and
 * output are the machine's console. */
#ifndef KRAFT_RUST_CORE_VM_H
#define KRAFT_RUST_CORE_VM_H

#include <stdbool.h>

#include "base/str.h"

struct backtrace;
struct err;

struct vm {
	const struct strv *argv;
	int in, out;             /* the program's standard input and output */
	unsigned timeout;        /* seconds; 0: none */
	bool terminal;           /* the console is a terminal of its own, not two pipes */
	struct backtrace *trace; /* that the output goes through; NULL */
	/* What ends the machine of that name, before its monitor is killed; NULL: nothing. */
	void (*stop)(const char *name);
	const char *name;
};

enum vm_end {
	VM_EXITED,  /* the program told its status */
	VM_TIMEOUT, /* it was still running */
	VM_DIED,    /* the machine ended and the program told nothing */
};

struct vm_result {
	enum vm_end end;
	int status;      /* VM_EXITED: 0 to 255 */
	int vmm_status;  /* the monitor's own; 128 + signal */
	struct str said; /* what the monitor wrote on standard error */
};

/* Run the machine to its end. INT, TERM and HUP end it, with ERR_SIGNAL. */
int vm_run(const struct vm *vm, struct vm_result *r, struct err *e);
void vm_result_free(struct vm_result *r);

#endif
