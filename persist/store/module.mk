# SPDX-License-Identifier: BSD-2-Clause
# The machine; main.c wires it to the kernel in the guest.
store-srcs := $(addprefix persist/store/,cache.c commit.c credit.c delta.c \
	drop.c io.c list.c lookup.c merge.c mount.c plan.c request.c space.c \
	store.c table.c) persist/format/check.c
