#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# On a new machine, nothing is made before the packages that its tools are in
# have been installed: each file that a compiler or dtc makes depends on
# `packages`. Make is asked, for the plain build and all suites.

unset MAKEFLAGS MAKELEVEL MFLAGS
goals=$(make -pRrnq BUILD=build/nowhere |
	sed -n 's/^\(ready-[a-z0-9-]*\):.*/\1/p')
found=$(make -pRrnB BUILD=build/nowhere all $goals |
	awk -f testsuite/static/setup.awk)
looked=$(printf '%s\n' "$found" | tail -n 1)
early=$(printf '%s\n' "$found" | sed '$d')

for file in $early; do
	echo "FAIL $file is made by a tool, but does not wait for packages" \
	    "(add | packages to its rule)"
done
# The plain build alone has more; fewer, and make has answered something else.
if [ "${looked:-0}" -lt 500 ]; then
	echo "FAIL only ${looked:-0} files that are made by a tool were found"
	echo "static-setup: 0 passed, 1 failed"
	exit 1
fi
if [ -n "$early" ]; then
	echo "static-setup: 0 passed, 1 failed"
	exit 1
fi
echo "static-setup: 1 passed, 0 failed"
