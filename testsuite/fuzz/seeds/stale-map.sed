# SPDX-License-Identifier: BSD-2-Clause
# A slot is written, and what was mapped through it stays (F2).
s/if (!map_slot_thin(ref_oid(&inv->self), (unsigned)slot))/if (slot >= NODE_SLOTS)/
