# SPDX-License-Identifier: BSD-2-Clause
#
# Holds the figures of a run against the recorded ones, or records them anew.
#
#   bench | awk -f bounds.awk [-v which=system] bounds -
#   bench | awk -f bounds.awk -v record=1 bounds -
#
# The run has lines of `name<TAB>instructions[<TAB>nanoseconds]`, the record of
# `name<TAB>instructions[<TAB>percent<TAB>group]`. Each recorded name of the
# group is one test: it fails if it is missing or more than so many percent
# above, 2 where nothing is said. A figure without a record fails, too, so that
# none is forgotten.

BEGIN {
	FS = OFS = "\t"
}

NR == FNR && (/^#/ || NF < 2) {
	comment[++lines] = $0
	next
}

# The run ended with an error, after whatever it printed.
$1 == "the_run" {
	print "FAIL the run: it has failed"
	failed++
	next
}

/^#/ || NF < 2 {
	next
}

NR == FNR {
	bound[$1] = $2
	percent[$1] = NF > 2 ? $3 : 2
	rest[$1] = NF > 2 ? OFS $3 OFS $4 : ""
	comment[++lines] = ""
	at[lines] = $1
	if ($4 == which)
		order[++n] = $1
	next
}

{
	value[$1] = $2
	if (record && !($1 in bound)) {
		at[++lines] = $1
		bound[$1] = $2
	} else if (!($1 in bound)) {
		printf "FAIL %s: %d, and no bound is recorded\n", $1, $2
		failed++
	}
}

function limit(name)
{
	return bound[name] * (1 + percent[name] / 100)
}

function put_record(  i, name)
{
	for (i = 1; i <= lines; i++) {
		name = at[i]
		if (name == "")
			print comment[i]
		else
			print name, (name in value ? value[name] : \
			    bound[name]) rest[name]
	}
}

END {
	if (record) {
		put_record()
		exit
	}
	for (i = 1; i <= n; i++) {
		name = order[i]
		if (!(name in value)) {
			printf "FAIL %s: no figure\n", name
			failed++
		} else if (value[name] > limit(name)) {
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
