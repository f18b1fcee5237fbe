# SPDX-License-Identifier: BSD-2-Clause
idl-test  := testsuite/unit/idl
idl-files := $(addprefix $(idl-test)/,golden.idl other.idl silent.idl)
idl-gen   := $(gen)/$(idl-test)

# What the tests of the generator are made from; not part of the system.
$(idl-gen)/dispatch.c: $(idl-files) $(idl-awk)
	$(call idl,dispatch -v proto=$(idl-test)/proto.h,$(idl-test),$(idl-files))
$(idl-gen)/proto.h: $(idl-files) $(idl-awk)
	$(call idl,proto,$(idl-test),$(idl-files))
idl-headers := $(foreach i,golden other silent served,\
	$(idl-gen)/$(i).order.h $(idl-gen)/$(i).stub.h) \
	$(idl-gen)/served.serve.h $(idl-gen)/proto.h
gen-headers += $(idl-headers)
.SECONDARY: $(idl-headers)

$(eval $(call unit-test,idl-dispatch,$(idl-test)/dispatch_test.c \
	$(idl-gen)/dispatch.c,))
$(eval $(call unit-test,idl-stub,$(idl-test)/stub_test.c,))
$(eval $(call suite,idl-errors,$(idl-awk),\
	$(idl-test)/errors.sh $(AWK) $(idl-awk)))
$(eval $(call suite,idl-golden,$(idl-awk),\
	$(idl-test)/golden.sh $(AWK) $(idl-awk)))
