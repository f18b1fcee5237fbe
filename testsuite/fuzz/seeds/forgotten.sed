# SPDX-License-Identifier: BSD-2-Clause
# Who waits for a process that becomes available is not woken (D5).
s/^\t\twait_wake_one(WAIT_PROCESS, me.v);/\t\t(void)me;/
