# SPDX-License-Identifier: BSD-2-Clause
#
# Reads `objdump -d` of a domain and fails if an instruction that enters the
# kernel stands anywhere but in a function whose name starts with ant_invoke:
# a C library function that expects Linux must not get into a domain unseen.
#
#   objdump -d --no-show-raw-insn x.elf | awk -v elf=x.elf -f syscall.awk

/^[0-9a-f]+ <.*>:$/ {
	symbol = $2
	gsub(/[<>:]/, "", symbol)
	next
}

$2 == "syscall" || $2 == "sysenter" || ($2 == "int" && $3 == "$0x80") {
	if (symbol !~ /^ant_invoke/) {
		printf "%s: %s in %s\n", elf, $2, symbol >"/dev/stderr"
		bad = 1
	}
}

END {
	exit bad
}
