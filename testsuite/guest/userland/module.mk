# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,script,testsuite/guest/userland/script.c))
