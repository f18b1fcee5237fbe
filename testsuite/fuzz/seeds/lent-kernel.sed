# SPDX-License-Identifier: BSD-2-Clause
# A page is lent where the kernel is (D4).
s/cpu.other.state->fault_address >> USER_SPAN != 0)/false)/
