/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine of the fuzzer: processes of two sources, little memory.
 *
 * Process k of a source is made of the frames from 8 k on: the node frame
 * (node 0 the process, 1 its space, 2 its bag), its state page, four pages.
 * Persistent ones come from the store's first generation, ephemeral ones are
 * made at each boot, as a boot range would be.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/device/device.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"
#include "kernel/object/outside.h"
#include "kernel/object/record.h"
#include "kernel/object/ref.h"
#include "kernel/object/store.h"
#include "kernel/object/wall.h"
#include "kernel/sched/clock.h"

enum {
	PROCESSES = 3, /* Of each source; the fourth ephemeral one is the warden. */
	EACH = 8,      /* Frames of one. */
	PAGES = 4,
	MEMORY_PAGES = 1024,
	SPACE_DATA = PAGE_SHIFT + NODE_SHIFT - 1,
	PRIORITY = 5,
	PAGE_SLOT = 14,
	RESIDENT_ONE_IN = 3,
};

enum fake_exit last_exit;
struct wall    wall;

static struct activity activities[MACHINE_ACTIVITIES];
static uint64_t        alarms[MACHINE_ACTIVITIES * 16];

const struct handoff *
hal_handoff(void)
{
	return &fake_handoff;
}

/* --- Looking --------------------------------------------------------------- */

struct peek
peek(uint64_t number)
{
	const struct frame *f = frame_find(number);
	struct peek         p = {.kind = FK_FREE};

	if (f != NULL && !(f->flags & (FF_IO_IN | FF_STAT | FF_LOST))) {
		p.kind = f->kind;
		p.count = f->count;
		p.data = frame_data(f);
	} else if (frame_source(number) == SOURCE_PERSISTENT) {
		store_peek(frame_position(number), &p);
	}
	return p;
}

struct state_page *
peek_state(uint32_t process)
{
	const struct mproc *p = proc_at(process);
	struct peek         k;

	if (!is_whole(process))
		return NULL;
	k = peek(frame_number_of(p->state_at));
	return k.kind == FK_STATE ? (struct state_page *)(uintptr_t)k.data
				  : NULL;
}

struct cap
cap_of_kernel(const struct mcap *c)
{
	struct cap k = {.type = c->kind};

	switch (c->kind) {
	case CK_VOID:
		return k;
	case CK_NUMBER:
		return cap_number_make(c->low, c->high);
	case CK_RANGE:
		k = cap_range_make(c->low, c->length);
		k.rights = c->rights;
		return k;
	default:
		break;
	}
	k.rights = c->rights;
	k.data = c->data;
	k.count = c->serial != 0 ? (uint32_t)model.number[c->serial] : c->high;
	if (c->serial != 0)
		k.word = oid_make(frame_number_of(c->at), c->at % 8).v;
	return k;
}

/* --- What a process starts with -------------------------------------------- */

static uint32_t
process_at(unsigned source, unsigned k)
{
	return (source * POSITIONS + k * EACH) * 8;
}

/* What anybody may have: the arena, or what the others are made of. */
static struct mcap
range_of(enum oid_source source, bool arena)
{
	const uint64_t first = arena ? ARENA_FIRST : 0;

	return (struct mcap){
	    .kind = CK_RANGE,
	    .low = frame_of(source, first),
	    .length = arena ? POSITIONS - ARENA_FIRST : WARDEN / 8,
	};
}

static struct mcap
plain(unsigned kind)
{
	return (struct mcap){.kind = (uint8_t)kind};
}

/* Someone alive, or nobody. */
static struct mcap
some_process(unsigned kind)
{
	uint32_t at = process_at((unsigned)below(2), (unsigned)below(PROCESSES));

	return is_process(at) ? object_cap(kind, at) : plain(CK_VOID);
}

static struct mcap
some_start(void)
{
	struct mcap c = some_process(CK_START);

	if (c.kind == CK_START)
		c.data = (uint16_t)random64();
	return c;
}

/* Of some priority, the highest now and then; with a reserve, if there is one. */
static struct mcap
some_schedule(void)
{
	struct mcap c = {.kind = CK_SCHEDULE,
	    .data = (uint16_t)(one_in(4) ? 15 : below(PRIORITY + 1))};

	if (one_in(2))
		(void)some_reserve(&c.high);
	return c;
}

/* Mostly the priority at which all take turns. */
static struct mcap
usual_schedule(void)
{
	struct mcap c = {.kind = CK_SCHEDULE, .data = PRIORITY};

	if (one_in(4))
		c.data = (uint16_t)(1 + below(PRIORITY));
	if (one_in(4))
		(void)some_reserve(&c.high);
	return c;
}

/* One of its own, to lend it to others. */
static struct mcap
some_page(uint32_t at)
{
	const uint32_t page =
	    at / 8 * 8 + 16 + (uint32_t)below(PAGES) * 8 + OID_INDEX_FRAME;
	struct mcap    c;

	if (at / 8 % POSITIONS % EACH != 0 ||
	    frame_at(page)->kind != FK_PAGE)
		return plain(CK_VOID);
	c = object_cap(CK_PAGE, page);
	c.rights = one_in(3) ? (uint8_t)below(CR_WEAK << 1) : 0;
	return c;
}

/* A persistent process may not be given what is of one boot, here. */
static struct mcap
usual(unsigned slot, uint32_t at)
{
	const bool     p = at_persistent(at);
	const bool     arena = !one_in(8);

	switch (slot) {
	case 1:
		return range_of(
		    p ? SOURCE_PERSISTENT : SOURCE_EPHEMERAL, arena);
	case 2:
		return range_of(SOURCE_PERSISTENT, arena);
	case 3:
		return object_cap(CK_PROCESS, at);
	case 4:
		return some_start();
	case 5:
		return some_process(CK_PROCESS);
	case 6:
		return plain(CK_CLOCK);
	case 7:
		return plain(CK_DISCRIM);
	case 8:
		return is_process(at) && at % 8 + 2 < FRAME_NODES &&
			node_at(at + 2)->role == ROLE_DATA &&
			!one_in(2)
		    ? (struct mcap){.kind = CK_NODE,
			  .at = at + 2,
			  .rights = one_in(3) ? CR_WEAK : 0,
			  .data = SPACE_DATA,
			  .serial = node_at(at + 2)->serial}
		    : (struct mcap){.kind = CK_BOOTSVC,
			  .data = (uint16_t)(NUMBER_SERVICE + below(2))};
	case 9:
		return node_at(at)->slot[SLOT_SPACE];
	case 10:
		return some_schedule();
	case 11:
		return one_in(2) ? plain(CK_LOG) : plain(CK_KINFO);
	case 12:
		return p ? plain(CK_VOID) : plain(CK_SNAPSHOT);
	case PAGE_SLOT:
		return some_page(at);
	case SLOT_KEEPER:
		return some_start();
	case SLOT_SCHEDULE:
		return usual_schedule();
	default:
		return (struct mcap){
		    .kind = CK_NUMBER, .low = random64(), .high = 7};
	}
}

/* A persistent page, which no resident process may reach (F9). */
static struct mcap
page_of_other(unsigned k)
{
	const uint32_t page = process_at(1, k) + 16 + OID_INDEX_FRAME;

	return frame_at(page)->kind == FK_PAGE &&
		model.learned[frame_at(page)->serial]
	    ? object_cap(CK_PAGE, page)
	    : plain(CK_VOID);
}

static void
model_process(unsigned source, unsigned k)
{
	const uint32_t at = process_at(source, k), space = at + 1;
	const uint32_t page = at + 8 + OID_INDEX_FRAME;
	struct mnode  *n = node_at(at);

	make_nodes(at);
	for (unsigned i = 0; i < PAGES; i++) {
		const uint32_t p = at + 16 + i * 8 + OID_INDEX_FRAME;

		make_page(p);
		node_at(space)->slot[i] = object_cap(CK_PAGE, p);
	}
	make_page(page);
	frame_at(page)->kind = FK_STATE;
	processes_changed();
	n->role = ROLE_PROCESS;
	n->p = (struct mproc){
	    .state_at = page,
	    .state_serial = frame_at(page)->serial,
	    .state = PS_RUNNING,
	    .resident = source == 0 && k < PROCESSES &&
		one_in(RESIDENT_ONE_IN),
	    .regs = {.rip = PC_FREE,
		.rflags = 0x202,
		.cs = 0x33,
		.ss = 0x2b,
		.trap = TRAP_INTERRUPT},
	};
	n->slot[SLOT_STATE] = (struct mcap){
	    .kind = CK_PAGE, .at = page, .serial = n->p.state_serial};
	if (n->p.resident && one_in(2))
		node_at(space)->slot[PAGES - 1] = page_of_other(k);
	/* Something of each kind that a weak fetch treats in its own way. */
	node_at(at + 2)->slot[0] = (struct mcap){.kind = CK_NUMBER, .low = 5};
	node_at(at + 2)->slot[1] = object_cap(CK_START, at);
	node_at(at + 2)->slot[2] = node_at(space)->slot[0];
	node_at(at + 2)->slot[3] = object_cap(CK_NODE, at + 3);
	node_at(at + 2)->slot[4] = plain(CK_DISCRIM);
	node_at(at + 2)->slot[5] = object_cap(CK_PROCESS, at);
	n->slot[SLOT_SPACE] = object_cap(CK_NODE, space);
	n->slot[SLOT_SPACE].data = SPACE_DATA;
	n->slot[SLOT_SCHEDULE] =
	    (struct mcap){.kind = CK_SCHEDULE,
		.data = at == WARDEN ? 0 : PRIORITY};
}

/* --- The same in the kernel ------------------------------------------------ */

static void
learn_serial(uint32_t serial, uint64_t count)
{
	model.learned[serial] = true;
	model.number[serial] = count;
}

static struct frame *
kernel_frame(uint32_t at, enum frame_kind kind)
{
	struct frame *f = NULL;

	MUST(object_make(frame_number_of(at), kind, CLASS_ANY, &f) == RC_OK);
	return f;
}

static void
kernel_process(unsigned k)
{
	const uint32_t   at = process_at(0, k);
	struct frame    *nodes = kernel_frame(at, FK_NODE);
	struct ref       n = {.kind = CK_NODE, .frame = nodes};
	struct ref       page = {.kind = CK_PAGE, .index = 7};
	struct process   p;
	struct activity *a;

	page.frame = kernel_frame(at + 8, FK_PAGE);
	(void)process_make(&n, &page);
	MUST(process_prepare(nodes, 0, &p) == RC_OK);
	for (unsigned i = 0; i < PAGES; i++) {
		struct frame *f = kernel_frame(at + 16 + i * 8, FK_PAGE);

		learn_serial(frame_at(at + 16 + i * 8)->serial, f->count);
	}
	learn_serial(proc_at(at)->state_serial, page.frame->count);
	for (unsigned i = 0; i < FRAME_NODES; i++)
		learn_serial(
		    node_at(at + i)->serial, frame_nodes(nodes)->node[i].count);
	for (unsigned i = 0; i < FRAME_NODES; i++)
		for (unsigned s = 0; s < NODE_SLOTS; s++)
			frame_nodes(nodes)->slot[i][s] =
			    cap_of_kernel(&node_at(at + i)->slot[s]);
	p.state->regs = proc_at(at)->regs;
	p.state->state = PS_RUNNING;
	p.header->flags = proc_at(at)->resident ? PF_RESIDENT : 0;
	a = activity_alloc(process_oid(&p), p.header->count);
	MUST(a != NULL);
	process_set_activity(&p, a);
	a->flags |= proc_at(at)->resident ? AF_RESIDENT : 0;
	a->priority = at == WARDEN ? 0 : PRIORITY;
	sched_ready(a);
}

/* Memory is short, more or less. */
static void
hog_memory(void)
{
	const uint32_t keep = 112 + (uint32_t)below(160);

	while (frame_take(CLASS_ANY, USE_KERNEL, keep) != NULL)
		;
}

static void
kernel_boot(void)
{
	static const struct cap service = {
	    .type = CK_NUMBER, .word = NUMBER_SERVICE_VALUE};

	fake_boot_reset();
	fake_start(MEMORY_PAGES);
	fake.no_pcid = one_in(2);
	fake.step_of = step_of;
	memset(&cpu, 0, sizeof(cpu));
	memset(known, 0, sizeof(known));
	cpu.current = &known[0].p;
	device_init(&fake_handoff);
	activity_init(activities, MACHINE_ACTIVITIES);
	MUST(alarm_bytes(MACHINE_ACTIVITIES) <= sizeof(alarms));
	alarm_init(alarms, MACHINE_ACTIVITIES);
	outside_init();
	record_init();
	store_init();
	cpu.call_number = model.last_call; /* As the record will say. */
	service_set(NUMBER_SERVICE, &service);
	cpu_enter();
	wait_set_process(false, false);
}

void
machine_boot(bool fresh)
{
	store_reset(fresh);
	loans_reset();
	answers_reset();
	if (fresh) {
		memset(&model, 0, sizeof(model));
		memset(model.source[0].top_count, 0xff,
		    sizeof(model.source[0].top_count));
		model.source[1] = model.source[0];
		model.next_serial = 1;
		for (uint32_t at = 0; at < FRAMES * 8; at += 8)
			frame_at(at)->serial = new_serial();
		for (unsigned k = 0; k < PROCESSES; k++)
			model_process(1, k);
		for (uint32_t s = 1; s < model.next_serial; s++)
			learn_serial(s, 1);
		for (unsigned k = 0; k < PROCESSES; k++)
			for (unsigned s = 1; s <= SLOT_SCHEDULE; s++)
				if (s <= 15 || s >= SLOT_KEEPER)
					node_at(process_at(1, k))->slot[s] =
					    usual(s, process_at(1, k));
		store_build();
	} else {
		model_restart();
	}
	for (unsigned i = 0; i < POSITIONS; i++)
		if (model.source[0].frame[i].serial == 0)
			model.source[0].frame[i].serial = new_serial();
	for (unsigned k = 0; k <= PROCESSES; k++)
		model_process(0, k);
	kernel_boot();
	for (unsigned k = 0; k <= PROCESSES; k++)
		kernel_process(k);
	touched_clear();
	store_bind();
	hog_memory();
	ENTER(cpu_dispatch());
	if (last_exit == FAKE_PANIC)
		wrong("panic: %s", fake.panic);
}

/* --- Presents -------------------------------------------------------------- */

bool
machine_give(uint32_t at, unsigned slot, const struct mcap *c)
{
	struct cap k = cap_of_kernel(c);

	if (c->kind != CK_VOID && c->serial != 0 && !model.learned[c->serial])
		return false; /* It has not been seen yet. */
	if (!cpu.loaded || !frame_writable(cpu.current->node) ||
	    process_oid(cpu.current).v !=
		oid_make(frame_number_of(at), at % 8).v)
		return false;
	process_put(cpu.current, slot, &k);
	node_at(at)->slot[slot] = *c;
	touch(at);
	return true;
}

unsigned
machine_give_page(uint32_t at)
{
	struct mcap c = usual(PAGE_SLOT, at);

	return c.kind == CK_PAGE && machine_give(at, PAGE_SLOT, &c) ? PAGE_SLOT
								   : 0;
}

/* What it has lost it gets again, so that it has something to try. */
void
machine_regrant(uint32_t at)
{
	const unsigned slot = 1 + (unsigned)below(15);
	struct mcap    c = usual(slot, at);

	(void)machine_give(at, slot, &c);
	if (one_in(2)) {
		c = usual(SLOT_KEEPER, at);
		(void)machine_give(at, SLOT_KEEPER, &c);
	}
	if (!one_in(8))
		return;
	c = usual(SLOT_SCHEDULE, at);
	(void)machine_give(at, SLOT_SCHEDULE, &c);
}
