/* SPDX-License-Identifier: BSD-2-Clause */
/* uldrv's back end over a device of QEMU's own. */
#include "uldrv/lib/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/harness/qtest/qtest.h"
#include "testsuite/harness/trace.h"

const char *const backend_name = "qtest";

unsigned long harness_complaints;

static struct harness *
of(struct dev *d)
{
	return d->backend;
}

static struct qtest *
qemu_of(struct harness *h)
{
	return h->model;
}

/* The trace that `remember` has told of all that is in memory. */
static const struct trace *shadowed;

/*
 * QEMU's clock stands still under qtest: a device that has none of the host's
 * (`still`) and has done what it had to do never stirs again. After so long
 * without a sign of it only time itself is waited for, and that is made to pass
 * faster.
 */
static const uint64_t quiet_ns = 1500 * MILLISECOND;
static const uint64_t leap_ns = 50 * MILLISECOND;
static uint64_t       leapt;

/*
 * Words of data come one by one, each by a message to QEMU and back, which is no
 * time on a bus: the driver's clock stands still for it.
 */
static uint64_t talked;

static uint64_t
host_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec + leapt -
	    talked;
}

uint64_t
harness_bus(const struct harness *h, uint32_t offset)
{
	(void)h;
	return SHARED_AT + offset;
}

bool
harness_ram(const struct harness *h, uint64_t bus, uint32_t *offset)
{
	(void)h;
	*offset = (uint32_t)(bus - SHARED_AT);
	return bus >= SHARED_AT && bus - SHARED_AT < RAM_PAGES * PAGE_SIZE;
}

/*
 * Tells a recorder what has changed in memory since it was last asked, by
 * whomever: on replay the driver's own part changes nothing.
 */
static void
remember(struct harness *h, const char *how)
{
	static uint8_t shadow[RAM_PAGES * PAGE_SIZE];
	uint32_t       at = 0, end;

	if (h->trace == NULL)
		return;
	if (h->trace != shadowed) {
		memset(shadow, 0, sizeof(shadow));
		shadowed = h->trace;
	}
	while (at < sizeof(shadow)) {
		if (at % PAGE_SIZE == 0 &&
		    memcmp(shadow + at, h->ram + at, PAGE_SIZE) == 0) {
			at += PAGE_SIZE;
			continue;
		}
		if (shadow[at] == h->ram[at]) {
			at++;
			continue;
		}
		for (end = at + 1;
		     end % PAGE_SIZE != 0 && shadow[end] != h->ram[end]; end++)
			;
		memcpy(shadow + at, h->ram + at, end - at);
		talk_memory(h, how, at, shadow + at, end - at);
		at = end;
	}
}

void
backend_open(struct harness *h)
{
	struct qtest *q = calloc(1, sizeof(*q));

	if (q == NULL)
		abort();
	qtest_open(q);
	h->model = q;
	h->ram = q->memory + SHARED_AT;
	h->now = host_now();
}

void
backend_close(struct harness *h)
{
	qtest_close(h->model);
	free(h->model);
}

void
backend_describe(struct harness *h, struct control_given *g)
{
	device.describe(h, g);
}

/* What the server's kill sequence does to every function. */
void
backend_silence(struct harness *h)
{
	struct qtest *q = qemu_of(h);

	for (unsigned i = 0; i < q->pci.count; i++)
		pci_silence(&q->pci, &q->pci.function[i]);
	h->blocked = true;
}

void
backend_enable(struct harness *h)
{
	struct control_given unused;
	struct qtest        *q = qemu_of(h);

	/* What rose for the instance before is nothing to this one. */
	qtest_listen(q, 0);
	q->raised = 0;
	memset(q->memory + MESSAGE_AT, 0, 4 * CONTROL_IRQS);
	h->blocked = false;
	memset(&unused, 0, sizeof(unused));
	device.describe(h, &unused);
}

/* The pin that rose, or the message that was written. */
void
backend_look(struct harness *h)
{
	struct qtest *q = qemu_of(h);
	uint32_t     *message = (void *)(q->memory + MESSAGE_AT);
	bool          came = false;
	bool rose = device.line >= 0 && (q->raised >> device.line & 1) != 0;

	q->raised = 0;
	for (unsigned i = 0; i < CONTROL_IRQS; i++)
		if (__atomic_exchange_n(&message[i], 0, __ATOMIC_ACQUIRE) !=
			0 ||
		    (i == 0 && rose)) {
			h->pending |= UINT64_C(1) << i;
			h->interrupts++;
			came = true;
		}
	if (came)
		remember(h, "put");
}

/* Leap on if neither driver nor device has done anything for long. */
static void
maybe_leap(const struct harness *h)
{
	static unsigned long accesses;
	static uint64_t      since;

	if (since == 0 || h->accesses != accesses || h->pending != 0) {
		accesses = h->accesses;
		since = host_now();
	} else if (device.still && host_now() - since > quiet_ns) {
		leapt += leap_ns;
	}
}

void
backend_advance(struct harness *h, uint64_t until)
{
	(void)until;
	qtest_listen(qemu_of(h), 1);
	backend_look(h);
	maybe_leap(h);
	h->now = host_now();
	if (h->alarm != 0 && h->alarm <= h->now) {
		h->alarm = 0;
		h->pending |= UINT64_C(1) << NOTICE_ALARM;
	}
}

void
backend_over(struct harness *h)
{
	(void)h;
}

bool
backend_cut(struct harness *h)
{
	(void)h;
	return false;
}

static void
point(struct harness *h)
{
	if (fault_here(&h->fault, FAULT_AT_POINT) == FK_DEATH && h->running)
		longjmp(h->dead, 1);
}

/* Before each access; afterwards only `remember`. */
static void
count_access(struct harness *h)
{
	(void)fault_here(&h->fault, FAULT_AT_ACCESS);
	point(h);
	remember(h, "put");
}

static char
width(unsigned bytes)
{
	return bytes == 1 ? 'b' : bytes == 2 ? 'w' : 'l';
}

static uint64_t
address_of(struct dev *d, const struct region *r, uint32_t offset)
{
	const struct control_given *g = dev_given(d);
	uint64_t first = r->kind == REGION_PORTS ? g->port[r->resource].first
						 : g->mmio[r->resource].first;

	return first + r->base + offset;
}

uint32_t
be_read(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	struct harness *h = of(d);
	uint32_t        v;

	count_access(h);
	v = (uint32_t)qtest_ask(qemu_of(h),
	    r->kind == REGION_PORTS ? "in%c 0x%lx" : "read%c 0x%lx",
	    width(bytes), address_of(d, r, offset));
	talk_access(h, 'r', r, r->base + offset, bytes, v);
	remember(h, "mem");
	return v;
}

void
be_write(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes,
    uint32_t value)
{
	struct harness *h = of(d);

	count_access(h);
	talk_access(h, 'w', r, r->base + offset, bytes, value);
	(void)qtest_ask(qemu_of(h),
	    r->kind == REGION_PORTS ? "out%c 0x%lx 0x%x" : "write%c 0x%lx 0x%x",
	    width(bytes), address_of(d, r, offset), value);
	remember(h, "mem");
}

void
be_read_words(struct dev *d, const struct region *r, uint32_t offset, void *to,
    unsigned words)
{
	const uint64_t since = host_now();
	uint8_t       *bytes = to;

	count_access(of(d));
	for (unsigned i = 0; i < words; i++) {
		uint64_t v = qtest_ask(
		    qemu_of(of(d)), "inw 0x%lx", address_of(d, r, offset));

		bytes[2 * i] = (uint8_t)v;
		bytes[2 * i + 1] = (uint8_t)(v >> 8);
	}
	talked += host_now() - since;
	talk_words(of(d), 'R', r, r->base + offset, to, words);
}

void
be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words)
{
	const uint8_t *bytes = from;
	const uint64_t since = host_now();

	count_access(of(d));
	talk_words(of(d), 'W', r, r->base + offset, from, words);
	for (unsigned i = 0; i < words; i++)
		(void)qtest_ask(qemu_of(of(d)), "outw 0x%lx 0x%x",
		    address_of(d, r, offset),
		    bytes[2 * i] | (unsigned)bytes[2 * i + 1] << 8);
	talked += host_now() - since;
}

uint64_t
be_now(struct dev *d)
{
	(void)d;
	return host_now();
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
	uint64_t        bits;

	point(h);
	while ((bits = harness_take(h)) == 0)
		backend_advance(h, UINT64_MAX);
	return bits;
}

void
be_irq_ack(struct dev *d, unsigned irq, bool handled)
{
	struct qtest *q = qemu_of(of(d));

	(void)irq;
	(void)handled;
	point(of(d));
	of(d)->acks++;
	qtest_listen(q, 0);
	if (device.level && (q->high >> device.line & 1) != 0)
		q->raised |= 1u << device.line;
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
