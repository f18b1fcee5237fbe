/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/device.h"

#include "kernel/device/dma.h"
#include "kernel/device/irq.h"
#include "kernel/device/mmio.h"
#include "kernel/device/ports.h"
#include "kernel/mem/window.h"
#include "kernel/object/ref.h"

static struct pool table;

_Static_assert(sizeof(struct device) <= 96, "42 in a frame");

void
device_init(const struct handoff *h)
{
	(void)h;
	pool_init(&table, sizeof(struct device));
	irq_init();
	ports_init();
	mmio_init();
	dma_init();
}

enum status
device_reserve(void)
{
	return pool_reserve(&table);
}

void
device_label(char to[LABEL_BYTES], const void *text, size_t bytes)
{
	const char *from = text;
	size_t      n = 0;

	while (n < bytes && n < LABEL_BYTES - 1 && from[n] != '\0') {
		to[n] = from[n] >= ' ' && from[n] < 0x7f ? from[n] : '?';
		n++;
	}
	memset(to + n, 0, LABEL_BYTES - n);
}

/*
 * Pages are zeroed when the pool gets them: generation 0 was never used. The
 * first is 1, so that a capability made of zeros is not alive.
 */
struct device *
device_take(
    enum cap_kind kind, const void *label, size_t bytes, uint32_t *index)
{
	struct device *d;
	uint32_t       generation;

	*index = pool_take(&table);
	d = device_at(*index);
	generation = d->generation + 1;
	memset(d, 0, sizeof(*d));
	d->next = DEVICE_NONE;
	d->generation = generation;
	d->kind = (uint8_t)kind;
	device_label(d->label, label, bytes);
	return d;
}

void
device_give(uint32_t index)
{
	struct device *d = device_at(index);

	d->kind = CK_VOID;
	/* The last generation would come again: retire the place (M4). */
	if (d->generation < UINT32_MAX - 1)
		pool_give(&table, index);
	else
		log_line("device: object %u is worn out", index);
}

struct device *
device_at(uint32_t index)
{
	struct device *d = pool_at(&table, index);

	assert(d != NULL);
	return d;
}

struct device *
device_find(const struct cap *c, uint32_t *index)
{
	const uint64_t frame = oid_frame(cap_oid(c));
	const uint64_t i = frame_position(frame);
	struct device *d;

	if (frame_source(frame) != SOURCE_PHYSICAL || i >= pool_count(&table))
		return NULL;
	d = pool_at(&table, (uint32_t)i);
	if (d->kind != c->type || d->generation != c->count || d->kernel)
		return NULL;
	*index = (uint32_t)i;
	return d;
}

uint32_t
device_self(const struct ref *self)
{
	uint32_t             index = 0;
	const struct device *d     = device_find(&self->cap, &index);

	assert(d != NULL);
	return index;
}

struct cap
device_cap(uint32_t index, unsigned rights, unsigned data)
{
	const struct device *d = device_at(index);

	return cap_make((enum cap_kind)d->kind, rights, data, d->generation,
	    oid_make(frame_of(SOURCE_PHYSICAL, index), OID_INDEX_FRAME));
}

bool
device_cap_alive(const struct cap *c)
{
	uint32_t i;

	if (c->type == CK_WINDOW)
		return window_find(c, &i) == RC_OK;
	return device_find(c, &i) != NULL;
}

bool
device_ok(void)
{
	return irq_ok() && ports_ok() && mmio_ok() && dma_ok();
}
