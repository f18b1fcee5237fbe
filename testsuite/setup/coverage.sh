#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# coverage.sh BUILD COUNT PROGRAM...: branch coverage of kernel/object and
# kernel/method by the host tests. The programs were built into BUILD/coverage
# with gcov's counters; the fuzzer makes COUNT invocations. Each file's share is
# printed, and each branch that nothing takes but for those that
# testsuite/static/uncovered excuses; what must hold is said there.

build=$1/coverage
count=$2
shift 2
export SEED=1 COUNT="$count"
unset EPISODE

find "$build/obj" -name '*.gcda' -delete
failed=0
for program; do
	if ! "$program" >"$build/run.log" 2>&1; then
		tail -n 20 "$build/run.log"
		echo "coverage: $program has failed"
		failed=$((failed + 1))
	fi
done

# Each alone: gcov would take the copies of a source for templates.
for dir in object method; do
	find "$build/obj" -path "*/kernel/$dir/*.gcda" ! -path '*/gen/*' \
	    ! -path '*/testsuite/*'
done | xargs -n 1 gcov -b -c -t 2>/dev/null |
    awk -v exceptions=testsuite/static/uncovered -v failed=$failed \
    -f testsuite/setup/coverage.awk
