# SPDX-License-Identifier: BSD-2-Clause
# Capabilities of another boot are believed (F6).
s/else if (other_boot && of_one_boot(c))/else if (other_boot \&\& of_one_boot(c) \&\& c->type != CK_START)/
