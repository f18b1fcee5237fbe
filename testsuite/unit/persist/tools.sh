#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tools.sh BUILD: mkvolume refuses what it should, and check-volume says what
# is wrong with damaged volumes. A volume starts at byte 1 MiB of its file.

build=$1
mk=$build/tools/mkvolume
check=$build/tools/check-volume
dump=$build/tools/dump-volume
work=$build/tools-test
passed=0
failed=0

rm -rf "$work"
mkdir -p "$work/domain" || exit 1

verdict() { # NAME STATUS
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		sed 's/^/  /' "$work/out"
	fi
}

# says NAME STATUS PATTERN COMMAND ...: ends with STATUS and prints PATTERN.
says() {
	name=$1 want=$2 pattern=$3
	shift 3
	"$@" >"$work/out" 2>&1
	status=$?
	[ $status -eq "$want" ] && grep -q -- "$pattern" "$work/out"
	verdict "$name (ended with $status)" $?
}

# block FILE N: byte of block N; poke FILE BYTE TEXT
byte() { echo $((1048576 + $1 * 4096 + ${2:-0})); }
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
fresh() { cp --sparse=always "$work/good.img" "$work/bad.img"; }

# ------------------------------------------------------------------ system

cat >"$work/a.S" <<'END'
.globl _start
_start:	jmp _start
.section .rodata
.quad 1
.data
.quad 2
.bss
.skip 9000
END
gcc -nostdlib -static -no-pie -Wl,-z,separate-code,--build-id=none \
    -o "$work/domain/a.elf" "$work/a.S" || exit 1
gcc -nostdlib -static -no-pie -Wl,-N,--build-id=none \
    -o "$work/domain/rwx.elf" "$work/a.S" 2>/dev/null || exit 1

cat >"$work/system.dts" <<'END'
/dts-v1/;
/ {
	boot {
		services { service@0 { kind = "start"; target = <&a>; }; };
		a: a { image = "a"; resident; calls = <&b>;
			caps {
				cap@1 { kind = "start"; target = <&b>; };
				cap@3 { kind = "range"; source = "persistent"; };
			};
			map@40000000 { target = <&ring>; };
		};
		b: b { image = "a"; resident; available; };
		ring: ring { pages = <9>; };
	};
	persistent {
		p: p { image = "a"; caps {
			cap@1 { kind = "boot-service"; number = <0>; };
			cap@2 { kind = "log"; }; }; };
	};
};
END

# build NAME SED: the good tree, changed.
tree() {
	sed "$2" "$work/system.dts" >"$work/$1.dts"
	dtc -q -I dts -O dtb -o "$work/$1.dtb" "$work/$1.dts" || exit 1
}
range() { "$mk" --system "$work/$1.dtb" --build "$work" \
    --range "$work/$1.range" --list; }

tree good ''
says good 0 'persistent: 12 frames' range good

# ---------------------------------------------------------------- refusals

tree f6 's/kind = "boot-service"; number = <0>/kind = "start"; target = <\&a>/'
says 'F6: persistent to boot' 1 'only by boot services (F6)' range f6
tree f6 's/kind = "log"/kind = "reset"/'
says 'F6: persistent to device' 1 'may not hold reset (F6)' range f6
tree f6 's/kind = "log"/kind = "range"; source = "ephemeral"/'
says 'F6: persistent to ephemeral' 1 'only a persistent range' range f6
tree s7 's/calls = <&b>;//'
says 'S7: undeclared call' 1 'does not name (S7)' range s7
tree s7 's/image = "a"; resident; available/image = "a"; resident; calls = <\&a>/'
says 'S7: circle' 1 'form a circle (S7)' range s7
tree bad 's/resident; available/residant; available/'
says 'misspelt property' 1 'unknown property residant' range bad
tree bad 's/b: b { image = "a"/b: b { image = "rwx"/'
says 'S15: writable and executable' 1 'writable and executable' range bad
tree bad 's/b: b { image = "a"/b: b { image = "none"/'
says 'no image' 1 'none.elf: cannot be read' range bad
tree bad 's/map@40000000/map@40001000/'
says 'misaligned segment' 1 'not aligned' range bad
tree bad 's/map@40000000/map@400000/'
says 'two segments' 1 'two segments at' range bad

# ----------------------------------------------------------------- volumes

volume() { "$mk" --system "$work/good.dtb" --build "$work" --size 64 \
    --kernel "$build/kernel.elf" --out "$1" --uuid "$2"; }
one=00112233445566778899aabbccddeeff
says 'volume' 0 '64 MiB' volume "$work/good.img" $one
# make run compares this label; with another it writes the slot once more.
says 'label of a build' 0 "\"$(cat "$build/kernel.elf" "$build/boot.range" |
    cksum)\"" "$build/tools/install" show "$build/anteros.img"
says 'sound' 0 ' 0 problems' "$check" "$work/good.img"
says 'generations' 0 'generation 2 commit' "$dump" "$work/good.img"
says 'process' 0 'process p of node persistent:0.0' "$dump" "$work/good.img" \
    object 1
says 'running list' 0 'running persistent:0.0' "$dump" "$work/good.img" record

object() { "$dump" "$work/good.img" map | sed -n "s/.*:$1 .*block \([0-9]*\).*/\1/p"; }

fresh
poke "$work/bad.img" "$(byte 18 100)" '\377'
says 'superblock of two' 1 'superblock 1 (block 18) does not verify' \
    "$check" "$work/bad.img"
says 'superblock of two, used' 1 'generation 1,' "$check" "$work/bad.img"
poke "$work/bad.img" "$(byte 17 100)" '\377'
says 'both superblocks' 1 'no superblock can be used' "$check" "$work/bad.img"
fresh
poke "$work/bad.img" "$(byte "$(object 1)" 3000)" 'x'
says 'data block' 1 'content does not verify' "$check" "$work/bad.img"
# The record lies after the objects: its leaf and the objects' come from the
# far end, where map blocks live.
fresh
leaf=$("$dump" "$work/good.img" | sed -n 's/.*data \([0-9]*\) + \([0-9]*\)$/\1 \2/p')
set -- $leaf
map=$(( $1 + ($2 - $2 / 8) / 64 * 64 ))
poke "$work/bad.img" "$(byte $map 40)" 'x'
says 'map block' 1 'map block .* does not verify' "$check" "$work/bad.img"
fresh
truncate -s 26M "$work/bad.img"
says 'truncated' 1 'truncated: the file ends' "$check" "$work/bad.img"
says 'empty' 2 'no volume header' "$check" "$work/good.dtb"
cp "$work/good.img" "$work/twin.img"
says 'two of one UUID' 1 'the same volume as' "$check" "$work/good.img" \
    "$work/twin.img"
volume "$work/other.img" ffffffffffffffffffffffffffffffff >/dev/null
fresh
dd if="$work/other.img" of="$work/bad.img" bs=4096 skip=274 seek=274 count=1 \
    conv=notrunc 2>/dev/null
says 'wrong volume' 1 'is of volume ffffffff' "$check" "$work/bad.img"
fresh
poke "$work/bad.img" "$(byte 16 300)" 'x'
says 'header' 2 "header's checksum is wrong" "$check" "$work/bad.img"

rm -rf "$work"
echo "tools: $passed passed, $failed failed"
[ $failed -eq 0 ]
