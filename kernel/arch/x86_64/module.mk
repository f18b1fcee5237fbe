# SPDX-License-Identifier: BSD-2-Clause
kernel-srcs += $(addprefix kernel/arch/x86_64/,\
	start.S stubs.S syscall.S init.c cpu.c descriptors.c paging.c \
	regions.c acpi.c acpi_tables.c meltdown.c foreign.c xstate.c step.c \
	process.c trap.c pic.c \
	lapic.c ioapic.c clock.c reserve.c reset.c console.c)
kernel-cold += $(addprefix kernel/arch/x86_64/,acpi.c acpi_tables.c \
	clock.c console.c cpu.c descriptors.c foreign.c init.c ioapic.c meltdown.c \
	paging.c pic.c \
	regions.c reserve.c reset.c step.c xstate.c)
