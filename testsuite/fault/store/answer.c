/* SPDX-License-Identifier: BSD-2-Clause */
/* The fake kernel takes completions, and checks what they say. */
#include "testsuite/fault/store/kernel.h"

#include <string.h>

static void
fetch_done(
    struct kernel *k, struct open_request *q, const struct pager_completion *c)
{
	uint32_t       i = (uint32_t)(frame_position(oid_frame((oid){c->oid})) /
            k->p->stride);
	struct object *o = &k->object[i];
	uint64_t       v;

	o->reading = false;
	if (c->status != RC_OK) {
		if (k->p->fail_at == 0)
			WRONG(k, "fetch of %u: status %u", i, c->status);
		return;
	}
	if (c->kind != o->now.kind || c->count != o->now.count) {
		WRONG(k, "fetch of %u: kind %u count %u, not %u %u", i, c->kind,
		    c->count, o->now.kind, o->now.count);
		return;
	}
	if (c->op == PAGER_STAT)
		return;
	memcpy(&v, k->d->frames + q->r.frame * PAGE_SIZE + 8, 8);
	if (c->kind != FK_FREE && c->kind != FK_ZERO && v != o->now.version)
		WRONG(k, "fetch of %u: version %lu, not %lu", i, v,
		    o->now.version);
	o->resident = true;
	o->charged = (c->flags & PAGER_CHARGED) != 0 && c->epoch == k->epoch;
}

static void
change_done(
    struct kernel *k, struct open_request *q, const struct pager_completion *c)
{
	uint64_t       key = oid_frame((oid){c->oid});
	struct object *o = &k->object[frame_position(key) / k->p->stride];

	if (c->status != RC_OK && (k->p->fail_at == 0 || c->op == PAGER_DROP))
		WRONG(k, "change of %lx: status %u", key, c->status);
	if (frame_source(key) == MAP_SOURCE_RECORD) {
		if (c->status != RC_OK)
			k->record_left =
			    k->record_left; /* The barrier fails. */
		return;
	}
	o->open[c->epoch & 1] = false;
	if (c->status == RC_OK)
		return;
	if (c->epoch != k->epoch) {
		o->frozen_dirty = true;
		k->tries++;
	} else if (o->now.version == q->version && o->resident) {
		o->dirty = true;
	}
}

static void
barrier_done(struct kernel *k, const struct pager_completion *c)
{
	struct event *e;

	k->taking = false;
	if (c->status == RC_OK) {
		k->commits++;
		k->acked = k->next_id;
		e = &k->d->event[k->d->events++];
		*e = (struct event){.kind = EV_ACK, .snapshot = k->acked};
		return;
	}
	k->refused++;
	if (k->p->fail_at == 0)
		WRONG(k, "barrier: status %u", c->status);
	for (uint32_t i = 0; i < k->p->objects; i++) {
		struct object *o = &k->object[i];

		if (o->frozen_dirty && o->now.version == o->frozen.version &&
		    o->now.count == o->frozen.count)
			o->dirty = true;
		o->frozen_dirty = false;
	}
}

static void
credit_done(struct kernel *k, const struct pager_completion *c)
{
	k->reserve = (uint32_t)c->word[1];
	k->sellable = (uint32_t)(c->word[2] >> 32);
	if (c->epoch != k->epoch)
		return;
	k->credits = c->credits;
	k->next = (uint32_t)c->word[0];
	/* F7: with no more sold than may be, an epoch is never without. */
	if (!k->taking && k->p->fail_at == 0 && k->credits < SIM_FLOOR)
		WRONG(k, "F7: only %u credits, %u after that", k->credits,
		    k->next);
}

void
kernel_answer(struct kernel *k, const struct pager_completion *c)
{
	struct open_request *q = &k->open[c->tag & 255];

	if (c->op == PAGER_OPEN) {
		k->epoch = c->epoch;
		k->ready = true;
		return;
	}
	if (c->op == PAGER_CREDIT) {
		credit_done(k, c);
		return;
	}
	if ((c->tag & 255) > REQUESTS || !q->busy || q->r.tag != c->tag) {
		WRONG(k, "unknown tag %lx", c->tag);
		return;
	}
	q->busy = false;
	k->nopen--;
	if (c->op == PAGER_FETCH || c->op == PAGER_STAT)
		fetch_done(k, q, c);
	else if (c->op == PAGER_CLEAN || c->op == PAGER_DROP)
		change_done(k, q, c);
	else if (c->op == PAGER_BARRIER)
		barrier_done(k, c);
}
