#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# fetch.sh DIR: Debian's cloud kernel, unpacked below DIR and not installed:
# DIR/vmlinuz, DIR/modules/*.ko. Only the modules that init.c loads are kept.
# The package is fetched once; remove DIR to get a newer one.

dir=$1
meta=linux-image-cloud-amd64
modules="virtio/virtio_ring virtio/virtio virtio/virtio_pci_modern_dev
    virtio/virtio_pci_legacy_dev virtio/virtio_pci block/virtio_blk"

fail() {
	echo "bench-linux: $1" >&2
	exit 1
}

# What the metapackage stands for today.
real() {
	apt-cache depends --important "$meta" 2>/dev/null |
	    sed -n 's/^ *Depends: \(linux-image-[0-9].*\)$/\1/p' | head -n 1
}

package=$(real)
[ -n "$package" ] ||
    fail "apt knows no $meta; run: apt-get update (as root), on Debian"
rm -rf "$dir.new"
mkdir -p "$dir.new/modules" || exit 1
(cd "$dir.new" && apt-get download "$package" >download.log 2>&1) || {
	cat "$dir.new/download.log" >&2
	fail "$package could not be fetched; perhaps: apt-get update"
}
dpkg-deb -x "$dir.new"/*.deb "$dir.new/tree" || fail "$package: not unpacked"
cp "$dir.new"/tree/boot/vmlinuz-* "$dir.new/vmlinuz" ||
    fail "$package: no kernel in it"
for m in $modules; do
	# One that is missing is built in; init.c says so if it is not.
	for f in "$dir.new"/tree/lib/modules/*/kernel/drivers/"$m".ko; do
		[ ! -e "$f" ] || cp "$f" "$dir.new/modules/" || exit 1
	done
done
rm -rf "$dir.new/tree" "$dir.new"/*.deb "$dir"
mv "$dir.new" "$dir"
