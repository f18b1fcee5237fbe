# SPDX-License-Identifier: BSD-2-Clause
# Who has used its budget gets another by sleeping and waking.
s/^\tif (r->waits \&\& r->deadline > now)$/\tif (r->waits \&\& r->deadline > now + r->period)/
