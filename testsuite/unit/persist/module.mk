# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call unit-test,persist,$(wildcard testsuite/unit/persist/*.c) \
	$(store-srcs) $(addprefix persist/tools/,reader.c audit.c protection.c \
	show.c)))

$(eval $(call suite,persist-tools,$(addprefix $(BUILD)/tools/,mkvolume \
	check-volume dump-volume install) $(BUILD)/kernel.elf \
	$(BUILD)/anteros.img,\
	testsuite/unit/persist/tools.sh $(BUILD)))
