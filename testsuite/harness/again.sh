#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# again.sh TIMES COMMAND: runs the command until it succeeds, at most so many
# times; what the last run printed is shown.
#
# For a clock: QEMU's goes on by the host's time. A host that stands still for a
# second between two accesses lets an update come between them, which the model's
# conversation does not have. What is wrong is so each time.

n=1
until out=$(sh -c "$2" 2>&1); do
	if [ "$n" -ge "$1" ]; then
		printf '%s\n' "$out"
		exit 1
	fi
	echo "again: the conversation was another than the model's"
	n=$((n + 1))
done
printf '%s\n' "$out"
