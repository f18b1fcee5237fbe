# SPDX-License-Identifier: BSD-2-Clause
# A resident process waits for the pager (F5).
s/if (sched.resident && kind != WAIT_PROCESS)/if (sched.resident \&\& kind == WAIT_NONE)/
