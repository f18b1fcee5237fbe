#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# testsuite/static/exhaustion is true and complete: each line names a file of
# the kernel, and a test that is where it says; each file that refuses or waits
# for want of room has a line.

list=testsuite/static/exhaustion
passed=0
failed=0

verdict() {
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $2"
	fi
}

gaps=0
most=$(sed -n 's/^gaps //p' $list)
lines=$(grep -v '^#' $list | grep '|' | sed 's/ *| */|/g')
oldifs=$IFS
IFS='
'
for line in $lines; do
	table=$(echo "$line" | cut -d'|' -f1)
	file=$(echo "$line" | cut -d'|' -f2)
	test=$(echo "$line" | cut -d'|' -f4)
	name=$(echo "$line" | cut -d'|' -f5)
	if [ "$test" = - ]; then
		echo "not reached by a test: $table ($file)"
		gaps=$((gaps + 1))
		continue
	fi
	[ -f "$file" ] && grep -q "^$name(void)" "$test" 2>/dev/null
	verdict $? "$table: $file or $name in $test is not there"
done
IFS=$oldifs
[ "$gaps" -le "$most" ]
verdict $? "$gaps tables that no test fills, not $most"
for file in $(grep -lE 'return (RC_NO_MEMORY|RC_LIMIT)|: RC_NO_MEMORY;|wait_on\(WAIT_(MEMORY|PARCEL|CREDIT)' \
    kernel/*/*.c | sort); do
	grep -q "| $file |" $list
	verdict $? "$file can run out of something: no line in $list"
done
echo "static-exhaustion: $passed passed, $failed failed"
[ "$failed" = 0 ]
