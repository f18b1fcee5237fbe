/* SPDX-License-Identifier: BSD-2-Clause */
/* uldrv's back end over a C model of the device, with faults. */
#include "uldrv/lib/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/model/model.h"
#include "testsuite/harness/trace.h"

const char *const backend_name = "model";

unsigned long harness_complaints;

/* Unlike what registers hold: trace.c looks for addresses of memory. */
#define BUS_BASE UINT64_C(0x37c00000)

/* What model_line and the storm keep beside the model's own state. */
struct lines {
	unsigned high;
	unsigned storm;
};

static struct lines lines;

/* Kept from one device to the next. */
static uint8_t *ram, *disk;

static struct harness *
of(struct dev *d)
{
	return d->backend;
}

/* 37 and RAM_PAGES have no common factor: a permutation of the pages. */
uint64_t
harness_bus(const struct harness *h, uint32_t offset)
{
	uint32_t page = offset / PAGE_SIZE;

	(void)h;
	return BUS_BASE + (uint64_t)(page * 37 % RAM_PAGES) * PAGE_SIZE +
	    offset % PAGE_SIZE;
}

/* The page of ram at a bus address, or RAM_PAGES. 37 * 173 = 1 (mod 256). */
static uint32_t
bus_page(uint64_t bus)
{
	uint64_t n = (bus - BUS_BASE) / PAGE_SIZE;

	_Static_assert(37 * 173 % RAM_PAGES == 1, "the inverse");
	if (bus < BUS_BASE || n >= RAM_PAGES)
		return RAM_PAGES;
	return (uint32_t)n * 173 % RAM_PAGES;
}

bool
harness_ram(const struct harness *h, uint64_t bus, uint32_t *offset)
{
	(void)h;
	*offset = bus_page(bus) * PAGE_SIZE + (uint32_t)(bus % PAGE_SIZE);
	return bus_page(bus) < RAM_PAGES;
}

/* Made once: the loops open thousands of disks. */
static void
fill(uint8_t *to)
{
	static uint8_t pattern[DISK_SECTORS * 512];

	if (pattern[1] == 0)
		for (unsigned i = 0; i < sizeof(pattern); i++)
			pattern[i] = (uint8_t)(i * 7 + i / 512 * 13);
	memcpy(to, pattern, sizeof(pattern));
}

void
backend_open(struct harness *h)
{
	if (ram == NULL) {
		ram = aligned_alloc(PAGE_SIZE, RAM_PAGES * PAGE_SIZE);
		disk = malloc(DISK_SECTORS * 512);
	}
	h->model = calloc(1, model.bytes);
	if (ram == NULL || disk == NULL || h->model == NULL)
		abort();
	h->ram = memset(ram, 0x5a, RAM_PAGES * PAGE_SIZE);
	h->disk = disk;
	fill(disk);
	lines = (struct lines){0};
	model.power_on(h);
}

void
backend_close(struct harness *h)
{
	free(h->model);
}

/* As after a reset that nobody asked for, or when it is plugged in. */
static void
power_on(struct harness *h)
{
	lines = (struct lines){0};
	h->step_at = 0;
	model.power_on(h);
}

void
backend_look(struct harness *h)
{
	(void)h;
}

void
backend_over(struct harness *h)
{
	if (h->fault.gone)
		power_on(h);
	h->fault.gone = false;
}

bool
backend_cut(struct harness *h)
{
	(void)h;
	return false;
}

void
backend_describe(struct harness *h, struct control_given *g)
{
	model.describe(h, g);
}

void
backend_silence(struct harness *h)
{
	h->blocked = true;
	lines.storm = 0;
}

void
backend_enable(struct harness *h)
{
	h->blocked = false;
	/* A level line that is still high is heard now. */
	for (unsigned i = 0; i < CONTROL_IRQS; i++)
		if ((lines.high >> i & 1) != 0)
			model_line(h, i, true);
}

void
backend_advance(struct harness *h, uint64_t until)
{
	uint64_t to = until;

	if (h->alarm != 0 && h->alarm < to)
		to = h->alarm;
	if (h->step_at != 0 && h->step_at < to)
		to = h->step_at;
	if (to > h->now)
		h->now = to;
	if (h->step_at != 0 && h->step_at <= h->now) {
		h->step_at = 0;
		if (fault_here(&h->fault, FAULT_AT_STEP) == FK_RESET)
			power_on(h);
		else if (!h->fault.gone)
			model.step(h);
	}
	if (h->alarm != 0 && h->alarm <= h->now) {
		h->alarm = 0;
		h->pending |= UINT64_C(1) << NOTICE_ALARM;
	}
}

/* --------------------------------------------------- for the models */

void
model_later(struct harness *h, uint64_t time)
{
	if (h->step_at == 0 || h->step_at > h->now + time)
		h->step_at = h->now + time;
}

/* Moves what is transferred, with the fault. The device's disk stays as it is.
 */
static void
spoil(struct harness *h, uint8_t *to, const uint8_t *from, size_t bytes,
    enum fault_kind fault)
{
	unsigned bit;

	if (to != from)
		memcpy(to, from, bytes);
	if (fault == FK_DMA_GARBAGE)
		for (size_t i = 0; i < bytes; i++)
			to[i] = (uint8_t)~to[i];
	if (fault != FK_DMA_FLIP)
		return;
	/* Structures are short; of a transfer of data any bit will do. */
	fault_width(&h->fault, bytes <= 64 ? (unsigned)bytes * 8 : 1);
	bit = bytes <= 64 ? h->fault.bit % ((unsigned)bytes * 8) : 0;
	to[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

static bool
dma_page(struct harness *h, uint64_t bus, uint8_t *buffer, size_t bytes,
    bool to_memory, enum fault_kind fault)
{
	uint32_t page = bus_page(bus);
	unsigned needed = to_memory ? REACH_WRITE : REACH_READ;
	uint8_t *at;

	if (page >= RAM_PAGES || (h->reach[page] & needed) == 0) {
		h->strays++;
		if (h->verbose)
			printf(
			    "    stray dma 0x%llx\n", (unsigned long long)bus);
		if (!to_memory)
			memset(buffer, 0, bytes);
		return false;
	}
	at = h->ram + page * PAGE_SIZE + bus % PAGE_SIZE;
	if (!to_memory)
		memcpy(buffer, at, bytes);
	spoil(h, to_memory ? at : buffer, buffer, bytes, fault);
	return true;
}

bool
model_dma(
    struct harness *h, uint64_t bus, void *buffer, size_t bytes, bool to_memory)
{
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_DMA);
	uint8_t        *b = buffer;
	bool            all = true;

	h->dmas++;
	if (h->blocked || fault == FK_DMA_LOST || h->fault.gone) {
		if (!to_memory)
			memset(b, 0, bytes);
		return false;
	}
	if (fault == FK_DMA_TORN) {
		memset(b + bytes / 2, 0, to_memory ? 0 : bytes - bytes / 2);
		bytes /= 2;
	}
	if (fault == FK_DMA_MISDIRECTED)
		bus += PAGE_SIZE;
	while (bytes > 0) {
		size_t n = PAGE_SIZE - bus % PAGE_SIZE;

		if (n > bytes)
			n = bytes;
		all &= dma_page(h, bus, b, n, to_memory, fault);
		bus += n;
		b += n;
		bytes -= n;
	}
	return all;
}

static void
deliver(struct harness *h, unsigned irq)
{
	h->interrupts++;
	h->pending |= UINT64_C(1) << (NOTICE_IRQ + irq);
	h->unacked |= 1u << irq;
}

void
model_interrupt(struct harness *h, unsigned irq)
{
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_IRQ);

	if (h->blocked || fault == FK_IRQ_LOST || h->fault.gone)
		return;
	deliver(h, irq);
	if (fault == FK_IRQ_TWICE)
		lines.storm = 1;
	if (fault == FK_IRQ_STORM)
		lines.storm = 200;
}

void
model_line(struct harness *h, unsigned irq, bool high)
{
	if (!high) {
		lines.high &= ~(1u << irq);
		return;
	}
	lines.high |= 1u << irq;
	/* The kernel keeps a level line masked until it is acknowledged. */
	if ((h->unacked >> irq & 1) == 0)
		model_interrupt(h, irq);
}

enum fault_kind
model_command(struct harness *h)
{
	return fault_here(&h->fault, FAULT_AT_COMMAND);
}

void
model_complain(struct harness *h, const char *format, ...)
{
	va_list args;

	/* A driver that is lied to may well break the rules. */
	if (h->fault.fired != 0 &&
	    (fault_info[h->fault.kind].lies || h->fault.kind == FK_RESET))
		return;
	harness_complaints++;
	printf("  model: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ------------------------------------------------------ for uldrv/lib */

/* Any call from above: here the driver may die. */
static void
point(struct harness *h)
{
	if (fault_here(&h->fault, FAULT_AT_POINT) == FK_DEATH && h->running)
		longjmp(h->dead, 1);
}

static void
count_access(struct harness *h)
{
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_ACCESS);

	point(h);
	if (fault == FK_IRQ_SPURIOUS)
		h->pending |= 1;
	if (++h->accesses > ACCESS_MAX && h->running) {
		harness_complaints++;
		printf("  the driver ran wild\n");
		longjmp(h->dead, 2);
	}
}

/* What a register seems to hold, after the fault. */
static uint32_t
seen_through(struct harness *h, const struct region *r, uint64_t offset,
    unsigned bytes, uint32_t value)
{
	uint32_t ones = UINT32_MAX >> (32 - 8 * bytes);
	uint64_t place = (uint64_t)r->kind << 56 | (uint64_t)r->resource << 48 |
	    offset;
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_READ);

	if (fault == FK_READ_FLIP || fault == FK_READ_STUCK)
		fault_width(&h->fault, 8 * bytes);
	if (h->fault.fired == 1)
		h->fault.where = place;
	if (fault == FK_READ_ONES || h->fault.gone)
		return ones;
	if (fault == FK_READ_ZERO)
		return 0;
	if (fault == FK_READ_FLIP ||
	    (fault == FK_READ_STUCK && h->fault.where == place))
		value ^= 1u << h->fault.bit % (8 * bytes);
	return value & ones;
}

static bool
write_passes(struct harness *h)
{
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_WRITE);

	return fault == FK_NOTHING && !h->fault.gone;
}

uint32_t
be_read(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	struct harness *h = of(d);
	uint32_t        value;

	count_access(h);
	value = model.read(h, r->kind, r->resource, r->base + offset, bytes);
	value = seen_through(h, r, r->base + offset, bytes, value);
	talk_access(h, 'r', r, r->base + offset, bytes, value);
	return value;
}

void
be_write(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes,
    uint32_t value)
{
	struct harness *h = of(d);

	count_access(h);
	talk_access(h, 'w', r, r->base + offset, bytes, value);
	if (write_passes(h))
		model.write(
		    h, r->kind, r->resource, r->base + offset, bytes, value);
}

/* A string is one event; its fault strikes one word of it. */
void
be_read_words(struct dev *d, const struct region *r, uint32_t offset, void *to,
    unsigned words)
{
	struct harness *h = of(d);
	uint8_t        *bytes = to;
	unsigned        struck = (unsigned)h->fault.at % words;

	count_access(h);
	for (unsigned i = 0; i < words; i++) {
		uint32_t v = model.read(
		    h, r->kind, r->resource, r->base + offset, 2);

		if (i == struck)
			v = seen_through(h, r, r->base + offset, 2, v);
		else if (h->fault.gone)
			v = UINT16_MAX;
		bytes[2 * i] = (uint8_t)v;
		bytes[2 * i + 1] = (uint8_t)(v >> 8);
	}
	talk_words(h, 'R', r, r->base + offset, to, words);
}

void
be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words)
{
	struct harness *h = of(d);
	const uint8_t  *bytes = from;
	unsigned        struck = (unsigned)h->fault.at % words;

	count_access(h);
	talk_words(h, 'W', r, r->base + offset, from, words);
	for (unsigned i = 0; i < words; i++)
		if (i == struck ? write_passes(h) : !h->fault.gone)
			model.write(h, r->kind, r->resource, r->base + offset,
			    2, bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8);
}

uint64_t
be_now(struct dev *d)
{
	return of(d)->now;
}

void
be_alarm(struct dev *d, uint64_t when)
{
	point(of(d));
	of(d)->alarm = when;
}

uint64_t
be_wait(struct dev *d)
{
	struct harness *h = of(d);

	point(h);
	for (;;) {
		uint64_t bits = harness_take(h);

		if (bits != 0)
			return bits;
		if (h->alarm == 0 && h->step_at == 0) {
			harness_complaints++;
			printf("  the driver waits for ever\n");
			longjmp(h->dead, 3);
		}
		backend_advance(h, UINT64_MAX);
	}
}

void
be_irq_ack(struct dev *d, unsigned irq, bool handled)
{
	struct harness *h = of(d);

	(void)handled;
	point(h);
	h->acks++;
	h->unacked &= ~(1u << irq);
	if (lines.storm > 0) {
		lines.storm--;
		deliver(h, irq);
	} else if ((lines.high >> irq & 1) != 0 && !h->blocked) {
		deliver(h, irq);
	}
}

void
be_client(struct dev *d)
{
	point(of(d));
	of(d)->notices++;
}

void
be_bell(struct dev *d, unsigned k)
{
	point(of(d));
	of(d)->bells |= 1u << k;
}

void
be_stop(struct dev *d)
{
	if (of(d)->verbose)
		printf(
		    "    driver: stopped, %s\n", of(d)->control->said.remark);
}
