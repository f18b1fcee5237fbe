#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# static.sh BUILD: the checks of the source that a compiler does not make.
# Each is one test; the last line is the counts. A check prints one line for
# each thing that is wrong, and the first word of the line is its path.

build=$1
here=testsuite/static
tops="kernel boot uldrv devdb persist userland testsuite manual"
work=$build/static
mkdir -p "$work"
# A check is the end of a pipe, so a subshell: verdicts go through a file.
: >"$work/verdicts"

# Every source, whether committed or not; what git ignores is no source.
find $tops GNUmakefile .ci/run -type f 2>/dev/null | LC_ALL=C sort \
    >"$work/all"
grep -E '\.([chS]|ld|idl|dtsi?|sh|awk|mk|inc)$|^GNUmakefile$|^\.ci/run$' \
    "$work/all" >"$work/sources"
grep -E '\.[chS]$' "$work/sources" >"$work/code"

verdict() { # NAME FILE: a test has passed if FILE, its complaints, is empty
	if [ -s "$2" ]; then
		sed "s|^|$1: |" "$2"
		echo "FAIL $1"
	else
		echo "ok   $1"
	fi | tee -a "$work/verdicts"
}

# check NAME: complaints come by standard input; exceptions are taken out.
check() {
	LC_ALL=C sort -u >"$work/$1"
	if grep -q "^$1 \*" $here/exceptions; then
		sed "s|^|$1, a warning: |" "$work/$1"
		: >"$work/$1"
	else
		awk -v check="$1" '
		NR == FNR { if ($1 == check) excused[$2]; next }
		{ path = $1; sub(/:.*/, "", path) }
		path in excused { used[path]; next }
		{ print }
		END {
			for (path in excused)
				if (!(path in used))
					print path, "needs no exception"
		}' $here/exceptions "$work/$1" >"$work/$1.left"
		mv "$work/$1.left" "$work/$1"
	fi
	verdict "$1" "$work/$1"
}

# ---------------------------------------------------------------- layers

xargs awk -f $here/layers.awk $here/layers <"$work/code" | check layers

# seeded TEXT FOLDER LINE: a file with LINE in FOLDER must (not) be refused
seeded() {
	mkdir -p "$work/seed/$2"
	printf '%s\n' "$3" >"$work/seed/$2/seed.c"
	(cd "$work/seed" && awk -f "$root/$here/layers.awk" \
	    "$root/$here/layers" "$2/seed.c") >/dev/null
	[ $? = "$1" ] || echo "$2/seed.c: status is not $1 for: $3"
}
root=$(pwd)
rm -rf "$work/seed"
{
	seeded 0 kernel/mem '#include "kernel/core/list.h"'
	seeded 0 kernel/mem '#include "kernel/abi/page.order.h"'
	seeded 0 kernel/method '#include "kernel/object/node.h"'
	seeded 0 uldrv/block/virtio '#include "uldrv/block/virtio/x.h"'
	seeded 0 uldrv/block/virtio '#include "devdb/virtio_blk.regs.h"'
	seeded 0 testsuite/unit/kernel '#include "kernel/mem/frame.h"'
	seeded 1 kernel/mem '#include "kernel/object/node.h"'
	seeded 1 kernel/object '#include "userland/rt/rt.h"'
	seeded 1 userland/shell '#  include "kernel/core/list.h"'
	seeded 1 kernel/abi '#include "boot/handoff/handoff.h"'
	seeded 1 kernel/abi2 '#include "kernel/abi/types.h"'
	seeded 1 uldrv/block/virtio '#include "uldrv/block/ide/x.h"'
	seeded 1 uldrv/block/virtio '#include "devdb/server/x.h"'
	seeded 1 kernel/mem '#include "list.h"'
	seeded 1 kernel/mem '#include "kernel/mem/../object/node.h"'
} | check layers-selftest

# ------------------------------------------------------- headers compile

# alone FLAGS HEADERS: compiles each header by itself
cat >"$work/alone.sh" <<'EOF'
log=$(printf '#include "%s"\n' "$2" | gcc $1 -fsyntax-only -x c - 2>&1) ||
    printf '%s: does not compile alone:\n%s\n' "$2" "$log"
EOF
alone() {
	xargs -r -n 1 -P 2 sh "$work/alone.sh" "$1"
}
. "$work/flags"
grep '\.h$' "$work/all" >"$work/headers"
{
	grep -E '^(kernel/|boot/handoff/|persist/format/)' "$work/headers" |
	    alone "$kernel"
	grep -E '^(uldrv/|persist/store/|devdb/(server|catalogue|schema)/|userland/)' \
	    "$work/headers" | alone "$domain"
	grep -E '^(kernel/abi|boot/(handoff|install)|persist/(format|tools)|devdb/tools|testsuite)/' \
	    "$work/headers" | alone "$host"
} | check headers

# A header that lacks a type must be found, by each set of flags.
mkdir -p "$work/seed/kernel"
echo 'uint32_t seeded(void);' >"$work/seed/kernel/bad.h"
for flags in "$kernel" "$domain" "$host"; do
	echo kernel/bad.h | alone "$flags -I$work/seed" | grep -q '^kernel/bad' ||
	    echo "kernel/bad.h: was not found"
done | check headers-selftest

# ----------------------------------------------------------------- texts

# A folder with sources explains itself; below testsuite, for one driver, and
# for a folder called test, a folder above may do it.
sed 's|/[^/]*$||' "$work/sources" | grep / | LC_ALL=C sort -u |
    grep -v '/test$' | while read -r folder; do
	case $folder in
	testsuite/*/* | uldrv/*/* | devdb/*)
		up=${folder%/*}
		[ -f "$folder/README.md" ] || [ -f "$up/README.md" ] ||
		    [ -f "${up%/*}/README.md" ] || echo "$folder has no README.md"
		;;
	*/*)
		[ -f "$folder/README.md" ] || echo "$folder has no README.md"
		;;
	esac
done >"$work/readme.in"
grep '/README\.md$' "$work/all" | grep -v '^manual/' | xargs -r wc -l |
    awk '$2 != "total" && $1 > 40 { print $2 " has " $1 " lines, not 40" }' \
    >>"$work/readme.in"
check readme <"$work/readme.in"

while read -r file; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
	    echo "$file has no SPDX line"
done <"$work/sources" | check spdx

# Known gaps stand in manual/caveats.md.
grep -E '\.md$' "$work/all" | cat - "$work/sources" |
    xargs grep -nwE 'TO''DO|FIX''ME|X''XX' /dev/null | check markers

# The one mark of a file that the formatter was not told the style of.
grep '\.[ch]$' "$work/code" | xargs grep -nE '^  [^ *]' /dev/null |
    sed 's/\(:[0-9]*\):.*/\1: is indented by two blanks: make format/' |
    check indent

xargs wc -l <"$work/sources" |
    awk '$2 != "total" && $1 > 600 { print $2 " has " $1 " lines" }' |
    check length

passed=$(grep -c '^ok ' "$work/verdicts")
failed=$(grep -c '^FAIL ' "$work/verdicts")
# Each of the checks must have come to a verdict.
[ $((passed + failed)) = 9 ] || failed=$((failed + 1))
echo "static: $passed passed, $failed failed"
[ $failed = 0 ]
