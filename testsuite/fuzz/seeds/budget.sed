# SPDX-License-Identifier: BSD-2-Clause
# Who has used its budget gets another by sleeping and waking.
s/(r->waits \&\& r->deadline > now))$/(r->waits \&\& r->deadline > now + r->period))/
