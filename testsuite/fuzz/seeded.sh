#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# seeded.sh PROGRAM...: each is the host fuzzer with a bug in the kernel's code,
# which it must find: by the first seed, or by one of the next three, for some need a
# chance that does not come in each run.

passed=0
failed=0

for p; do
	for seed in 1 2 3 4; do
		out=$(SEED=$seed COUNT=2000000 "$p" 2>&1)
		! printf "%s" "$out" | grep -q "at step" || break
	done
	if ! printf "%s" "$out" | grep -q "at step"; then
		echo "FAIL ${p##*/}: the bug was not found: $out"
		failed=$((failed + 1))
	else
		echo "${p##*/}: $(printf '%s\n' "$out" | head -2 | tr '\n' ' ')"
		passed=$((passed + 1))
	fi
done
echo "fuzz-host-seeded: $passed passed, $failed failed"
[ "$failed" = 0 ]
