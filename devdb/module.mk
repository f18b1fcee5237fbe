# SPDX-License-Identifier: BSD-2-Clause
#
# The device tree sources and the names of their drivers, for the folders below.

devdb-sources := $(sort $(wildcard devdb/*/*.dts))
devdb-names   := $(basename $(notdir $(devdb-sources)))
devdb-made    := $(devdb-names:%=$(BUILD)/gen/devdb/%)
