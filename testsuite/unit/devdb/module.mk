# SPDX-License-Identifier: BSD-2-Clause
devdb-logic := devdb/record/read.c devdb/record/match.c devdb/record/check.c \
	devdb/server/plan.c devdb/server/policy.c
devdb-fixture := $(addprefix testsuite/unit/devdb/,fixture.c catalogue.S)

$(eval $(call unit-test,devdb-match,testsuite/unit/devdb/test_match.c \
	$(devdb-fixture) $(devdb-logic),-lfdt))
$(eval $(call unit-test,devdb-plan,testsuite/unit/devdb/test_plan.c \
	$(devdb-fixture) $(devdb-logic),-lfdt))
$(call objs,unit,testsuite/unit/devdb/catalogue.S): $(gen)/devdb/catalogue.dtb
$(eval $(call suite,devdb-gen,$(BUILD)/tools/devdb-gen,\
	testsuite/unit/devdb/gen.sh $(BUILD)/tools/devdb-gen \
	devdb/block/ide.dts))
$(eval $(call unit-test,devdb-server,$(addprefix testsuite/unit/devdb/,\
	test_server.c test_handle.c test_connect.c test_power.c test_disk.c \
	kit.c) \
	testsuite/unit/devdb/fakekernel.c $(devdb-fixture) $(devdb-logic) \
	$(addprefix devdb/server/,caps.c bus.c grant.c start.c stop.c \
	added.c disk.c revoke.c handle.c hotplug.c devices.c serve.c \
	connect.c numbers.c rings.c power.c storewatch.c),-lfdt))

# Packages: by rules (unit), and a million spoilt ones under guard pages,
# natively: what must not be is a byte read outside of a package.
devdb-packages := $(addprefix devdb/catalogue/,package.c walk.c tree.c hash.c) \
	$(addprefix devdb/record/,read.c match.c check.c) \
	devdb/schema/grammar.c userland/rt/elf.c
$(eval $(call unit-test,devdb-names,testsuite/unit/devdb/test_names.c \
	devdb/catalogue/names.c devdb/record/check.c))
$(eval $(call unit-test,devdb-package,testsuite/unit/devdb/test_package.c \
	$(devdb-packages),-lfdt))
$(eval $(call test-tool,package-mutate,testsuite/unit/devdb/mutate.c \
	$(devdb-packages),-lfdt))
$(eval $(call suite,package-mutate,$(BUILD)/tools/package-mutate,\
	$(BUILD)/tools/package-mutate))
