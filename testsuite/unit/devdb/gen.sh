#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# gen.sh DEVDB-GEN SOURCE.dts: spoils a good tree source in one way after the
# other; the tool must refuse each, and name the file and the line.

gen=$1
good=$2
passed=0
failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# try FILE: what the tool says of it
try() {
	dtc -q -I dts -O dtb -o "$tmp/dtb" "$1" &&
	    dtc -q -I dts -O dts --annotate -o "$tmp/lines" "$1" &&
	    "$gen" header "$1" "$tmp/dtb" "$tmp/lines" 2>&1
}

# refuses NAME SED TEXT: the source changed by SED gives FILE:LINE: TEXT,
# with the line that the change marked by XX
refuses() {
	sed "$2" "$good" >"$tmp/bad.dts"
	line=$(grep -n XX "$tmp/bad.dts" | head -n 1 | cut -d: -f1)
	out=$(try "$tmp/bad.dts")
	if printf '%s\n' "$out" | grep -qF "$tmp/bad.dts:$line: $3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1: line $line, got: $(printf '%s' "$out" | head -n 2)"
	fi
}

if try "$good" | grep -q ide_read_STATUS; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL the source as it is"
fi
refuses property 's/dma-bits = <32>;/dma-bitts = <32>; \/\/ XX/' \
    'unknown property dma-bitts'
refuses node 's/policy {/polici { \/\/ XX/' 'unknown node polici'
refuses form 's/restart-limit = <0>;/restart-limit = "no"; \/\/ XX/' \
    'restart-limit has the wrong form'
refuses field 's/idnf { bits = <4 4>; };/idnf { bits = <6 4>; }; \/\/ XX/;
    s/unc { bits = <6 6>; };/unc { bits = <6 6>; }; \/\/ YY/;
    s/XX/ZZ/; s/YY/XX/' 'unc overlaps another field'
refuses width 's/icrc { bits = <7 7>; };/icrc { bits = <8 8>; }; \/\/ XX/' \
    'icrc does not fit in 8 bits'
refuses offset '/lba-mid {/,/};/s/offset = <4>;/offset = <3>; \/\/ XX/' \
    'lba-mid reuses the offset of lba-low'
refuses beyond '/bm-table {/,/};/s/offset = <4>;/offset = <6>; \/\/ XX/' \
    "beyond the region's 8 bytes"
refuses access '/bm-table {/,/};/s/access = "rw";/access = "wr"; \/\/ XX/' \
    'access is r, w or rw'
refuses value 's/identify = <0xec>;/identify = <0x1ec>; \/\/ XX/' \
    'identify does not fit in 8 bits'
refuses section '/bm-table {/{s/$/ \/\/ XX/;n;n;n;n;};/ATA-6 7.4/d;
    /PIIX3 2.7.3/d' 'bm-table lacks section'

refuses where "s/primary {/primary { where = \"nobody\"; \/\/ XX/" \
    'nobody is the name of no match'

# A package is an overlay of version 17 for /drivers, with the image in it.
printf IMAGE >"$tmp/image"
if try "$good" >/dev/null &&
    "$gen" package "$good" "$tmp/dtb" "$tmp/lines" "$tmp/image" \
        >"$tmp/dtbo" &&
    dtc -q -I dtb -O dts "$tmp/dtbo" >"$tmp/text" &&
    grep -q 'target-path = "/drivers"' "$tmp/text" &&
    grep -q 'image = <0x494d4147 0x45\|image = \[49 4d 41 47 45\]\|image = "IMAGE' \
        "$tmp/text" && ! grep -q registers "$tmp/text"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL a package"
fi

# A write to a read-only register does not compile.
try "$good" >"$tmp/ide.regs.h"
cat >"$tmp/write.c" <<END
#include "$tmp/ide.regs.h"
void f(struct dev *d);
void f(struct dev *d) { ide_write_STATUS(d, 0); }
END
if ! ${CC:-gcc} -I. -Werror -fsyntax-only "$tmp/write.c" 2>"$tmp/err" &&
    grep -q ide_write_STATUS "$tmp/err"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "FAIL a read-only register could be written"
fi
echo "devdb-gen: $passed passed, $failed failed"
[ $failed = 0 ]
