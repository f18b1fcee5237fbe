# SPDX-License-Identifier: BSD-2-Clause
# The pure parts of kernel/arch and kernel/core, on the host.
arch-test := testsuite/unit/kernel/arch
$(eval $(call unit-test,arch,$(filter-out %/string_test.c,\
	$(wildcard $(arch-test)/*.c)) \
	$(addprefix kernel/arch/x86_64/,acpi.c acpi_tables.c regions.c \
	foreign.c meltdown.c step.c xstate.c) \
	$(addprefix kernel/core/,calendar.c format.c log.c)))

# The kernel's string functions beside the C library's.
$(eval $(call unit-test,core-string,$(arch-test)/string_test.c))
