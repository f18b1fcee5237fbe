# SPDX-License-Identifier: BSD-2-Clause
#
# The device tree sources and the names of their drivers, for the folders below.
# Each gives a driver package; those not in devdb-packages also stand in the
# boot catalogue, with their images in the boot range.
devdb-packages := edu

devdb-sources := $(sort $(wildcard devdb/*/*.dts))
devdb-all     := $(basename $(notdir $(devdb-sources)))
devdb-names   := $(filter-out $(basename $(notdir \
	$(wildcard devdb/library/*.dts))),$(devdb-all))
devdb-boot    := $(filter-out $(devdb-packages),$(devdb-names))
devdb-made    := $(devdb-all:%=$(BUILD)/gen/devdb/%)
