/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's messages to processes: what the receiver gets, and what becomes
 * of the sender.
 */
#include "testsuite/fuzz/host/fuzz.h"

static uint8_t string_bytes[STRING_MAX];

/* --- Delivering ------------------------------------------------------------ */

/* The message is complete: its string fits, and is all there. */
void
deliver_model(uint32_t to, struct mmessage *m)
{
	struct mnode *n = node_at(to);
	struct mproc *p = &n->p;
	uint64_t      received = 0;
	const uint64_t control = p->regs.rax;

	space_write(to, p->regs.r13, m->string, m->fits);
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		const unsigned reg = receive_register(control, i);

		if (m->cap[i].kind != CK_VOID)
			received |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		if (reg != 0 && reg < CAP_REGISTERS)
			n->slot[reg] = m->cap[i];
	}
	p->regs.rax = m->source |
	    (m->truncated ? (uint64_t)RESULT_TRUNCATED : 0) |
	    (m->source == FROM_CALL &&
		    (m->cap[3].kind == CK_RESUME ||
			m->cap[3].kind == CK_RESTART)
		    ? (uint64_t)RESULT_AWAITED
		    : 0) |
	    received | (uint64_t)m->fits << RESULT_LENGTH_SHIFT |
	    (uint64_t)m->data << RESULT_DATA_SHIFT;
	p->regs.rdi = m->word[0];
	p->regs.rsi = m->word[1];
	p->regs.rdx = m->word[2];
	p->regs.r10 = m->word[3];
	p->regs.r8 = m->word[4];
	p->state = PS_RUNNING;
	touch(to);
}

void
notices_model(uint32_t at)
{
	struct mmessage m;
	struct mproc          *p = proc_at(at);

	m = (struct mmessage){.source = FROM_NOTICE, .string = string_bytes};
	m.word[1] = p->notices;
	p->notices = 0;
	deliver_model(at, &m);
}

void
restarted_model(uint32_t at)
{
	struct mmessage m;
	struct mproc   *p = proc_at(at);

	p->restarted = false;
	if (p->fault != FAULT_NONE) { /* It tries again. */
		p->fault = FAULT_NONE;
		p->state = PS_RUNNING;
		touch(at);
		return;
	}
	m = (struct mmessage){.source = FROM_REPLY, .string = string_bytes};
	m.word[0] = RC_RESTARTED;
	deliver_model(at, &m);
}

uint32_t
model_wait(uint32_t x)
{
	struct mproc *p = proc_at(x);

	p->state = PS_WAITING;
	p->call = new_serial();
	p->restarted = false;
	p->parcel = false;
	touch(x);
	return p->call;
}

struct mcap
resume_cap(unsigned kind, uint32_t x)
{
	return (struct mcap){
	    .kind = (uint8_t)kind, .at = x, .serial = model_wait(x)};
}

/* --- To a process ---------------------------------------------------------- */

/* A bare code: the words alone. */
void
bare(uint32_t x, unsigned kind, enum status st)
{
	struct mproc *p = proc_at(x);

	figures.media += st == RC_MEDIA;
	if (kind == INVOKE_RETURN) {
		p->state = PS_AVAILABLE;
		return;
	}
	p->regs.rax = FROM_REPLY;
	p->regs.rdi = st;
}

static enum status
find_target(const struct op *o)
{
	if (o->self.kind == CK_START) {
		if (o->kind == INVOKE_CALL && o->self.rights & CR_NO_CALL)
			return RC_RIGHTS;
	}
	if ((uint32_t)proc_at(o->x)->regs.r12 > STRING_MAX)
		return RC_STRING;
	if (unread(proc_at(o->self.at)->state_at))
		return RC_MEDIA;
	if (o->self.kind != CK_START)
		return answers(&o->self) ? RC_OK : RC_VOID;
	if (!is_whole(o->self.at))
		return RC_VOID;
	return o->self.at == o->x ? RC_BUSY : RC_OK;
}

/* Of the string that it has got. */
uint32_t
length_of(const struct state_page *k)
{
	return (uint32_t)(k->regs.rax >> RESULT_LENGTH_SHIFT) &
	    RESULT_LENGTH_MASK;
}

/* Its string: false, and x has faulted. */
static bool
take_string(struct op *o, struct mmessage *m)
{
	const struct mproc *p = proc_at(o->x), *to = proc_at(o->self.at);
	const uint32_t      bytes = (uint32_t)p->regs.r12;
	uint64_t            limit = to->regs.r12 >> 32, where;
	struct reach        r = {.page = NOWHERE, .fault = FAULT_UNMAPPED};

	m->fits = 0;
	if (bytes == 0)
		return true;
	limit = limit < STRING_MAX ? limit : STRING_MAX;
	m->fits = bytes < limit ? bytes : (uint32_t)limit;
	if (!user_range(to->regs.r13, m->fits))
		m->fits = 0;
	if (!user_range(p->regs.r9, bytes)) {
		string_fault(o->x, p->regs.r9, &r);
		return false;
	}
	if (sent_extent(o, p->regs.r9, m->fits, &r, &where) < m->fits) {
		string_fault(o->x, where, &r);
		return false;
	}
	return true;
}

/* As much of it as the receiver has room for. */
static void
give_string(struct op *o, struct mmessage *m)
{
	const struct mproc      *p = proc_at(o->x), *to = proc_at(o->self.at);
	const struct state_page *k = peek_state(o->self.at);
	const uint32_t           bytes = (uint32_t)p->regs.r12;
	struct reach             r;
	uint64_t                 where;

	if (bytes == 0)
		return;
	m->fits = space_extent(o->self.at, to->regs.r13, m->fits, ACCESS_WRITE,
	    &r, &where);
	if (k != NULL)
		m->fits = received_extent(o->self.at, to->regs.r13, m->fits,
		    m->fits, length_of(k));
	m->truncated = m->fits < bytes;
	sent_read(o->x, p->regs.r9, m->string, m->fits);
}

/* What came to nothing because of a capability that was sent with it. */
static bool
is_delivered(const struct op *o, const struct mmessage *m)
{
	const struct state_page *to = peek_state(o->self.at);

	if (at_persistent(o->self.at) || !caps_in_doubt(m->cap, MESSAGE_CAPS))
		return true;
	return to == NULL || to->state == PS_RUNNING;
}

/* All but its string. */
static void
message_of(const struct op *o, struct mmessage *m)
{
	*m = (struct mmessage){
	    .source = o->self.kind == CK_START ? FROM_CALL : FROM_REPLY,
	    .data = o->self.kind == CK_START ? o->self.data : 0,
	    .string = string_bytes,
	};
	memcpy(m->word, o->word, sizeof(m->word));
	for (unsigned i = 0; i < MESSAGE_CAPS; i++)
		m->cap[i] = node_at(o->x)->slot[send_register(o->control, i)];
	if (o->via_cap)
		m->cap[2] = o->forwarder;
}

void
to_process(struct op *o)
{
	struct mmessage m;
	struct mproc          *p = proc_at(o->x);
	enum status            st = find_target(o);

	if (is_resident(o->x) && o->self.kind != CK_START) {
		message_of(o, &m);
		if (resident_reply(o, &m, &st)) {
			if (st < ST_WAIT)
				bare(o->x, o->kind, st);
			return;
		}
		st = RC_OK;
	}
	if (st == RC_OK && resident_not_sent(o))
		st = RC_NOT_RESIDENT;
	if (st != RC_OK) {
		bare(o->x, o->kind, st);
		return;
	}
	MUST(o->self.kind != CK_START ||
	    proc_at(o->self.at)->state == PS_AVAILABLE);
	message_of(o, &m);
	if (!take_string(o, &m))
		return;
	if (!is_delivered(o, &m)) {
		bare(o->x, o->kind, RC_MEDIA);
		return;
	}
	give_string(o, &m);
	if (o->kind == INVOKE_CALL)
		m.cap[3] = resume_cap(CK_RESUME, o->x);
	p->parcel = o->kind == INVOKE_CALL && at_persistent(o->x) &&
	    is_resident(o->self.at);
	if (o->kind == INVOKE_RETURN)
		p->state = PS_AVAILABLE;
	if (o->kind == INVOKE_SEND)
		bare(o->x, INVOKE_SEND, RC_OK);
	deliver_model(o->self.at, &m);
}
