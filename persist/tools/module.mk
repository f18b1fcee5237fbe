# SPDX-License-Identifier: BSD-2-Clause
mkvolume-srcs := $(addprefix persist/tools/,mkvolume.c range.c space.c elf.c \
	tree.c object.c capability.c closure.c image.c listing.c show.c \
	volume.c generation.c)

$(eval $(call host-tool,mkvolume,$(mkvolume-srcs) $(store-srcs) \
	$(boot-install-srcs),-lfdt))
