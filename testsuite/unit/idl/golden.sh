#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# What the generator writes for golden.idl is what stands in golden/. After an
# intended change: golden.sh AWK IDL.AWK update

awk=$1
idl=$2
dir=testsuite/unit/idl
passed=0
failed=0

# compare NAME MODE FILE...
compare() {
	name=$1
	mode=$2
	shift 2
	out=$($awk -f "$idl" -v mode="$mode" -v path="$1" "$@") || out=refused
	if [ "$update" = yes ]; then
		printf '%s\n' "$out" >"$dir/golden/$name"
	fi
	if [ "$out" = "$(cat "$dir/golden/$name")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\n' "$out" | diff "$dir/golden/$name" - | head -20
		echo "FAIL $name"
	fi
}

update=no
if [ "$3" = update ]; then
	update=yes
	mkdir -p "$dir/golden"
fi
compare golden.order order $dir/golden.idl
compare golden.stub stub $dir/golden.idl
compare served.serve serve $dir/served.idl
compare golden.manual manual $dir/golden.idl
compare all.proto proto $dir/golden.idl $dir/other.idl $dir/silent.idl
compare all.dispatch dispatch $dir/golden.idl $dir/other.idl $dir/silent.idl
compare all.names names $dir/golden.idl $dir/other.idl $dir/silent.idl
compare all.conform conform $dir/golden.idl $dir/other.idl $dir/silent.idl
compare all.table table $dir/golden.idl $dir/other.idl $dir/served.idl

echo "idl golden: $passed passed, $failed failed"
[ "$failed" = 0 ]
