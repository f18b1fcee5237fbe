# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call suite,static,$(BUILD)/static/flags generated,\
	testsuite/static/static.sh $(BUILD)))

# What headers are compiled with; written late, when there is a compiler.
$(BUILD)/static/flags: FORCE | packages $(BUILD)/fdt-include/libfdt.h
	@mkdir -p $(@D)
	@printf '%s\n' 'kernel="$(flags-kernel)"' 'domain="$(flags-domain)"' \
	    'host="$(flags-host)"' >$@
$(eval $(call suite,static-rulings,,testsuite/static/rulings.sh))
$(eval $(call suite,static-map,,testsuite/static/map.sh))
$(eval $(call suite,static-exhaustion,,testsuite/static/exhaustion.sh))
$(eval $(call suite,static-setup,,testsuite/static/setup.sh))
$(eval $(call suite,static-proxy,,testsuite/static/proxy.sh))
$(eval $(call suite,static-coverage,,testsuite/setup/coverage_selftest.sh))
