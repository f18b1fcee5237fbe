#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# proxy.sh [--update]: holds the tables of manual/proxies.md against what they
# are made of, testsuite/guest/proxy.def and kernel/abi/*.idl.
#
# With --update the tables are written anew.

book=manual/proxies.md
def=testsuite/guest/proxy.def

tables='
# The arguments of PROXY_NAME(...) in text, into arg; gives their number.
function arguments(text,	n, i, c, quoted) {
	sub(/^[^(]*\(/, "", text)
	sub(/\)$/, "", text)
	n = 1
	arg[1] = ""
	for (i = 1; i <= length(text); i++) {
		c = substr(text, i, 1)
		if (c == "\\") {
			i++
			arg[n] = arg[n] substr(text, i, 1)
		} else if (c == "\"") {
			quoted = !quoted
		} else if (c == "," && !quoted) {
			arg[++n] = ""
		} else if (quoted || c !~ /[ \t]/) {
			arg[n] = arg[n] c
		}
	}
	return n
}

function order_name(s) {
	s = tolower(s)
	sub(/_/, ".", s)
	return s
}

function statement(text) {
	if (text ~ /^PROXY_LOOKS/) {
		arguments(text)
		looks = looks sprintf("| %s | %s%s | %s | %s |\n", \
		    order_name(arg[2]), arg[7], \
		    arg[6] == "A_DOMAIN" ? ", but of a domain" : "", arg[8], \
		    arg[9])
	} else if (text ~ /^PROXY_USE/) {
		arguments(text)
		use[++uses] = arg[1]
		row[arg[1]] = sprintf("| %s | %s | %s |", arg[3], arg[2], \
		    arg[4])
	} else {
		arguments(text)
		tests[arg[2]] = tests[arg[2]] (tests[arg[2]] == "" ? "" : \
		    ", ") arg[1]
		exceptions++
	}
}

FILENAME ~ /\.def$/ {
	if ($0 ~ /^PROXY_/)
		text = ""
	else if (text == "")
		next
	text = text $0
	if (text ~ /\)$/) {
		statement(text)
		text = ""
	}
	next
}
$1 == "interface" { name = $2 }
$1 == "order" { order = name "." $2 }
$1 == "incap" && $3 != "any" && $3 !~ /start/ {
	kinds = $3
	gsub(/\|/, " or ", kinds)
	if (!(kinds in takers))
		kind[++nkinds] = kinds
	takers[kinds] = takers[kinds] (takers[kinds] == "" ? "" : ", ") order
}
END {
	print "| order | what | why | test |"
	print "|---|---|---|---|"
	for (i = 1; i <= nkinds; i++)
		printf "| %s | the %s | the .idl says that it has to be one | " \
		    "refuse_all |\n", takers[kind[i]], kind[i]
	printf "%s", looks
	print "@"
	print "| what | kinds | why | tests that see it |"
	print "|---|---|---|---|"
	for (i = 1; i <= uses; i++)
		print row[use[i]] " " tests[use[i]] " |"
	print "@"
	printf "%d tests see one of these; all others pass.\n", exceptions
}'

# The book with the tables between its marks.
book_with='
FILENAME != ARGV[2] {
	if ($0 == "@")
		part++
	else
		table[part + 0] = table[part + 0] $0 "\n"
	next
}
/^<!-- proxy\.sh: end/ { skip = 0 }
!skip { print }
/^<!-- proxy\.sh: begin/ {
	printf "%s", table[at++]
	skip = 1
}'

made=$(mktemp) || exit 1
trap 'rm -f "$made" "$made.book"' EXIT
awk "$tables" "$def" kernel/abi/*.idl >"$made" || exit 1
awk "$book_with" "$made" "$book" >"$made.book" || exit 1
if [ "$1" = --update ]; then
	cat "$made.book" >"$book"
	exit
fi
if diff "$book" "$made.book" >&2; then
	echo 'static-proxy: 1 passed, 0 failed'
else
	echo "$book: run testsuite/static/proxy.sh --update" >&2
	echo 'static-proxy: 0 passed, 1 failed'
	exit 1
fi
