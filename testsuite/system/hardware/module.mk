# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call system-test,hardware,$(wildcard testsuite/system/hardware/*.c)))
