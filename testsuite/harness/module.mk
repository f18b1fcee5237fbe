# SPDX-License-Identifier: BSD-2-Clause
#
# A harness program is one driver over one back end, on the runner and under
# the sanitizers:
#
#	make harness [DRIVER=virtio-blk] [BACKEND=model] [CASE=death] [N=17] [V=1]

DRIVER  ?=
BACKEND ?=
CASE    ?=
N       ?=

harness-lib := $(addprefix uldrv/lib/,dev.c registers.c)
harness-all := $(addprefix testsuite/harness/,fault.c harness.c)
harness-env := env V=$(V) N=$(N)
harness-block := uldrv/lib/block.c $(addprefix testsuite/harness/,\
	client.c blocktest.c block.c)

# $(call harness-program,DRIVER,BACKEND,SRCS,SUITE)
define harness-program
object-files += $(call objs,unit,$(harness-lib) $(harness-all) $(3))
$(BUILD)/harness/$(1)-$(2): \
    $(call objs,unit,$(harness-lib) $(harness-all) $(3) $(runner-srcs))
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) -fsanitize=address,undefined -o $$@ $$^ -lcunit
$(if $(or $(filter-out $(1),$(DRIVER)),$(filter-out $(2),$(BACKEND))),,\
	$(call harness-suite,harness-$(1)-$(2),$(BUILD)/harness/$(1)-$(2),\
	$(harness-env) $(BUILD)/harness/$(1)-$(2) $(CASE:%=$(4).%)))
endef

# $(call harness-again,DRIVER,BACKEND,WHAT,ENV,SUITE): the same program again.
define harness-again
$(if $(or $(filter-out $(1),$(DRIVER)),$(filter-out $(2),$(BACKEND))),,\
	$(call harness-suite,harness-$(1)-$(2)-$(3),\
	$(BUILD)/harness/$(1)-$(2),\
	$(harness-env) $(4) $(BUILD)/harness/$(1)-$(2) $(CASE:%=$(5).%)))
endef

$(eval $(call harness-program,virtio-blk,model,$(harness-block) \
	testsuite/harness/model/backend.c testsuite/harness/model/virtio-blk.c \
	uldrv/block/virtio-blk/virtio-blk.c,block))
$(eval $(call harness-program,ide,model,$(harness-block) \
	testsuite/harness/model/backend.c testsuite/harness/model/ide.c \
	uldrv/block/ide/ide.c uldrv/block/ide/identify.c,block))
$(eval $(call harness-again,ide,model,pio,PIO=1,block))
$(eval $(call harness-program,uart,model,uldrv/lib/char.c \
	testsuite/harness/char.c testsuite/harness/model/backend.c \
	testsuite/harness/model/uart.c uldrv/char/uart/uart.c,char))

harness-qtest := $(addprefix testsuite/harness/qtest/,qtest.c message.c \
	backend.c) \
	$(addprefix uldrv/bus/pci/,scan.c bars.c capability.c route.c control.c)
harness-blockq := uldrv/lib/block.c $(addprefix testsuite/harness/,\
	client.c blocktest.c blockq.c)

$(eval $(call harness-program,virtio-blk,qtest,$(harness-blockq) \
	$(harness-qtest) testsuite/harness/qtest/virtio-blk.c \
	uldrv/block/virtio-blk/virtio-blk.c,block))
$(eval $(call harness-program,ide,qtest,$(harness-blockq) $(harness-qtest) \
	testsuite/harness/qtest/ide.c \
	uldrv/block/ide/ide.c uldrv/block/ide/identify.c,block))
$(eval $(call harness-again,ide,qtest,pio,PIO=1,block))

# What the last run of the programs printed: driver, back end, fault, highest
# n, faults that fired.
.PHONY: harness-table
harness-table:
	@cat $(BUILD)/log/harness-*.log 2>/dev/null | \
	    grep -E '^[a-z-]+ +(model|qtest) ' | sort | \
	    awk '{ print; for (i = 1; i < NF; i++) if ($$i == "faults") \
	    n += $$(i + 1) } END { printf "%d faults in all\n", n }'

# $(call harness-orders,CLASS,NAME,SCRIPT,MORE): a driver of a class that
# stands on orders, over its model and over QEMU's.
define harness-orders
$(call harness-program,$(2),model,$(addprefix testsuite/harness/,orders.c \
	ordermain.c script/$(3).c model/backend.c model/$(2).c) \
	uldrv/lib/order.c uldrv/lib/$(1).c uldrv/$(1)/$(2)/$(2).c $(4),orders)
$(call harness-program,$(2),qtest,$(addprefix testsuite/harness/,orders.c \
	ordermain.c script/$(3).c qtest/$(2).c) $(harness-qtest) \
	uldrv/lib/order.c uldrv/lib/$(1).c uldrv/$(1)/$(2)/$(2).c $(4),orders)
endef
$(eval $(call harness-orders,test,edu,edu))
