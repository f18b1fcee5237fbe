# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,store,$(sort $(wildcard persist/store/guest/*.c) \
	$(wildcard persist/store/*.c)) persist/format/check.c))
