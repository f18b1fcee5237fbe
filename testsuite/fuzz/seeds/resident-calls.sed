# SPDX-License-Identifier: BSD-2-Clause
# A resident process calls one that is not (F5).
s/if (resident && waits && /if (resident \&\& !waits \&\& /
