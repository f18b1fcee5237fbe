/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes on the fake machine; what kernel/core and entry would supply. */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/device/device.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/request.h"
#include "kernel/object/known.h"
#include "kernel/object/record.h"
#include "kernel/object/store.h"
#include "kernel/object/wall.h"
#include "kernel/sched/clock.h"

static struct activity table[ACTIVITIES];
static uint64_t        alarms[ACTIVITIES * 16];
struct wall            wall;

const struct handoff *
hal_handoff(void)
{
	return &fake_handoff;
}

void
start_machine(void)
{
	fake_boot_reset();
	fake_start(8192);
	memset(&cpu, 0, sizeof(cpu));
	memset(known, 0, sizeof(known));
	cpu.current = &known[0].p;
	device_init(&fake_handoff);
	activity_init(table, ACTIVITIES);
	CU_ASSERT_FATAL(alarm_bytes(ACTIVITIES) <= sizeof(alarms));
	alarm_init(alarms, ACTIVITIES);
	outside_init();
	record_init();
	store_init();
	cpu_enter();
}

/*
 * A frame of any source: made ephemeral, then given its name, as if it had
 * been fetched and written to in this epoch.
 */
struct frame *
make_frame(enum oid_source source, uint64_t position, enum frame_kind kind)
{
	struct frame *f = NULL;

	cpu_enter();
	wait_set_process(false, false);
	CU_ASSERT_EQUAL_FATAL(object_make(frame_of(SOURCE_EPHEMERAL, position),
				  kind, CLASS_ANY, &f),
	    RC_OK);
	if (source != SOURCE_EPHEMERAL) {
		frame_unname(f);
		frame_name(f, frame_of(source, position));
		if (source == SOURCE_PERSISTENT)
			f->epoch = mem.epoch;
	}
	return f;
}

struct frame *
make_node_frame(uint64_t position)
{
	return make_frame(SOURCE_EPHEMERAL, position, FK_NODE);
}

static void
no_doorbell(void)
{
}

static uint32_t              opened[PAGER_PAGES];
static struct pager_control *ring_head;

void
open_range_of(uint32_t credits, uint32_t records)
{
	const struct pager_completion c[] = {
	    {.op = PAGER_OPEN, .epoch = 1, .count = records},
	    {.op = PAGER_CREDIT,
		.epoch = 1,
		.credits = credits,
		.word = {credits}}};
	uint32_t left;

	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = make_frame(SOURCE_EPHEMERAL, 9000 + i, FK_PAGE);

		object_pin(f);
		opened[i] = frame_index(f);
	}
	CU_ASSERT_EQUAL_FATAL(
	    pager_bind(opened, PAGER_PAGES, no_doorbell), RC_OK);
	ring_head = frame_data(&mem.frame[opened[0]]);
	memcpy(frame_data(&mem.frame[opened[1 + PAGER_RING_PAGES]]), c,
	    sizeof(c));
	ring_head->completion_head = credits == 0 ? 1 : 2;
	CU_ASSERT_EQUAL_FATAL(pager_kick(&left), RC_OK);
}

void
open_range(uint32_t credits)
{
	open_range_of(credits, 0);
}

unsigned
answer_requests(enum status st)
{
	const struct pager_request *r = frame_data(&mem.frame[opened[1]]);
	struct pager_completion    *c =
	    frame_data(&mem.frame[opened[1 + PAGER_RING_PAGES]]);
	unsigned n = 0;
	uint32_t left;

	r += ring_head->request_tail;
	for (; ring_head->request_tail != ring_head->request_head; n++) {
		c[ring_head->completion_head++] = (struct pager_completion){
		    .tag = r->tag,
		    .op = r->op,
		    .oid = r->oid,
		    .epoch = r->epoch,
		    .status = st,
		};
		ring_head->request_tail++;
		r++;
	}
	do {
		CU_ASSERT_EQUAL_FATAL(pager_kick(&left), RC_OK);
	} while (left != 0);
	return n;
}

/* As if it had been read from disk and not written since. */
void
make_clean(struct frame *f)
{
	f->epoch = 0;
	f->held = 0;
	age_add(f);
}

static struct ref
node_ref(struct frame *f, unsigned index)
{
	return (struct ref){.kind = CK_NODE, .frame = f, .index = index};
}

/* Node 0 is the process, node 1 its space; the pages follow. */
struct process
make_process(enum oid_source source, uint64_t position)
{
	const uint64_t base = position * 64;
	struct frame  *node = make_frame(source, base, FK_NODE);
	struct frame  *page = make_frame(source, base + 1, FK_PAGE);
	struct ref     n = node_ref(node, 0);
	struct ref     p = {.kind = CK_PAGE, .frame = page, .index = 7};
	struct process out;
	struct cap     space, schedule;

	(void)process_make(&n, &p);
	for (unsigned i = 0; i < PAGES; i++) {
		struct frame *f = make_frame(source, base + 2 + i, FK_PAGE);

		frame_nodes(node)->slot[1][i] = cap_make(CK_PAGE, 0, 0,
		    f->count, oid_make(f->number, OID_INDEX_FRAME));
	}
	CU_ASSERT_EQUAL_FATAL(process_prepare(node, 0, &out), RC_OK);
	space = cap_make(CK_NODE, 0, 16, frame_nodes(node)->node[1].count,
	    oid_make(node->number, 1));
	schedule = cap_make(CK_SCHEDULE, 0, PRIORITY, 0, (oid){0});
	process_put(&out, SLOT_SPACE, &space);
	process_put(&out, SLOT_SCHEDULE, &schedule);
	return out;
}

uint8_t *
page_of(const struct process *p, unsigned i)
{
	const struct cap *c = &frame_nodes(p->node)->slot[1][i];

	return frame_data(frame_find(oid_frame(cap_oid(c))));
}

static struct cap
cap_to(const struct process *p, enum cap_kind kind, unsigned data)
{
	return cap_make(kind, 0, data, p->header->count, process_oid(p));
}

struct cap
start_cap(const struct process *p, unsigned data)
{
	return cap_to(p, CK_START, data);
}

struct cap
process_cap(const struct process *p)
{
	return cap_to(p, CK_PROCESS, 0);
}

struct cap
notice_cap(const struct process *p, unsigned bit)
{
	return cap_to(p, CK_NOTICE, bit);
}

struct activity *
run_process(struct process *p)
{
	struct activity *a = process_activity(p);

	cpu_enter();
	if (a == NULL) {
		a = activity_alloc(process_oid(p), p->header->count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		process_set_activity(p, a);
	}
	p->state->state = PS_RUNNING;
	p->state_frame->flags |= FF_FORCED;
	a->priority = PRIORITY;
	if (cpu.activity != NULL && cpu.activity != a)
		sched_ready(cpu.activity);
	CU_ASSERT_EQUAL_FATAL(process_load(p, a), RC_OK);
	return a;
}

void
make_available(struct process *p, uint64_t receive, uint64_t at, uint32_t limit)
{
	p->state->state = PS_AVAILABLE;
	p->state->regs.rax = control_make(INVOKE_RETURN, 0) | receive;
	p->state->regs.r12 = (uint64_t)limit << 32;
	p->state->regs.r13 = at;
	p->state_frame->flags |= FF_FORCED;
}

enum fake_exit
dispatch(void)
{
	return FAKE_LEAVES(cpu_dispatch());
}

enum fake_exit
reenter(struct state_page *s)
{
	return FAKE_LEAVES(entry_invoke(s));
}

enum fake_exit
raise_fault(struct state_page *s, enum fault_code code)
{
	return FAKE_LEAVES(entry_fault(s, code, 0));
}

enum fake_exit
raise_page_fault(struct state_page *s, uint64_t v, enum fault_access access)
{
	return FAKE_LEAVES(entry_page_fault(s, v, access));
}

enum fake_exit
tick(struct state_page *s)
{
	return FAKE_LEAVES(entry_clock(s));
}

static enum fake_exit
enter(uint64_t control)
{
	struct state_page *s = cpu.current->state;

	s->regs.rax = control;
	s->regs.trap = TRAP_SYSCALL;
	s->regs.rip = 0x1002;
	return reenter(s);
}

enum fake_exit
invoke(uint64_t control, const uint64_t *words)
{
	static const uint64_t none[MESSAGE_WORDS];
	struct registers     *r = &cpu.current->state->regs;

	if (words == NULL)
		words = none;
	r->rdi = words[0];
	r->rsi = words[1];
	r->rdx = words[2];
	r->r10 = words[3];
	r->r8 = words[4];
	r->r12 = 0;
	return enter(control);
}

unsigned
invoke_pieces(uint64_t control, const uint64_t *words)
{
	struct state_page *s = cpu.current->state;
	enum fake_exit     left;
	unsigned           n = 1;

	left = invoke(control, words);
	for (;;) {
		while (left == FAKE_IDLE && sched_highest() >= 0)
			left = tick(NULL); /* Others are looked at (D3). */
		if (fake.resumed != s || s->regs.trap != TRAP_INTERRUPT ||
		    s->regs.rip != 0x1000)
			return n;
		s->regs.trap = TRAP_SYSCALL;
		s->regs.rip = 0x1002;
		left = reenter(s);
		n++;
	}
}

enum fake_exit
invoke_string(uint64_t control, uint64_t word, uint64_t at, uint32_t bytes)
{
	struct registers *r = &cpu.current->state->regs;

	r->rdi = word;
	r->r9 = at;
	r->r12 = bytes;
	return enter(control);
}

bool
runs(const struct process *p)
{
	return cpu.loaded && cpu.current->state == p->state &&
	    p->state->state == PS_RUNNING && fake.resumed == p->state;
}

struct frame *
new_page(uint64_t number)
{
	struct frame *f = NULL;

	cpu_enter();
	CU_ASSERT_EQUAL_FATAL(object_make(frame_of(SOURCE_EPHEMERAL, number),
				  FK_PAGE, CLASS_ANY, &f),
	    RC_OK);
	return f;
}

struct frame *
borrower_and_keeper(struct process *borrower, struct process *keeper)
{
	struct frame *lent;
	struct cap    start;

	start_machine();
	*borrower = make_process(SOURCE_EPHEMERAL, 1);
	*keeper = make_process(SOURCE_EPHEMERAL, 2);
	lent = new_page(900);
	make_available(
	    keeper, CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4), 0, 0);
	start = start_cap(keeper, 9);
	process_put(borrower, SLOT_KEEPER, &start);
	run_process(borrower);
	return lent;
}

static void
doorbell(void)
{
}

/* As if there were a store, which never answers. */
void
open_volume(void)
{
	uint32_t ring[PAGER_PAGES];

	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = NULL;

		CU_ASSERT_EQUAL_FATAL(
		    frame_alloc(CLASS_ANY, USE_KERNEL, &f), RC_OK);
		ring[i] = frame_index(f);
	}
	CU_ASSERT_EQUAL_FATAL(
	    pager_bind(ring, PAGER_PAGES, doorbell), RC_OK);
	pager.open = true;
	epoch_credit_set(100, 100, 8);
}

enum status
record_whole(uint32_t *frames, uint32_t limit, uint32_t *n)
{
	const uint32_t *made;
	enum status     st;

	do
		st = record_prepare(limit);
	while (st == ST_AGAIN);
	if (st != RC_OK)
		return st;
	made = record_frames(n);
	record_begin();
	while (!record_go_on())
		CU_ASSERT_TRUE(record_is_open());
	memcpy(frames, made, *n * sizeof(*frames));
	return RC_OK;
}
