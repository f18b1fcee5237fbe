# SPDX-License-Identifier: BSD-2-Clause
# Who returns to one of less wakes a more urgent one, which waits (D5).
s/^\t\tif ((sched.ready_mask & to->as_urgent) != 0)/\t\tif (0)/
