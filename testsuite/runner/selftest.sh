#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# selftest.sh FIXTURE CHECK: feeds the runner each failure it must count, and
# check.sh each suite it must not believe. In sh, so that a broken runner does
# not judge itself.

fixture=$1
check=$2
unset DEADLINE_SCALE SUITE_TIMEOUT
passed=0
failed=0

verdict() { # NAME STATUS
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
	fi
}

# expect SUITE PASSED FAILED TEXT: counts, exit status, and what it says
expect() {
	out=$("$fixture" "$1" 2>&1)
	status=$?
	case $out in
	*": $2 passed, $3 failed") ok=0 ;;
	*) ok=1 ;;
	esac
	[ "$3" = 0 ] && [ $status != 0 ] && ok=1
	[ "$3" != 0 ] && [ $status = 0 ] && ok=1
	printf '%s\n' "$out" | grep -qF "$4" || ok=1
	[ $ok = 0 ] || printf '%s\n(exit status %s)\n' "$out" "$status"
	verdict "$1" $ok
}

expect good 2 0 'tools-runner-fixture: 2'
expect good.a 1 0 'passed'
expect nothing 0 1 'no such test'
expect nothing 0 1 'there is good.a'
expect failing 2 1 'FAIL failing.fails_twice: testsuite/runner/fixture.c:'
expect failing 2 1 'and once more'
expect fatal 1 1 'fatal.fails_fatally'
expect silent 1 1 'silent.asserts_nothing: made no assertion'
expect crashing 2 1 'crashing.crashes: crashed: Segmentation fault'
expect exiting 2 1 'exiting.exits: ended the program, status 0'
expect hanging 1 2 'hanging.hangs: still ran at the deadline'
expect skipping 1 2 'skipping.skips: skipped: no such hardware'
expect both 1 1 'both.fails_and_crashes: crashed'
expect leaving 1 1 'leaving.leaves_a_child: crashed: Killed'
expect at_exit 1 1 'after the last test: ended the program, status 3'
expect init_fails 0 2 'initialisation failed'
expect init_crashes 0 2 'init_crashes.a: crashed'
expect init_ends 0 1 'init_ends.passes: ended the program'
expect cleanup_fails 2 1 'clean-up failed'
expect cleanup_crashes 2 1 'cleanup_crashes: crashed'
expect EMPTY 0 1 'no such test'
expect EMPTY_SUITE 2 1 'empty: the suite has no test'

# suites NAME COMMAND...: writes a suite, as the makefile does
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/suites"
suite() {
	printf '%s\n' "$2" >"$tmp/suites/$1"
}

# report NAME LAST-LINE STATUS SUITE...
report() {
	name=$1 last=$2 want=$3
	shift 3
	out=$("$check" "$tmp" "$@" 2>&1)
	[ $? = "$want" ] && [ "$(printf '%s\n' "$out" | tail -n 1)" = "$last" ]
	status=$?
	[ $status = 0 ] || printf '%s\n' "$out"
	verdict "check.sh $name" $status
}

suite good 'echo text; echo "good: 3 passed, 0 failed"'
suite plain 'echo 4 passed, 0 failed'
suite bad 'echo bad: 1 passed, 2 failed; exit 1'
suite liar 'echo liar: 1 passed, 0 failed; exit 1'
suite mute 'true'
suite chatty 'echo chatty: 1 passed, 0 failed; echo more'
suite empty 'echo empty: 0 passed, 0 failed'
suite slow 'echo slow: 1 passed, 0 failed; sleep 30'
suite reads 'read line; echo reads: 1 passed, 0 failed'
suite tells 'echo "FAIL tells.why: because"; echo tells: 1 passed, 1 failed; exit 1'
suite scaled 'echo "scaled: ${DEADLINE_SCALE:-0} passed, 0 failed"'
report 'adds up' '7 passed, 0 failed' 0 good plain
report 'counts failures' '4 passed, 2 failed' 1 good bad
report 'distrusts a good count with a bad status' '4 passed, 1 failed' 1 \
    good liar
report 'wants counts' '3 passed, 1 failed' 1 good mute
report 'wants them last' '0 passed, 1 failed' 1 chatty
report 'wants tests' '0 passed, 1 failed' 1 empty
report 'wants a suite' '0 passed, 1 failed' 1
report 'counts one not built' '3 passed, 1 failed' 1 good missing
report 'gives no stdin' '1 passed, 0 failed' 0 reads
report 'gives suites that share a machine more time' '4 passed, 0 failed' 0 scaled
DEADLINE_SCALE=7
export DEADLINE_SCALE
report 'but as much as is asked for' '7 passed, 0 failed' 0 scaled
named=$("$check" "$tmp" good tells missing 2>&1 | tail -n 3)
[ "$named" = "failed: tells: FAIL tells.why: because
failed: missing: no test named, see $tmp/log/missing.log
4 passed, 2 failed" ]
verdict 'check.sh names what failed at the end' $?
DEADLINE_SCALE=1
SUITE_TIMEOUT=3
export SUITE_TIMEOUT
report 'ends a slow one' '1 passed, 1 failed' 1 slow

echo "runner: $passed passed, $failed failed"
[ $failed = 0 ]
