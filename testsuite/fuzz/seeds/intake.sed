# SPDX-License-Identifier: BSD-2-Clause
# A node may be newer than its frame says (D10).
s/if (h->count > count || h->role > ROLE_COUNT)/if (count == 0 || h->role > ROLE_COUNT)/
