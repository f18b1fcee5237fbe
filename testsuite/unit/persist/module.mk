# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,persist,$(wildcard testsuite/unit/persist/*.c) \
	$(store-srcs)))

$(eval $(call suite,persist-tools,$(addprefix $(BUILD)/tools/,mkvolume \
	check-volume dump-volume) $(BUILD)/kernel.elf,\
	testsuite/unit/persist/tools.sh $(BUILD)))
