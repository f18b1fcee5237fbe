# SPDX-License-Identifier: BSD-2-Clause
devdb-logic := $(addprefix devdb/server/,catalogue.c match.c plan.c policy.c)
devdb-fixture := $(addprefix testsuite/unit/devdb/,fixture.c catalogue.S)

$(eval $(call unit-test,devdb-match,testsuite/unit/devdb/test_match.c \
	$(devdb-fixture) $(devdb-logic),-lfdt))
$(eval $(call unit-test,devdb-plan,testsuite/unit/devdb/test_plan.c \
	$(devdb-fixture) $(devdb-logic),-lfdt))
$(call objs,unit,testsuite/unit/devdb/catalogue.S): $(gen)/devdb/catalogue.dtb
$(eval $(call suite,devdb-gen,$(BUILD)/tools/devdb-gen,\
	testsuite/unit/devdb/gen.sh $(BUILD)/tools/devdb-gen \
	devdb/block/ide.dts))
$(eval $(call unit-test,devdb-server,testsuite/unit/devdb/test_server.c \
	testsuite/unit/devdb/fakekernel.c $(devdb-fixture) $(devdb-logic) \
	$(addprefix devdb/server/,caps.c bus.c grant.c start.c stop.c),-lfdt))
