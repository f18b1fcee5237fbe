#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# map.sh [--update]: holds manual/MAP.md against the tree.
#
# Each file that the map names must be there, and so must each page to which a
# link in any text leads. No heading stands there twice, and no file twice in a
# part. With --update the lines of each file of the map, and the sums in the
# headings of its parts, are counted anew, and what stands twice (a merge that
# kept both sides) is left out the second time.

book=manual/MAP.md

count='
function lines(path,	n, line, r) {
	while ((r = (getline line <path)) > 0)
		n++
	close(path)
	return r < 0 ? -1 : n + 0
}
# Twice over the book: first the sums of the parts, then the text.
FNR == 1 { pass++ }
/^##/ {
	part = $0
	sub(/ \([0-9]+ lines, [0-9]+ pages\)$/, "", part)
	key = part
}
/^\| `[^`]*` \| [0-9]+ \|/ {
	split($0, field, "`")
	key = part " | " field[2]
}
/^##/ || /^\| `[^`]*` \| [0-9]+ \|/ {
	if ((pass, key) in seen) {
		if (pass == 1 && update == "") {
			print book ": " key " stands there twice; --update mends it" | "cat >&2"
			doubled++
		}
		next
	}
	seen[pass, key]
}
pass == 1 && /^\| `[^`]*` \| [0-9]+ \|/ {
	split($0, field, "`")
	n = lines(field[2])
	if (n < 0) {
		print book ": " field[2] " is not there" | "cat >&2"
		missing++
	} else {
		found++
		sum[part] += n
	}
}
pass == 2 {
	if (/^##/ && part in sum)
		$0 = sprintf("%s (%d lines, %d pages)", part, sum[part],
		    (sum[part] + 59) / 60)
	else if (/^\| `[^`]*` \| [0-9]+ \|/) {
		split($0, field, "`")
		n = lines(field[2])
		sub(/\| [0-9]+ \|/, "| " n " |")
	}
	if (update != "")
		print
}
END {
	if (update == "")
		print found + 0, missing + doubled
	exit missing > 0
}'

# Links: [text](path), seen from the folder of the text.
links='
{
	line = $0
	while (match(line, /\]\([^)#: ]+/)) {
		path = substr(line, RSTART + 2, RLENGTH - 2)
		line = substr(line, RSTART + RLENGTH)
		folder = FILENAME
		sub(/[^\/]*$/, "", folder)
		if ((getline text <(folder path)) < 0) {
			print FILENAME ": there is no " path | "cat >&2"
			missing++
		} else
			found++
		close(folder path)
	}
}
END { print found + 0, missing + 0 }'

if [ "$1" = --update ]; then
	awk -v book=$book -v update=1 "$count" $book $book >$book.new &&
	    mv $book.new $book
	exit
fi
{
	awk -v book=$book "$count" $book $book
	find README.md boot kernel uldrv devdb persist userland testsuite \
	    manual -name '*.md' -print0 | LC_ALL=C sort -z |
	    xargs -0 awk "$links"
} 2>&1 | awk '
/^[0-9]+ [0-9]+$/ { passed += $1; failed += $2; next }
{ print }
END {
	printf "map: %d passed, %d failed\n", passed, failed
	exit failed > 0
}'
