/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at capabilities.
 */
#include "kernel/object/ref.h"
#include "kernel/object/cpu.h"

enum { SERVICES = 64 };

static struct cap service[SERVICES];

void
service_set(unsigned n, const struct cap *c)
{
	if (n < SERVICES)
		service[n] = *c;
}

struct cap *
service_slot(unsigned n)
{
	return n < SERVICES && service[n].type != CK_VOID ? &service[n] : NULL;
}

/* What a kind's capability needs before it can be used. */
enum look {
	LOOK_NONE,   /* It is complete in itself. */
	LOOK_OBJECT, /* A page or node. */
	LOOK_DEVICE, /* A kernel object. */
	LOOK_DEAD,   /* Not a kind that exists. */
};

static enum look
look_of(unsigned kind)
{
	static const uint8_t look[CK_COUNT] = {
	    [CK_PAGE]      = LOOK_OBJECT,
	    [CK_NODE]      = LOOK_OBJECT,
	    [CK_GUARD]     = LOOK_OBJECT,
	    [CK_PROCESS]   = LOOK_OBJECT,
	    [CK_START]     = LOOK_OBJECT,
	    [CK_RESUME]    = LOOK_OBJECT,
	    [CK_RESTART]   = LOOK_OBJECT,
	    [CK_NOTICE]    = LOOK_OBJECT,
	    [CK_FORWARDER] = LOOK_OBJECT,
	    [CK_IRQ]       = LOOK_DEVICE,
	    [CK_PORTS]     = LOOK_DEVICE,
	    [CK_MMIO]      = LOOK_DEVICE,
	    [CK_DMA]       = LOOK_DEVICE,
	    [CK_ISA_DMA]   = LOOK_DEVICE,
	    [CK_WINDOW]    = LOOK_DEVICE,
	};

	return kind < CK_COUNT ? (enum look)look[kind] : LOOK_DEAD;
}

static void
make_void(struct ref *r, uint16_t by)
{
	*r = (struct ref){.kind = CK_VOID, .service = by};
}

_Static_assert(offsetof(struct ref, kind) == offsetof(struct cap, type) &&
	offsetof(struct ref, rights) == offsetof(struct cap, rights) &&
	offsetof(struct ref, data) == offsetof(struct cap, data),
    "ref_prepare copies them together");

enum status
ref_prepare(struct cap *slot, const struct frame *holder, struct ref *out)
{
	uint16_t    by = 0;
	enum status st;

	if (slot->type == CK_BOOTSVC) {
		struct cap *s = service_slot(slot->data);

		by = (uint16_t)(slot->data + 1);
		if (s == NULL) {
			make_void(out, by);
			return RC_OK;
		}
		slot   = s;
		holder = NULL;
	}
	/* Kind, rights, data: the same bytes in both. */
	memcpy(out, slot, offsetof(struct cap, count));
	out->service = by;
	out->index   = oid_index(cap_oid(slot));
	out->cap     = *slot;
	switch (look_of(slot->type)) {
	case LOOK_NONE:
		out->frame = NULL;
		return RC_OK;
	case LOOK_OBJECT:
		st = cap_resolve(slot, holder, &out->frame);
		if (likely(st == RC_OK))
			return RC_OK;
		out->frame = NULL;
		if (st == RC_VOID) {
			make_void(out, by);
			return RC_OK;
		}
		return st;
	case LOOK_DEVICE:
		out->frame = NULL;
		if (device_cap_alive(slot))
			return RC_OK;
		break;
	case LOOK_DEAD:
	default:
		break;
	}
	make_void(out, by);
	return RC_OK;
}

enum status
ref_prepare_write(struct ref *r)
{
	struct frame *f = r->frame;
	enum status   st;

	if (frame_writable(f))
		return RC_OK;
	st = object_prepare_write(&f);
	if (st == RC_OK) {
		frame_hold(f);
		r->frame = f;
	}
	return st;
}
