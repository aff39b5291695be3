/* SPDX-License-Identifier: BSD-3-Clause */
/* Up to Unikraft 0.17 a function whose system call is missing sets errno to -ENOSYS, which
 * std does not take for "there is no such call, do it in another way": std::fs::copy()
 * would fail. An errno is never negative, so it is put right when it is looked at. */

int *__real___errno_location(void);
int *__wrap___errno_location(void);

int *__wrap___errno_location(void)
{
	int *place = __real___errno_location();

	if (*place < 0)
		*place = -*place;
	return place;
}
