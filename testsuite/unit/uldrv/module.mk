# SPDX-License-Identifier: BSD-2-Clause
pci-logic := $(addprefix uldrv/bus/pci/,scan.c bars.c capability.c route.c window.c \
	control.c)

$(eval $(call unit-test,uldrv-pci,testsuite/unit/uldrv/test_pci.c \
	testsuite/unit/uldrv/fakepci.c $(pci-logic)))
$(eval $(call unit-test,uldrv-ring,testsuite/unit/uldrv/test_ring.c \
	uldrv/platform/acpi-pm/s5.c))
$(eval $(call unit-test,uldrv-mux,testsuite/unit/uldrv/test_mux.c \
	$(addprefix uldrv/mux/block/,share.c guard.c)))
