#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD [MACHINE CPU MEM YEAR]: boots the smoke kernel on several
# machines, or once and shows its log. The year of the RTC says what it shall
# do: see enum mode in main.c. Prints `N passed, M failed` at the end.
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

# fresh NAME: log will be $dir/NAME.log, COM1 in .serial
fresh() {
	log=$dir/$1.log
	rm -f "$log" "$log.serial" "$log.qemu"
}

# qemu MACHINE CPU MEM YEAR, in a subshell: becomes the emulator
qemu() {
	exec timeout $((20 * ${DEADLINE_SCALE:-1})) qemu-system-x86_64 \
	    -machine "$1" -cpu "$2" -m "$3" -display none -no-reboot \
	    -rtc base=$4-01-02T03:04:05 \
	    -drive "file=$image,format=raw,if=none,id=d0,snapshot=on" \
	    -device virtio-blk-pci,drive=d0 -serial "file:$log.serial" \
	    -debugcon "file:$log" -device isa-debug-exit,iobase=0xf4 \
	    >"$log.qemu" 2>&1
}

verdict() {
	if [ "$1" -eq 0 ]; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$2:"
	tail -n 12 "$log" "$log.serial" "$log.qemu" 2>/dev/null
}

# boot MACHINE CPU MEM: the user program; isa-debug-exit gives 33 for success
boot() {
	fresh "boot-$1-$2-$3"
	(qemu "$1" "$2" "$3" 2030)
	test $? -eq 33
	verdict $? "$1 $2 $3"
}

# resets MACHINE: QEMU ends by itself at a reset, without a word
resets() {
	fresh "reset-$1"
	(qemu "$1" max 256 2031)
	test $? -eq 0 && ! grep -q panic "$log"
	verdict $? "reset $1"
}

# panics YEAR CPU TEXT: it says so on COM1, and stops
panics() {
	fresh "panic-$1-$2"
	qemu q35 "$2" 256 "$1" &
	pid=$!
	turn=0
	until grep -q '^\*\*\* stopped' "$log.serial" 2>/dev/null ||
	    [ $turn -gt $((200 * ${DEADLINE_SCALE:-1})) ]; do
		turn=$((turn + 1))
		sleep 0.05
	done
	grep -q "panic: .*$3" "$log.serial" &&
	    [ "$(grep -c 'panic:' "$log.serial")" -eq 1 ] &&
	    grep -q "panic: .*$3" "$log"
	verdict $? "panic $1 on $2"
	kill "$pid"
	wait "$pid"
}

if [ $# -eq 4 ]; then
	fresh once
	(qemu "$@")
	cat "$log" "$log.serial"
	exit
fi

boot q35 max 256
boot q35 qemu64 256
boot pc max 64
boot pc qemu64 64
boot q35 max 6G
boot pc qemu64 6G
boot q35,hpet=off max 256
boot pc,hpet=off,acpi=off qemu64 128
boot q35,kernel-irqchip=split max,-xsave 256
resets q35
resets pc
panics 2032 max 'vector 14, error 2, address 1000'
panics 2033 max 'vector 14, error 3,'
panics 2034 max 'vector 14, error 3,'
panics 2035 max 'vector 14, error 11,'
panics 2036 max 'vector 8,'
panics 2037 max 'main.c:[0-9]*: mode == MODE_USER'
panics 2038 max 'vector 14, error 11, address 400000'
panics 2039 max 'vector 14, error 1, address 600000'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
