# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call host-tool,qmp,testsuite/setup/qmp.c \
	testsuite/system/lib/qmp.c,-ljansson))
