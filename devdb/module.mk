# SPDX-License-Identifier: BSD-2-Clause
#
# The device tree sources and the names of their drivers, for the folders below.
# Each gives a driver package; those not in devdb-packages also stand in the
# boot catalogue, with their images in the boot range.
devdb-packages := edu

devdb-sources := $(sort $(wildcard devdb/*/*.dts))
devdb-names   := $(basename $(notdir $(devdb-sources)))
devdb-boot    := $(filter-out $(devdb-packages),$(devdb-names))
devdb-made    := $(devdb-names:%=$(BUILD)/gen/devdb/%)
