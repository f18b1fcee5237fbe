/* SPDX-License-Identifier: BSD-2-Clause */
/* The models of authority: ranges, processes, keepers, time. */
#include "testsuite/fuzz/host/models.h"

#include "kernel/hal/hal.h"

/* --- Ranges ---------------------------------------------------------------- */

static bool
locate(const struct op *o, uint64_t position, uint32_t *at)
{
	if (position >= o->self.length)
		return false;
	*at = at_of_number(o->self.low + position, OID_INDEX_FRAME);
	MUST(*at != NOWHERE); /* No range reaches beyond what we know. */
	return true;
}

enum status
range_length(struct op *o)
{
	o->out_word[1] = o->self.length;
	o->out_word[2] = frame_source(o->self.low);
	return RC_OK;
}

enum status
range_split(struct op *o)
{
	if (o->word[1] > o->self.length ||
	    o->word[2] > o->self.length - o->word[1])
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].low += o->word[1];
	o->out_cap[0].length = o->word[2];
	return RC_OK;
}

enum status
range_page(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (!locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (unread(at))
		return RC_MEDIA;
	f = frame_at(at);
	if (f->kind != FK_PAGE && f->kind != FK_FREE)
		return RC_STATE;
	if (f->kind == FK_FREE && said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	if (f->kind == FK_FREE)
		make_page(at);
	o->out_cap[0] = object_cap(CK_PAGE, at);
	return RC_OK;
}

enum status
range_node(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (o->word[2] >= FRAME_NODES || !locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (unread(at))
		return RC_MEDIA;
	f = frame_at(at);
	if (f->kind != FK_NODE && f->kind != FK_FREE)
		return RC_STATE;
	if (f->kind == FK_FREE && said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	if (f->kind == FK_FREE)
		make_nodes(at);
	at = at / 8 * 8 + (uint32_t)o->word[2];
	if (node_at(at)->role != ROLE_DATA)
		return RC_STATE;
	o->out_cap[0] = object_cap(CK_NODE, at);
	o->out_cap[0].data = 2 * NODE_SHIFT + 6;
	return RC_OK;
}

enum status
range_rescind(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (o->word[2] > OID_INDEX_FRAME || !locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (unread(at))
		return RC_MEDIA;
	f = frame_at(at);
	if (f->kind == FK_FREE)
		return RC_OK;
	if (o->word[2] == OID_INDEX_FRAME) {
		if (f->kind != FK_PAGE)
			return RC_STATE;
		kill_page(at);
		return RC_OK;
	}
	if (f->kind != FK_NODE)
		return RC_STATE;
	at = at / 8 * 8 + (uint32_t)o->word[2];
	if (is_process(at))
		kill_process(at);
	else
		kill_node(at);
	o->gone = at == o->x;
	return RC_OK;
}

enum status
range_free(struct op *o)
{
	uint32_t at;

	if (!locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (at / 8 == o->x / 8 || at / 8 == proc_at(o->x)->state_at / 8)
		return RC_BUSY; /* It runs. */
	if (unstated(at))
		return RC_MEDIA; /* Not even its count can be had. */
	if (frame_at(at)->kind != FK_FREE)
		free_frame(at);
	return RC_OK;
}

enum status
range_abandon(struct op *o)
{
	uint32_t at;

	if (o->word[2] >= FRAME_NODES || !locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (unread(at))
		return RC_MEDIA;
	if (frame_at(at)->kind != FK_NODE)
		return RC_STATE;
	at = at / 8 * 8 + (uint32_t)o->word[2];
	o->any_words = true; /* They are told when they are loaded next. */
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		const struct mcap *c = &node_at(at)->slot[i];

		if ((c->kind == CK_RESUME || c->kind == CK_RESTART) &&
		    answers(c))
			proc_at(c->at)->restarted = true;
	}
	return RC_OK;
}

enum status
range_identify(struct op *o)
{
	const struct mcap *c = &o->cap[0];
	uint64_t           number;

	if (c->kind != CK_PAGE && c->kind != CK_NODE && c->kind != CK_GUARD &&
	    c->kind != CK_FORWARDER && c->kind != CK_PROCESS)
		return RC_NOT_FOUND;
	number = frame_number_of(c->at);
	if (number < o->self.low || number - o->self.low >= o->self.length)
		return RC_NOT_FOUND;
	o->out_word[1] = number - o->self.low;
	o->out_word[2] = c->at % 8;
	if (c->kind != CK_PROCESS)
		return RC_OK;
	number = frame_number_of(proc_at(c->at)->state_at);
	if (number >= o->self.low && number - o->self.low < o->self.length)
		o->out_word[3] = number - o->self.low + 1;
	return RC_OK;
}

/* --- Processes ------------------------------------------------------------- */

enum status
process_get(struct op *o)
{
	if (o->word[1] >= SLOT_STATE)
		return RC_ARGUMENT;
	if (o->word[1] == SLOT_BRAND)
		return RC_RIGHTS;
	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	o->out_cap[0] = node_at(o->self.at)->slot[o->word[1]];
	return RC_OK;
}

static bool
slot_takes(uint64_t slot, unsigned kind)
{
	switch (slot) {
	case SLOT_SPACE:
		return kind == CK_VOID || kind == CK_NODE ||
		    kind == CK_GUARD || kind == CK_PAGE;
	case SLOT_KEEPER:
		return kind == CK_VOID || kind == CK_START ||
		    kind == CK_BOOTSVC;
	case SLOT_SCHEDULE:
		return kind == CK_VOID || kind == CK_SCHEDULE;
	case SLOT_IO:
		return kind == CK_VOID || kind == CK_PORTS;
	default:
		return true;
	}
}

enum status
process_swap(struct op *o)
{
	const struct mcap new = stored(o, 0);
	struct mnode     *n = node_at(o->self.at);

	if (o->word[1] == 0 || o->word[1] >= SLOT_STATE)
		return RC_ARGUMENT;
	if (!slot_takes(o->word[1], new.kind))
		return RC_CAPABILITY;
	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	if (o->word[1] == SLOT_BRAND &&
	    n->slot[SLOT_BRAND].kind != CK_VOID)
		return RC_STATE;
	o->out_cap[0] = n->slot[o->word[1]];
	n->slot[o->word[1]] = new;
	if (o->word[1] == SLOT_SPACE)
		loan_drop(o->self.at);
	touch(o->self.at);
	return RC_OK;
}

enum status
process_get_registers(struct op *o)
{
	const struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	memcpy(o->out, &p->regs, sizeof(p->regs));
	memcpy(o->out + sizeof(p->regs), &p->fs, 8);
	memcpy(o->out + sizeof(p->regs) + 8, &p->gs, 8);
	o->out_bytes = sizeof(p->regs) + 16;
	return RC_OK;
}

enum status
process_set_registers(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	if (o->self.at == o->x)
		return RC_BUSY;
	memcpy(&p->regs, o->string, sizeof(p->regs));
	memcpy(&p->fs, o->string + sizeof(p->regs), 8);
	memcpy(&p->gs, o->string + sizeof(p->regs) + 8, 8);
	p->regs.trap = TRAP_INTERRUPT;
	loan_drop(o->self.at);
	touch(o->self.at);
	return RC_OK;
}

enum status
process_start(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	p->state = PS_RUNNING;
	p->fault = FAULT_NONE;
	touch(o->self.at);
	return RC_OK;
}

enum status
process_stop(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	if (o->self.at == o->x)
		return RC_BUSY;
	p->state = PS_AVAILABLE;
	p->fault = FAULT_NONE;
	loan_drop(o->self.at);
	touch(o->self.at);
	return RC_OK;
}

enum status
process_make_start(struct op *o)
{
	if (o->word[1] > UINT16_MAX)
		return RC_ARGUMENT;
	o->out_cap[0] = object_cap(CK_START, o->self.at);
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

enum status
process_make_notice(struct op *o)
{
	if (o->word[1] >= NOTICE_BITS)
		return RC_ARGUMENT;
	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	if (said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	proc_at(o->self.at)->has_notice = true;
	o->out_cap[0] = object_cap(CK_NOTICE, o->self.at);
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

enum status
process_state(struct op *o)
{
	const struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	o->any_words = true; /* Its time; the others are compared here. */
	if (o->kind != INVOKE_CALL)
		return RC_OK;
	{
		const struct registers *r = &peek_state(o->x)->regs;

		MUST(r->rsi == p->state);
		MUST(r->rdx == p->fault);
		MUST(r->r10 == p->address);
	}
	return RC_OK;
}

enum status
process_name(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	memset(p->name, 0, sizeof(p->name));
	memcpy(p->name, o->string, o->string_bytes);
	touch(o->self.at);
	return RC_OK;
}

/* In the model, too, they lie in the state page. */
enum status
process_get_extended(struct op *o)
{
	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	memcpy(o->out, frame_at(proc_at(o->self.at)->state_at)->data,
	    XSAVE_BYTES);
	o->out_bytes = XSAVE_BYTES;
	return RC_OK;
}

enum status
process_set_extended(struct op *o)
{
	if (process_now(o->self.at) != RC_OK)
		return process_now(o->self.at);
	if (o->self.at == o->x)
		return RC_BUSY;
	memcpy(frame_at(proc_at(o->self.at)->state_at)->data, o->string,
	    XSAVE_BYTES);
	touch(o->self.at);
	return RC_OK;
}

/* --- Keepers --------------------------------------------------------------- */

enum status
restart_retry(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (unread(proc_at(o->self.at)->state_at) && !resident_knows(o))
		return RC_MEDIA;
	if (resident_is_stale(o))
		return RC_OK;
	if (!answers(&o->self) || resident_too_late(o))
		return RC_VOID;
	if (resident_answers(o, false))
		return RC_OK;
	p->fault = FAULT_NONE;
	p->state = PS_RUNNING;
	touch(o->self.at);
	return RC_OK;
}

void
killed_model(uint32_t at)
{
	proc_at(at)->call = new_serial();
	model.learned[model.next_serial - 1] = true; /* As number 0: nobody. */
	model.number[model.next_serial - 1] = 0;
	touch(at);
}

enum status
restart_kill(struct op *o)
{
	if (unread(proc_at(o->self.at)->state_at) && !resident_knows(o))
		return RC_MEDIA;
	if (resident_is_stale(o))
		return RC_OK;
	if (!answers(&o->self) || resident_too_late(o))
		return RC_VOID;
	if (!resident_answers(o, true))
		killed_model(o->self.at);
	return RC_OK;
}

/* No process is foreign here. */
enum status
restart_answer(struct op *o)
{
	if (unread(proc_at(o->self.at)->state_at) && !resident_knows(o))
		return RC_MEDIA;
	return answers(&o->self) ? RC_STATE : RC_VOID;
}

/* --- Time ------------------------------------------------------------------ */

static bool
cancel(const struct mcap *c)
{
	for (unsigned i = 0; i < model.nalarms; i++) {
		struct malarm *a = &model.alarm[i];

		if (a->at != c->at || a->bit != (c->data & 63))
			continue;
		*a = model.alarm[--model.nalarms];
		return true;
	}
	return false;
}

enum status
clock_now(struct op *o)
{
	o->any_words = true;
	return RC_OK;
}

enum status
clock_alarm(struct op *o)
{
	if (said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	cancel(&o->cap[0]);
	MUST(model.nalarms < sizeof(model.alarm) / sizeof(model.alarm[0]));
	model.alarm[model.nalarms++] = (struct malarm){
	    .at = o->cap[0].at,
	    .serial = o->cap[0].serial,
	    .bit = o->cap[0].data & 63,
	    .when = o->word[1],
	};
	return RC_OK;
}

enum status
clock_cancel(struct op *o)
{
	const uint32_t at = o->cap[0].at;
	const bool     had = cancel(&o->cap[0]);

	/* Whose state page is gone is forgotten when that is seen (F3). */
	if (had && !is_whole(at) && said(o, RC_NOT_FOUND))
		return RC_NOT_FOUND;
	return had ? RC_OK : RC_NOT_FOUND;
}

/* --- What the model cannot foretell ----------------------------------------- */

enum status
loose(struct op *o)
{
	o->any_words = o->any_string = true;
	return RC_OK;
}

/* What it shows is not compared. */
enum status
kinfo_any(struct op *o)
{
	o->any_words = o->any_string = true;
	if (any_unread() && said(o, RC_MEDIA))
		return RC_MEDIA;
	return said(o, RC_NOT_FOUND) ? RC_NOT_FOUND : RC_OK;
}

enum status
loose_words(struct op *o)
{
	o->any_words = true;
	return RC_OK;
}

/* The instant: what there is now is what the record says, and the store gets. */
void
snapshot_began(void)
{
	figures.snapshots++;
	model.frozen = model.source[1];
	model.freezing = true;
	store_snapshot_begins();
}

enum status
snapshot_take(struct op *o)
{
	o->any_words = true;
	if (at_persistent(o->x))
		return RC_STATE;
	if (said(o, RC_BUSY)) {
		MUST(store_committing());
		return RC_BUSY;
	}
	if (said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	MUST(store_committing()); /* It began before, in another piece. */
	return RC_OK;
}

