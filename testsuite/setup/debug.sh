#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# debug.sh BUILD: QEMU stopped at the kernel's entry, gdb attached, symbols
# loaded. The guest's serial line is the socket run/NAME/serial1, which
# `nc -U` or socat shows.

build=$1
run=run/${NAME:-anteros}
kernel=$build/kernel.elf

[ -f "$kernel" ] || { echo "debug: there is no $kernel" >&2; exit 1; }
mkdir -p "$run"
# As run.sh has it; the sockets of a machine that runs are not ours to remove.
flock -n "$run" true || {
	echo "debug: the machine ${NAME:-anteros} runs already;" \
	    "NAME=other starts another" >&2
	exit 1
}
rm -f "$run/gdb" "$run/serial1"
GDB=1 "$(dirname "$0")/run.sh" "$build" >"$run/debug.log" 2>&1 </dev/null &
script=$!
# Only when run.sh has started QEMU is the one in its pid file ours.
trap '[ -z "$ours" ] || kill "$(cat "$run/pid")" 2>/dev/null; wait $script' EXIT
ours=

# QEMU makes the socket; ten seconds are plenty.
tries=0
while [ ! -S "$run/gdb" ]; do
	tries=$((tries + 1))
	if [ $tries -gt 100 ] || ! kill -0 $script 2>/dev/null; then
		cat "$run/debug.log" >&2
		exit 1
	fi
	sleep 0.1
done

ours=1

# The entry is where the loader jumps; breakpoints before paging is on must be
# hardware ones.
entry=$(LC_ALL=C objdump -f "$kernel" | sed -n 's/^start address //p')
gdb -q -ex "set confirm off" -ex "target remote $run/gdb" \
    -ex "hbreak *$entry" -ex continue "$kernel"
