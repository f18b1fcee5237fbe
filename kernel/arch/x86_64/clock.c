/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time: the TSC tells it, the local APIC's timer interrupts at a deadline.
 *
 * How fast the two run is taken from CPUID or the hypervisor if they say it,
 * and otherwise measured against the HPET, the ACPI timer or, last, the 8254,
 * for a fifth of a millisecond. No interrupt is periodic.
 */
#include "kernel/abi/kinfo.h"
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	LEAF_TSC = 0x15,
	LEAF_FREQUENCY = 0x16,
	LEAF_HYPERVISOR = 0x40000000,
	LEAF_TIMING = 0x40000010, /* kHz of TSC and APIC. */

	TIMER_DIVIDER = 16,
	PM_TIMER_HZ = 3579545, /* ACPI 6.4, 4.8.3.3. */
	MEASURE_NS = 200000,
	TRIES = 8,
	ASSUMED_KHZ = 1000000,
	ROUNDS_MOST = 1000000, /* Then the reference stands still. */

	/* Channel 2 of the 8254, whose gate is a bit of port 0x61. */
	PIT_HZ = 1193182,
	PIT_DATA = 0x42,
	PIT_MODE = 0x43,
	PIT_RATE = 0xb4, /* Both bytes, mode 2. */
	PIT_LATCH = 0x80,
	PIT_GATE = 0x61,
	GATE_ON = 1,
	GATE_SPEAKER = 2,

	HPET_CAPABILITIES = 0x000,
	HPET_CONFIG = 0x010,
	HPET_COUNTER = 0x0f0,
	HPET_BYTES = 0x400,
	HPET_ENABLE = 1,
};

/* A counter of known frequency. */
struct reference {
	uint32_t (*read)(void);
	uint64_t    hz;
	uint32_t    mask;
	const char *name;
};

static uint32_t
hpet_read(void)
{
	return mmio_read32(machine.hpet, HPET_COUNTER);
}

static uint32_t
pm_timer_read(void)
{
	return in32(machine.acpi.pm_timer);
}

/* It counts down; the latch keeps both bytes of one moment. */
static uint32_t
pit_read(void)
{
	uint32_t v;

	out8(PIT_MODE, PIT_LATCH);
	v = in8(PIT_DATA);
	v |= (uint32_t)in8(PIT_DATA) << 8;
	return ~v;
}

/*
 * The HPET's period is in femtoseconds, at most 10^8 (HPET specification 1.0a,
 * 2.3.4). A counter that is off is started.
 */
static bool
hpet_open(struct reference *r)
{
	uint32_t period;

	if (machine.acpi.hpet == 0)
		return false;
	machine.hpet = device_map(machine.acpi.hpet, HPET_BYTES);
	period = mmio_read32(machine.hpet, HPET_CAPABILITIES + 4);
	if (period == 0 || period > 100000000) {
		log_line("clock: HPET with period %u fs refused", period);
		machine.hpet = NULL;
		return false;
	}
	mmio_write32(machine.hpet, HPET_CONFIG,
	    mmio_read32(machine.hpet, HPET_CONFIG) | HPET_ENABLE);
	*r = (struct reference){
	    .read = hpet_read,
	    .hz = UINT64_C(1000000000000000) / period,
	    .mask = UINT32_MAX,
	    .name = "HPET",
	};
	return true;
}

static void
reference_open(struct reference *r)
{
	if (hpet_open(r))
		return;
	if (machine.acpi.pm_timer != 0) {
		*r = (struct reference){
		    .read = pm_timer_read,
		    .hz = PM_TIMER_HZ,
		    .mask = machine.acpi.pm_timer_32 ? UINT32_MAX : 0xffffff,
		    .name = "ACPI timer",
		};
		return;
	}
	out8(PIT_GATE, (in8(PIT_GATE) & (uint8_t)~GATE_SPEAKER) | GATE_ON);
	out8(PIT_MODE, PIT_RATE);
	out8(PIT_DATA, 0);
	out8(PIT_DATA, 0);
	*r = (struct reference){
	    .read = pit_read,
	    .hz = PIT_HZ,
	    .mask = 0xffff,
	    .name = "8254",
	};
}

/* One moment on three clocks; of a few tries the one least disturbed. */
struct moment {
	uint64_t tsc;
	uint32_t reference, apic;
};

static struct moment
moment_now(const struct reference *r)
{
	struct moment best = {0};
	uint64_t      least = UINT64_MAX;

	for (int i = 0; i < TRIES; i++) {
		const uint64_t before = rdtsc();
		const uint32_t ref = r->read();
		const uint32_t apic = lapic_timer_left();
		const uint64_t after = rdtsc();

		if (after - before < least) {
			least = after - before;
			best = (struct moment){
			    .tsc = before + least / 2,
			    .reference = ref,
			    .apic = apic,
			};
		}
	}
	return best;
}

/* kHz of TSC and APIC timer by the reference; false: it stands still. */
static bool
measure(const struct reference *r, uint64_t *tsc_khz, uint64_t *apic_khz)
{
	const uint64_t ticks = r->hz * MEASURE_NS / 1000000000;
	struct moment  from, to;
	uint64_t       passed;
	unsigned       rounds = 0;

	lapic_timer(UINT32_MAX);
	from = moment_now(r);
	do {
		passed = (r->read() - from.reference) & r->mask;
		if (++rounds == ROUNDS_MOST)
			return false;
	} while (passed < ticks);
	to = moment_now(r);
	passed = (to.reference - from.reference) & r->mask;
	lapic_timer(0);
	*tsc_khz = (to.tsc - from.tsc) * (r->hz / 1000) / passed;
	*apic_khz = (uint64_t)(from.apic - to.apic) * (r->hz / 1000) / passed;
	return *tsc_khz != 0 && *apic_khz != 0;
}

/* What a hypervisor says; KVM and others. */
static bool
hypervisor_says(uint64_t *tsc_khz, uint64_t *apic_khz)
{
	struct cpuid c;

	if ((arch.features & KF_HYPERVISOR) == 0 ||
	    cpuid(LEAF_HYPERVISOR, 0).a < LEAF_TIMING)
		return false;
	c = cpuid(LEAF_TIMING, 0);
	*tsc_khz = c.a;
	*apic_khz = c.b / TIMER_DIVIDER;
	return *tsc_khz != 0 && *apic_khz != 0;
}

/* SDM vol. 3, 18.7.3: the APIC timer runs with the crystal. */
static bool
cpuid_says(uint64_t *tsc_khz, uint64_t *apic_khz)
{
	const uint32_t most = cpuid(0, 0).a;
	struct cpuid   c;
	uint64_t       crystal;

	if (most < LEAF_TSC)
		return false;
	c = cpuid(LEAF_TSC, 0);
	if (c.a == 0 || c.b == 0)
		return false;
	crystal = c.c;
	if (crystal == 0 && most >= LEAF_FREQUENCY)
		crystal = (uint64_t)(cpuid(LEAF_FREQUENCY, 0).a & 0xffff) *
		    1000000 * c.a / c.b;
	*tsc_khz = crystal * c.b / c.a / 1000;
	*apic_khz = crystal / 1000 / TIMER_DIVIDER;
	return *tsc_khz != 0 && *apic_khz != 0;
}

void
clock_init(void)
{
	struct reference r;
	const char      *by = "CPUID";
	uint64_t         tsc, apic;

	reference_open(&r);
	if (!cpuid_says(&tsc, &apic)) {
		by = "hypervisor";
		if (!hypervisor_says(&tsc, &apic)) {
			by = r.name;
			if (!measure(&r, &tsc, &apic)) {
				log_line("clock: no reference: assuming 1 GHz");
				tsc = ASSUMED_KHZ;
				apic = ASSUMED_KHZ / TIMER_DIVIDER;
			}
		}
	}
	machine.clock.tsc_khz = tsc;
	machine.clock.ns_mult = (UINT64_C(1000000) << 32) / tsc;
	machine.clock.apic_mult = (apic << 32) / 1000000;
	machine.clock.deadline = UINT64_MAX;
	log_line("clock: TSC %lu kHz%s, APIC timer %lu kHz, by %s", tsc,
	    arch.tsc_invariant ? "" : " (not invariant)", apic, by);
}

/* --- For the rest of the kernel ------------------------------------------ */

static uint64_t
scale(uint64_t v, uint64_t mult)
{
	return (uint64_t)((unsigned __int128)v * mult >> 32);
}

uint64_t
hal_clock_now(void)
{
	return scale(rdtsc() - machine.clock.tsc_start, machine.clock.ns_mult);
}

/* Set the timer; a count of 0 would stop it. Far deadlines come early. */
static void
arm(uint64_t now)
{
	const uint64_t when = machine.clock.deadline;
	uint64_t       ticks;

	if (when == UINT64_MAX) {
		lapic_timer(0);
		return;
	}
	ticks = when > now ? scale(when - now, machine.clock.apic_mult) : 0;
	if (ticks >= UINT32_MAX)
		ticks = UINT32_MAX - 1;
	lapic_timer((uint32_t)ticks + 1);
}

void
hal_clock_deadline(uint64_t when)
{
	machine.clock.deadline = when;
	arm(hal_clock_now());
}

bool
clock_due(void)
{
	const uint64_t now = hal_clock_now();

	if (now >= machine.clock.deadline)
		return true;
	arm(now);
	return false;
}

uint64_t
hal_tsc_khz(void)
{
	return machine.clock.tsc_khz;
}

uint64_t
hal_tsc_at_entry(void)
{
	return machine.clock.tsc_start;
}

uint64_t
hal_wall_at_entry(void)
{
	return machine.wall;
}
