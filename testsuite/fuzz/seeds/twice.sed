# SPDX-License-Identifier: BSD-2-Clause
# A process that runs can be answered (F1).
s/return p->state->state == PS_WAITING &&/return p->state->state != PS_AVAILABLE \&\&/
