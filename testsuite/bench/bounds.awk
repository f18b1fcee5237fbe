# SPDX-License-Identifier: BSD-2-Clause
#
# Holds the figures of a run against the recorded ones.
#
#   bench | awk -f bounds.awk bounds -
#
# Both have lines of `name<TAB>instructions`. Each recorded name is one test: it
# fails if it is missing or more than 2 % above. A figure without a record
# fails, too, so that none is forgotten.

BEGIN {
	FS = "\t"
	margin = 1.02
}

/^#/ || NF < 2 {
	next
}

NR == FNR {
	bound[$1] = $2
	order[++n] = $1
	next
}

{
	value[$1] = $2
	if (!($1 in bound)) {
		printf "FAIL %s: %d, and no bound is recorded\n", $1, $2
		failed++
	}
}

END {
	for (i = 1; i <= n; i++) {
		name = order[i]
		if (!(name in value)) {
			printf "FAIL %s: no figure\n", name
			failed++
		} else if (value[name] > bound[name] * margin) {
			printf "FAIL %s: %d, recorded is %d\n", name,
			    value[name], bound[name]
			failed++
		} else {
			passed++
		}
	}
	printf "bench-bounds: %d passed, %d failed\n", passed, failed
	exit failed > 0
}
