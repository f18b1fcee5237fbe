/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of resident processes (F5, F9): such a one never waits for the
 * pager. Where it would have to, it is refused with RC_NOT_RESIDENT, and what it
 * replies to somebody who is on disk lies in a parcel until he runs.
 *
 * What is in memory the model does not know; so it says where the kernel may
 * refuse, where it must, and that nothing comes of what was refused.
 */
#include "testsuite/fuzz/host/models.h"

#include "kernel/abi/process.order.h"
#include "kernel/mem/cache.h"
#include "kernel/object/cpu.h"

enum {
	ANSWERS = 64,
	FEW_FRAMES = 24 + 64 + 16, /* Kept for tables, and some on the way. */
	FEW_ACTIVITIES = 4,
	CHAIN = 8,
	EVICT_MOST = 64,
};

enum answer {
	ANSWER_PARCEL = 1,
	ANSWER_RETRY,
	ANSWER_KILL,
};

/* What lies ready for who waits outside. */
static struct manswer {
	enum answer     what; /* 0: none. */
	uint32_t        at, serial, call;
	struct mmessage m;
	uint8_t         string[PAGE_SIZE];
} answer[ANSWERS];
static unsigned nanswers; /* Up to the last. */

bool
is_resident(uint32_t at)
{
	return at < FRAMES * 8 && at % 8 < FRAME_NODES && is_process(at) &&
	    proc_at(at)->resident;
}

/* Are both its frames in memory, as far as can be seen? */
static bool
is_here(uint32_t at)
{
	const struct frame *n = frame_find(frame_number_of(at));
	const struct frame *s = frame_find(frame_number_of(proc_at(at)->state_at));

	return n != NULL && s != NULL;
}

/* What may leave memory does, until it is gone: as when an entry needs frames. */
static void
push_out(uint32_t at)
{
	cpu_enter();
	for (unsigned i = 0; i < EVICT_MOST && is_here(at); i++)
		if (!age_evict(CLASS_ANY))
			return;
}

bool
is_awaited_outside(const struct mcap *c)
{
	return (c->kind == CK_RESUME || c->kind == CK_RESTART) &&
	    at_persistent(c->at) && answers(c);
}

bool
is_away(const struct mcap *c)
{
	push_out(c->at);
	return !is_here(c->at);
}

/* --- Refusals ---------------------------------------------------------------- */

static bool
answered(const struct op *o, enum status st)
{
	const struct state_page *k = o->kernel;

	return k != NULL && k->state == PS_RUNNING && k->fault == FAULT_NONE &&
	    k->regs.rdi == st;
}

/* Is it of an object that may be on disk? */
static bool
is_outside(const struct mcap *c)
{
	switch (c->kind) {
	case CK_PAGE:
	case CK_NODE:
	case CK_GUARD:
	case CK_FORWARDER:
	case CK_PROCESS:
	case CK_START:
	case CK_NOTICE:
	case CK_RESUME:
	case CK_RESTART:
		return at_persistent(c->at);
	case CK_RANGE:
		return frame_source(c->low) == SOURCE_PERSISTENT;
	default:
		return false;
	}
}

static bool
memory_is_short(void)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < activity_end(); i++)
		used += activity_at(i) != NULL;
	return frame_free_count() <= FEW_FRAMES ||
	    used + FEW_ACTIVITIES >= MACHINE_ACTIVITIES;
}

static bool
some_outside(const struct mcap *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (is_outside(&c[i]))
			return true;
	return false;
}

/* What it comes to, as far as the model sees; *waits: it would wait there. */
static struct mcap
end_of_way(const struct mcap *first, bool *waits)
{
	struct mcap c = cap_now(first);

	*waits = is_outside(first);
	for (unsigned n = 0; n <= CHAIN && !*waits && c.kind == CK_FORWARDER &&
	     c.rights & CR_OPAQUE; n++) {
		const struct mnode *f = node_at(c.at);
		struct mcap         to = cap_now(&f->slot[0]);

		*waits = f->blocked || is_outside(&f->slot[0]);
		if ((to.kind == CK_VOID || to.kind == CK_RESTARTED ||
			to.kind == CK_RESUME || to.kind == CK_RESTART) &&
		    f->slot[1].kind != CK_VOID) {
			*waits = *waits || is_outside(&f->slot[1]);
			if ((to.kind != CK_RESUME && to.kind != CK_RESTART) ||
			    !answers(&to))
				to = cap_now(&f->slot[1]);
		}
		c = to;
	}
	return c;
}

/* May it have had to wait for what only the pager brings? */
static bool
may_be_refused(const struct op *o, const struct mcap *first)
{
	const struct mnode *n = node_at(o->x);
	bool                waits;
	const struct mcap   self = end_of_way(first, &waits);

	if (waits || is_outside(&self))
		return true;
	if (self.kind == CK_START && !is_resident(self.at))
		return true;
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		const unsigned reg = (unsigned)(o->control >>
		    (CONTROL_SEND_SHIFT + CONTROL_REG_BITS * i)) & 31;

		if (is_outside(&n->slot[reg]))
			return true;
	}
	switch (self.kind) {
	case CK_NODE:
	case CK_GUARD:
	case CK_FORWARDER:
	case CK_PROCESS:
		return some_outside(node_at(self.at)->slot, NODE_SLOTS) ||
		    memory_is_short();
	case CK_RANGE: /* range.abandon */
		return o->word[1] < self.length;
	case CK_KINFO:
		return true; /* It looks at anybody's. */
	default:
		return memory_is_short();
	}
}

static bool
leaves_nothing(const struct op *o)
{
	const struct registers *r = &o->kernel->regs;

	return o->kind == INVOKE_CALL && r->rsi == 0 && r->rdx == 0 &&
	    r->r10 == 0 && r->r8 == 0;
}

/*
 * Refused by its order, not before it: as any other answer, that leaves nothing
 * in the registers. Where both would be the same, it does not matter.
 */
static bool
by_order(const struct op *o, const struct mcap *first)
{
	bool           waits;
	const unsigned kind = end_of_way(first, &waits).kind;

	if (kind == CK_START || kind == CK_RESUME)
		return false; /* It has no orders. */
	return leaves_nothing(o);
}

/* True: x was refused. */
bool
resident_refused(struct op *o, const struct mcap *first, bool *order)
{
	if (!is_resident(o->x) || !answered(o, RC_NOT_RESIDENT))
		return false;
	if (!may_be_refused(o, first))
		wrong("resident process %u need not wait for kind %u at %u",
		    o->x, first->kind, first->at);
	figures.refused++;
	*order = by_order(o, first);
	return true;
}

/* Sent or returned to who was not free for it: nobody waits for him. */
bool
resident_not_sent(const struct op *o)
{
	const struct mproc      *to = proc_at(o->self.at);
	const struct state_page *k = peek_state(o->self.at);

	if (!is_resident(o->x) || is_resident(o->self.at) ||
	    o->self.kind != CK_START)
		return false;
	if (o->kind == INVOKE_CALL)
		wrong("resident process %u calls %u, which is not", o->x,
		    o->self.at);
	if (o->kind != INVOKE_RETURN || o->kernel == NULL ||
	    o->kernel->state == PS_WAITING)
		return false; /* It is told, or its own string is not there. */
	return to->state != PS_AVAILABLE || k == NULL ||
	    k->state != PS_RUNNING || (k->regs.rax & 3) != FROM_CALL;
}

/* He cannot be read, but who is resident need not: an entry says who he is. */
bool
resident_knows(const struct op *o)
{
	return is_resident(o->x) && !answered(o, RC_MEDIA) &&
	    (o->self.kind == CK_RESUME || o->self.kind == CK_RESTART);
}

/*
 * Its process is dead, and whether it is only the disk could tell: a resident
 * process is answered as by one that waits for something else.
 */
bool
resident_in_doubt(const struct op *o)
{
	const struct mcap *c = &o->unread;

	return is_resident(o->x) && o->self.kind == CK_VOID &&
	    at_persistent(c->at) &&
	    (c->kind == CK_RESUME ||
		(c->kind == CK_RESTART && !answered(o, RC_VOID)));
}

/* The same, if its order said so: then nothing is left in the registers. */
bool
resident_void_by_order(const struct op *o)
{
	const struct mcap *c = &o->unread;

	return is_resident(o->x) && o->self.kind == CK_VOID &&
	    c->kind == CK_RESTART && at_persistent(c->at) &&
	    answered(o, RC_VOID) && leaves_nothing(o);
}

void
resident_way(uint32_t x, uint64_t *control)
{
	const struct mnode *n = node_at(x);
	struct mcap c = n->slot[*control >> CONTROL_CAP_SHIFT & 15];

	if (!is_resident(x))
		return;
	for (unsigned i = 0; i <= CHAIN && c.kind == CK_FORWARDER &&
	     cap_now(&c).kind == CK_FORWARDER; i++) {
		const struct mcap *slot = node_at(c.at)->slot;

		if (is_outside(&slot[0]) || is_outside(&slot[1])) {
			*control &= ~(UINT64_C(15) << CONTROL_CAP_SHIFT);
			return;
		}
		c = cap_now(&slot[0]).kind != CK_VOID ? slot[0] : slot[1];
	}
}

/* It was put off: it may queue on a resident server, and for nothing else. */
void
resident_waits(uint32_t x)
{
	const struct activity *a = activity_find(
	    oid_make(frame_number_of(x), x % 8));
	uint32_t on;

	if (!is_resident(x))
		return;
	if (a == NULL || a->wait == WAIT_NONE ||
	    a->state == KA_READY || a->state == KA_RUNNING)
		return;
	on = at_of_number(oid_frame((oid){a->key}), oid_index((oid){a->key}));
	if (a->wait != WAIT_PROCESS || on == NOWHERE || !is_resident(on))
		wrong("resident process %u waits for %u of %lx", x, a->wait,
		    a->key);
}

/* --- Answers that lie ready --------------------------------------------------- */

static struct manswer *
find(uint32_t at)
{
	for (unsigned i = 0; i < nanswers; i++)
		if (answer[i].what != 0 && answer[i].at == at &&
		    answer[i].serial == node_at(at)->serial &&
		    answer[i].call == proc_at(at)->call)
			return &answer[i];
	return NULL;
}

bool
is_answered(uint32_t at)
{
	return nanswers != 0 && is_process(at) &&
	    proc_at(at)->state == PS_WAITING && find(at) != NULL;
}

static struct manswer *
make(uint32_t at, enum answer what)
{
	unsigned i = 0;

	while (i < nanswers && answer[i].what != 0)
		i++;
	MUST(i < ANSWERS);
	nanswers = i < nanswers ? nanswers : i + 1;
	answer[i].what = what;
	answer[i].at = at;
	answer[i].serial = node_at(at)->serial;
	answer[i].call = proc_at(at)->call;
	return &answer[i];
}

void
answers_reset(void)
{
	nanswers = 0;
}

static void
deliver_parcel(struct manswer *a, const struct state_page *k)
{
	struct mmessage    *m = &a->m;
	const struct mproc *p = proc_at(a->at);
	const uint64_t      limit = p->regs.r12 >> 32;
	const uint32_t      bytes = m->fits;
	struct reach        r;
	uint64_t            where;

	if (bytes > 0) {
		m->fits = bytes < limit ? bytes : (uint32_t)limit;
		if (!user_range(p->regs.r13, m->fits))
			m->fits = 0;
		m->fits = space_extent(a->at, p->regs.r13, m->fits,
		    ACCESS_WRITE, &r, &where);
		m->fits = received_extent(a->at, p->regs.r13, m->fits,
		    m->fits,
		    (uint32_t)(k->regs.rax >> RESULT_LENGTH_SHIFT) &
			RESULT_LENGTH_MASK);
		m->truncated |= m->fits < bytes;
	}
	m->string = a->string;
	deliver_model(a->at, m);
}

static void
deliver(struct manswer *a)
{
	const struct state_page *k = peek_state(a->at);
	struct mproc            *p = proc_at(a->at);

	if (k == NULL)
		return;
	if (a->what == ANSWER_KILL) {
		if (k->state == PS_WAITING && k->call_number == 0) {
			a->what = 0;
			killed_model(a->at);
		}
		return;
	}
	if (k->state != PS_RUNNING)
		return;
	if (a->what == ANSWER_PARCEL) {
		deliver_parcel(a, k);
	} else {
		p->fault = FAULT_NONE;
		p->state = PS_RUNNING;
		touch(a->at);
	}
	a->what = 0;
}

/* The dispatcher may have run some of them. */
void
answers_look(void)
{
	bool any = false;

	for (unsigned i = 0; i < nanswers; i++) {
		struct manswer *a = &answer[i];

		if (a->what == 0)
			continue;
		if (!is_whole(a->at) || node_at(a->at)->serial != a->serial ||
		    proc_at(a->at)->state != PS_WAITING ||
		    proc_at(a->at)->call != a->call)
			a->what = 0; /* It was started, or killed. */
		else
			deliver(a);
		any = any || a->what != 0;
	}
	nanswers = any ? nanswers : 0;
}

/* --- Replies ------------------------------------------------------------------- */

static bool
parcel_filled(uint32_t at)
{
	const struct activity *a = activity_find(
	    oid_make(frame_number_of(at), at % 8));

	return a != NULL && a->flags & AF_PARCEL;
}

/* Has x come to its own string, and that is not there? */
static bool
string_missing(struct op *o)
{
	const struct mproc *p = proc_at(o->x);
	const uint32_t      sent = (uint32_t)p->regs.r12;
	const uint64_t      limit = proc_at(o->self.at)->regs.r12 >> 32;
	/* A parcel takes a page; who is in memory, what he has room for. */
	const uint32_t      most = limit < PAGE_SIZE ? PAGE_SIZE
	    : limit < STRING_MAX ? (uint32_t)limit : STRING_MAX;
	const uint32_t      bytes = sent < most ? sent : most;
	struct reach        r = {.page = NOWHERE, .fault = FAULT_UNMAPPED};
	uint64_t            where = p->regs.r9;

	if (o->kernel == NULL || o->kernel->state != PS_WAITING ||
	    o->kernel->fault == FAULT_NONE || o->kernel->regs.rip != PC_INVOKE)
		return false;
	MUST(bytes > 0);
	if (user_range(p->regs.r9, sent))
		MUST(sent_space_extent(o->x, p->regs.r9, bytes, &r, &where) <
		    bytes);
	string_fault(o->x, where, &r);
	return true;
}

/* It reached him, at once or in this same entry; else by another's answer. */
static bool
has_reached(const struct op *o)
{
	const struct mproc      *to = proc_at(o->self.at);
	const struct state_page *k = peek_state(o->self.at);

	if (!answers(&o->self) || k == NULL || k->state != PS_RUNNING)
		return false;
	if (o->kind != INVOKE_RETURN)
		return !answered(o, RC_VOID) || o->kind == INVOKE_CALL;
	return !to->restarted || k->regs.rdi != RC_RESTARTED;
}

static void
put_into_parcel(const struct op *o, const struct mmessage *m)
{
	const struct mproc *p = proc_at(o->x);
	const uint32_t      bytes = (uint32_t)p->regs.r12;
	struct manswer     *a = make(o->self.at, ANSWER_PARCEL);

	figures.parcels++;
	a->m = *m;
	a->m.fits = bytes < PAGE_SIZE ? bytes : PAGE_SIZE;
	a->m.truncated = bytes > PAGE_SIZE;
	sent_read(o->x, p->regs.r9, a->string, a->m.fits);
}

/*
 * The reply of a resident process that did not reach its receiver in memory:
 * true, and *st is what it is answered. It is void if something lies ready for
 * him (F1), and else it does, if he is on disk.
 */
bool
resident_reply(struct op *o, const struct mmessage *m, enum status *st)
{
	struct mproc *to = proc_at(o->self.at);
	const bool    awaited = answers(&o->self);
	const bool    good = (uint32_t)proc_at(o->x)->regs.r12 <= STRING_MAX &&
	    !process_unread(o->self.at);

	*st = RC_VOID;
	if (has_reached(o))
		return false;
	if (string_missing(o)) {
		*st = ST_FAULT;
		return true;
	}
	if (awaited && parcel_filled(o->self.at)) {
		put_into_parcel(o, m);
		*st = RC_OK;
		return true;
	}
	if (!awaited && at_persistent(o->self.at) && answered(o, RC_OK)) {
		*st = RC_OK; /* That it is stale shows when he is there. */
		return true;
	}
	if (good && awaited && at_persistent(o->self.at) && !to->restarted)
		wrong("the reply of %u to %u is lost", o->x, o->self.at);
	if (good && awaited && is_resident(o->self.at) &&
	    !some_outside(m->cap, MESSAGE_CAPS))
		wrong("%u cannot reply to %u, and both are resident", o->x,
		    o->self.at);
	if (o->kind == INVOKE_RETURN)
		return true;
	if (!good && (answered(o, RC_STRING) || answered(o, RC_MEDIA)))
		*st = (enum status)o->kernel->regs.rdi;
	return true;
}

/* The answer of a resident keeper: does it lie ready? Else it was given. */
bool
resident_answers(const struct op *o, bool kill)
{
	const uint32_t           at = o->self.at;
	const struct state_page *k = peek_state(at);

	if (!is_resident(o->x) || !at_persistent(at) || k == NULL ||
	    find(at) != NULL || !answered(o, RC_OK))
		return false;
	if (k->state != PS_WAITING || k->call_number == 0)
		return false; /* It has come. */
	make(at, kill ? ANSWER_KILL : ANSWER_RETRY);
	return true;
}

/* It answers who is on disk: that nobody waits for it shows when he is there. */
bool
resident_is_stale(const struct op *o)
{
	return is_resident(o->x) && at_persistent(o->self.at) &&
	    !answers(&o->self) && answered(o, RC_OK);
}

/* Void: somebody else's answer lies ready, and he is on disk. */
bool
resident_too_late(const struct op *o)
{
	return is_resident(o->x) && at_persistent(o->self.at) &&
	    answered(o, RC_VOID) &&
	    (find(o->self.at) != NULL || proc_at(o->self.at)->restarted);
}
