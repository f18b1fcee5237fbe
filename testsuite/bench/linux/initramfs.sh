#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# initramfs.sh INIT MODULES OUT: a file system in memory for Linux, with INIT
# as its first program and the modules of a folder. No device nodes, which
# only root may make: init mounts what the kernel has.

set -e
tree=$3.tree
rm -rf "$tree"
mkdir -p "$tree/dev" "$tree/modules"
cp "$1" "$tree/init"
cp "$2"/*.ko "$tree/modules/"
(cd "$tree" && find . | sort | cpio --quiet -o -H newc) >"$3.new"
rm -rf "$tree"
mv "$3.new" "$3"
