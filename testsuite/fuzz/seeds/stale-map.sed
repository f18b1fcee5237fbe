# SPDX-License-Identifier: BSD-2-Clause
# A slot is written, and what was mapped through it stays (F2).
s/^\tmap_slot_changed($/\t(void)(/
s/oid_make(inv->self.frame->number, inv->self.index), (unsigned)slot);/slot);/
