# SPDX-License-Identifier: BSD-3-Clause
# machine_kit: a kit of our own for x86_64 qemu, $KIT, with which kraftld links machine.s.

machine_kit() {
	command -v qemu-system-x86_64 >/dev/null || skip 'no qemu-system-x86_64 is here'
	KIT=$KRAFT_RUST_HOME/kits/qemu-x86_64/test
	mkdir -p "$KIT" "$KRAFT_RUST_HOME/linkers"
	cp "$ROOT/tests/vm/machine.ld" "$KIT"
	cat >"$KIT/kit.conf" <<-EOT
		format = 1
		architecture = x86_64
		platform = qemu
		target = $TARGET
		machine = 62
		arg = -static
		arg = --build-id=none
		arg = -T
		arg = {kit}/machine.ld
		arg = {inputs}
		arg = -o
		arg = {debug}
		step = strip
		step = bootinfo
		step = multiboot
	EOT
	cat >"$KRAFT_RUST_HOME/linkers/qemu-x86_64.conf" <<-EOT
		format = 1
		architecture = x86_64
		platform = qemu
		alias = kvm
		target = $TARGET
		machine = 62
		ld = ld
		kit = $KIT
		install = kraft-rust install x86_64 qemu
	EOT
}
