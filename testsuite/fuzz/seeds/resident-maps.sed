# SPDX-License-Identifier: BSD-2-Clause
# The space of a resident process reaches a persistent page (F9).
s/if ((p->flags & TF_NP) &&/if ((p->flags \& TF_NP) \&\& kind != CK_PAGE \&\&/
