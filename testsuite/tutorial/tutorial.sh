#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# tutorial.sh BUILD [BOOK SUITES]: holds a chapter against the tree, the one
# on drivers or BOOK, whose commands the system tests SUITES type. A
# comment before a block says what it is:
#
#   file PATH       all blocks of a PATH, a blank line between, are the file
#   part of PATH    the block stands in the file, line by line
#   run             commands ($ ...) and what they print; ... leaves lines
#                   out, also at the end of a line. `make harness` is run as
#                   the program that it would run: a suite does not make.
#   system          what is typed at the prompt is what the system tests
#                   type; host: for the reader's other terminal, what
#                   GNUmakefile has a target for

build=$1
book=${2:-manual/driver-tutorial.md}
suites=${3:-hotadd devices}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

result() { # STATUS WHAT
	if [ "$1" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $2"
	fi
}

# One file for each block: NUMBER.body, and its comment in NUMBER.what.
awk -v work="$work" '
/^<!-- .* -->$/ { what = substr($0, 6, length($0) - 9); next }
/^```/ && inside { inside = 0; what = ""; close(body); next }
/^```/ {
	if (what == "") { print FILENAME ":" FNR ": a block without a comment"; bad = 1 }
	inside = 1
	body = sprintf("%s/%03d.body", work, ++n)
	printf "%s\n", what > (sprintf("%s/%03d.what", work, n))
	next
}
inside { print > body }
END { exit bad }' $book
result $? "every block says what it is"

# The lines of $1 stand together in $2.
stands_in() {
	awk 'NR == FNR { want[++n] = $0; next }
	{ have[++m] = $0 }
	END {
		for (i = 0; i + n <= m; i++) {
			for (k = 1; k <= n && want[k] == have[i + k]; k++)
				;
			if (k > n) exit 0
		}
		exit 1
	}' "$1" "$2"
}

# What was printed ($2) has the lines of $1 in their order.
was_printed() {
	awk 'NR == FNR { if ($0 != "...") want[++n] = $0; next }
	{
		w = want[at + 1]
		if (w ~ / \.\.\.$/) {
			w = substr(w, 1, length(w) - 4)
			if (index($0, w) == 1) at++
		} else if ($0 == w) at++
	}
	END {
		if (at < n) print "not printed: " want[at + 1]
		exit at < n
	}' "$1" "$2"
}

# Runs one line of a block.
run() {
	set -- $1
	case "$1 $2" in
	"make harness") ;;
	*) echo "only make harness is run here: $*"; return 1 ;;
	esac
	shift 2
	DRIVER= BACKEND= CASE= V=
	for word; do
		eval "${word%%=*}=\${word#*=}"
	done
	case $DRIVER in
	edu) ;;
	*) echo "no program for $DRIVER"; return 1 ;;
	esac
	env V="$V" "$build/harness/$DRIVER-$BACKEND" ${CASE:+harness.$CASE}
}

# A suite types a line, or does all that the book says.
typed() { # LINE
	for suite in $suites; do
		grep -qF -e "\"$1\"" -e "\"$book\"" \
		    testsuite/system/"$suite"/*.c && return 0
	done
	return 1
}

for what in "$work"/*.what; do
	body=${what%.what}.body
	name=$(cat "$what")
	case $name in
	"file "*)
		path=${name#file }
		copy=$work/$(echo "$path" | tr / _)
		[ -f "$copy" ] && echo >>"$copy"
		cat "$body" >>"$copy"
		echo "$path" >"$copy.path"
		;;
	"part of "*)
		stands_in "$body" "${name#part of }"
		result $? "$(head -n 1 "$body") ... is ${name}"
		;;
	run)
		line=$(sed -n '1s/^\$ //p' "$body")
		run "$line" >"$work/printed" 2>&1
		result $? "$line"
		sed 1d "$body" >"$work/expected"
		was_printed "$work/expected" "$work/printed"
		result $? "what it prints: $line"
		;;
	system)
		sed -n 's/^anteros> //p' "$body" >"$work/typed"
		while read -r line; do
			typed "$line"
			result $? "a suite types: $line"
		done <"$work/typed"
		;;
	host)
		sed -n 's/^\$ make \([a-z]*\)\( .*\)*$/\1/p' "$body" >"$work/typed"
		while read -r target; do
			grep -qE "^([a-z]+ )*$target( [a-z]+)*:" GNUmakefile
			result $? "make has a target: $target"
		done <"$work/typed"
		;;
	*)
		result 1 "a block that is '$name'"
		;;
	esac
done

for path in "$work"/*.path; do
	cmp "${path%.path}" "$(cat "$path")"
	result $? "the blocks of $(cat "$path") are the file"
done
if [ "$book" = manual/driver-tutorial.md ]; then
	lines=$(wc -l <uldrv/test/edu/edu.c)
	[ "$lines" -le 120 ]
	result $? "the driver has $lines lines, at most 120"
fi

# The checks themselves find what is wrong.
printf 'a\nc\n' >"$work/two"
printf 'a\nb\nc\n' >"$work/three"
! stands_in "$work/two" "$work/three"
result $? "a part that does not stand there is found"
printf 'c\na\n' >"$work/order"
! was_printed "$work/order" "$work/three" >/dev/null
result $? "what was not printed is found"

echo "tutorial: $passed passed, $failed failed"
[ $failed = 0 ]
