# SPDX-License-Identifier: BSD-2-Clause
#
# Reads what `gcov -b -c -t` prints of many objects: which branches of
# kernel/object and kernel/method were taken. One source is part of several
# programs; a branch is taken if one of them takes it. What only fails an
# assertion is counted apart: nothing should take it.
#
# -v exceptions=FILE: testsuite/static/uncovered, which says what its lines are.
# Standard output has a line for each file and folder; standard error each
# branch that nothing takes and no exception excuses, and what is wrong with
# the exceptions. The exit status is that of the floors and the exceptions.

function trim(s) {
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

function wrong(text) {
	print exceptions ": " text > "/dev/stderr"
	errors++
}

# A reason may hold anything; the text of a line may hold a single bar.
function read_exceptions(    s, part, n, i, e, text) {
	while ((getline s < exceptions) > 0) {
		if (s ~ /^#/ || s == "")
			continue
		if (s ~ /^floor /) {
			split(s, part, " ")
			floor[part[2]] = part[3]
			continue
		}
		n = split(s, part, " \\| ")
		if (n < 5 || part[n - 1] !~ /^[0-9]+$/ || length(part[n]) < 12) {
			wrong("not `file | function | line | branches | " \
			    "reason`: " s)
			continue
		}
		text = part[3]
		for (i = 4; i < n - 1; i++)
			text = text " | " part[i]
		e = ++nexceptions
		name[e] = s
		excused[part[1], part[2], trim(text)] = e
		left[e] = part[n - 1]
	}
	close(exceptions)
}

BEGIN {
	FS = ":"
	errors = failed + 0
	if (exceptions != "")
		read_exceptions()
}

$1 ~ /^ *-$/ && $2 ~ /^ *0$/ && $3 == "Source" {
	src = $4
	ours = src ~ /^kernel\/(object|method)\/[^\/]*\.c$/
	fn = ""
	asserts = 0
	next
}

!ours { next }

/^function / {
	split($0, word, " ")
	fn = word[2]
	next
}

# A line of the source; an assertion may go over several of them.
/^ *[^: ]+: *[0-9]+:/ {
	line = $2 + 0
	at = sprintf("%s:%05d", src, line)
	text = $0
	sub(/^[^:]*:[^:]*:/, "", text)
	asserts = text ~ /assert\(/ || (asserts && !ended)
	ended = text ~ /;[ \t]*(\/\*.*)?$/
	next
}

/^branch / {
	split($0, word, " ")
	key = at " " word[2]
	if (asserts) {
		asserted[key] = 1
		next
	}
	if (!(key in file)) {
		file[key] = src
		if (!(at in source)) {
			places[++nplaces] = at
			source[at] = trim(text)
			func_of[at] = fn
		}
		keys[at] = keys[at] " " word[2]
	}
	if (word[3] == "taken" && word[4] + 0 > 0)
		taken[key] = 1
	next
}

function sort(a, n,    i, j, v) {
	for (i = 2; i <= n; i++) {
		v = a[i]
		for (j = i - 1; j > 0 && a[j] > v; j--)
			a[j + 1] = a[j]
		a[j + 1] = v
	}
}

function count_place(at,    b, n, i, key, src, e, missing, place) {
	n = split(keys[at], b, " ")
	for (i = 1; i <= n; i++) {
		key = at " " b[i]
		src = file[key]
		if (!(src in all))
			files[++nfiles] = src
		e = excused[src, func_of[at], source[at]]
		if (!(key in taken) && e != "" && left[e] > 0) {
			left[e]--
			nexcused++
			all[src] += 0
			continue
		}
		all[src]++
		if (key in taken)
			had[src]++
		else
			missing = missing " " b[i]
	}
	if (missing == "")
		return
	place = at
	sub(/:0+/, ":", place)
	printf "%s: %s: not taken:%s of %d: %s\n", place, func_of[at],
	    missing, n, source[at] > "/dev/stderr"
}

function share(part, whole) {
	return whole > 0 ? 100 * part / whole : 100
}

END {
	sort(places, nplaces)
	for (i = 1; i <= nplaces; i++)
		count_place(places[i])
	for (e = 1; e <= nexceptions; e++)
		if (left[e] != 0)
			wrong(left[e] " branches fewer than it excuses: " name[e])
	for (i = 1; i <= nfiles; i++) {
		f = files[i]
		dir = f
		sub(/\/[^\/]*$/, "", dir)
		printf "%s\t%d of %d\n", f, had[f], all[f]
		if (!(dir in whole))
			dirs[++ndirs] = dir
		part[dir] += had[f]
		whole[dir] += all[f]
	}
	for (key in asserted)
		nasserted++
	good = 0
	for (i = 1; i <= ndirs; i++) {
		dir = dirs[i]
		percent = share(part[dir], whole[dir])
		printf "%s: %d of %d branches, %.1f %% (floor %s)\n", dir,
		    part[dir], whole[dir], percent,
		    dir in floor ? floor[dir] : "none"
		if (!(dir in floor))
			wrong("no floor for " dir)
		else if (percent < floor[dir])
			wrong(sprintf("%s is below its floor, %s %%", dir,
			    floor[dir]))
		else
			good++
	}
	printf "%d exceptions excuse %d branches; %d are of assertions\n",
	    nexceptions, nexcused, nasserted
	if (ndirs == 0)
		wrong("gcov found nothing")
	printf "coverage: %d passed, %d failed\n", good, errors
	exit errors > 0
}
