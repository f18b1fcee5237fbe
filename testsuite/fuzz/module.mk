# SPDX-License-Identifier: BSD-2-Clause
# Random invocations: a sample in make check, and as long as you like:
#     make suite-fuzz FUZZ_COUNT=10000000 FUZZ_SEED=4711

FUZZ_SEED       ?= 1
FUZZ_COUNT      ?= 150000
FUZZ_SOAK_COUNT ?= 50000000

fuzz-domain := testsuite/fuzz/domain
fuzz-common := $(fuzz-domain)/worker.c $(fuzz-domain)/build.c
$(eval $(call domain,fuzz,$(fuzz-common) $(fuzz-domain)/devices.c))
$(eval $(call domain,fuzz-store,$(fuzz-common) $(addprefix \
	$(fuzz-domain)/,store.c witness.c)))

# Each run builds its volumes itself, with its seed; anteros.img stands for all
# domains, whose list is not complete yet.
fuzz-deps := $(BUILD)/system/fuzz $(BUILD)/kernel-debug.elf \
	$(BUILD)/anteros.img $(BUILD)/domain/fuzz.elf \
	$(BUILD)/domain/fuzz-store.elf $(BUILD)/tools/mkvolume \
	$(BUILD)/tools/install $(BUILD)/tools/check-volume
$(eval $(call system-program,fuzz,$(addprefix testsuite/fuzz/,main.c \
	devices.c store.c)))
$(eval $(call suite,fuzz,$(fuzz-deps),$(system-env) \
	FUZZ_SEED=$(FUZZ_SEED) FUZZ_COUNT=$(FUZZ_COUNT) $(BUILD)/system/fuzz))
$(eval $(call soak-suite,fuzz-soak,$(fuzz-deps),$(system-env) \
	FUZZ_SEED=$(FUZZ_SEED) FUZZ_COUNT=$(FUZZ_SOAK_COUNT) \
	$(BUILD)/system/fuzz))

# The kernel's object code on the host, beside a model of it: fast, and a
# sample under the sanitizers.
#     make suite-fuzz-host SEED=4711 COUNT=1000000
#     SEED=4711 EPISODE=17 build/fuzz/host
fuzz-host  := testsuite/fuzz/host
SEED       ?= 1
COUNT      ?= 10000000
SAMPLE     ?= 500000
SOAK_CHUNK ?= 10000000
SOAK_COUNT ?= 1000000000

# Deferred: some of these lists are made by modules that come later.
fuzz-host-srcs = $(sort $(wildcard $(fuzz-host)/*.c)) $(wildcard \
	kernel/object/*.c kernel/sched/*.c kernel/method/*.c) \
	$(addprefix kernel/entry/,fast.c fault.c invoke.c keep.c \
	kernel.c) \
	kernel/core/format.c kernel/core/calendar.c $(gen-dispatch) \
	$(mem-srcs) $(device-srcs) $(addprefix \
	testsuite/unit/kernel/fake/,boot.c core.c hal.c tlb.c)

# $(call fuzz-host-program,FILE,NAME): NAME-cflags and NAME-link are its own.
define fuzz-host-program
own-flags += host/$(2)
object-files += $(call objs,host-$(2),$(fuzz-host-srcs))
$(BUILD)/fuzz/$(1): $(call objs,host-$(2),$(fuzz-host-srcs))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$($(2)-link) $$(cover) -o $$@ $$^
endef
fuzz-host-cflags := -DDEBUG_BUILD=1 -Wno-null-dereference $(cover)
fuzz-host-san-cflags := -DDEBUG_BUILD=1 -Wno-null-dereference -O1 \
	-fsanitize=address,undefined -fno-sanitize-recover=all
fuzz-host-san-link := -fsanitize=address,undefined
$(eval $(call fuzz-host-program,host,fuzz-host))
$(eval $(call fuzz-host-program,host-san,fuzz-host-san))

$(eval $(call suite,fuzz-host,$(BUILD)/fuzz/host,\
	env SEED=$(SEED) COUNT=$(COUNT) $(BUILD)/fuzz/host))
$(eval $(call suite,fuzz-host-san,$(BUILD)/fuzz/host-san,\
	env SEED=$(SEED) COUNT=$(SAMPLE) $(BUILD)/fuzz/host-san))
$(eval $(call soak-suite,fuzz-host-soak,$(BUILD)/fuzz/host,\
	sh testsuite/fuzz/soak.sh $(BUILD)/fuzz/host $(SEED) $(SOAK_COUNT) \
	$(SOAK_CHUNK)))

# Bugs that it must find: seeds/NAME.sed puts one into FILE.
# $(call fuzz-seeded,NAME,FILE)
define fuzz-seeded
fuzz-seeds += $(1)
$(gen)/fuzz/$(1)/$(notdir $(2)): $(2) testsuite/fuzz/seeds/$(1).sed
	@mkdir -p $$(@D)
	@sed -f testsuite/fuzz/seeds/$(1).sed $$< >$$@
	@! cmp -s $$< $$@
$(BUILD)/fuzz/seeded/$(1): $(call objs,host-fuzz-host,\
    $(filter-out $(2),$(fuzz-host-srcs)) $(gen)/fuzz/$(1)/$(notdir $(2)))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -o $$@ $$^
endef
$(eval $(call fuzz-seeded,weak,kernel/object/restrict.c))
$(eval $(call fuzz-seeded,stale-map,kernel/object/restrict.c))
$(eval $(call fuzz-seeded,twice,kernel/object/deliver.c))
$(eval $(call fuzz-seeded,count,kernel/mem/object.c))
$(eval $(call fuzz-seeded,frozen,kernel/mem/epoch.c))
$(eval $(call fuzz-seeded,boot,kernel/mem/intake.c))
$(eval $(call fuzz-seeded,limit,kernel/object/message.c))
$(eval $(call fuzz-seeded,forgotten,kernel/object/deliver.c))
$(eval $(call fuzz-seeded,budget,kernel/sched/reserve.c))
$(eval $(call fuzz-seeded,uncharged,kernel/sched/reserve.c))
$(eval $(call fuzz-seeded,reserve-id,kernel/sched/reserve.c))
$(eval $(call fuzz-seeded,woken,kernel/entry/fast.c))
$(eval $(call fuzz-seeded,unread,kernel/object/load.c))
$(eval $(call fuzz-seeded,evicts,kernel/object/load.c))
$(eval $(call fuzz-seeded,media,kernel/mem/complete.c))
$(eval $(call fuzz-seeded,intake,kernel/mem/intake.c))
$(eval $(call fuzz-seeded,resident,kernel/mem/intake.c))
$(eval $(call fuzz-seeded,resident-waits,kernel/sched/activity.c))
$(eval $(call fuzz-seeded,resident-maps,kernel/mem/walk.c))
$(eval $(call fuzz-seeded,resident-calls,kernel/object/deliver.c))
$(eval $(call fuzz-seeded,lent-written,kernel/object/loan.c))
$(eval $(call fuzz-seeded,lent-on,kernel/object/loan.c))
$(eval $(call fuzz-seeded,lent-to-all,kernel/mem/lend.c))
$(eval $(call fuzz-seeded,lent-elsewhere,kernel/object/loan.c))
$(eval $(call fuzz-seeded,lent-kernel,kernel/method/restart.c))
$(eval $(call fuzz-seeded,late,kernel/object/record.c))
$(eval $(call suite,fuzz-host-seeded,$(fuzz-seeds:%=$(BUILD)/fuzz/seeded/%),\
	sh testsuite/fuzz/seeded.sh $(fuzz-seeds:%=$(BUILD)/fuzz/seeded/%)))
