#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# coverage.sh BUILD COUNT: branch coverage of kernel/object and kernel/method
# by the host tests. They are built into BUILD/coverage with gcov's counters.
# Each file's share is printed, and each branch that nothing takes, but for those
# that testsuite/static/uncovered excuses; it fails below the floor set there.

build=$1/coverage
count=$2
out=$build/gcov

rm -rf "$out"
find "$build" -name '*.gcda' -delete 2>/dev/null
mkdir -p "$out"
make --no-print-directory BUILD="$build" COVERAGE=1 "$build/unit/object" \
    "$build/unit/mem" "$build/unit/device" "$build/fuzz/host" >/dev/null ||
    exit 1
"$build/unit/object" >/dev/null 2>&1
"$build/unit/mem" >/dev/null 2>&1
"$build/unit/device" >/dev/null 2>&1
SEED=1 COUNT=$count "$build/fuzz/host" >/dev/null 2>&1

for dir in object method; do
	find "$build/obj" -path "*/kernel/$dir/*.gcda" ! -path '*/gen/*'
done | while read -r f; do
	gcov -b -c -t "$f" 2>/dev/null
done | awk -v uncovered=testsuite/static/uncovered '
# One source is part of several programs: a branch is taken if one takes it.
$1 == "-:" && $2 ~ /^0:Source:/ { src = substr($2, 10); next }
# A failed assertion is not a branch that anything should take.
src ~ /^kernel/ && $2 ~ /^[0-9]+:/ { asserts = $0 ~ /assert\(/ }
src ~ /^kernel\/(object|method)\/.*\.c$/ {
	if ($2 ~ /^[0-9]+:$/ || $2 ~ /^[0-9]+:/) {
		split($2, l, ":")
		line = l[1]
		n = 0
	}
	if ($1 == "branch" && !asserts) {
		key = src ":" line ":" $2
		seen[key] = src
		where[key] = src ":" line
		if ($3 == "taken" && $4 + 0 > 0)
			taken[key] = 1
	}
}
END {
	while ((getline s < uncovered) > 0) {
		if (s ~ /^#/ || s == "")
			continue
		split(s, part, " ")
		if (part[1] == "floor") {
			floor = part[2]
			continue
		}
		excused[part[1]] = 1
		excuses++
	}
	for (key in seen) {
		if (seen[key] in excused || where[key] in excused)
			continue
		all++
		total[seen[key]]++
		if (key in taken) {
			yes++
			had[seen[key]]++
		} else {
			print "  not taken: " where[key] > "/dev/stderr"
		}
	}
	for (f in total)
		printf "%s\t%d of %d\n", f, had[f], total[f]
	share = 100 * yes / all
	printf "coverage: %d of %d branches, %.1f %%, %d exceptions\n",
	    yes, all, share, excuses
	ok = share >= floor
	printf "coverage: %d passed, %d failed\n", ok, !ok
	exit !ok
}'
