/* SPDX-License-Identifier: BSD-2-Clause */
/* hal.h over host memory, but for the tables (tlb.c). */
#include <stdlib.h>
#include <sys/mman.h>

#include "testsuite/unit/kernel/fake/fake.h"

struct fake fake;

static struct {
	uint8_t          *ram;
	uint64_t          pages;
	struct hal_memory region[2];
	unsigned          nregions;
	enum fake_exit    left;
	uint64_t          random;
} machine;

/* --- Ways out ------------------------------------------------------------ */

enum fake_exit
fake_left(void)
{
	return machine.left;
}

enum fake_exit
fake_returned(void)
{
	return FAKE_RETURNED;
}

_Noreturn void
fake_leave(enum fake_exit how)
{
	machine.left = how;
	if (!fake.leaving)
		abort();
	longjmp(fake.leave, 1);
}

_Noreturn void
hal_resume(struct state_page *s)
{
	fake.resumed = s;
	fake_leave(FAKE_RESUME);
}

_Noreturn void
hal_resume_syscall(struct state_page *s)
{
	fake.resumed = s;
	fake_leave(FAKE_RESUME_SYSCALL);
}

_Noreturn void
hal_idle(void)
{
	fake_leave(FAKE_IDLE);
}

_Noreturn void
hal_reset(void)
{
	fake_leave(FAKE_RESET);
}

_Noreturn void
hal_halt(void)
{
	fake_leave(FAKE_HALT);
}

/* --- Memory -------------------------------------------------------------- */

void
fake_memory(uint32_t pages)
{
	uint64_t bytes = (uint64_t)pages << PAGE_SHIFT;

	if (machine.ram != NULL)
		munmap(machine.ram, machine.pages << PAGE_SHIFT);
	machine.ram = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (machine.ram == MAP_FAILED)
		abort();
	hal_direct_base = machine.ram;
	machine.pages = pages;
	machine.region[0] = (struct hal_memory){{PAGE_SIZE}, pages - 1};
	machine.nregions = 1;
}

/* boot.c keeps [first, end) pages to itself. */
void fake_hole(uint64_t first, uint64_t end);

void
fake_hole(uint64_t first, uint64_t end)
{
	machine.region[0] = (struct hal_memory){{PAGE_SIZE}, first - 1};
	machine.region[1] = (struct hal_memory){
	    {end << PAGE_SHIFT}, machine.pages - end};
	machine.nregions = 2;
}

/* Beyond RAM is beyond the mapping: a crash with an address. */
uint8_t *hal_direct_base;

unsigned
hal_memory_regions(const struct hal_memory **list)
{
	*list = machine.region;
	return machine.nregions;
}

bool
hal_is_ram(uint64_t first, uint64_t bytes)
{
	return bytes > 0 && first < machine.pages << PAGE_SHIFT;
}

unsigned
hal_physical_bits(void)
{
	return fake.physical_bits != 0 ? fake.physical_bits : 40;
}

/* --- Processes ----------------------------------------------------------- */

void
hal_process_enter(struct state_page *s)
{
	fake.loaded = s;
	fake.enters++;
}

/* The one step there is: of no particular instruction. */
enum hal_step
hal_step_begin(struct state_page *s, const uint8_t *code, unsigned bytes)
{
	fake.step_bytes = bytes;
	memcpy(fake.code, code, bytes);
	return fake.step_of != NULL ? fake.step_of(s) : fake.step;
}

uint64_t
hal_step_end(struct state_page *s, bool done)
{
	(void)s;
	return done ? fake.step_stored : 0;
}

void
hal_process_load(struct state_page *s)
{
	fake.loaded = s;
	fake.loads++;
}

void
hal_process_sync(struct state_page *s)
{
	if (fake.loaded != s)
		panic("sync of a process that is not loaded");
	fake.syncs++;
}

void
hal_process_switch(
    struct state_page *from, struct state_page *to, uint64_t top)
{
	hal_process_sync(from);
	hal_process_load(to);
	if (top != 0)
		hal_top_switch(top);
}

_Noreturn void
hal_process_switch_message(
    struct state_page *from, struct state_page *to, uint64_t top)
{
	if (top == 0)
		panic("message without a top table");
	hal_process_switch(from, to, top);
	to->regs.rdi = from->regs.rdi;
	to->regs.rsi = from->regs.rsi;
	to->regs.rdx = from->regs.rdx;
	to->regs.r10 = from->regs.r10;
	to->regs.r8 = from->regs.r8;
	hal_resume_syscall(to);
}

void
hal_process_unload(void)
{
	fake.loaded = NULL;
	fake.unloads++;
}

void
hal_force_registers(struct state_page *s)
{
	s->regs.rflags = (s->regs.rflags & 0xcd5) | 0x202;
}

/* The one foreign call there is: INT 80h, without prefixes. */
unsigned
hal_foreign_call(const uint8_t *code, unsigned bytes, uint64_t *call)
{
	if (bytes < 2 || code[0] != 0xcd || code[1] != 0x80)
		return 0;
	*call = 0x80;
	return 2;
}

bool
hal_force(struct state_page *s)
{
	s->regs.rflags = (s->regs.rflags & 0xcd5) | 0x202;
	return !fake.force_fails;
}

void
hal_state_init(struct state_page *s)
{
	memset(&s->regs, 0, sizeof(s->regs));
	s->regs.rflags = 0x202;
	s->regs.cs = 0x33;
	s->regs.ss = 0x2b;
}

void
hal_io_open(uint16_t first, uint32_t count)
{
	fake.io_first = first;
	fake.io_count = count;
}

void
hal_io_close(void)
{
	fake.io_count = 0;
}

bool
hal_io_is_open(void)
{
	return fake.io_count != 0;
}

/* --- Time, interrupts, ports --------------------------------------------- */

uint64_t
hal_clock_now(void)
{
	return fake.now;
}

void
hal_clock_deadline(uint64_t when)
{
	fake.deadline = when;
}

uint32_t
hal_gsi_count(void)
{
	return FAKE_GSIS;
}

void
hal_gsi_route(uint32_t gsi, unsigned vector, bool level, bool low)
{
	(void)level;
	(void)low;
	fake.vector[gsi] = vector;
}

void
hal_gsi_mask(uint32_t gsi, bool masked)
{
	fake.masked[gsi] = masked;
}

bool
hal_isa_gsi(unsigned isa, uint32_t *gsi, bool *level, bool *low)
{
	if (isa >= 16)
		return false;
	*gsi = isa == 0 ? 2 : isa;
	*level = *low = isa == FAKE_ISA_LEVEL;
	return true;
}

void
hal_msi_message(unsigned vector, uint64_t *address, uint32_t *data)
{
	*address = 0xfee00000;
	*data = 0x40 + vector;
}

void
hal_irq_eoi(unsigned vector)
{
	(void)vector;
	fake.eois++;
}

void
hal_strays(struct hal_strays *out)
{
	*out = (struct hal_strays){0, 0, 0};
}

unsigned
hal_reserved_ports(const struct hal_reserved **list)
{
	static const struct hal_reserved ports[] = {{0x20, 2, "PIC"}};

	*list = ports;
	return 1;
}

unsigned
hal_reserved_windows(const struct hal_reserved **list)
{
	static const struct hal_reserved windows[] = {
	    {0xfee00000, PAGE_SIZE, "local APIC"}};

	*list = windows;
	return 1;
}

uint32_t
hal_in(uint16_t port, unsigned bytes)
{
	uint32_t v = 0;

	memcpy(&v, &fake.port[port], bytes);
	return v;
}

void
hal_out(uint16_t port, unsigned bytes, uint32_t value)
{
	memcpy(&fake.port[port], &value, bytes);
}

/* --- Start --------------------------------------------------------------- */

void
hal_init(const struct handoff *h)
{
	(void)h;
}

uint32_t
hal_features(void)
{
	return 0;
}

uint64_t
hal_tsc_khz(void)
{
	return 1000000;
}

uint64_t
hal_tsc_at_entry(void)
{
	return 0;
}

uint64_t
hal_wall_at_entry(void)
{
	return 0;
}

uint64_t
hal_random(void)
{
	machine.random = machine.random * UINT64_C(6364136223846793005) + 1;
	return machine.random;
}

void
hal_debug_byte(char c)
{
	(void)c;
}

void
hal_panic_byte(char c)
{
	(void)c;
}
