# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call test-tool,runner-fixture,testsuite/runner/fixture.c \
	$(runner-srcs),-lcunit))
$(eval $(call suite,runner,$(BUILD)/tools/runner-fixture,\
	testsuite/runner/selftest.sh $(BUILD)/tools/runner-fixture \
	$(setup)/check.sh))
