/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's invocations: who gets the message, and what becomes of the
 * sender. It is called when the kernel has not put the invocation off, so it
 * never says wait; where it would, the kernel has been wrong.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/hal/hal.h"

static uint8_t in_bytes[PAGE_SIZE], out_bytes[OUT_MOST];

static bool
control_good(uint32_t x, uint64_t c)
{
	if ((c & 3) > INVOKE_SEND || c >> CONTROL_USED_BITS != 0 ||
	    control_field(c, CONTROL_CAP_SHIFT) >= CAP_REGISTERS)
		return false;
	for (unsigned i = 0; i < MESSAGE_CAPS; i++)
		if (send_register(c, i) >= CAP_REGISTERS ||
		    receive_register(c, i) >= CAP_REGISTERS)
			return false;
	return (c & 3) != INVOKE_CALL ||
	    node_at(x)->slot[send_register(c, 3)].kind == CK_VOID;
}

/* --- To the kernel --------------------------------------------------------- */

/* The sent string; false, and x has faulted. */
static bool
kernel_string(struct op *o)
{
	const struct mproc *p = proc_at(o->x);
	struct reach        r = {.page = NOWHERE, .fault = FAULT_UNMAPPED};
	uint64_t            where;

	o->string_bytes = (uint32_t)p->regs.r12;
	if (o->string_bytes == 0 || o->string_bytes > PAGE_SIZE)
		return true;
	if (!user_range(p->regs.r9, o->string_bytes)) {
		string_fault(o->x, p->regs.r9, &r);
		return false;
	}
	if (sent_extent(o, p->regs.r9, o->string_bytes, &r, &where) <
	    o->string_bytes) {
		string_fault(o->x, where, &r);
		return false;
	}
	sent_read(o->x, p->regs.r9, o->string, o->string_bytes);
	return true;
}

/* Room for the answer's string, as it is before the order. */
static uint32_t
answer_room(const struct op *o)
{
	const struct mproc *p = proc_at(o->x);
	const uint64_t      limit = p->regs.r12 >> 32;
	uint32_t            fits = (uint32_t)(limit < OUT_MOST
			       ? limit
			       : OUT_MOST);
	struct reach        r;
	uint64_t            where;

	if (o->kind != INVOKE_CALL || !user_range(p->regs.r13, fits))
		return 0;
	return space_extent(
	    o->x, p->regs.r13, fits, ACCESS_WRITE, &r, &where);
}

/* What cannot be foretold is taken from the kernel. */
static void
copy_string(struct op *o, uint32_t fits)
{
	const uint64_t v = proc_at(o->x)->regs.r13;
	uint32_t       done = 0;

	while (done < fits) {
		const uint32_t in = (uint32_t)((v + done) % PAGE_SIZE);
		struct reach   r = space_reach(o->x, v + done, ACCESS_WRITE);
		const uint32_t n = PAGE_SIZE - in < fits - done
		    ? PAGE_SIZE - in
		    : fits - done;
		struct peek    k = peek(frame_number_of(r.page));

		if (k.data != NULL)
			memcpy(frame_at(r.page)->data + in,
			    (const uint8_t *)k.data + in, n);
		done += n;
	}
}

/*
 * The pages were found before the order ran; it may have changed the space or
 * even killed them, so the model's room is only right if it has not.
 */
static void
answer_string(struct op *o, uint32_t room, const struct state_page *kernel,
    uint64_t *result)
{
	uint32_t fits = o->out_bytes;

	room = received_extent(o->x, proc_at(o->x)->regs.r13, room, fits,
	    o->any_string ? room : length_of(kernel));

	if (o->any_string) {
		fits = length_of(kernel);
		MUST(fits <= room);
		*result |= kernel->regs.rax & RESULT_TRUNCATED;
		copy_string(o, fits);
	} else {
		if (fits > room) {
			*result |= RESULT_TRUNCATED;
			fits = room;
		}
		space_write(o->x, proc_at(o->x)->regs.r13, o->out, fits);
	}
	*result |= (uint64_t)fits << RESULT_LENGTH_SHIFT;
}

static void
answer(struct op *o, enum status st, uint32_t room,
    const struct state_page *kernel)
{
	struct mnode *n = node_at(o->x);
	uint64_t      result = FROM_REPLY;

	figures.media += st == RC_MEDIA;
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		const unsigned reg = receive_register(o->control, i);

		if (o->out_cap[i].kind != CK_VOID)
			result |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		if (reg != 0)
			n->slot[reg] = o->out_cap[i];
	}
	if (st == RC_OK && (o->out_bytes > 0 || o->any_string) && room > 0)
		answer_string(o, room, kernel, &result);
	else if (st == RC_OK && n->p.regs.r12 >> 32 != 0 && o->kind == INVOKE_CALL)
		result |= o->any_string ? kernel->regs.rax & RESULT_TRUNCATED
		    : o->out_bytes > 0  ? (uint64_t)RESULT_TRUNCATED
					: 0;
	n->p.regs.rax = result;
	n->p.regs.rdi = st;
	n->p.regs.rsi = o->any_words ? kernel->regs.rsi : o->out_word[1];
	n->p.regs.rdx = o->any_words ? kernel->regs.rdx : o->out_word[2];
	n->p.regs.r10 = o->any_words ? kernel->regs.r10 : o->out_word[3];
	n->p.regs.r8 = o->any_words ? kernel->regs.r8 : o->out_word[4];
}

/* Of those that it was sent, and that lie where it has to do. */
static bool
stores_in_doubt(const struct op *o)
{
	if (!answered_media(o))
		return false;
	return caps_in_doubt(o->cap, MESSAGE_CAPS) ||
	    ((o->self.kind == CK_NODE || o->self.kind == CK_GUARD ||
		 o->self.kind == CK_FORWARDER || o->self.kind == CK_PROCESS) &&
		caps_in_doubt(node_at(o->self.at)->slot, NODE_SLOTS));
}

static void
to_kernel(struct op *o, const struct state_page *kernel)
{
	order_fn   *order;
	enum status st;
	uint32_t    room;

	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		const struct mcap *c =
		    &node_at(o->x)->slot[send_register(o->control, i)];

		if (cap_unread(c) && !(o->via_cap && i == 2)) {
			bare(o->x, o->kind, RC_MEDIA);
			return;
		}
		o->cap[i] = cap_now(c);
	}
	if (o->via_cap)
		o->cap[2] = o->forwarder;
	if (!kernel_string(o))
		return;
	room = answer_room(o);
	st = order_refuses(o);
	order = order_model(o->self.kind, o->word[0]);
	if (st == RC_OK) {
		MUST(order != NULL);
		st = stores_in_doubt(o) ? RC_MEDIA : order(o);
	}
	if (o->gone)
		return;
	if (o->kind == INVOKE_CALL)
		answer(o, st, room, kernel);
	else
		bare(o->x, o->kind, st);
}

/* --- Forwarders (S6) -------------------------------------------------------- */

/* Is there nobody behind it any more? */
static bool
is_nobody(const struct mcap *c)
{
	return c->kind == CK_VOID || c->kind == CK_RESTARTED ||
	    ((c->kind == CK_RESUME || c->kind == CK_RESTART) && !answers(c));
}

/* Whether it is awaited stands in a page that cannot be read. */
static bool
is_resume_unread(const struct mcap *c)
{
	return (c->kind == CK_RESUME || c->kind == CK_RESTART) &&
	    process_unread(c->at);
}

/* What a message to o->self reaches; RC_LIMIT: too many on the way; RC_MEDIA. */
static enum status
follow(struct op *o)
{
	for (unsigned n = 0; o->self.kind == CK_FORWARDER &&
	    o->self.rights & CR_OPAQUE; n++) {
		const struct mnode *f = node_at(o->self.at);
		struct mcap         c = cap_now(&f->slot[0]);

		if (n == 8)
			return RC_LIMIT;
		MUST(!f->blocked); /* It would have to wait. */
		if (o->self.data & FORWARDER_SEND_WORD) {
			o->via_word = true;
			o->word[4] = f->word;
		}
		if (o->self.data & FORWARDER_SEND_CAP) {
			o->via_cap = true;
			o->forwarder = object_cap(CK_FORWARDER, o->self.at);
		}
		o->unread = f->slot[0];
		if (cap_unread(&f->slot[0]) || is_resume_unread(&c))
			return RC_MEDIA;
		if (is_nobody(&c) && cap_unread(&f->slot[1])) {
			o->unread = c;
			return RC_MEDIA;
		}
		if (is_nobody(&c) && f->slot[1].kind != CK_VOID) {
			const struct mcap other = cap_now(&f->slot[1]);

			c = other.kind != CK_VOID ? other : c;
		}
		o->self = c;
	}
	return RC_OK;
}

/* --- All ------------------------------------------------------------------- */

/* Is it refused, since only the pager could bring what it came to (F5)? */
static bool
refused(struct op *o)
{
	bool by_order;

	if (!resident_refused(o, &o->unread, &by_order))
		return false;
	if (by_order)
		answer(o, RC_NOT_RESIDENT, 0, o->kernel);
	else
		bare(o->x, o->kind, RC_NOT_RESIDENT);
	return true;
}

/* What a notice needs is in memory: the activity of its process. */
static void
post_unread(const struct op *o)
{
	MUST(model.learned[o->unread.serial]);
	proc_at(o->unread.at)->notices |= UINT64_C(1) << (o->unread.data & 63);
	bare(o->x, o->kind, RC_OK);
}

static void
invoke_now(uint32_t x, const struct state_page *kernel)
{
	struct op     o;
	struct mproc    *p = proc_at(x);
	enum status      st;

	o = (struct op){
	    .x = x,
	    .string = in_bytes,
	    .out = out_bytes,
	    .control = p->regs.rax,
	    .kind = p->regs.rax & 3,
	    .word = {p->regs.rdi, p->regs.rsi, p->regs.rdx, p->regs.r10,
		p->regs.r8},
	    .kernel = kernel,
	    .actual = kernel != NULL ? (enum status)kernel->regs.rdi : RC_OK,
	};
	figures.done++;
	touch(x);
	if (o.kind > INVOKE_SEND)
		o.kind = INVOKE_CALL;
	if (!control_good(x, o.control)) {
		bare(x, o.kind, RC_CONTROL);
		return;
	}
	o.self = cap_now(&node_at(x)->slot[control_field(o.control, CONTROL_CAP_SHIFT)]);
	o.unread = node_at(x)->slot[control_field(o.control, CONTROL_CAP_SHIFT)];
	if (resident_void_by_order(&o)) {
		answer(&o, RC_VOID, 0, kernel);
		return;
	}
	if (resident_in_doubt(&o))
		o.self = o.unread;
	if (refused(&o))
		return;
	st = cap_unread(&o.unread) && !resident_knows(&o) ? RC_MEDIA
							  : follow(&o);
	if (st == RC_MEDIA && o.unread.kind == CK_NOTICE && !answered_media(&o)) {
		post_unread(&o);
		return;
	}
	if (st != RC_OK) {
		bare(x, o.kind, st);
		return;
	}
	figures.by_kind[o.self.kind]++;
	switch (o.self.kind) {
	case CK_VOID:
		bare(x, o.kind, RC_VOID);
		return;
	case CK_RESTARTED:
		bare(x, o.kind, RC_RESTARTED);
		return;
	case CK_START:
	case CK_RESUME:
		to_process(&o);
		return;
	case CK_NOTICE:
		proc_at(o.self.at)->notices |= UINT64_C(1) << (o.self.data & 63);
		bare(x, o.kind, RC_OK);
		return;
	default:
		to_kernel(&o, kernel);
		return;
	}
}

/* What it was lent for its string is not for another invocation. */
void
invoke_model(uint32_t x, const struct state_page *kernel)
{
	const struct mproc *p = proc_at(x);

	invoke_now(x, kernel);
	if (p->state != PS_WAITING || p->fault == FAULT_NONE)
		loan_drop(x);
}
