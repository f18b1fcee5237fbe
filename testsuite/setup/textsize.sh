#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Kernel text has a budget: fails if the .text of an ELF file is larger.
#
#     textsize.sh KERNEL BYTES

size -A -d "$1" | awk -v limit="$2" -v name="$1" '
	$1 == ".text" { bytes = $2 }
	END {
		if (bytes == 0 || bytes > limit) {
			printf "%s: %d bytes of text, the budget is %d\n",
			    name, bytes, limit
			exit 1
		}
	}' >&2
