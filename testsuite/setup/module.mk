# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call host-tool,qmp,testsuite/setup/qmp.c \
	testsuite/system/lib/qmp.c,-ljansson))

$(eval $(call host-tool,push,testsuite/setup/push.c userland/push/frame.c))

$(eval $(call suite,setup,$(BUILD)/tools/qmp $(BUILD)/system/echo.img,\
	testsuite/setup/selftest.sh $(BUILD) $(BUILD)/system/echo.img))

# gdb on a system that boots, and on one that runs.
$(eval $(call suite,debug,image $(BUILD)/tools/qmp,\
	testsuite/setup/debugtest.sh $(BUILD)))

# Branches of kernel/object and kernel/method that host tests take: they are
# built once more, with counters instead of sanitizers.
COVERAGE_COUNT ?= 300000
coverage-of := $(if $(wildcard testsuite/unit/kernel/method),unit/method) \
	unit/object unit/mem unit/device fuzz/host
.PHONY: coverage-build
coverage-build: | packages
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)/coverage COVERAGE=1 \
	    $(coverage-of:%=$(BUILD)/coverage/%)
$(eval $(call suite,coverage,coverage-build,sh testsuite/setup/coverage.sh \
	$(BUILD) $(COVERAGE_COUNT) $(coverage-of:%=$(BUILD)/coverage/%)))
