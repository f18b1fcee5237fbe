# SPDX-License-Identifier: BSD-2-Clause
# To load a process memory is freed, for which a more urgent one waits (D5).
s/^\tif (unlikely(turn_begin(a))) {/\tif (turn_begin(a) \&\& a == NULL) {/
