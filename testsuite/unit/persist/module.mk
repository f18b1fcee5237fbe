# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,persist,$(wildcard testsuite/unit/persist/*.c) \
	$(store-srcs)))
