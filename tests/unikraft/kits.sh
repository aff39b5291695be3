# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154
# The kit of $arch: built by Unikraft's own build, out of an archive and in again. One that
# was built from the same things before is taken as it is. That kraftld's own steps give,
# byte for byte, the image that Unikraft made is checked by the build itself, which notes
# each step for which they do not.

LARGEST=3000000

# What a kit depends on.
kit_stamp() {
	{
		cat "$ROOT"/src/core/kit*.c "$ROOT"/src/core/post*.c "$ROOT"/src/core/recipe.c
		find "$ROOT/share/librust" "$ROOT/templates/kconfig" -type f | sort | xargs cat
		cat "$UNIKRAFT_ROOT/version.mk"
		echo "$UNIKRAFT_ROOT $UNIKRAFT_LIBS $PRESETS $arch"
	} | sha256sum | cut -c 1-16
}

# The libraries' trees that the presets need: lib-lwip, once it is named, wants its archive.
wanted_libs() {
	local lib
	for lib in ${UNIKRAFT_LIBS//:/ }; do
		[[ $lib == */lib-lwip && " $PRESETS " != *" net "* ]] || echo "$lib"
	done
}

# build_kit ARCHIVE
build_kit() {
	local lib preset args=()
	for lib in $(wanted_libs); do
		args+=(--lib "$lib")
	done
	for preset in $PRESETS; do
		args+=(--preset "$preset")
	done
	[ -z "${UNIKRAFT_ARCHIVES:-}" ] || args+=(--archives "$UNIKRAFT_ARCHIVES")
	rm -rf "$T/made"
	KRAFT_RUST_HOME=$T/made capture kraft-rust kit build "$arch" qemu \
		--unikraft "$UNIKRAFT_ROOT" "${args[@]}"
	ended 0 || return 1
	! grep note: "$T/err" || return 1
	KRAFT_RUST_HOME=$T/made kraft-rust kit export "$arch" qemu -o "$T/new.tar.zst" -q
	mv "$T/new.tar.zst" "$1"
}

# The kit that came out of the archive is the one that went in.
same_kit() {
	capture kraft-rust kit export "$arch" qemu -o "$T/again.tar.zst" -q
	ended 0 && cmp "$1" "$T/again.tar.zst"
}

prepare_kit() {
	local archive
	archive=$STATE/kit-$arch-$(kit_stamp).tar.zst
	if [ ! -f "$archive" ]; then
		check "kit build: base $PRESETS" build_kit "$archive"
		[ -f "$archive" ] || return 1
	fi
	size=$(stat -c %s "$archive")
	check "a kit of $size bytes, less than $LARGEST" test "$size" -lt "$LARGEST"
	capture kraft-rust kit import "$archive" -q
	check "kit import" ended 0
	check "kit export gives the same archive" same_kit "$archive"
}
