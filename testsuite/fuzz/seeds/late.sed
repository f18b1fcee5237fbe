# SPDX-License-Identifier: BSD-2-Clause
# The record of a snapshot says what a process is when its turn comes (D8, D3).
s/^\ta->phase = sched.phase;/\tif (record.next == 0 || a != activity_slot(record.next - 1))\n\t\treturn;\n&/
