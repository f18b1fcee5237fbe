#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# check.sh BUILD SUITE...: runs suites and adds up what they report.
#
# The command of a suite stands in BUILD/suites/SUITE; no such file means that
# the suite could not be built. A command's last line is
# `[NAME: ]N passed, M failed`. One that prints no such line, or ends with an
# error but reports no failure, counts as one failure. The log of each is
# BUILD/log/SUITE.log. The last line printed here is `N passed, N failed`; it
# also stands in BUILD/log/total.
#
# CHECK_JOBS suites run at a time (default: one for each CPU).
# SUITE_TIMEOUT seconds, times DEADLINE_SCALE, is what one suite may take. The
# scale is 4 unless it is set: here the suites share the machine with each
# other, and perhaps with others; a deadline is only ever reached by a failure.

DEADLINE_SCALE=${DEADLINE_SCALE:-4}
export DEADLINE_SCALE
build=$1
shift
tail_lines=40

now() {
	date +%s%N | sed 's/.......$//' # hundredths of a second
}

# Hundredths of a second of CPU time that the suite has used, user and system:
# the second line of `times` is what children have used that were waited for.
cpu() { # FILE
	awk 'NR == 2 {
		for (i = 1; i <= 2; i++) {
			split($i, t, /[ms]/)
			sum += 60 * t[1] + t[2]
		}
		printf "%d", 100 * sum
	}' "$1"
}

# Runs one suite, leaves `passed failed hundredths cpu note` in SUITE.result.
run_one() {
	suite=$1
	log=$build/log/$suite.log
	start=$(now)
	note=
	status=0
	if [ -f "$build/suites/$suite" ]; then
		timeout -k 10 \
		    $((${SUITE_TIMEOUT:-1200} * DEADLINE_SCALE)) \
		    sh "$build/suites/$suite" </dev/null >"$log" 2>&1
		status=$?
	else
		echo "the suite could not be built" >"$log"
		status=1
		note="not built"
	fi
	# The last line must be the counts, with nothing after them.
	counts=$(tail -n 1 "$log" | sed -n \
	    's/^\(.*: \)\{0,1\}\([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\2 \3/p')
	if [ -z "$counts" ]; then
		counts="0 1"
		[ "$status" = 124 ] && note="timed out"
		note=${note:-no counts, exit status $status}
	elif [ "$status" != 0 ] && [ "${counts#* }" = 0 ]; then
		counts="${counts% *} 1"
		note="exit status $status"
	elif [ "$counts" = "0 0" ]; then
		counts="0 1"
		note="no tests"
	fi
	took=$(($(now) - start))
	times >"$build/log/$suite.times"
	echo "$counts $took $(cpu "$build/log/$suite.times") $note" \
	    >"$build/log/$suite.result"
	rm "$build/log/$suite.times"
	set -- $counts
	line=$(printf '%-32s %3d.%02d s  %5d passed, %d failed%s' "$suite" \
	    $((took / 100)) $((took % 100)) "$1" "$2" "${note:+ ($note)}")
	if [ "$2" = 0 ]; then
		printf '%s\n' "$line"
	else
		# One write, so that suites running beside do not mix lines.
		printf '%s\n' "$line
--- the end of $log
$(tail -n $tail_lines "$log")
---"
	fi
}

if [ "$1" = --one ]; then
	run_one "$2"
	exit 0
fi

mkdir -p "$build/log"
for suite; do
	rm -f "$build/log/$suite.result"
done
start=$(now)
[ $# -gt 0 ] && printf '%s\n' "$@" | nice -n 5 xargs -n 1 \
    -P "${CHECK_JOBS:-$(nproc)}" "$0" "$build" --one

# What has failed, once more where it is read: as the last lines but one.
name_failures() { # SUITE
	log=$build/log/$1.log
	names=$(grep -hE "^(FAIL|not ok) " "$log" 2>/dev/null |
	    uniq | head -n 10)
	[ -n "$names" ] || names="no test named, see $log"
	printf '%s\n' "$names" | sed "s/^/failed: $1: /"
}

red=
passed=0
failed=0
for suite; do
	if read -r p f _ <"$build/log/$suite.result"; then
		passed=$((passed + p))
		failed=$((failed + f))
		[ "$f" = 0 ] || red="$red $suite"
	else
		failed=$((failed + 1))
		red="$red $suite"
	fi
done
if [ $# = 0 ]; then
	echo "there are no suites"
	failed=1
fi
took=$(($(now) - start))
printf 'total: %d suites, %d.%02d s\n' $# $((took / 100)) $((took % 100))
for suite in $red; do
	name_failures "$suite"
done
echo "$passed passed, $failed failed" | tee "$build/log/total"
[ "$failed" = 0 ]
