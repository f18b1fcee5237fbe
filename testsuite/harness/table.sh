#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# table.sh BUILD [loops]: what the last run of the harness printed, a line for
# each driver and back end; with `loops` a line for each loop instead.
#
# lines     of the driver's own folder that are neither blank nor comment
# covered   of those that are code, how many the runs over the model took
# cpu, wall seconds; what is waited for costs none of the first

build=$1

if [ "$2" = loops ]; then
	cat "$build"/log/harness-*.log | grep '^loop '
	exit
fi

# Lines of the driver's own files that ran, in percent, over all its programs.
covered() {
	for folder in uldrv/*/"$1"; do
		objects=$build/obj/unit-harness/$folder
		[ -d "$objects" ] || continue
		for data in "$objects"/*.gcda; do
			[ -e "$data" ] && gcov -n -o "$objects" "$data" \
			    2>/dev/null
		done | awk -v folder="$folder/" '
		/^File/ { ours = index($0, folder) && /\.c/ }
		/^Lines/ && ours {
			split($0, a, /[:%]| of /)
			all += a[4]; ran += a[2] * a[4] / 100; ours = 0 }
		END { if (all) printf "%.0f%%", 100 * ran / all }'
	done
}

logical() {
	awk '{
		code = ""
		for (line = $0; line != ""; inside = !inside) {
			at = index(line, inside ? "*/" : "/*")
			if (!inside)
				code = code (at ? substr(line, 1, at - 1) : line)
			if (!at)
				break
			line = substr(line, at + 2)
		}
		if (code ~ /[^ \t]/)
			n++
	}
	END { print n + 0 }' uldrv/*/"$1"/*.[ch]
}

for log in "$build"/log/harness-*.log; do
	suite=${log##*/harness-}
	suite=${suite%.log}
	read -r passed failed took cpu _ <"${log%.log}.result" 2>/dev/null ||
	    continue
	name=${suite%-model*}
	name=${name%-qtest*}
	name=${name%-replay*}
	lines=- ran=-
	case $suite in
	*-model*)
		lines=$(logical "$name")
		ran=$(covered "$name")
		;;
	esac
	awk -v suite="$suite" -v cases="$((passed + failed))" \
	    -v failed="$failed" -v took="$took" -v cpu="$cpu" \
	    -v lines="$lines" -v ran="${ran:--}" '
	$1 == "loop" { faults += $10; if ($8 > n[$4] + 0) n[$4] = $8 }
	$1 == "agree" { agreed += $4 }
	END {
		order = "read write access point dma irq command step"
		count = split(order, class, " ")
		for (i = 1; i <= count; i++)
			if (n[class[i]])
				most = most " " class[i] " " n[class[i]]
		if (agreed)
			most = most " " agreed " lines agree with QEMU"
		printf "%-22s %5d %7d %5s %7s %6.2f %6.2f %s%s\n",
		    suite, cases, faults, lines, ran, cpu / 100, took / 100,
		    failed ? " " failed " FAILED" : "", most
	}' "$log"
done | awk '
# The middle one of the numbers in a text.
function median(text,	a, n, i, j, k) {
	n = split(text, a, " ")
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && a[j - 1] + 0 > a[j] + 0; j--) {
			k = a[j]; a[j] = a[j - 1]; a[j - 1] = k
		}
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}
NR == 1 {
	printf "%-22s %5s %7s %5s %7s %6s %6s  %s\n", "driver, back end",
	    "cases", "faults", "lines", "covered", "cpu s", "wall s",
	    "the highest n of each class of events"
}
{
	print
	faults += $3
	cpu += $6
}
$4 != "-" && $1 ~ /-model$/ {
	drivers++
	all = all " " $4
	if ($6 > longest + 0) {
		longest = $6
		name = $1
	}
}
END {
	if (drivers > 1)
		printf "%d drivers, median of %s lines; the longest model: " \
		    "%s, %.2f s of CPU\n", drivers, median(all), name, longest
	printf "%d faults in all, %.2f s of CPU\n", faults, cpu
}'
