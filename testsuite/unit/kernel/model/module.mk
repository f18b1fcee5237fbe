# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,model,$(wildcard testsuite/unit/kernel/model/*.c),))
