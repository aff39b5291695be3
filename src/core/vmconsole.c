/* SPDX-License-Identifier: BSD-3-Clause */
#include "core/vmconsole.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"

static int
open_pipes(int ours[2], int theirs[2])
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	theirs[0] = fds[0];
	ours[0] = fds[1];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	ours[1] = fds[0];
	theirs[1] = fds[1];
	return 0;
}

static int
open_terminal(int ours[2], int theirs[2])
{
	struct termios raw;
	char name[64];

	ours[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ours[0] < 0 || grantpt(ours[0]) < 0 || unlockpt(ours[0]) < 0 ||
	    ptsname_r(ours[0], name, sizeof(name)) != 0)
		return -1;
	theirs[0] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (theirs[0] < 0 || tcgetattr(theirs[0], &raw) < 0)
		return -1;
	cfmakeraw(&raw);
	if (tcsetattr(theirs[0], TCSANOW, &raw) < 0)
		return -1;
	ours[1] = fcntl(ours[0], F_DUPFD_CLOEXEC, 0);
	theirs[1] = fcntl(theirs[0], F_DUPFD_CLOEXEC, 0);
	return ours[1] < 0 || theirs[1] < 0 ? -1 : 0;
}

int
vmconsole_open(bool terminal, int ours[2], int theirs[2], struct err *e)
{
	ours[0] = ours[1] = theirs[0] = theirs[1] = -1;
	if ((terminal ? open_terminal(ours, theirs) : open_pipes(ours, theirs)) == 0)
		return 0;
	err_errno(e, "make %s for the machine's console", terminal ? "a terminal" : "pipes");
	for (int i = 0; i < 2; i++) {
		mem_close_fd(&ours[i]);
		mem_close_fd(&theirs[i]);
	}
	return -1;
}
