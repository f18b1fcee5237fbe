# SPDX-License-Identifier: BSD-2-Clause
userland-test := testsuite/unit/userland
shell-pure    := $(addprefix userland/shell/,edit.c history.c keys.c term.c)

$(eval $(call unit-test,userland-edit,$(userland-test)/edit_test.c \
	$(userland-test)/screen.c $(shell-pure),))
