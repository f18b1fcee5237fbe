/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of what cannot be read.
 *
 * A fetch that has failed leaves its object out of memory, so whoever needs it
 * cannot have had it: who invokes is answered RC_MEDIA, who walks over it faults.
 * What leads past it may still do so, for tables outlive the nodes that they were
 * made of: there the kernel may say either, and the model looks whether it may.
 */
#include "testsuite/fuzz/host/fuzz.h"

/* Is [v + done] the beginning of a page whose way is not all there? */
static void
must_be_unread(uint32_t at, uint64_t v, uint32_t done, enum fault_access a,
    struct reach *r)
{
	*r = space_walk(at, v + done, a);
	MUST(done == 0 || (v + done) % PAGE_SIZE == 0);
	if (r->page != NOWHERE || r->fault != FAULT_MEDIA)
		wrong("%lx of process %u can be read, and is said not to be",
		    v + done, at);
	figures.media++;
}

uint32_t
sent_extent(const struct op *o, uint64_t v, uint32_t bytes, struct reach *r,
    uint64_t *where)
{
	const struct state_page *k = o->kernel;
	const uint32_t           ideal =
	    sent_space_extent(o->x, v, bytes, r, where);
	uint32_t done;

	if (k == NULL || k->state != PS_WAITING || k->fault != FAULT_MEDIA)
		return ideal;
	done = (uint32_t)(k->fault_address - v);
	MUST(k->fault_address >= v && done < bytes && done <= ideal);
	must_be_unread(o->x, v, done, ACCESS_READ, r);
	MUST(!is_lent_sent(o->x, v + done));
	*where = v + done;
	return done;
}

uint32_t
received_extent(uint32_t at, uint64_t v, uint32_t ideal, uint32_t bytes,
    uint32_t kernel)
{
	struct reach r;

	if (!any_unread() || kernel >= (ideal < bytes ? ideal : bytes))
		return ideal;
	must_be_unread(at, v, kernel, ACCESS_WRITE, &r);
	return kernel;
}

/*
 * Who waits with a resume capability that is stored outside is looked for, to
 * be answered at a restart (F5), unless that has been done.
 */
static bool
is_in_doubt(const struct mcap *c)
{
	return (c->kind == CK_RESUME || c->kind == CK_RESTART) &&
	    at_persistent(c->at) && process_unread(c->at);
}

bool
caps_in_doubt(const struct mcap *c, unsigned n)
{
	for (unsigned i = 0; i < n && any_unread(); i++)
		if (is_in_doubt(&c[i]))
			return true;
	return false;
}

bool
answered_media(const struct op *o)
{
	const struct state_page *k = o->kernel;

	return k != NULL && k->state == PS_RUNNING && k->fault == FAULT_NONE &&
	    k->regs.rdi == RC_MEDIA;
}

void
result_must_be_seen(uint32_t x, uint64_t *control)
{
	const struct mcap *c =
	    &node_at(x)->slot[*control >> CONTROL_CAP_SHIFT & 15];

	if ((any_unread() || is_resident(x)) && (*control & 3) == INVOKE_RETURN &&
	    c->kind != CK_START && c->kind != CK_RESUME)
		*control = (*control & ~UINT64_C(3)) | INVOKE_CALL;
}
