# SPDX-License-Identifier: BSD-2-Clause
# A process from the disk says that it is resident, and is believed (F5).
s/h->flags &= (uint8_t)~PF_RESIDENT;/h->flags \&= UINT8_MAX;/
