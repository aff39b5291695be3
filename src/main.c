/* SPDX-License-Identifier: BSD-3-Clause */
/* kraft-rust. */
#include "base/proc.h"
#include "cmd/cmd.h"

int
main(int argc, char **argv)
{
	int status;

	proc_open_standard();
	proc_catch_signals();
	status = cmd_main(argc, argv);
	if (proc_pending_signal())
		proc_reraise();
	return status;
}
