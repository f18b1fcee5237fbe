# SPDX-License-Identifier: BSD-2-Clause
# A loan holds for another instruction (D4).
s|^\tif (l->rip != p->state->regs.rip) {|\tif (l->n == 0) {|
