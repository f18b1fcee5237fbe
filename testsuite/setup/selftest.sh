#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# selftest.sh BUILD IMAGE: tests run.sh on a pseudo-terminal, with a guest of
# one sector that echoes: the terminal, the volume, the sockets, the end.

setup=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
image=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
unset NAME VOLUME MACHINE DISK MEM FRESH QMP QEMU_EXTRA ACCEL GDB
tmp=$(mktemp -d) || exit 1
trap 'kill -9 $(cat "$tmp"/run/*/pid 2>/dev/null) 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
mkdir -p fake/tools
cp "$image" fake/anteros.img

. "$setup/verdict.sh"

# What runs on the terminal: run.sh, and whether it left it as it was.
cat >inner.sh <<EOF
before=\$(stty -g)
"$setup/run.sh" fake
echo "status=\$?"
[ "\$before" = "\$(stty -g)" ] && echo "terminal restored"
EOF
start() {
	: >out # not the run before
	script -qec "sh inner.sh" /dev/null </dev/null >out 2>&1 &
	job=$!
}

# until_true SECONDS COMMAND...
until_true() {
	tries=$(($1 * 20 * ${DEADLINE_SCALE:-1}))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}
ready() {
	until_true 20 grep -q 'echo ready' out
}
kill_qemu() {
	kill -9 "$(cat run/"${NAME:-anteros}"/pid)"
	wait $job
}

start
ready
verdict 'boots on the terminal' $?
"$build/tools/qmp" run/anteros/qmp device_add driver=edu id=edu bus=rp1 &&
    "$build/tools/qmp" run/anteros/qmp hmp 'info pci' | grep -q 1234:11e8
verdict 'takes a device by QMP' $?
[ -S run/anteros/serial2 ]
verdict 'has a second serial line' $?
[ "$(cat run/anteros/bus)" = rp1 ]
verdict 'says where a device can be plugged in' $?
"$build/tools/qmp" run/anteros/qmp no-such-command 2>/dev/null
[ $? = 1 ]
verdict 'the qmp tool passes errors on' $?
kill_qemu
grep -q 'terminal restored' out && grep -q 'status=0' out
verdict 'kill -9 of QEMU leaves a good terminal' $?
[ -z "$(ls run/anteros)" ]
verdict 'and no sockets' $?

# The volume stays, and the installer is asked to bring it up to date.
printf 'mine' | dd of=volumes/anteros.img bs=1 seek=4096 conv=notrunc 2>/dev/null
cp volumes/anteros.img kept
echo kernel >fake/kernel.elf
echo range >fake/boot.range
: >shown
cat >fake/tools/install <<'EOF'
#!/bin/sh
[ "$1" = show ] && exec cat shown
echo "$@" >asked
[ ! -e refuse ]
EOF
chmod +x fake/tools/install
start
ready
kill_qemu
cmp -s kept volumes/anteros.img
verdict 'keeps the volume' $?
case $(cat asked) in
'slot --image volumes/anteros.img --label '*' --kernel fake/kernel.elf --range fake/boot.range') ;;
*) false ;;
esac
verdict 'has it brought up to date' $?
cat fake/kernel.elf fake/boot.range | cksum >shown
rm asked
start
ready
kill_qemu
[ ! -e asked ]
verdict 'but not twice with the same kernel' $?
: >shown

touch refuse
start
wait $job
grep -q 'status=1' out && grep -q 'FRESH=1' out
verdict 'names FRESH=1 when the formats differ' $?
rm refuse

for bad in MACHINE=vax DISK=tape MEM=lots MEM=1 ACCEL=warp NAME=../up; do
	(
		export "${bad?}" FRESH=1
		start
		wait $job
	)
	grep -q 'status=1' out && cmp -s kept volumes/anteros.img
	verdict "refuses $bad and leaves the volume" $?
done

(
	export FRESH=1 MACHINE=pc DISK=ide
	start
	ready && kill_qemu
)
cmp -s fake/anteros.img volumes/anteros.img && cmp -s kept volumes/anteros.img.*
verdict 'FRESH=1 keeps the old volume beside the new' $?

# Two machines at a time; and a script that is killed takes QEMU along.
rm -f out
start
ready
(
	export NAME=other
	script -qec "sh inner.sh" /dev/null </dev/null >out2 2>&1 &
	until_true 20 grep -q 'echo ready' out2
)
verdict 'a second machine by NAME' $?
[ -f volumes/other.img ] && [ -S run/other/qmp ] && [ -S run/anteros/qmp ]
verdict 'with its own volume and sockets' $?
# A machine that runs is left alone, and so is its volume.
for again in NAME= "NAME=third VOLUME=volumes/anteros.img"; do
	rm -f asked
	: >shown
	env $again script -qec "sh inner.sh" /dev/null </dev/null >out3 2>&1
	grep -q 'status=1' out3 && grep -q 'machine .*runs ' out3 &&
	    [ ! -e asked ] && [ -S run/anteros/qmp ] && [ -s run/anteros/pid ]
	verdict "does not touch a machine that runs: $again" $?
done
kill -9 "$(cat run/other/pid)"
qemu=$(cat run/anteros/pid)
# The fourth field of stat is the parent: run.sh.
kill -9 "$(cut -d ' ' -f 4 "/proc/$qemu/stat")"
gone() {
	! grep -q '^State:.*[RSD] ' "/proc/$qemu/status"
}
until_true 10 gone
verdict 'QEMU ends with its script' $?

echo "setup: $passed passed, $failed failed"
[ $failed = 0 ]
