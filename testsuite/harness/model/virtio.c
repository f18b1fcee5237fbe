/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/model/virtio.h"

#include <stdlib.h>
#include <string.h>

enum {
	BAR = 4,
	FEATURES_OK = 8,
	DRIVER_OK = 4,
	STATE_MOST = 131072,
	NEXT = 1,
	WRITE = 2,
	INDIRECT = 4,
};

struct vm {
	uint32_t        dfsel, gfsel, accepted[2];
	uint16_t        msix_config, select;
	uint8_t         status, isr;
	struct vm_queue queue[VM_QUEUES];
	_Alignas(16) uint8_t state[STATE_MOST];
};

static struct vm *
of(const struct harness *h)
{
	return h->model;
}

void *
vm_state(struct harness *h)
{
	return of(h)->state;
}

uint64_t
vm_accepted(const struct harness *h)
{
	return of(h)->accepted[0] | (uint64_t)of(h)->accepted[1] << 32;
}

bool
vm_running(const struct harness *h, unsigned queue)
{
	return (of(h)->status & DRIVER_OK) != 0 &&
	    of(h)->queue[queue].enable != 0;
}

static void
reset(struct harness *h)
{
	struct vm *v = of(h);

	memset(v, 0, offsetof(struct vm, state) + vm_device.state_bytes);
	v->msix_config = 0xffff;
	for (unsigned i = 0; i < vm_device.queues; i++)
		v->queue[i] = (struct vm_queue){
		    .size = vm_device.size, .msix = 0xffff};
	h->step_at = 0;
	model_line(h, 0, false);
	if (vm_device.reset != NULL)
		vm_device.reset(h);
}

static unsigned
capability(uint8_t *config, unsigned at, unsigned next, uint8_t type,
    uint32_t offset, uint32_t length)
{
	uint8_t cap[20] = {9, (uint8_t)next, 20, type, BAR};

	memcpy(cap + 8, &offset, 4);
	memcpy(cap + 12, &length, 4);
	cap[16] = 4; /* The notify factor; others ignore it. */
	memcpy(config + at, cap, sizeof(cap));
	return next;
}

static void
describe(struct harness *h, struct control_given *g)
{
	unsigned at = 0x40;

	(void)h;
	g->irqs = 1;
	g->message = 1;
	g->mmio[BAR] = (struct control_range){
	    .first = 0xfe000000, .bytes = 0x4000};
	g->config[6] = 0x10; /* There are capabilities. */
	g->config[0x34] = 0x40;
	at = capability(g->config, at, 0x54, 1, 0x0000, 0x1000);
	at = capability(g->config, at, 0x68, 3, 0x1000, 0x1000);
	at = capability(g->config, at, 0x7c, 4, 0x2000, 0x1000);
	(void)capability(g->config, at, 0, 2, 0x3000, 0x1000);
}

static uint32_t
common_read(struct vm *v, uint64_t offset)
{
	static const struct vm_queue none;
	const struct vm_queue       *q = v->select < vm_device.queues
		  ? &v->queue[v->select]
		  : &none;

	switch (offset) {
	case 0:
		return v->dfsel;
	case 4:
		return v->dfsel < 2
		    ? (uint32_t)(vm_device.features >> 32 * v->dfsel)
		    : 0;
	case 8:
		return v->gfsel;
	case 12:
		return v->gfsel < 2 ? v->accepted[v->gfsel] : 0;
	case 16:
		return v->msix_config;
	case 18:
		return vm_device.queues;
	case 20:
		return v->status;
	case 22:
		return v->select;
	case 24:
		return q->size;
	case 26:
		return q->msix;
	case 28:
		return q->enable;
	case 30:
		return v->select; /* The queue's notify offset. */
	default:
		return 0;
	}
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct vm *v = of(h);
	uint32_t   isr;

	if (kind != REGION_MMIO || resource != BAR)
		return UINT32_MAX;
	switch (offset >> 12) {
	case 0:
		return common_read(v, offset);
	case 1:
		isr = v->isr;
		v->isr = 0;
		model_line(h, 0, false);
		return isr;
	case 2:
		return vm_device.config != NULL
		    ? vm_device.config(h, offset & 0xfff, bytes)
		    : 0;
	default:
		return 0;
	}
}

static void
write_status(struct harness *h, struct vm *v, uint8_t status)
{
	uint64_t accepted = vm_accepted(h);

	if (status == 0) {
		reset(h);
		return;
	}
	if ((v->status & ~status) != 0)
		model_complain(h, "status bits cleared without a reset");
	v->status = status;
	if ((status & FEATURES_OK) != 0 &&
	    ((accepted & ~vm_device.features) != 0 ||
		(accepted >> 32 & 1) == 0))
		v->status &= (uint8_t)~FEATURES_OK;
}

static void
half(uint64_t *word, bool high, uint32_t value)
{
	*word = high ? (*word & UINT32_MAX) | (uint64_t)value << 32
		     : (*word & ~(uint64_t)UINT32_MAX) | value;
}

static void
queue_write(
    struct harness *h, struct vm_queue *q, uint64_t offset, uint32_t value)
{
	if (q->enable != 0)
		model_complain(h, "queue changed while enabled (%llu)",
		    (unsigned long long)offset);
	switch (offset) {
	case 24:
		if (value == 0 || value > vm_device.size ||
		    (value & (value - 1)) != 0)
			model_complain(h, "queue size %u", value);
		else
			q->size = (uint16_t)value;
		break;
	case 26:
		q->msix = (uint16_t)value;
		break;
	case 28:
		q->enable = value == 1;
		break;
	case 32:
	case 36:
		half(&q->desc, offset == 36, value);
		break;
	case 40:
	case 44:
		half(&q->driver, offset == 44, value);
		break;
	case 48:
	case 52:
		half(&q->device, offset == 52, value);
		break;
	default:
		model_complain(
		    h, "write at common + %llu", (unsigned long long)offset);
	}
}

static void
common_write(struct harness *h, struct vm *v, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case 0:
		v->dfsel = value;
		break;
	case 8:
		v->gfsel = value;
		break;
	case 12:
		if ((v->status & FEATURES_OK) != 0)
			model_complain(h, "features after FEATURES_OK");
		if (v->gfsel < 2)
			v->accepted[v->gfsel] = value;
		break;
	case 16:
		v->msix_config = (uint16_t)value;
		break;
	case 20:
		write_status(h, v, (uint8_t)value);
		break;
	case 22:
		v->select = (uint16_t)value;
		break;
	default:
		if (v->select < vm_device.queues)
			queue_write(h, &v->queue[v->select], offset, value);
		else
			model_complain(h, "no queue %u", v->select);
	}
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct vm *v = of(h);
	unsigned   queue = (unsigned)(offset & 0xfff) / 4;

	(void)bytes;
	if (kind != REGION_MMIO || resource != BAR)
		return;
	if (offset < 0x1000) {
		common_write(h, v, offset, value);
	} else if (offset >= 0x3000 && queue < vm_device.queues) {
		if (value != queue || !vm_running(h, queue))
			model_complain(h, "queue %u notified", queue);
		else
			vm_device.notified(h, queue);
	} else if (offset >> 12 == 2 && vm_device.config_write != NULL) {
		vm_device.config_write(h, offset & 0xfff, value);
	} else {
		model_complain(
		    h, "write at 0x%llx", (unsigned long long)offset);
	}
}

bool
vm_waiting(struct harness *h, unsigned queue)
{
	struct vm_queue *q = &of(h)->queue[queue];
	uint16_t         index = 0;

	return vm_running(h, queue) &&
	    model_dma(h, q->driver + 2, &index, 2, false) && index != q->taken;
}

bool
vm_take_head(struct harness *h, unsigned queue, uint16_t *head)
{
	struct vm_queue *q = &of(h)->queue[queue];

	if (!vm_waiting(h, queue) ||
	    !model_dma(
		h, q->driver + 4 + 2u * (q->taken % q->size), head, 2, false))
		return false;
	q->taken++;
	return true;
}

struct desc {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags, next;
};

/* The chain that begins with entry 0 of a table. */
static bool
walk(struct harness *h, const struct desc *table, unsigned size,
    struct vm_segment *segment, unsigned *n)
{
	unsigned at = 0;

	for (*n = 0; *n < VM_CHAIN && at < size; ++*n) {
		const struct desc *d = &table[at];

		segment[*n] = (struct vm_segment){
		    .address = d->address,
		    .bytes = d->bytes,
		    .write = (d->flags & WRITE) != 0,
		};
		if ((d->flags & NEXT) == 0) {
			++*n;
			return true;
		}
		at = d->next;
	}
	model_complain(h, "broken chain");
	return false;
}

/* 2.6.5.3: the table of an indirect descriptor is such a chain. */
bool
vm_chain(struct harness *h, unsigned queue, uint16_t head,
    struct vm_segment *segment, unsigned *n)
{
	struct vm_queue *q = &of(h)->queue[queue];
	struct desc      table[VM_CHAIN] = {{0}};
	unsigned         at, size;

	if (head >= q->size ||
	    !model_dma(h, q->desc + 16u * head, &table[0], 16, false)) {
		model_complain(h, "broken chain");
		return false;
	}
	if ((table[0].flags & INDIRECT) != 0) {
		size = table[0].bytes / 16;
		if (size == 0 || size > VM_CHAIN ||
		    !model_dma(h, table[0].address, table, size * 16, false)) {
			model_complain(h, "broken table");
			return false;
		}
		return walk(h, table, size, segment, n);
	}
	/* Others are fetched one by one, into a table of their order. */
	for (size = 1, at = 0; size < VM_CHAIN && (table[at].flags & NEXT) != 0;
	     size++, at++) {
		if (table[at].next >= q->size ||
		    !model_dma(h, q->desc + 16u * table[at].next, &table[size],
			16, false))
			break;
		table[at].next = (uint16_t)size;
	}
	return walk(h, table, size, segment, n);
}

bool
vm_take(struct harness *h, unsigned queue, uint16_t *head,
    struct vm_segment *segment, unsigned *n)
{
	return vm_take_head(h, queue, head) &&
	    vm_chain(h, queue, *head, segment, n);
}

void
vm_finish(struct harness *h, unsigned queue, uint16_t head, uint32_t bytes)
{
	struct vm_queue *q = &of(h)->queue[queue];
	uint32_t         entry[2] = {head, bytes};

	(void)model_dma(
	    h, q->device + 4 + 8u * (q->used % q->size), entry, 8, true);
	q->used++;
	(void)model_dma(h, q->device + 2, &q->used, 2, true);
	if (q->msix != 0xffff)
		model_interrupt(h, 0);
}

uint32_t
vm_copy(struct harness *h, const struct vm_segment *segment, unsigned n,
    void *buffer, uint32_t bytes, bool to_memory)
{
	uint8_t *at = buffer;
	uint32_t done = 0;

	for (unsigned i = 0; i < n && done < bytes; i++) {
		uint32_t part = segment[i].bytes < bytes - done
		    ? segment[i].bytes
		    : bytes - done;

		if (segment[i].write != to_memory)
			continue;
		(void)model_dma(
		    h, segment[i].address, at + done, part, to_memory);
		done += part;
	}
	return done;
}

static void
step(struct harness *h)
{
	vm_device.step(h);
}

static void
power_on(struct harness *h)
{
	if (vm_device.state_bytes > STATE_MOST)
		abort();
	if (vm_device.power_on != NULL)
		vm_device.power_on(h);
	reset(h);
}

const struct model_ops model = {
    .bytes = sizeof(struct vm),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
