#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# packages.sh GOAL...: make sure that the Debian packages for a goal (build,
# check, run, debug, linux, format) are there. Installs what is missing when it may
# (root, or sudo that asks nothing); otherwise prints the line to paste.

# goal, package, a file that proves it is installed
list="
build gcc /usr/bin/gcc
build libc6-dev /usr/include/stdio.h
build binutils /usr/bin/objdump
build mawk /usr/bin/awk
build libfdt-dev /usr/include/libfdt.h
build device-tree-compiler /usr/bin/dtc
build musl-dev /usr/lib/x86_64-linux-musl/libc.a
build liblz4-dev /usr/include/lz4.h
build libjansson-dev /usr/include/jansson.h
check libcunit1-dev /usr/include/CUnit/CUnit.h
check qemu-system-x86 /usr/bin/qemu-system-x86_64
check qemu-utils /usr/bin/qemu-img
check gdb /usr/bin/gdb
run qemu-system-x86 /usr/bin/qemu-system-x86_64
debug qemu-system-x86 /usr/bin/qemu-system-x86_64
debug gdb /usr/bin/gdb
linux cpio /usr/bin/cpio
linux qemu-system-x86 /usr/bin/qemu-system-x86_64
format clang-format /usr/bin/clang-format
"

missing=$(printf '%s\n' "$list" | while read -r goal package proof; do
	case " $* " in
	*" $goal "*) [ -n "$goal" ] && [ ! -e "$proof" ] && echo "$package" ;;
	esac
done | sort -u | tr '\n' ' ')
missing=${missing% }
[ -z "$missing" ] && exit 0

install="apt-get install -y --no-install-recommends $missing"
if [ "$(id -u)" = 0 ]; then
	sudo=
elif sudo -n true 2>/dev/null; then
	sudo="sudo -n"
else
	echo "Packages are missing. Paste this line, then try again:" >&2
	echo "sudo apt-get update && sudo $install" >&2
	exit 1
fi

echo "Installing: $missing"
export DEBIAN_FRONTEND=noninteractive
# The lists may be missing or older than the archive: fetch them once.
ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || $sudo apt-get update
# shellcheck disable=SC2086 # the words are meant to be split
if ! $sudo $install </dev/null; then
	# shellcheck disable=SC2086
	$sudo apt-get update && $sudo $install </dev/null && exit 0
	echo "Could not install; by hand: sudo $install" >&2
	exit 1
fi
