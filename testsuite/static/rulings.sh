#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# rulings.sh [-q | --update]: holds manual/rulings.md against the tree.
#
# For each ruling it prints the name, what the manual says of it, and the files
# below testsuite that name it; with -q only what is wrong. With --update it
# writes these files into the manual, as *Test.*; the status is for a person to
# decide. It fails when
#   - one of the 53 rulings has no entry, or one of unknown status;
#   - a ruling is called built and no test names it;
#   - an entry names a file that is not there.
# It says, without failing, that a test names a ruling which the manual calls
# untested or not built: then the manual is to be brought up to date.
#
# A test names a ruling in the comment before it, at the left margin, or in its
# own name: `/* F1: ... */`, `/* bank.page.1 (M5): ... */`, `f1_resume(`.

quiet=$1
book=manual/rulings.md
here=testsuite/static

# Files with tests, and the words in them that may be rulings.
find testsuite -type f \( -name '*.c' -o -name '*.sh' -o -name '*.dts' \) \
    ! -path "$here/*" ! -name 'fake*' | LC_ALL=C sort | xargs awk '
FNR == 1 { delete seen }
{
	line = $0
	comment = line ~ /^(\/\*|\/\/| \*|#) /
	while (match(line, /[A-Za-z0-9_]*[FSMDfsmd][0-9][0-9]?[A-Za-z0-9_]*/)) {
		word = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (word ~ /^[fsmd][0-9][0-9]?_[a-z]/)
			sub(/_.*/, "", word)
		else if (!comment || word !~ /^[FSMD][0-9][0-9]?$/)
			continue
		word = toupper(word)
		if (!(word in seen))
			print word, FILENAME
		seen[word]
	}
}' >"${TMPDIR:-/tmp}/rulings.$$"
trap 'rm -f "${TMPDIR:-/tmp}/rulings.$$"' EXIT

if [ "$quiet" = --update ]; then
	awk '
	function flush_test(	n, i, file, line) {
		if (name != "" && tests[name] != "") {
			n = split(tests[name], file, " ")
			line = "*Test.*"
			printf "\n"
			for (i = 1; i <= n; i++) {
				file[i] = "`" file[i] "`" (i < n ? "," : ".")
				if (length(line file[i]) >= 80) {
					print line
					line = file[i]
				} else
					line = line " " file[i]
			}
			print line
		}
		name = ""
	}
	FILENAME != ARGV[2] { tests[$1] = tests[$1] " " $2; next }
	/^## [FSMD][0-9]+\. / || /^---$/ {
		flush_test()
		if (/^##/)
			name = substr($2, 1, length($2) - 1)
	}
	/^\*Test\.\*/ { skipping = 1 }
	/^$/ { blanks++; skipping = 0; next }
	skipping { blanks = 0; next }
	{
		while (blanks > 0) {
			print ""
			blanks--
		}
		print
	}
	END { flush_test() }' "${TMPDIR:-/tmp}/rulings.$$" $book >$book.new &&
	    mv $book.new $book
	quiet=-q
fi

awk -v quiet="$quiet" '
function complain(text) {
	print "manual/rulings.md: " text
	failed++
}
function finish(	built, named) {
	if (name == "")
		return
	named = tests[name] != ""
	if (!(status in known))
		complain(name " has the unknown status \"" status "\"")
	else if (status == "built" && !named)
		complain(name " is called built, but no test names it")
	else
		passed++
	if (named && known[status] == "untested")
		print "note: " name " is called " status ", but is named by" \
		    tests[name]
	if (quiet == "")
		printf "%-4s %-18s%s\n", name, status, tests[name]
	if (named)
		tested++
	count[status]++
}
function exists(path,	line, r) {
	r = (getline line <path)
	close(path)
	return r >= 0
}
BEGIN {
	known["built"] = "tested"
	known["partly built"] = "either"
	known["built, not tested"] = known["not built"] = "untested"
	most["F"] = 10; most["S"] = 17; most["M"] = 10; most["D"] = 16
}
FILENAME != ARGV[2] {
	tests[$1] = tests[$1] " " substr($2, length("testsuite/") + 1)
	next
}
/^## [FSMD][0-9]+\. / {
	finish()
	name = substr($2, 1, length($2) - 1)
	status = "none"
	where = 0
	entry[name]++
	next
}
/^Status: / { status = substr($0, 9) }
/^\*(Where|Test)\.\*/ { where = 1 }
/^$/ { where = 0 }
where {
	line = $0
	while (match(line, /`[a-z_A-Z0-9.\/-]+\/[a-z_A-Z0-9.\/-]+`/)) {
		path = substr(line, RSTART + 1, RLENGTH - 2)
		line = substr(line, RSTART + RLENGTH)
		if (!exists(path))
			complain(name " names " path ", which is not there")
	}
}
END {
	finish()
	split("F S M D", letters, " ")
	for (i = 1; i <= 4; i++)
		for (n = 1; n <= most[letters[i]]; n++) {
			total++
			if (entry[letters[i] n] != 1)
				complain(letters[i] n " has " \
				    entry[letters[i] n] + 0 " entries")
		}
	printf "%d rulings: %d built, %d built but not tested, " \
	    "%d partly built, %d not built; %d are named by a test\n", total,
	    count["built"], count["built, not tested"],
	    count["partly built"], count["not built"], tested
	printf "rulings: %d passed, %d failed\n", passed, failed
	exit failed > 0
}' "${TMPDIR:-/tmp}/rulings.$$" "$book"
