#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# soak.sh PROGRAM SEED COUNT CHUNK: run the host fuzzer in chunks, each with a
# seed of its own, until COUNT invocations are done or one chunk fails.

program=$1
seed=$2
left=$3
chunk=$4
passed=0

while [ "$left" -gt 0 ]; do
	if ! SEED=$seed COUNT=$chunk "$program"; then
		echo "soak: seed $seed failed after $passed chunks"
		echo "fuzz-host-soak: $passed passed, 1 failed"
		exit 1
	fi
	passed=$((passed + 1))
	seed=$((seed + 1))
	left=$((left - chunk))
done
echo "fuzz-host-soak: $passed passed, 0 failed"
