/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of each order. An order without one here fails the run at its
 * start, so a new one in an .idl gets a model.
 */
#include "kernel/abi/clock.order.h"
#include "kernel/abi/discrim.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/page.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "testsuite/fuzz/host/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "kernel/hal/hal.h"

/* Said by the kernel for a reason that is not the model's. */
static bool
said(const struct op *o, enum status st)
{
	return o->actual == st && o->kind != INVOKE_RETURN;
}

/* --- Rights, spans, slots -------------------------------------------------- */

static enum status
any_restrict(struct op *o)
{
	if (o->word[1] & ~(uint64_t)CR_ALL)
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].rights |= (uint8_t)o->word[1];
	return RC_OK;
}

static enum status
any_segment(struct op *o)
{
	if (o->word[1] < 1 || o->word[1] > 64)
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].data = (uint16_t)((o->self.data & ~63u) |
	    (o->word[1] - 1));
	return RC_OK;
}

/* S15. */
static struct mcap
weakened(const struct mcap *c)
{
	struct mcap w = *c;

	if (c->kind == CK_PAGE || c->kind == CK_NODE)
		w.rights |= CR_READ_ONLY | CR_WEAK;
	else if (c->kind != CK_NUMBER && c->kind != CK_DISCRIM)
		w = (struct mcap){.kind = CK_VOID};
	return w;
}

static enum status
any_get(struct op *o)
{
	const struct mcap *c;

	if (o->word[1] >= NODE_SLOTS)
		return RC_ARGUMENT;
	c = &node_at(o->self.at)->slot[o->word[1]];
	o->out_cap[0] = o->self.rights & CR_WEAK ? weakened(c) : *c;
	return RC_OK;
}

/* What is stored: a boot service stays one, what is dead is void. */
static struct mcap
stored(const struct op *o, unsigned i)
{
	const unsigned reg = (unsigned)(o->control >>
				 (CONTROL_SEND_SHIFT + 5 * i)) & 31;
	const struct mcap *raw = &node_at(o->x)->slot[reg];

	return raw->kind == CK_BOOTSVC ? *raw : o->cap[i];
}

static enum status
any_swap(struct op *o)
{
	const struct mcap new = stored(o, 0);
	struct mcap      *c;

	if (o->word[1] >= NODE_SLOTS)
		return RC_ARGUMENT;
	c = &node_at(o->self.at)->slot[o->word[1]];
	o->out_cap[0] = *c;
	*c = new;
	touch(o->self.at);
	return RC_OK;
}

/* --- Data ------------------------------------------------------------------ */

static enum status
number_get(struct op *o)
{
	o->out_word[1] = o->self.low;
	o->out_word[2] = o->self.high;
	return RC_OK;
}

static enum status
schedule_get(struct op *o)
{
	o->out_word[1] = o->self.data & 15;
	o->out_word[2] = o->self.high;
	return RC_OK;
}

static enum status
schedule_lower(struct op *o)
{
	if (o->word[1] > (o->self.data & 15u))
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

/* A resume capability that nobody awaits is dead. */
static struct mcap
settled(const struct mcap *c)
{
	if ((c->kind == CK_RESUME || c->kind == CK_RESTART) && !answers(c))
		return (struct mcap){.kind = CK_VOID};
	return *c;
}

static enum status
discrim_classify(struct op *o)
{
	const struct mcap c = settled(&o->cap[0]);
	const bool resume = c.kind == CK_RESUME || c.kind == CK_RESTART;

	o->out_word[1] = c.kind;
	o->out_word[2] = resume ? 0 : c.rights;
	o->out_word[3] = resume ? 0 : c.data;
	return RC_OK;
}

static enum status
discrim_compare(struct op *o)
{
	const struct mcap a = settled(&o->cap[0]), b = settled(&o->cap[1]);

	o->out_word[1] = memcmp(&a, &b, sizeof(a)) == 0;
	return RC_OK;
}

static enum status
discrim_branded(struct op *o)
{
	const struct mcap *c = &o->cap[0], *brand;

	if (c->kind != CK_PROCESS && c->kind != CK_START)
		return RC_OK;
	brand = &node_at(c->at)->slot[SLOT_BRAND];
	o->out_word[1] = brand->kind != CK_VOID &&
	    memcmp(brand, &o->cap[1], sizeof(*brand)) == 0;
	return RC_OK;
}

/* --- Pages ----------------------------------------------------------------- */

static enum status
page_zero(struct op *o)
{
	memset(frame_at(o->self.at)->data, 0, PAGE_SIZE);
	touch(o->self.at);
	return RC_OK;
}

static enum status
page_read(struct op *o)
{
	if (o->word[1] > PAGE_SIZE || o->word[2] > PAGE_SIZE - o->word[1])
		return RC_ARGUMENT;
	memcpy(o->out, frame_at(o->self.at)->data + o->word[1], o->word[2]);
	o->out_bytes = (uint32_t)o->word[2];
	return RC_OK;
}

static enum status
page_write(struct op *o)
{
	if (o->word[1] > PAGE_SIZE || o->string_bytes > PAGE_SIZE - o->word[1])
		return RC_ARGUMENT;
	memcpy(frame_at(o->self.at)->data + o->word[1], o->string,
	    o->string_bytes);
	touch(o->self.at);
	return RC_OK;
}

static enum status
page_copy(struct op *o)
{
	memmove(frame_at(o->self.at)->data, frame_at(o->cap[0].at)->data,
	    PAGE_SIZE);
	touch(o->self.at);
	return RC_OK;
}

/* --- Nodes ----------------------------------------------------------------- */

static enum status
node_clear(struct op *o)
{
	struct mnode *n = node_at(o->self.at);

	memset(n->slot, 0, sizeof(n->slot));
	touch(o->self.at);
	return RC_OK;
}

static enum status
node_copy(struct op *o)
{
	struct mnode       *n = node_at(o->self.at);
	const struct mnode *from = node_at(o->cap[0].at);

	for (unsigned i = 0; i < NODE_SLOTS; i++)
		n->slot[i] = o->cap[0].rights & CR_WEAK
		    ? weakened(&from->slot[i])
		    : from->slot[i];
	touch(o->self.at);
	return RC_OK;
}

static enum status
node_make_guard(struct op *o)
{
	if (o->word[1] < 1 || o->word[1] > 64)
		return RC_ARGUMENT;
	kill_node(o->self.at);
	node_at(o->self.at)->role = ROLE_GUARD;
	o->out_cap[0] = object_cap(CK_GUARD, o->self.at);
	o->out_cap[0].data = (uint16_t)(o->word[1] - 1);
	return RC_OK;
}

static enum status
node_make_process(struct op *o)
{
	const uint32_t at = o->self.at, page = o->cap[0].at;
	struct mproc  *p = proc_at(at);

	if (o->cap[0].rights & (CR_READ_ONLY | CR_WEAK))
		return RC_RIGHTS;
	kill_node(at);
	processes_changed();
	node_at(at)->role = ROLE_PROCESS;
	make_page(page);
	frame_at(page)->kind = FK_STATE;
	*p = (struct mproc){
	    .state_at = page,
	    .state_serial = frame_at(page)->serial,
	    .state = PS_AVAILABLE,
	    .regs = {.rflags = 0x202, .cs = 0x33, .ss = 0x2b},
	};
	node_at(at)->slot[SLOT_STATE] = (struct mcap){
	    .kind = CK_PAGE, .at = page, .serial = p->state_serial};
	o->out_cap[0] = object_cap(CK_PROCESS, at);
	return RC_OK;
}

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

static enum status
range_length(struct op *o)
{
	o->out_word[1] = o->self.length;
	o->out_word[2] = frame_source(o->self.low);
	return RC_OK;
}

static enum status
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

static enum status
range_page(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (!locate(o, o->word[1], &at))
		return RC_ARGUMENT;
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

static enum status
range_node(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (o->word[2] >= FRAME_NODES || !locate(o, o->word[1], &at))
		return RC_ARGUMENT;
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

static enum status
range_rescind(struct op *o)
{
	struct mframe *f;
	uint32_t       at;

	if (o->word[2] > OID_INDEX_FRAME || !locate(o, o->word[1], &at))
		return RC_ARGUMENT;
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

static enum status
range_free(struct op *o)
{
	uint32_t at;

	if (!locate(o, o->word[1], &at))
		return RC_ARGUMENT;
	if (at / 8 == o->x / 8 || at / 8 == proc_at(o->x)->state_at / 8)
		return RC_BUSY; /* It runs. */
	if (frame_at(at)->kind != FK_FREE)
		free_frame(at);
	return RC_OK;
}

static enum status
range_identify(struct op *o)
{
	const struct mcap *c = &o->cap[0];
	uint64_t           number;

	if (c->kind != CK_PAGE && c->kind != CK_NODE && c->kind != CK_GUARD &&
	    c->kind != CK_PROCESS)
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

static enum status
process_get(struct op *o)
{
	if (o->word[1] >= SLOT_STATE)
		return RC_ARGUMENT;
	if (o->word[1] == SLOT_BRAND)
		return RC_RIGHTS;
	if (!is_whole(o->self.at))
		return RC_STATE;
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
		    kind == CK_BOOTSVC || kind == CK_FORWARDER;
	case SLOT_SCHEDULE:
		return kind == CK_VOID || kind == CK_SCHEDULE;
	case SLOT_IO:
		return kind == CK_VOID || kind == CK_PORTS;
	default:
		return true;
	}
}

static enum status
process_swap(struct op *o)
{
	const struct mcap new = stored(o, 0);
	struct mnode     *n = node_at(o->self.at);

	if (o->word[1] == 0 || o->word[1] >= SLOT_STATE)
		return RC_ARGUMENT;
	if (!slot_takes(o->word[1], new.kind))
		return RC_CAPABILITY;
	if (!is_whole(o->self.at))
		return RC_STATE;
	if (o->word[1] == SLOT_BRAND &&
	    n->slot[SLOT_BRAND].kind != CK_VOID)
		return RC_STATE;
	o->out_cap[0] = n->slot[o->word[1]];
	n->slot[o->word[1]] = new;
	touch(o->self.at);
	return RC_OK;
}

static enum status
process_get_registers(struct op *o)
{
	const struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
	memcpy(o->out, &p->regs, sizeof(p->regs));
	memcpy(o->out + sizeof(p->regs), &p->fs, 8);
	memcpy(o->out + sizeof(p->regs) + 8, &p->gs, 8);
	o->out_bytes = sizeof(p->regs) + 16;
	return RC_OK;
}

static enum status
process_set_registers(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
	if (o->self.at == o->x)
		return RC_BUSY;
	memcpy(&p->regs, o->string, sizeof(p->regs));
	memcpy(&p->fs, o->string + sizeof(p->regs), 8);
	memcpy(&p->gs, o->string + sizeof(p->regs) + 8, 8);
	p->regs.trap = TRAP_INTERRUPT;
	touch(o->self.at);
	return RC_OK;
}

static enum status
process_start(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
	p->state = PS_RUNNING;
	p->fault = FAULT_NONE;
	touch(o->self.at);
	return RC_OK;
}

static enum status
process_stop(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
	if (o->self.at == o->x)
		return RC_BUSY;
	p->state = PS_AVAILABLE;
	p->fault = FAULT_NONE;
	touch(o->self.at);
	return RC_OK;
}

static enum status
process_make_start(struct op *o)
{
	if (o->word[1] > UINT16_MAX)
		return RC_ARGUMENT;
	o->out_cap[0] = object_cap(CK_START, o->self.at);
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

static enum status
process_make_notice(struct op *o)
{
	if (o->word[1] >= NOTICE_BITS)
		return RC_ARGUMENT;
	if (!is_whole(o->self.at))
		return RC_STATE;
	if (said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	proc_at(o->self.at)->has_notice = true;
	o->out_cap[0] = object_cap(CK_NOTICE, o->self.at);
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

static enum status
process_state(struct op *o)
{
	const struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
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

static enum status
process_name(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (!is_whole(o->self.at))
		return RC_STATE;
	memset(p->name, 0, sizeof(p->name));
	memcpy(p->name, o->string, o->string_bytes);
	touch(o->self.at);
	return RC_OK;
}

/* --- Keepers --------------------------------------------------------------- */

static enum status
restart_retry(struct op *o)
{
	struct mproc *p = proc_at(o->self.at);

	if (!answers(&o->self))
		return RC_VOID;
	p->fault = FAULT_NONE;
	p->state = PS_RUNNING;
	touch(o->self.at);
	return RC_OK;
}

static enum status
restart_kill(struct op *o)
{
	if (!answers(&o->self))
		return RC_VOID;
	proc_at(o->self.at)->call = new_serial();
	model.learned[model.next_serial - 1] = true; /* As number 0: nobody. */
	model.number[model.next_serial - 1] = 0;
	touch(o->self.at);
	return RC_OK;
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

static enum status
clock_now(struct op *o)
{
	o->any_words = true;
	return RC_OK;
}

static enum status
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

static enum status
clock_cancel(struct op *o)
{
	return cancel(&o->cap[0]) ? RC_OK : RC_NOT_FOUND;
}

/* --- What the model cannot foretell ----------------------------------------- */

static enum status
loose(struct op *o)
{
	o->any_words = o->any_string = true;
	return RC_OK;
}

static enum status
loose_words(struct op *o)
{
	o->any_words = true;
	return RC_OK;
}

static enum status
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
	figures.snapshots++;
	model.frozen = model.source[1];
	model.freezing = true;
	store_snapshot_begins();
	return RC_OK;
}

/* --- The list -------------------------------------------------------------- */

static const struct {
	const char *name;
	order_fn   *fn;
} models[] = {
    {"number_get", number_get},
    {"schedule_get", schedule_get},
    {"schedule_lower", schedule_lower},
    {"discrim_classify", discrim_classify},
    {"discrim_compare", discrim_compare},
    {"discrim_branded", discrim_branded},
    {"page_zero", page_zero},
    {"page_read", page_read},
    {"page_write", page_write},
    {"page_copy", page_copy},
    {"page_restrict", any_restrict},
    {"node_get", any_get},
    {"node_swap", any_swap},
    {"node_clear", node_clear},
    {"node_copy", node_copy},
    {"node_restrict", any_restrict},
    {"node_segment", any_segment},
    {"node_make_guard", node_make_guard},
    {"node_make_process", node_make_process},
    {"guard_get", any_get},
    {"guard_swap", any_swap},
    {"guard_restrict", any_restrict},
    {"guard_segment", any_segment},
    {"range_length", range_length},
    {"range_split", range_split},
    {"range_page", range_page},
    {"range_node", range_node},
    {"range_rescind", range_rescind},
    {"range_free", range_free},
    {"range_identify", range_identify},
    {"process_get", process_get},
    {"process_swap", process_swap},
    {"process_get_registers", process_get_registers},
    {"process_set_registers", process_set_registers},
    {"process_start", process_start},
    {"process_stop", process_stop},
    {"process_make_start", process_make_start},
    {"process_make_notice", process_make_notice},
    {"process_state", process_state},
    {"process_name", process_name},
    {"restart_retry", restart_retry},
    {"restart_kill", restart_kill},
    {"clock_now", clock_now},
    {"clock_alarm", clock_alarm},
    {"clock_cancel", clock_cancel},
    {"log_write", loose_words},
    {"log_read", loose},
    {"kinfo_memory", loose_words},
    {"kinfo_processes", loose},
    {"kinfo_boot", loose},
    {"kinfo_counters", loose},
    {"kinfo_features", loose_words},
    {"snapshot_take", snapshot_take},
};

/* Kinds that no process here is given: devices, and the store's own. */
static bool
is_elsewhere(unsigned kind)
{
	return kind >= CK_IRQ_SPACE;
}

#define KIND(k)  (UINT64_C(1) << (k))
#define ANY_KIND UINT64_MAX

static const struct order {
	const char *name;
	uint8_t     kind, number, forbidden, ncaps;
	uint32_t    string_min, string_max;
	uint64_t    caps[3];
} orders[] = {
#define CONFORM_KIND(i, kind, limit)
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c) \
	{#i "_" #o, kind, n, forbid, caps, min, max, {a, b, c}},
#define CONFORM_ENTRY(i, o, st)
#include "kernel/abi/conform.def"
};

enum {
	ORDERS = sizeof(orders) / sizeof(orders[0]),
	NUMBERS = 32,
};

/* By kind and number. */
static const struct order *order_index[CK_COUNT][NUMBERS];
static order_fn           *model_index[CK_COUNT][NUMBERS];

bool
orders_complete(bool say)
{
	bool ok = true;

	for (unsigned i = 0; i < ORDERS; i++) {
		const struct order *o = &orders[i];

		MUST(o->number < NUMBERS);
		order_index[o->kind][o->number] = o;
		for (size_t k = 0; k < sizeof(models) / sizeof(models[0]); k++)
			if (strcmp(models[k].name, o->name) == 0)
				model_index[o->kind][o->number] = models[k].fn;
		if (model_index[o->kind][o->number] != NULL ||
		    is_elsewhere(o->kind))
			continue;
		ok = false;
		if (say)
			fprintf(stderr, "fuzz: order %s has no model\n",
			    o->name);
	}
	return ok;
}

order_fn *
order_model(unsigned kind, uint64_t number)
{
	return number < NUMBERS ? model_index[kind][number] : NULL;
}

enum status
order_refuses(const struct op *o)
{
	const struct order *r = o->word[0] < NUMBERS
	    ? order_index[o->self.kind][o->word[0]]
	    : NULL;

	if (r == NULL)
		return RC_ORDER;
	if (o->self.rights & r->forbidden)
		return RC_RIGHTS;
	if (o->string_bytes < r->string_min || o->string_bytes > r->string_max)
		return RC_STRING;
	for (unsigned i = 0; i < r->ncaps; i++)
		if (!(r->caps[i] >> o->cap[i].kind & 1))
			return RC_CAPABILITY;
	return RC_OK;
}
