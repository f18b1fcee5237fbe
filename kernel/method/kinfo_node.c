/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel information: what stands in the slots of a node, as records that give
 * no authority.
 */
#include "kernel/device/device.h"
#include "kernel/device/irq.h"
#include "kernel/method/kinfo.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/ref.h"

/* The frame with this number, if its content is in memory. */
static struct frame *
here(uint64_t number)
{
	struct frame *f = frame_find(number);

	return f != NULL && (f->flags & (FF_IO_IN | FF_LOST | FF_STAT)) == 0
	    ? f
	    : NULL;
}

const struct state_page *
kinfo_state(struct frame *f, unsigned index)
{
	const struct cap *c = &frame_nodes(f)->slot[index][SLOT_STATE];
	struct process    p;

	if (frame_nodes(f)->node[index].role != ROLE_PROCESS ||
	    here(oid_frame(cap_oid(c))) == NULL)
		return NULL;
	return process_prepare(f, index, &p) == RC_OK ? p.state : NULL;
}

/* Kinds that name an object, which may not be in memory. */
static void
describe_object(const struct cap *c, struct kinfo_cap *out)
{
	struct frame            *f = here(oid_frame(cap_oid(c)));
	const struct state_page *s;

	out->validity = KC_ABSENT;
	if (f == NULL)
		return;
	out->validity = cap_fits(c, f) ? KC_VALID : KC_DEAD;
	if (out->validity == KC_DEAD || f->kind != FK_NODE)
		return;
	s = kinfo_state(f, oid_index(cap_oid(c)));
	if (s != NULL)
		memcpy(out->label, s->name, sizeof(s->name));
}

/* Does this kind name one device, not all of its kind? */
static bool
names_one(unsigned kind)
{
	return kind == CK_IRQ || kind == CK_PORTS || kind == CK_MMIO ||
	    kind == CK_DMA || kind == CK_ISA_DMA || kind == CK_WINDOW;
}

static void
describe_device(const struct cap *c, struct kinfo_cap *out)
{
	const struct device *d;
	struct irq_info      irq;
	uint32_t             index;

	d = device_find(c, &index);
	if (d == NULL) {
		if (names_one(c->type) && !device_cap_alive(c))
			out->validity = KC_DEAD;
		return;
	}
	memcpy(out->label, d->label, sizeof(out->label));
	switch (d->kind) {
	case CK_IRQ:
		irq_describe(index, &irq);
		out->first = irq.line;
		out->size = irq.kind;
		break;
	case CK_PORTS:
		out->first = d->ports.first;
		out->size = d->ports.count;
		break;
	case CK_MMIO:
		out->first = d->mmio.address;
		out->size = d->mmio.bytes;
		break;
	default:
		debug_assert(d->kind == CK_DMA);
		out->first = d->dma.source_id;
		out->size = d->dma.pages;
		break;
	}
}

static void
describe(const struct cap *c, struct kinfo_cap *out)
{
	out->kind = c->type;
	out->data = c->data;
	out->object = c->word & OID_MASK;
	if (c->type != CK_RESUME && c->type != CK_RESTART)
		out->rights = c->rights;
	if (cap_rule[c->type & (CAP_RULES - 1)].kind != FK_FREE)
		describe_object(c, out);
	else if (c->type >= CK_IRQ_SPACE)
		describe_device(c, out);
	switch (c->type) {
	case CK_NUMBER:
		out->first = c->word;
		out->size = c->count;
		break;
	case CK_RANGE:
		out->first = cap_range_first(c);
		out->size = cap_range_length(c);
		break;
	case CK_NODE:
	case CK_GUARD:
		out->size = cap_span(c);
		break;
	default:
		break;
	}
}

enum status
method_kinfo_node(struct invocation *inv, uint64_t number)
{
	struct kinfo_node        *out = (void *)inv->out_string;
	const oid                 o = {number & OID_MASK};
	const unsigned            index = oid_index(o);
	const struct node_header *h;
	const struct state_page  *s;
	struct frame             *f;
	enum status               st;

	if (o.v != number || index == OID_INDEX_FRAME)
		return RC_NOT_FOUND;
	st = object_fetch(oid_frame(o), &f);
	if (st != RC_OK)
		return st;
	if (f->kind != FK_NODE)
		return RC_NOT_FOUND;
	inv_commit(inv);
	h = &frame_nodes(f)->node[index];
	*out = (struct kinfo_node){
	    .count = h->count, .role = h->role, .flags = h->flags};
	s = kinfo_state(f, index);
	if (s != NULL)
		memcpy(out->name, s->name, sizeof(out->name));
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		const struct cap *c = &frame_nodes(f)->slot[index][i];
		struct kinfo_cap *k = &out->cap[out->caps];

		if (c->type == CK_VOID)
			continue;
		*k = (struct kinfo_cap){.slot = (uint8_t)i};
		if (h->role == ROLE_PROCESS)
			k->origin = (uint8_t)((h->built >> i & 1) |
			    (h->placed >> i & 1) << 1);
		describe(c, k);
		if (i == SLOT_STATE && h->role == ROLE_PROCESS)
			k->validity = s != NULL ? KC_VALID : KC_ABSENT;
		out->caps++;
	}
	inv->out_bytes = (uint32_t)(sizeof(*out) + out->caps * sizeof(*out->cap));
	return RC_OK;
}
