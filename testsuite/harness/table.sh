#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# table.sh BUILD [loops]: what the last run of the harness printed, a line for
# each driver and back end; with `loops` a line for each loop instead.

build=$1

if [ "$2" = loops ]; then
	cat "$build"/log/harness-*.log | grep '^loop ' | sort
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

for log in "$build"/log/harness-*.log; do
	suite=${log##*/harness-}
	suite=${suite%.log}
	read -r passed failed took _ <"${log%.log}.result" 2>/dev/null || continue
	name=${suite%-model*}
	name=${name%-qtest*}
	name=${name%-replay*}
	lines=
	case $suite in
	*-model*) lines=$(covered "$name") ;;
	esac
	awk -v suite="$suite" -v cases="$((passed + failed))" \
	    -v failed="$failed" -v took="$took" -v lines="${lines:--}" '
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
		printf "%-22s %3d cases%s  faults %6d  lines %4s  %6.2f s %s\n",
		    suite, cases, failed ? " (" failed " FAILED)" : "",
		    faults, lines, took / 100, most
	}' "$log"
done | awk '{ print; for (i = 1; i < NF; i++) if ($i == "faults") n += $(i + 1) }
END { printf "%d faults in all\n", n }'
