/* SPDX-License-Identifier: BSD-3-Clause */
/* How libgcc's unwinder finds the call frame tables. It asks _dl_find_object() of a C
 * library that has dynamic loading (glibc 2.35: dlfcn/dlfcn.h); the image is one piece,
 * so that there is one answer. */
#include <uk/essentials.h>

/* glibc: sysdeps/generic/dl-find_object.h; x86_64 and arm64 have no more members. */
struct dl_find_object {
	unsigned long long dlfo_flags;
	void *dlfo_map_start;
	void *dlfo_map_end;
	void *dlfo_link_map;
	void *dlfo_eh_frame;
	unsigned long long reserved[7];
};

/* The image, and its .eh_frame_hdr: Unikraft's linker script. */
extern char _text[], _end[], __eh_frame_hdr_start[];

int _dl_find_object(void *pc, struct dl_find_object *result);

int _dl_find_object(void *pc, struct dl_find_object *result)
{
	if ((char *)pc < _text || (char *)pc >= _end)
		return -1;
	result->dlfo_flags = 0;
	result->dlfo_map_start = _text;
	result->dlfo_map_end = _end;
	result->dlfo_link_map = 0;
	result->dlfo_eh_frame = __eh_frame_hdr_start;
	return 0;
}
