# SPDX-License-Identifier: BSD-2-Clause
#
# A harness program is one driver over one back end, on the runner:
#
#	make harness [DRIVER=virtio-blk] [BACKEND=model|qtest|replay]
#	    [CASE=death] [N=17] [BIT=3] [V=1] [TRACE=FILE]
#
# A driver needs one line here, $(call harness-driver,NAME,CLASS,SRCS), and
# model/NAME.c and qtest/NAME.c. Over the model it runs under the sanitizers,
# and its lines are counted; over qtest its objects are those of its package.

DRIVER  ?=
BACKEND ?=
CASE    ?=
N       ?=
BIT     ?=
TRACE   ?=

harness-here := testsuite/harness
harness-lib := $(addprefix uldrv/lib/,dev.c registers.c)
harness-all := $(addprefix $(harness-here)/,fault.c harness.c nap.c trace.c)
harness-env := env V=$(V) N=$(N) BIT=$(BIT)
harness-pci := $(addprefix uldrv/bus/pci/,\
	scan.c bars.c capability.c route.c control.c window.c)
harness-model := $(harness-all) $(addprefix $(harness-here)/,\
	loops.c compare.c model/backend.c)
harness-qtest := $(harness-all) $(harness-pci) $(addprefix $(harness-here)/,\
	live.c qtest/qtest.c qtest/message.c qtest/backend.c)
harness-replay := $(harness-all) $(addprefix $(harness-here)/,\
	replayed.c replay/backend.c)

# What a class adds: its script, and what of uldrv/lib it stands on.
harness-script-block := $(addprefix $(harness-here)/,\
	client.c blocktest.c blockmore.c rawtest.c)
harness-script-char  := $(harness-here)/char.c
harness-qtest-char   := $(harness-here)/qtest/socket.c
harness-orders       := $(addprefix $(harness-here)/,orders.c orderscript.c)
harness-mux-block    := $(addprefix uldrv/mux/block/,front.c raw.c guard.c share.c)
harness-class-lib     = $(or $(harness-mux-$(1)),uldrv/lib/$(1).c) \
	$(if $(filter $(harness-orders),$(harness-script-$(1))),uldrv/lib/order.c)

# Lines are counted in the drivers and uldrv/lib.
harness-cflags := --coverage
own-flags += unit/harness
harness-checked := -fsanitize=address,undefined --coverage

# $(call harness-wanted,NAME,BACKEND,MAKEFILE-TEXT): if the user's choice allows.
harness-wanted = $(if $(or $(filter-out $(1),$(DRIVER)),\
	$(filter-out $(2),$(BACKEND))),,$(3))

# $(call harness-link,PROGRAM,OBJECTS,FLAGS)
define harness-link
object-files += $(2)
$(BUILD)/harness/$(1): $(2)
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $(3) -o $$@ $$^ -lcunit
endef

# $(call harness-driver,NAME,CLASS,DRIVER-SRCS,MODEL-SRCS)
define harness-driver
harness-drivers += $(1)
$(call harness-link,$(1)-model,$(call objs,unit,$(harness-model) \
	$(harness-script-$(2)) $(harness-here)/model/$(1).c $(4) $(runner-srcs)) \
	$(call objs,unit-harness,$(harness-lib) $(call harness-class-lib,$(2)) $(3)),\
	$(harness-checked))
$(call harness-link,$(1)-qtest,$(call objs,host,$(harness-qtest) \
	$(harness-script-$(2)) $(harness-qtest-$(2)) $(harness-here)/qtest/$(1).c \
	$(runner-srcs)) \
	$(call objs,domain,$(harness-lib) $(call harness-class-lib,$(2)) $(3)),-no-pie)
$(call harness-link,$(1)-replay,$(call objs,unit,$(harness-replay) \
	$(harness-script-$(2)) $(runner-srcs)) \
	$(call objs,unit-harness,$(harness-lib) $(call harness-class-lib,$(2)) $(3)),\
	$(harness-checked))
$(call harness-variant,$(1),)
endef

# $(call harness-variant,NAME,WHAT,ENV): the three suites of a driver's
# programs. In the replay's, what qtest records is held against the model's
# conversation and then played to the driver.
define harness-variant
$(call harness-wanted,$(1),model,$(call harness-suite,harness-$(1)-model$(2),\
	$(BUILD)/harness/$(1)-model,\
	$(harness-env) $(3) $(BUILD)/harness/$(1)-model $(CASE:%=harness.%)))
$(call harness-wanted,$(1),qtest,$(call harness-suite,harness-$(1)-qtest$(2),\
	$(BUILD)/harness/$(1)-qtest,\
	$(harness-env) $(3) $(BUILD)/harness/$(1)-qtest $(CASE:%=harness.%)))
$(call harness-wanted,$(1),replay,$(call harness-suite,harness-$(1)-replay$(2),\
	$(addprefix $(BUILD)/harness/$(1)-,model qtest replay),\
	$(if $(TRACE),,$(if $(filter mc146818,$(1)),sh $(harness-here)/again.sh 3 \
	"$(harness-record)",$(harness-record)) &&) \
	$(harness-env) $(3) TRACE=$(or $(TRACE),$(harness-trace)) \
	$(BUILD)/harness/$(1)-replay $(CASE:%=harness.%)))
endef
harness-trace = $(BUILD)/harness/$(1)$(2).trace
harness-record = env $(3) RECORD=$(harness-trace) \
	$(BUILD)/harness/$(1)-qtest harness.conversation && \
	env $(3) AGREE=$(harness-trace) RECORD=$(harness-trace:.trace=.model) \
	$(BUILD)/harness/$(1)-model harness.agrees

$(eval $(call harness-driver,virtio-blk,block,\
	uldrv/block/virtio-blk/virtio-blk.c uldrv/lib/virtio.c,\
	$(harness-here)/model/virtio.c))
$(eval $(call harness-driver,ide,block,\
	uldrv/block/ide/ide.c uldrv/block/ide/identify.c uldrv/lib/ata.c))
$(eval $(call harness-driver,nvme,block,\
	$(addprefix uldrv/block/nvme/,nvme.c admin.c prp.c)))
$(eval $(call harness-driver,ahci,block,\
	uldrv/block/ahci/ahci.c uldrv/block/ahci/start.c uldrv/lib/ata.c))
$(eval $(call harness-variant,ide,-pio,PIO=1))
# QEMU's own trace of the same conversation tells no memory and no interrupts,
# which is enough for devices without DMA.
# $(call harness-qemu-trace,NAME,WHAT,ENV)
define harness-qemu-trace
$(call harness-wanted,$(1),replay,$(call harness-suite,harness-$(1)-replay-qemu,\
	$(addprefix $(BUILD)/harness/$(1)-,qtest replay),\
	rm -f $(harness-trace).log && env $(3) QEMU_TRACE=$(harness-trace).log \
	RECORD=$(harness-trace).own $(BUILD)/harness/$(1)-qtest \
	harness.conversation && { grep ^given $(harness-trace).own; \
	cat $(harness-trace).log; } >$(harness-trace).qemu && \
	$(harness-env) $(3) TRACE=$(harness-trace).qemu \
	$(BUILD)/harness/$(1)-replay $(CASE:%=harness.%)))
endef

$(eval $(call harness-driver,uart,char,uldrv/char/uart/uart.c))
$(eval $(call harness-driver,virtio-console,char,\
	uldrv/char/virtio-console/virtio-console.c uldrv/lib/virtio.c,\
	$(harness-here)/model/virtio.c))

$(eval $(call harness-qemu-trace,uart))
$(eval $(call harness-qemu-trace,ide,-pio,PIO=1))

# A driver of a class that stands on orders.
harness-script-test := $(harness-orders) $(harness-here)/script/edu.c
$(eval $(call harness-driver,edu,test,uldrv/test/edu/edu.c))
harness-script-clock := $(harness-orders) $(harness-here)/script/clock.c
$(eval $(call harness-driver,mc146818,clock,$(addprefix uldrv/clock/mc146818/,\
	mc146818.c calendar.c)))
harness-script-entropy := $(harness-orders) $(harness-here)/script/entropy.c
$(eval $(call harness-driver,virtio-rng,entropy,\
	uldrv/entropy/virtio-rng/virtio-rng.c uldrv/lib/virtio.c,\
	$(harness-here)/model/virtio.c))
harness-script-net := $(harness-orders) $(harness-here)/script/net.c
$(eval $(call harness-driver,virtio-net,net,\
	uldrv/net/virtio-net/virtio-net.c uldrv/lib/virtio.c,\
	$(addprefix $(harness-here)/model/,virtio.c netpeer.c)))
$(eval $(call harness-driver,e1000,net,uldrv/net/e1000/e1000.c,\
	$(harness-here)/model/netpeer.c))
harness-script-input := $(harness-orders) $(harness-here)/script/input.c
$(eval $(call harness-driver,ps2,input,uldrv/input/ps2/ps2.c))
harness-script-display := $(harness-orders) $(harness-here)/script/display.c
$(eval $(call harness-driver,vga-text,display,\
	uldrv/display/vga-text/vga-text.c))

# The tools themselves.
$(eval $(call unit-test,harness-tools,$(addprefix $(harness-here)/,selftest.c \
	compare.c trace.c)))

# What the last run of the programs printed.
.PHONY: harness-table
harness-table:
	@sh $(harness-here)/table.sh $(BUILD) loops
