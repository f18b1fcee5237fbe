# SPDX-License-Identifier: BSD-2-Clause
# A process that cannot be read just now is forgotten (S8).
s/if (st == RC_MEDIA && wait_on/if (st == RC_VOID \&\& wait_on/
