#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# bench.sh BUILD SUITE...: runs benchmarks one after another (they measure
# wall time too) and prints their `name<TAB>instructions` lines; all stand
# afterwards in BUILD/bench.txt.

build=$1
shift
status=0
mkdir -p "$build/log"
: >"$build/bench.txt"
for suite; do
	log=$build/log/bench-$suite.log
	if sh "$build/suites/$suite" </dev/null >"$log" 2>&1; then
		grep "$(printf '\t')" "$log" | tee -a "$build/bench.txt"
	else
		status=1
		echo "$suite failed; the end of $log:" >&2
		tail -n 40 "$log" >&2
	fi
done
exit $status
