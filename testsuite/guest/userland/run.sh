#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD: boots the services and the shell with a script that types, and
# looks for what expected.txt says in the log, in that order. Lines of
# services.c count by themselves. Prints `N passed, M failed` at the end.
set -u
build=$1
here=testsuite/guest/userland
dir=$build/guest/userland
log=$dir/log
passed=0
failed=0

rm -f "$dir/image" "$log"
"$build/tools/install" create --volume "$dir/image" --size 32 \
    >"$dir/install.log" 2>&1 &&
"$build/tools/install" slot --image "$dir/image" \
    --kernel "$build/kernel-debug.elf" --range "$dir/boot.range" \
    >>"$dir/install.log" 2>&1 || {
	cat "$dir/install.log"
	echo "0 passed, 1 failed"
	exit 1
}

# The debug kernel's log is the console; the last command ends the machine.
timeout $((40 * ${DEADLINE_SCALE:-1})) qemu-system-x86_64 \
    -machine q35 -cpu max -m 128 -display none -no-reboot \
    -drive "file=$dir/image,format=raw,if=none,id=d0" \
    -device virtio-blk-pci,drive=d0 -serial "file:$log.serial" \
    -debugcon "file:$log" >"$log.qemu" 2>&1
if [ $? -eq 0 ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "the machine did not come to its end:"
	tail -n 15 "$log" "$log.qemu"
fi

if grep -q "^services: end" "$log"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "services.c did not come to its end:"
	grep " services: " "$log" | tail -n 3
fi
passed=$((passed + $(grep -c '^ok services' "$log")))
failed=$((failed + $(grep -c '^FAILED services' "$log")))
grep '^FAILED services' "$log"

# Each line of expected.txt is a regular expression; they match in turn.
awk -v log_file="$log" '
	/^#/ || /^$/ { next }
	{
		found = 0
		while (!found && (getline line < log_file) > 0)
			found = line ~ $0
		if (found) {
			good++
		} else {
			print "not found after the lines before it: " $0 \
			    > "/dev/stderr"
			bad++
			exit
		}
	}
	END { print good + 0, bad + 0 }
' "$here/expected.txt" >"$dir/matched"
read -r good bad <"$dir/matched"
passed=$((passed + good))
failed=$((failed + bad))

echo "guest userland: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
