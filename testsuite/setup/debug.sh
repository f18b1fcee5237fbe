#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# debug.sh BUILD: gdb on the machine NAME. One that `make run` has started is
# attached to as it is, and goes on when gdb ends; otherwise QEMU is started and
# stands at the kernel's entry, and ends with gdb: its serial line is then the
# socket run/NAME/serial1. manual/debugging.md shows both.
#
# DRIVER=edu stops at the first instruction of each process of that name, with
# its program's symbols beside the kernel's. GDB_COMMANDS names a file that gdb
# obeys instead of a terminal.

build=$1
run=run/${NAME:-anteros}
kernel=$build/kernel.elf
program=$build/domain/$DRIVER.elf

fail() {
	printf 'debug: %s\n' "$*" >&2
	exit 1
}

[ -f "$kernel" ] || fail "there is no $kernel"
[ -z "$DRIVER" ] || [ -f "$program" ] ||
    fail "DRIVER is the name of a program in $build/domain, not $DRIVER"
mkdir -p "$run"

monitor() {
	"$build/tools/qmp" "$run/qmp" hmp "$1"
}

started=
end() {
	case $started in
	"") ;;
	attached) monitor "gdbserver none" >/dev/null 2>&1 ;;
	*)
		kill "$(cat "$run/pid")" 2>/dev/null
		wait "$started"
		;;
	esac
}
trap end EXIT

# As run.sh has it: QEMU holds this lock as long as it lives.
if flock -n "$run" true; then
	rm -f "$run/gdb" "$run/serial1"
	GDB=1 "$(dirname "$0")/run.sh" "$build" >"$run/debug.log" 2>&1 \
	    </dev/null &
	script=$!
	# QEMU makes the socket, if it does not end.
	while [ ! -S "$run/gdb" ]; do
		if ! kill -0 $script 2>/dev/null; then
			cat "$run/debug.log" >&2
			exit 1
		fi
		sleep 0.1
	done
	started=$script
else
	rm -f "$run/gdb"
	said=$(monitor "gdbserver unix:$run/gdb,server=on,wait=off") ||
	    fail "the machine does not let gdb in: $said"
	started=attached
fi

# The sixteen bytes of a process's name as two numbers.
words() {
	printf '%s' "$1" | od -An -v -tx1 | awk '
	{ for (i = 1; i <= NF; i++) byte[n++] = $i }
	END {
		for (w = 0; w < 16; w += 8) {
			text = ""
			for (i = w + 7; i >= w; i--)
				text = text (i < n ? byte[i] : "00")
			print "0x" text
		}
	}'
}

# The entry is where the loader jumps; breakpoints before paging is on must be
# hardware ones. All domains begin at the same address, so a driver is known by
# the name in its state page, which the kernel's own mapping shows.
# A busy host may keep QEMU's answer back for longer than gdb's two seconds.
set -- -q -ex "set confirm off" -ex "set remotetimeout 60" \
    -ex "target remote $run/gdb"
if [ "$started" != attached ]; then
	entry=$(LC_ALL=C objdump -f "$kernel" | sed -n 's/^start address //p')
	set -- "$@" -ex "thbreak *$entry" -ex continue
fi
if [ -n "$DRIVER" ]; then
	first=$(LC_ALL=C objdump -f "$program" | sed -n 's/^start address //p')
	name="(unsigned long *)'kernel/object/load.c'::cpu.current->state->name"
	# shellcheck disable=SC2046 # two words
	is=$(printf '(%s)[0] == %s && (%s)[1] == %s' \
	    "$name" $(words "$DRIVER" | sed -n 1p) \
	    "$name" $(words "$DRIVER" | sed -n 2p))
	cat >"$run/gdb.commands" <<EOF
define dbreak
	hbreak \$arg0 if $is
end
document dbreak
dbreak PLACE: stop there in $DRIVER, and not where others have that address.
end
EOF
	# Behind the two bytes of the first instruction: until it has run, the
	# page of the program that it is in need not be there to look at.
	set -- "$@" -ex "add-symbol-file $program" -x "$run/gdb.commands" \
	    -ex "dbreak *$first+2" -ex continue
fi
gdb "$@" ${GDB_COMMANDS:+-batch -x "$GDB_COMMANDS"} "$kernel"
