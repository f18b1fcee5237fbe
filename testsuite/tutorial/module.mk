# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call suite,tutorial,$(BUILD)/harness/edu-model \
	$(BUILD)/harness/edu-qtest,testsuite/tutorial/tutorial.sh $(BUILD)))
