# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call suite,tutorial,$(BUILD)/harness/edu-model \
	$(BUILD)/harness/edu-qtest,testsuite/tutorial/tutorial.sh $(BUILD)))
$(eval $(call suite,domain-tutorial,,testsuite/tutorial/tutorial.sh $(BUILD) \
	manual/domain-tutorial.md programs))
