# SPDX-License-Identifier: BSD-2-Clause
#
# Where the instructions of each figure go, by domain and function, most first:
#
#	bench-system ... | awk -f domains.awk - DOMAINS-OUTPUT
#
# Of a figure's spans the mean, for one operation.

BEGIN {
	FS = "[ \t]"
	sort = "sort -s -k1,1 -k2,2nr | sed 's,^[0-9]* 999999999 ,,; s,^[0-9]* ,\t,'"
}

NR == FNR {
	for (i = 0; i < $3; i++) {
		figure[++n] = sprintf("%02d", NR)
		share[n] = 1 / ($2 * $3)
	}
	printf "%02d 999999999 %s\n", NR, $1 | sort
	next
}

$1 == "span" {
	span++
	next
}

span <= n {
	sum[figure[span] " " $2 " all"] += $1 * share[span]
	sum[figure[span] " " $2 " " $3] += $1 * share[span]
}

END {
	for (i in sum) {
		split(i, part, " ")
		if (sum[i] >= 20)
			printf "%s %d %s %s\n", part[1], sum[i], part[2],
			    part[3] | sort
	}
	close(sort)
}
