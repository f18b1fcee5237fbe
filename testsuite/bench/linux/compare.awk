# SPDX-License-Identifier: BSD-2-Clause
#
# Two files of `name<TAB>instructions`, ours and Linux's: one line for each
# operation, with the ratio.

BEGIN {
	FS = "\t"
	printf "%-18s  %8s  %8s  %s\n", "for each 4 KiB", "ours", "Linux",
	    "ours / Linux"
}

NR == FNR {
	ours[$1] = $2
	next
}

!($1 in ours) || $2 == 0 {
	print $1 ": no figure of ours" >"/dev/stderr"
	failed = 1
	next
}

{
	printf "%-18s  %8d  %8d  %.2f\n", $1, ours[$1], $2, ours[$1] / $2
	n++
}

END {
	exit failed || n == 0
}
