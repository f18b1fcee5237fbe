# SPDX-License-Identifier: BSD-2-Clause
userland-test := testsuite/unit/userland
shell-pure    := $(addprefix userland/shell/,edit.c history.c keys.c term.c)

$(eval $(call unit-test,userland-edit,$(userland-test)/edit_test.c \
	$(userland-test)/screen.c $(shell-pure),))
$(eval $(call unit-test,userland-ledger,$(userland-test)/ledger_test.c \
	$(addprefix userland/bank/,ledger.c check.c),))
$(eval $(call unit-test,userland-elf,$(userland-test)/elf_test.c \
	userland/rt/elf.c,))
