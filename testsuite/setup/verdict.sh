# SPDX-License-Identifier: BSD-2-Clause
#
# For tests in sh, which include it: counts in passed and failed. What a command
# has said is in the file `out`, and is shown if it was wrong.
passed=0
failed=0

verdict() { # NAME STATUS
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL $1"
		cat out
	fi
}
