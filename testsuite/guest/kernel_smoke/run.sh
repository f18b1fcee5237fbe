#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD [MACHINE CPU MEM]: boots the smoke kernel on several machines,
# or on one and shows its log. Prints `N passed, M failed` at the end.
set -u
build=$1
shift
dir=$build/guest/smoke
mkdir -p "$dir"
passed=0
failed=0

image=$dir/smoke.img
rm -f "$image"
"$build/tools/mkrange" 64 "$dir/range" >"$dir/install.log" 2>&1 &&
"$build/tools/install" create --volume "$image" --size 32 \
    >>"$dir/install.log" 2>&1 &&
"$build/tools/install" slot --image "$image" --kernel \
    "$build/guest/kernel_smoke.elf" --range "$dir/range" \
    >>"$dir/install.log" 2>&1 || {
	cat "$dir/install.log"
	echo "0 passed, 1 failed"
	exit 1
}

# boot MACHINE CPU MEM
boot() {
	log=$dir/$1-$2-$3.log
	rm -f "$log"
	timeout $((20 * ${DEADLINE_SCALE:-1})) qemu-system-x86_64 \
	    -machine "$1" -cpu "$2" -m "$3" -display none -no-reboot \
	    -drive "file=$image,format=raw,if=none,id=d0,snapshot=on" \
	    -device virtio-blk-pci,drive=d0 -serial "file:$log.serial" \
	    -debugcon "file:$log" -device isa-debug-exit,iobase=0xf4 \
	    >"$log.qemu" 2>&1
	if [ $? -eq 33 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1 $2 $3:"
		tail -n 12 "$log" "$log.serial" "$log.qemu" 2>/dev/null
	fi
}

if [ $# -eq 3 ]; then
	boot "$@"
	cat "$dir/$1-$2-$3.log"
else
	boot q35 max 256
	boot q35 qemu64 256
	boot pc max 64
	boot pc qemu64 64
	boot q35 max 6G
	boot pc qemu64 6G
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
