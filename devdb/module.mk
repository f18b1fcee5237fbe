# SPDX-License-Identifier: BSD-2-Clause
#
# The device tree sources and the names of their drivers, for the folders below.

devdb-sources := $(sort $(wildcard devdb/*/*.dts))
devdb-names   := $(basename $(notdir $(devdb-sources)))
devdb-made    := $(devdb-names:%=$(BUILD)/gen/devdb/%)

# Packages: built like the others, but added to a running system only.
devdb-packages := edu
devdb-boot     := $(filter-out $(devdb-packages),$(devdb-names))
