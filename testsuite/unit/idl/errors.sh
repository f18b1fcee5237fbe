#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The generator refuses what is not in the language, and names file and line.
# Each case: the line that is wrong, a text the message must have, the input.
#
#     errors.sh AWK IDL.AWK

awk=$1
idl=$2
passed=0
failed=0
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

report() {
	if [ "$1" = yes ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $2"
	fi
}

# refuse INPUT LINE TEXT [MODE]; \n in INPUT are newlines.
refuse() {
	printf '%b\n' "$1" >"$dir/x.idl"
	shift
	if $awk -f "$idl" -v mode="${3:-stub}" -v path=x.idl "$dir/x.idl" \
	    >"$dir/out" 2>"$dir/err"; then
		report no "accepted: $2"
		return
	fi
	case $(cat "$dir/err") in
	*x.idl:"$1":*"$2"*) report yes ;;
	*)
		report no "expected x.idl:$1: ...$2"
		cat "$dir/err"
		;;
	esac
}

# statement TEXT STATEMENT: refused as line 5, in an order.
statement() {
	refuse "interface x CK_PAGE\ndoc d\norder o 1\n  doc d\n  $2" 5 "$1"
}

# whole TEXT LINE...: refused without a line.
whole() {
	text=$1
	shift
	printf '%s\n' "$@" >"$dir/x.idl"
	if $awk -f "$idl" -v mode=stub -v path=x.idl "$dir/x.idl" \
	    >/dev/null 2>"$dir/err"; then
		report no "accepted: $text"
		return
	fi
	case $(cat "$dir/err") in
	*"$text"*) report yes ;;
	*) report no "expected: $text" ;;
	esac
}

refuse 'order x 1' 1 "expected 'interface' or 'service'"
refuse 'interface x' 1 'expected: interface NAME CK_KIND'
refuse 'interface X CK_PAGE' 1 'not a name'
refuse 'interface x PAGE' 1 'not a kind'
refuse 'service x CK_PAGE' 1 'expected: service NAME'
refuse 'service x\nservice y' 2 'a second interface'
refuse 'service x\nin y' 2 'before any order'
refuse 'service x\norder y' 2 'expected: order'
refuse 'service x\norder y 256' 2 '0 to 255'
refuse 'service x\norder y 1\norder y 2' 3 'described twice'
refuse 'service x\norder y 1\norder z 1' 3 'used twice'
statement 'unknown statement' 'inn a'
statement 'expected: in NAME' 'in a b'
statement 'not a name' 'in A'
statement 'reserved word' 'in register'
statement 'reserved word' 'out self'
statement 'is not write, clear or call' 'needs read'
statement 'needed twice' 'needs write write'
statement 'expected: by' 'by'
statement 'not a name' 'by Shared'
statement 'expected: incap' 'incap a'
statement 'not a list of kinds' 'incap a any|page'
statement 'not a list of kinds' 'incap a page|'
statement 'MIN <= MAX' 'instring 5 4'
statement 'MIN <= MAX' 'instring 0 0'
statement 'MIN <= MAX' 'instring 1 65537'
statement 'MAX is 1' 'outstring 0'
statement 'expected: error' 'error RC_X'
refuse 'interface x CK_PAGE\ndoc d\norder y 1\ndoc d\nby a\nby b' 6 "a second 'by'"
refuse 'service x\ndoc d\norder y 1\ndoc d\nby a' 5 'are its own'
refuse 'service x\ndoc d\norder y 1\ndoc d\nin a\nin a' 6 'used twice in order y'
refuse 'service x\ndoc d\norder y 1\ndoc d\nin limit\noutstring 4' 6 'used twice'
refuse 'service x\ndoc d\norder y 1\ndoc d\nin a\nin b\nin c\nin d\nin e' 9 'more than 4 words'
refuse 'interface x CK_PAGE\ndoc d\norder y 1\ndoc d\nincap a nonsense' \
    5 "unknown kind 'nonsense'" dispatch
whole 'has no doc' 'service x'
whole 'order x.y has no doc' 'service x' 'doc d' 'order y 1'
whole 'no interface' '# nothing'

echo "idl errors: $passed passed, $failed failed"
[ "$failed" = 0 ]
