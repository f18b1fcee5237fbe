#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# coverage_selftest.sh: gives coverage.awk what gcov might print, and exceptions
# good and bad, and looks at its verdict.

here=testsuite/setup
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# One source of six branches, of which $1 and $2 are those of an `if`.
gcov_text() {
	cat <<-END
	        -:    0:Source:${3:-kernel/object/a.c}
	function look called 3 returned 100% blocks executed 100%
	        3:   10:look(int a)
	        3:   11:	if (a | 1)
	branch  0 taken $1 (fallthrough)
	branch  1 taken $2
	        3:   12:	debug_assert(a == 3 ||
	branch  0 taken 3 (fallthrough)
	branch  1 never executed
	        3:   13:	    a == 4); /* Both. */
	branch  0 taken 0
	        3:   14:	while (a--)
	branch  0 taken 3
	branch  1 taken 1
	call    2 returned 3
	        -:    0:Source:kernel/mem/a.h
	        3:   10:	if (a)
	branch  0 taken 0
	END
}

# expect NAME STATUS TEXT: of the awk on $work/gcov and $work/exceptions
expect() {
	out=$(awk -v exceptions="$work/exceptions" -v failed="${4:-0}" \
	    -f $here/coverage.awk "$work/gcov" 2>&1)
	status=$?
	if [ "$status" = "$2" ] && printf '%s\n' "$out" | grep -qF "$3"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s: exit status %s\n%s\n' "$1" "$status" "$out"
	fi
}

line='kernel/object/a.c | look | if (a | 1)'
floors() {
	printf '%s\n' '# A comment.' '' "floor kernel/object $1"
}

gcov_text 2 1 >"$work/gcov"
floors 100 >"$work/exceptions"
expect all-taken 0 '4 of 4 branches, 100.0 %'
expect assertions 0 '3 are of assertions'
expect failed-program 1 '1 passed, 1 failed' 1
gcov_text 2 0 >"$work/gcov"
expect below 1 'kernel/object/a.c:11: look: not taken: 1 of 2: if (a | 1)'
floors 75 >"$work/exceptions"
expect above 0 '3 of 4 branches, 75.0 %'
floors 76 >"$work/exceptions"
expect just-below 1 'below its floor'
{ floors 100 && echo "$line | 1 | nobody can do this"; } >"$work/exceptions"
expect excused 0 '1 exceptions excuse 1 branches'
{ floors 75 && echo "$line | 1 | short"; } >"$work/exceptions"
expect no-reason 1 'not `file'
{ floors 75 && echo "$line | 2 | nobody can do this"; } >"$work/exceptions"
expect too-many 1 '1 branches fewer than it excuses'
gcov_text 2 1 >"$work/gcov"
{ floors 75 && echo "$line | 1 | nobody can do this"; } >"$work/exceptions"
expect not-needed 1 '1 branches fewer than it excuses'
{ gcov_text 2 0 && gcov_text 0 1; } >"$work/gcov"
floors 100 >"$work/exceptions"
expect two-programs 0 '4 of 4'
gcov_text 2 1 kernel/method/a.c >"$work/gcov"
expect no-floor 1 'no floor for kernel/method'
: >"$work/gcov"
expect nothing 1 'gcov found nothing'

echo "static-coverage: $passed passed, $failed failed"
[ $failed = 0 ]
