# SPDX-License-Identifier: BSD-2-Clause
# Clients of drivers, for testsuite/system/devices.
$(eval $(call domain,netping,testsuite/guest/devices/netping.c))
$(eval $(call domain,holder,testsuite/guest/devices/holder.c))
$(eval $(call domain,diskpest,testsuite/guest/devices/diskpest.c))
$(eval $(call domain,storestop,testsuite/guest/devices/storestop.c))
$(eval $(call domain,ringpest,testsuite/guest/devices/ringpest.c))
