/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel of its own over kernel/arch and kernel/core: enters the user
 * program of user.S and judges what arrives at the entries. The log goes to
 * port 0xe9; the last line is `N passed, M failed`; QEMU ends through
 * isa-debug-exit at 0xf4.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"
#include "kernel/hal/entry.h"
#include "testsuite/guest/kernel_smoke/smoke.h"

_Static_assert(F_DIVIDE == FAULT_DIVIDE && F_DEBUG == FAULT_DEBUG &&
	F_BREAKPOINT == FAULT_BREAKPOINT &&
	F_INSTRUCTION == FAULT_INSTRUCTION &&
	F_PROTECTION == FAULT_PROTECTION && F_FLOAT == FAULT_FLOAT,
    "smoke.h");

enum {
	DEBUG_EXIT = 0xf4,
	LAPIC_ICR = 0x300,
	ICR_SELF = 0x40000,
	PIT_DATA = 0x40,
	PIT_MODE = 0x43,
	PIT_ONCE = 0x30, /* Channel 0, both bytes, mode 0. */
	PIT_VECTOR = 7,
	MS = 1000000,
};

/* What to do, by the year of the RTC: the runner sets it (-rtc base=). */
enum mode {
	MODE_USER = 2030,
	MODE_RESET,
	MODE_UNMAPPED,     /* From here on each ends in a panic. */
	MODE_WRITE_TEXT,   /* W^X: text is read-only, */
	MODE_WRITE_DIRECT, /* also in the direct map; */
	MODE_EXECUTE,      /* data is not executable. */
	MODE_OVERFLOW,     /* The kernel stack has an end. */
	MODE_ASSERT,
	MODE_SMEP,
	MODE_SMAP,
};

extern const uint8_t user_first[], user_end[];

static struct {
	unsigned           passed, failed;
	struct state_page *process, *other;
	uint64_t          *data;
	uint64_t           deadline;
	bool               idle;
	unsigned           expected_strays;
} smoke;

static void
judge(bool ok, const char *what, uint64_t detail)
{
	if (ok) {
		smoke.passed++;
		return;
	}
	smoke.failed++;
	log_line("smoke: FAILED %s %lx", what, detail);
}

static paddr
page_new(void)
{
	paddr p;

	if (!regions_take(&machine.regions, UINT64_MAX, &p))
		panic("no page");
	memset(hal_direct(p), 0, PAGE_SIZE);
	return p;
}

static void
map_page(uint64_t *top, uint64_t v, paddr p, uint64_t flags)
{
	uint64_t *table = top;

	for (unsigned level = TABLE_TOP; level > 1; level--) {
		uint64_t
		    *e = &table[v >> (PAGE_SHIFT + TABLE_SHIFT * (level - 1)) &
			(TABLE_ENTRIES - 1)];

		if (*e == 0)
			*e = page_new().v | PTE_PRESENT | PTE_WRITE | PTE_USER;
		table = hal_direct((paddr){*e & PTE_ADDRESS});
	}
	table[v >> PAGE_SHIFT & (TABLE_ENTRIES - 1)] = p.v | flags |
	    PTE_PRESENT | PTE_USER;
}

static void
space_make(void)
{
	const paddr code = page_new(), data = page_new(), last = page_new();
	const paddr top = page_new();
	uint64_t   *t = hal_direct(top);
	uint8_t    *tail = hal_direct(last);

	hal_top_init(t);
	memcpy(hal_direct(code), user_first, (size_t)(user_end - user_first));
	tail[PAGE_SIZE - 2] = 0x0f; /* SYSCALL. */
	tail[PAGE_SIZE - 1] = 0x05;
	smoke.data = hal_direct(data);
	map_page(t, SMOKE_CODE, code, 0);
	map_page(t, SMOKE_DATA, data, PTE_WRITE | PTE_NO_EXECUTE);
	map_page(t, SMOKE_LAST, last, 0);
	hal_top_load(top, 1, true);
}

static struct state_page *
process_make(void)
{
	struct state_page *s = hal_direct(page_new());

	hal_state_init(s);
	judge(hal_force(s), "force", 0);
	s->regs.rip = SMOKE_CODE;
	return s;
}

static void
check_memory(void)
{
	const struct hal_memory *list;
	const unsigned           n = hal_memory_regions(&list);
	uint64_t                 pages = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t *last = hal_direct((paddr){
		    list[i].first.v + ((list[i].pages - 1) << PAGE_SHIFT)});

		pages += list[i].pages;
		*last = 0x600df00d; /* Mapped and RAM. */
		judge(*last == 0x600df00d, "memory", list[i].first.v);
		judge(hal_is_ram(list[i].first.v, 1), "RAM", list[i].first.v);
	}
	log_line("smoke: %lu pages free in %u regions", pages, n);
	judge(!hal_is_ram(0xfee00000, 4096), "APIC is RAM", 0);
}

static unsigned
mode_of(uint64_t wall)
{
	const uint64_t year = 31556952; /* Seconds; good enough for January. */

	return (unsigned)(1970 + (wall + year / 4) / year);
}

/* Runs over the kernel stack, a page at a time. */
static __attribute__((noinline)) unsigned
overflow(unsigned depth)
{
	volatile uint8_t page[900];

	page[0] = (uint8_t)depth;
	if (depth == 0)
		return 0;
	return overflow(depth - 1) + page[0];
}

static void
misbehave(unsigned mode)
{
	volatile uint64_t *direct = hal_direct(
	    (paddr){(uint64_t)text_first - KERNEL_BASE});
	void (*jump)(void);

	switch ((enum mode)mode) {
	case MODE_USER:
		return;
	case MODE_RESET:
		hal_reset();
	case MODE_UNMAPPED:
		*(volatile uint64_t *)0x1000 = 1;
		break;
	case MODE_WRITE_TEXT:
		*(volatile uint64_t *)(void *)text_first = 1;
		break;
	case MODE_WRITE_DIRECT:
		*direct = 1;
		break;
	case MODE_EXECUTE:
		memcpy(&jump, &(void *){&smoke}, sizeof(jump));
		jump();
		break;
	case MODE_OVERFLOW:
		log_line("%u", overflow(100));
		break;
	case MODE_ASSERT:
		assert(mode == MODE_USER);
		break;
	case MODE_SMEP:
		memcpy(&jump, &(void *){(void *)SMOKE_CODE}, sizeof(jump));
		jump();
		break;
	case MODE_SMAP:
		log_line("%lu", *(volatile uint64_t *)SMOKE_DATA);
		break;
	}
	log_line("smoke: mode %u was survived", mode);
}

void
kernel_main(const struct handoff *h)
{
	uint64_t now;

	log_line("smoke: started");
	hal_init(h);
	judge(regions_ok(&machine.regions), "regions", 0);
	check_memory();
	now = hal_clock_now();
	judge(now < 1000 * (uint64_t)MS, "clock", now);
	judge(hal_clock_now() > now, "clock runs", now);
	log_line("smoke: wall %lu, features %x, random %lx",
	    hal_wall_at_entry(), hal_features(), hal_random());
	space_make();
	misbehave(mode_of(hal_wall_at_entry()));
	smoke.other = process_make();
	smoke.process = process_make();
	hal_process_load(smoke.process);
	hal_resume(smoke.process);
}

static void
finish(void)
{
	struct hal_strays strays;

	hal_strays(&strays);
	judge(strays.nmis == 1, "NMIs", strays.nmis);
	judge(strays.vectors == 10, "strays", strays.vectors);
	log_line("%u passed, %u failed", smoke.passed, smoke.failed);
	out8(DEBUG_EXIT, smoke.failed == 0 ? 0x10 : 0x11);
	hal_halt();
}

static void
op_registers(struct state_page *s)
{
	const struct registers *r = &s->regs;
	const uint64_t got[] = {r->rbx, r->rdx, r->rsi, r->rdi, r->rbp, r->r8,
	    r->r9, r->r10, r->r12, r->r13, r->r14, r->r15};
	const unsigned n[] = {2, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15};

	for (size_t i = 0; i < sizeof(n) / sizeof(n[0]); i++)
		judge(got[i] == PATTERN((uint64_t)n[i]), "register", n[i]);
	judge(r->cs == SEL_USER_CODE && r->ss == SEL_USER_DATA, "cs", r->cs);
	judge(r->rsp == SMOKE_DATA + 0x800, "rsp", r->rsp);
	judge((r->rflags & 0x400) != 0, "DF", r->rflags);
	judge(r->rax == OP_REGISTERS && r->trap == TRAP_SYSCALL, "rax", r->rax);
}

static void
op_pit(void)
{
	uint32_t gsi;
	bool     level, low;

	judge(hal_isa_gsi(0, &gsi, &level, &low), "ISA 0", 0);
	if (hal_gsi_count() == 0) { /* No ACPI, no IOAPIC. */
		smoke.data[1] = 1;
		return;
	}
	hal_gsi_route(gsi, PIT_VECTOR, level, low);
	hal_gsi_mask(gsi, false);
	out8(PIT_MODE, PIT_ONCE);
	out8(PIT_DATA, 200);
	out8(PIT_DATA, 0);
}

/* Another process in between, with registers of its own. */
static void
op_switch(struct state_page *s)
{
	hal_process_sync(s);
	s->fs_base |= hal_features() & 0x80 ? 0 : (uint64_t)SMOKE_DATA;
	hal_process_unload();
	hal_process_load(smoke.other);
	hal_process_sync(smoke.other);
	hal_process_unload();
	judge(hal_force(s), "force", 0);
	hal_process_load(s);
}

void
entry_invoke(struct state_page *s)
{
	struct registers *r = &s->regs;

	switch (r->rax) {
	case OP_REGISTERS:
		op_registers(s);
		break;
	case OP_PASS:
		judge(true, "", 0);
		break;
	case OP_FAIL:
		judge(false, "line (hexadecimal)", r->rdi);
		finish();
		break;
	case OP_IPI:
		mmio_write32(
		    machine.lapic, LAPIC_ICR, (uint32_t)r->rdi | ICR_SELF);
		break;
	case OP_IDLE:
		smoke.idle = true;
		/* Fall through. */
	case OP_TIMER:
		smoke.deadline = hal_clock_now() + MS;
		hal_clock_deadline(smoke.deadline);
		if (smoke.idle)
			hal_idle();
		break;
	case OP_IO:
		if (r->rsi != 0)
			hal_io_open((uint16_t)r->rdi, (uint32_t)r->rsi);
		else
			hal_io_close();
		break;
	case OP_SWITCH:
		op_switch(s);
		break;
	case OP_FEATURES:
		r->rdi = hal_features();
		break;
	case OP_PIT:
		op_pit();
		break;
	case OP_DONE:
	default:
		finish();
	}
	hal_resume_syscall(s);
}

static _Noreturn void
faulted(struct state_page *s, uint64_t what)
{
	judge(s->regs.r14 == what, "fault at line (hexadecimal)", s->regs.r13);
	if (s->regs.r14 != what)
		log_line("smoke: got %lx, error %lx, rip %lx", what,
		    s->regs.error, s->regs.rip);
	s->regs.r14 = 0;
	s->regs.rip = s->regs.r15;
	s->regs.rflags &= ~(uint64_t)0x100;
	hal_resume(s);
}

void
entry_page_fault(struct state_page *s, uint64_t v, enum fault_access access)
{
	(void)v;
	faulted(s, (uint64_t)F_PAGE | (uint64_t)access << 8);
}

void
entry_fault(struct state_page *s, enum fault_code code, uint64_t info)
{
	(void)info;
	faulted(s, code);
}

void
entry_interrupt(struct state_page *s, unsigned vector)
{
	judge(vector == PIT_VECTOR && s != NULL, "vector", vector);
	hal_irq_eoi(vector);
	smoke.data[1] = 1;
	hal_resume(s);
}

void
entry_clock(struct state_page *s)
{
	const uint64_t now = hal_clock_now();

	judge(now >= smoke.deadline, "early", smoke.deadline - now);
	/* How late says more about the host's load; never is the test's end. */
	judge((s == NULL) == smoke.idle, "idle", smoke.idle);
	if (smoke.idle) {
		smoke.idle = false;
		hal_resume_syscall(smoke.process);
	}
	judge(s->regs.trap == TRAP_INTERRUPT, "trap", s->regs.trap);
	smoke.data[0] = 1;
	hal_resume(s);
}

void
entry_continue(struct state_page *s)
{
	if (s == NULL)
		hal_idle();
	hal_resume(s);
}
