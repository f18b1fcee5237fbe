/* SPDX-License-Identifier: BSD-2-Clause */
/* uldrv's back end over a C model of the device, with faults. */
#include "uldrv/lib/backend.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/model/model.h"

const char *const backend_name = "model";

unsigned long harness_complaints;

#define BUS_BASE UINT64_C(0x00400000)

/* What model_line and the storm keep beside the model's own state. */
struct lines {
	unsigned high;
	unsigned storm;
};

static struct lines lines;

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

/* The page of ram at a bus address, or RAM_PAGES. */
static uint32_t
bus_page(uint64_t bus)
{
	uint64_t n = (bus - BUS_BASE) / PAGE_SIZE;

	if (bus < BUS_BASE || n >= RAM_PAGES)
		return RAM_PAGES;
	for (uint32_t page = 0; page < RAM_PAGES; page++)
		if (page * 37 % RAM_PAGES == n)
			return page;
	return RAM_PAGES;
}

/* Made once: the loops open thousands of disks. */
static void
fill(uint8_t *disk)
{
	static uint8_t pattern[DISK_SECTORS * 512];

	if (pattern[1] == 0)
		for (unsigned i = 0; i < sizeof(pattern); i++)
			pattern[i] = (uint8_t)(i * 7 + i / 512 * 13);
	memcpy(disk, pattern, sizeof(pattern));
}

void
backend_open(struct harness *h)
{
	h->ram = aligned_alloc(PAGE_SIZE, RAM_PAGES * PAGE_SIZE);
	h->disk = malloc(DISK_SECTORS * 512);
	h->model = calloc(1, model.bytes);
	if (h->ram == NULL || h->disk == NULL || h->model == NULL)
		abort();
	memset(h->ram, 0x5a, RAM_PAGES * PAGE_SIZE);
	fill(h->disk);
	lines = (struct lines){0};
	model.power_on(h);
}

void
backend_close(struct harness *h)
{
	free(h->ram);
	free(h->disk);
	free(h->model);
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
	if (fault == FK_DMA_GARBAGE)
		for (size_t i = 0; i < bytes; i++)
			buffer[i] = (uint8_t)~buffer[i];
	if (to_memory)
		memcpy(at, buffer, bytes);
	else
		memcpy(buffer, at, bytes);
	if (fault == FK_DMA_GARBAGE && !to_memory)
		for (size_t i = 0; i < bytes; i++)
			buffer[i] = (uint8_t)~buffer[i];
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
	if (h->blocked || fault == FK_DMA_LOST) {
		if (!to_memory)
			memset(b, 0, bytes);
		return false;
	}
	if (fault == FK_DMA_TORN) {
		memset(b + bytes / 2, 0, to_memory ? 0 : bytes - bytes / 2);
		bytes /= 2;
	}
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
	if (h->verbose)
		printf("    irq %u\n", irq);
}

void
model_interrupt(struct harness *h, unsigned irq)
{
	enum fault_kind fault = fault_here(&h->fault, FAULT_AT_IRQ);

	if (h->blocked || fault == FK_IRQ_LOST)
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
	if (h->fault.fired != 0 && fault_info[h->fault.kind].lies)
		return;
	harness_complaints++;
	printf("  model: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

/* ------------------------------------------------------ for uldrv/lib */

static void
count_access(struct harness *h)
{
	if (fault_here(&h->fault, FAULT_AT_ACCESS) == FK_DEATH && h->running)
		longjmp(h->dead, 1);
	if (h->fault.kind == FK_IRQ_SPURIOUS &&
	    h->fault.seen[FAULT_AT_ACCESS] == h->fault.at)
		h->pending |= 1;
	if (++h->accesses > ACCESS_MAX && h->running) {
		harness_complaints++;
		printf("  the driver ran wild\n");
		longjmp(h->dead, 2);
	}
}

static void
talk(struct harness *h, char how, const struct region *r, uint64_t offset,
    unsigned bytes, uint32_t value)
{
	if (h->verbose)
		printf("    %c%u %s%u+0x%llx = 0x%x\n", how, bytes * 8,
		    r->kind == REGION_PORTS ? "port" : "mmio", r->resource,
		    (unsigned long long)offset, value);
}

static uint32_t
raw_read(
    struct harness *h, const struct region *r, uint64_t offset, unsigned bytes)
{
	uint32_t        ones = UINT32_MAX >> (32 - 8 * bytes);
	uint32_t        value;
	enum fault_kind fault;

	count_access(h);
	fault = fault_here(&h->fault, FAULT_AT_READ);
	value = model.read(h, r->kind, r->resource, offset, bytes) & ones;
	if (fault == FK_READ_ONES)
		value = ones;
	if (fault == FK_READ_ZERO)
		value = 0;
	if (fault == FK_READ_FLIP)
		value ^= 1u << h->fault.bit % (8 * bytes);
	return value;
}

uint32_t
be_read(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	uint32_t value = raw_read(of(d), r, r->base + offset, bytes);

	talk(of(d), 'r', r, r->base + offset, bytes, value);
	return value;
}

void
be_write(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes,
    uint32_t value)
{
	struct harness *h = of(d);

	count_access(h);
	talk(h, 'w', r, r->base + offset, bytes, value);
	if (fault_here(&h->fault, FAULT_AT_WRITE) == FK_NOTHING)
		model.write(
		    h, r->kind, r->resource, r->base + offset, bytes, value);
}

void
be_read_words(struct dev *d, const struct region *r, uint32_t offset, void *to,
    unsigned words)
{
	uint8_t *bytes = to;

	for (unsigned i = 0; i < words; i++) {
		uint32_t v = raw_read(of(d), r, r->base + offset, 2);

		bytes[2 * i] = (uint8_t)v;
		bytes[2 * i + 1] = (uint8_t)(v >> 8);
	}
}

void
be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words)
{
	struct harness *h = of(d);
	const uint8_t  *bytes = from;

	for (unsigned i = 0; i < words; i++) {
		count_access(h);
		if (fault_here(&h->fault, FAULT_AT_WRITE) == FK_NOTHING)
			model.write(h, r->kind, r->resource, r->base + offset,
			    2, bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8);
	}
}

uint64_t
be_now(struct dev *d)
{
	return of(d)->now;
}

void
be_alarm(struct dev *d, uint64_t when)
{
	of(d)->alarm = when;
}

uint64_t
be_wait(struct dev *d)
{
	struct harness *h = of(d);
	uint64_t        bits;

	while (h->pending == 0) {
		if (h->alarm == 0 && h->step_at == 0) {
			harness_complaints++;
			printf("  the driver waits for ever\n");
			longjmp(h->dead, 3);
		}
		backend_advance(h, UINT64_MAX);
	}
	bits = h->pending;
	h->pending = 0;
	return bits;
}

void
be_irq_ack(struct dev *d, unsigned irq, bool handled)
{
	struct harness *h = of(d);

	(void)handled;
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
	of(d)->notices++;
}

void
be_stop(struct dev *d)
{
	if (of(d)->verbose)
		printf(
		    "    driver: stopped, %s\n", of(d)->control->said.remark);
}
