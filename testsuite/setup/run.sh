#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# run.sh BUILD: boots a volume in QEMU with the serial line on this terminal.
# `make run` and `make debug` call it; the variables, all optional, are those
# that `make help` lists.
#
# The volume is a copy of BUILD/anteros.img, made when it does not exist, and
# afterwards only its kernel and boot range are brought up to date: what lives
# on it stays.

build=$1
name=${NAME:-anteros}
volume=${VOLUME:-volumes/$name.img}
run=run/$name
image=$build/anteros.img
machine=${MACHINE:-q35}
disk=${DISK:-virtio}
qmp=${QMP:-$run/qmp}
mem_least=16

fail() {
	printf 'run: %s\n' "$*" >&2
	exit 1
}

case $name in
*[!A-Za-z0-9._-]* | .*)
	fail "NAME is letters, digits, '.', '_' and '-', not $name"
	;;
esac
case ${MEM:=256} in
*[!0-9]* | ??????????*)
	fail "MEM is a number of megabytes, $mem_least or more, not $MEM"
	;;
esac
[ "$MEM" -ge $mem_least ] ||
	fail "MEM is a number of megabytes, $mem_least or more, not $MEM"
case ${ACCEL:=tcg} in
tcg* | kvm*) ;;
*) fail "ACCEL is tcg or kvm, not $ACCEL" ;;
esac

# --------------------------------------------------------------- machine

case $machine in
q35)
	set -- -machine q35,kernel-irqchip=split \
	    -device intel-iommu,intremap=on \
	    -device pcie-root-port,id=rp1,chassis=1,slot=1 \
	    -device pcie-root-port,id=rp2,chassis=2,slot=2
	virtio=,disable-legacy=on,iommu_platform=on
	;;
pc)
	set -- -machine pc
	virtio=
	;;
*)
	fail "MACHINE is q35 or pc, not $machine"
	;;
esac

case $disk in
virtio)
	set -- "$@" -device "virtio-blk-pci,drive=d0,bootindex=0$virtio"
	;;
ide)
	if [ "$machine" = pc ]; then
		bus=ide.0
	else
		set -- "$@" -device piix3-ide,id=piix
		bus=piix.0
	fi
	set -- "$@" -device "ide-hd,drive=d0,bootindex=0,bus=$bus"
	;;
ahci)
	if [ "$machine" = pc ]; then
		set -- "$@" -device ich9-ahci,id=ahci
		bus=ahci.0
	else
		bus=ide.0
	fi
	set -- "$@" -device "ide-hd,drive=d0,bootindex=0,bus=$bus"
	;;
nvme)
	set -- "$@" -device nvme,drive=d0,bootindex=0,serial=anteros
	;;
*)
	fail "DISK is virtio, ide, ahci or nvme, not $disk"
	;;
esac

# ---------------------------------------------------------------- volume

# Put this build's kernel and boot range into the volume's other boot slot,
# unless the newest one has them already: the label tells.
update() {
	label=$(cat "$build/kernel.elf" "$build/boot.range" | cksum)
	"$build/tools/install" show "$volume" 2>/dev/null |
	    grep -qF "$label" && return
	"$build/tools/install" slot --image "$volume" --label "$label" \
	    --kernel "$build/kernel.elf" --range "$build/boot.range"
}

[ -f "$image" ] || fail "there is no $image to boot"
mkdir -p "$run" "$(dirname "$volume")" || exit 1

# Nothing of a machine that runs is touched: QEMU inherits these two locks, and
# holds them as long as it lives.
exec 8<"$run"
flock -n 8 || fail "the machine $name runs already; NAME=other starts another"
lock_volume() {
	exec 9<"$volume" || exit 1
	flock -n 9 || fail "another machine runs on $volume"
}
[ -e "$volume" ] && lock_volume

if [ -n "$FRESH" ] && [ -e "$volume" ]; then
	old=$volume.$(date +%Y%m%d-%H%M%S)
	mv "$volume" "$old" || exit 1
	echo "The old volume is now $old"
fi
if [ ! -e "$volume" ]; then
	cp --sparse=always "$image" "$volume.new" &&
	    mv "$volume.new" "$volume" || exit 1
	echo "New volume: $volume"
	lock_volume
else
	update ||
	    fail "$volume was not updated; FRESH=1 starts with a new one" \
	    "and keeps the old file"
fi

# ------------------------------------------------------------------- run

# Under gdb the terminal is gdb's, and the first serial line a socket as well.
serial1="-serial mon:stdio"
[ -n "$GDB" ] && serial1="-serial unix:$run/serial1,server=on,wait=off"

# A comma in a file name would end it: QEMU wants it twice.
file=$(printf '%s' "$volume" | sed 's/,/,,/g')
rm -f "$run/serial2" "$qmp"
# Where make plug puts a device: pc has no ports for one, but a bus for many.
[ "$machine" = pc ] && plug=pci.0 || plug=rp1
echo "$plug" >"$run/bus"
# QEMU_EXTRA and serial1 are meant to be split into words.
# shellcheck disable=SC2086
set -- "$@" -accel "$ACCEL" -cpu max -m "$MEM" \
    -drive "file=$file,format=raw,if=none,id=d0" \
    -display none -nic none $serial1 \
    -chardev "socket,id=serial2,path=$run/serial2,server=on,wait=off" \
    -serial chardev:serial2 \
    -qmp "unix:$qmp,server=on,wait=off" \
    -pidfile "$run/pid" ${GDB:+-S -gdb "unix:$run/gdb,server=on,wait=off"} \
    $QEMU_EXTRA

# QEMU sets the terminal raw, and a QEMU that is killed leaves it so.
terminal=
[ -t 0 ] && terminal=$(stty -g)
restore() {
	[ -n "$terminal" ] && stty "$terminal"
	rm -f "$run/serial2" "$qmp" "$run/pid" "$run/gdb" "$run/bus"
}
trap restore EXIT
# Ctrl-C belongs to the guest; if it comes to us, QEMU ends and we tidy up.
trap : INT TERM HUP

cat <<EOF
Anteros on $volume ($machine, $disk, $MEM MB)
  halt          in the shell: take a checkpoint and switch off
  Ctrl-A X      end QEMU at once; the next boot goes on from the last checkpoint
  Ctrl-A C      QEMU's monitor, and back
  from another terminal: kill -9 \$(cat $run/pid), make plug DEV=edu${NAME:+ NAME=$NAME}
EOF
# However this script ends, QEMU must not be left holding the terminal.
setpriv --pdeathsig KILL "${QEMU:-qemu-system-x86_64}" "$@"
status=$?
restore
if [ $status -gt 128 ]; then
	echo
	echo "QEMU was ended by signal $((status - 128));" \
	    "'make run' goes on from the last checkpoint."
	status=0
fi
exit $status
