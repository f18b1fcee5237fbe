# SPDX-License-Identifier: BSD-2-Clause
#
# Reads make's database (make -pnq). Prints each file whose recipe runs a
# program that the set-up installs, though nothing that the file depends on is
# `packages`: on a new machine it would be made before its tool is there. The
# last line says how many recipes were looked at.

function flush_rule() {
	if (target != "" && runs) {
		makers++
		maker[makers] = target
	}
	target = ""
	runs = recipe = 0
}

# True if `packages` is among what a file depends on, however far.
function after_packages(file,    seen, list, n, i, at, words) {
	list[n = 1] = file
	for (at = 1; at <= n; at++) {
		split(needs[list[at]], words, " ")
		for (i in words) {
			if (words[i] == "packages")
				return 1
			if (!(words[i] in seen)) {
				seen[words[i]] = 1
				list[++n] = words[i]
			}
		}
	}
	return 0
}

# Each make below this one has a database of its own: only the last counts.
/^# Make data base/ { delete needs; delete maker; makers = 0 }
/^#  recipe to execute/ { recipe = 1; next }
/^$/ { flush_rule(); next }
/^\t/ {
	if (recipe && target != "" && (" " $0 " ") ~ tools)
		runs = 1
	next
}
/^[^#\t ][^=]*:( |$)/ {
	at = index($0, ":")
	target = substr($0, 1, at - 1)
	if (target ~ /[% ]/ || target ~ /^\./) {
		target = ""
		next
	}
	text = substr($0, at + 1)
	gsub(/\|/, " ", text)
	needs[target] = needs[target] " " text
}

BEGIN {
	tools = "[ \t@)(](dtc|gcc|ld|ar|objcopy|objdump|\\$\\((CC|OBJDUMP|link-[a-z]*)\\)) "
}

END {
	flush_rule()
	for (i = 1; i <= makers; i++)
		if (!after_packages(maker[i]))
			print maker[i]
	print makers + 0
}
