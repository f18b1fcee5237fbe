#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# debugtest.sh BUILD: tests debug.sh. gdb stops a system that boots where a
# driver begins, in that driver and no other domain, and with its symbols; and
# it looks at a machine that runs, and lets it go on.

setup=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
unset NAME VOLUME MACHINE DISK MEM FRESH QMP QEMU_EXTRA ACCEL GDB DRIVER
tmp=$(mktemp -d) || exit 1
trap 'kill -9 $(cat "$tmp"/run/*/pid 2>/dev/null) 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
export GDB_COMMANDS=commands
limit="timeout $((60 * ${DEADLINE_SCALE:-1}))"

. "$setup/verdict.sh"

# `driver` is a symbol of every driver; many domains began before this one.
cat >commands <<'EOF'
info symbol $pc
printf "it is %s\n", 'kernel/object/load.c'::cpu.current->state->name
dbreak probe
continue
printf "stopped in probe of %s\n", driver.name
EOF
DRIVER=virtio-blk $limit "$setup/debug.sh" "$build" >out 2>&1 </dev/null
grep -q '^_start + 2 in section .text of .*/virtio-blk.elf' out &&
    grep -q '^it is virtio-blk$' out
verdict 'stops where a driver begins' $?
grep -q '^stopped in probe of virtio-blk$' out
verdict 'dbreak stops in it, with its symbols' $?
[ ! -e run/anteros/pid ]
verdict 'and QEMU ends with gdb' $?

DRIVER=no-such $limit "$setup/debug.sh" "$build" >out 2>&1 </dev/null
[ $? = 1 ] && grep -q 'DRIVER is the name of a program' out
verdict 'refuses a driver that is none' $?

script -qec "$setup/run.sh $build" /dev/null </dev/null >serial 2>&1 &
tries=$((600 * ${DEADLINE_SCALE:-1}))
until grep -q 'anteros> ' serial || [ $tries = 0 ]; do
	tries=$((tries - 1))
	sleep 0.1
done
printf 'info symbol $pc\n' >commands
$limit "$setup/debug.sh" "$build" >out 2>&1 </dev/null
grep -q " in section .text\|^No symbol matches" out
verdict 'looks at a machine that runs' $?
"$build/tools/qmp" run/anteros/qmp hmp 'info status' >out 2>&1
grep -q running out
verdict 'and lets it go on' $?

echo "debug: $passed passed, $failed failed"
[ $failed = 0 ]
