# SPDX-License-Identifier: BSD-2-Clause
# More is received than there is room for.
s/uint64_t limit = p->state->regs.r12 >> 32;/uint64_t limit = (p->state->regs.r12 >> 32) + 64;/
