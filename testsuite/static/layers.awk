# SPDX-License-Identifier: BSD-2-Clause
#
# Holds every #include "..." of the files against the table of layers.
#
#   awk -f layers.awk layers FILE...
#
# Prints what is not allowed; the exit status is 1 if anything is.

# `kernel/*` as a regular expression that a path of it matches.
function expression(pattern) {
	gsub(/\./, "\\.", pattern)
	gsub(/\*/, "[^/]*", pattern)
	return "^" pattern "(/|$)"
}

# The first n parts of a path.
function head(path, n,    part, i, result) {
	split(path, part, "/")
	result = part[1]
	for (i = 2; i <= n; i++)
		result = result "/" part[i]
	return result
}

# The row for a path: the one that matches with the most letters.
function row_of(path,    i, best) {
	best = 0
	for (i = 1; i <= rows; i++)
		if (path ~ match_row[i] &&
		    (!best || length(row[i]) > length(row[best])))
			best = i
	return best
}

function complain(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what
	bad = 1
}

# The table.
NR == FNR {
	if ($0 ~ /^#/ || NF == 0)
		next
	row[++rows] = $1
	match_row[rows] = expression($1)
	for (i = 3; i <= NF; i++)
		allowed[rows, ++count[rows]] = expression($i)
	next
}

FNR == 1 {
	current = row_of(FILENAME)
	own = head(FILENAME, split(row[current], unused, "/"))
	if (!current)
		complain("no row of the table is for this folder")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	path = quoted[2]
	if (path !~ /\// || path ~ /\.\./) {
		complain("not a path from the root: " path)
		next
	}
	if (!current || index(path, own "/") == 1)
		next
	for (i = 1; i <= count[current]; i++)
		if (path ~ allowed[current, i])
			next
	complain(row[current] " may not include " path)
}

END {
	exit bad
}
