/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store of the fuzzer: answers late and in any order, fails some fetches,
 * writes and commits, and puts completions into the ring that nobody asked for.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/request.h"
#include "kernel/object/cpu.h"
#include "persist/format/record.h"
#include "testsuite/fuzz/host/spoil.h"

enum {
	QUEUE = PAGER_OUTSTANDING,
	RING_AT = 60000,
	RECORDS = 4,
	UNREAD_ONE_IN = 12,
};

struct version {
	bool     there;
	uint8_t  kind;
	uint32_t count;
	uint8_t  data[PAGE_SIZE];
};

static struct {
	/* By age: what is committed, frozen, and written since. */
	struct version committed[POSITIONS], frozen[POSITIONS],
	    working[POSITIONS];
	struct record_entry record[RECORDS][RECORD_ENTRIES],
	    next_record[RECORDS][RECORD_ENTRIES];
	uint32_t records, next_records;
	uint64_t call_number, next_call_number;
	uint32_t boot;
} disk;

static struct {
	uint32_t              ring[PAGER_PAGES];
	struct pager_control *control;
	uint32_t              request_tail, completion_head;
	struct pager_request  queue[QUEUE];
	unsigned              n;
	uint64_t              frozen_epoch; /* 0: none. */
	bool                  failed;
	bool                  taken; /* The kernel has taken a snapshot. */
	uint32_t              limit, limit_next;
	bool                  unread[POSITIONS], unstated[POSITIONS];
	int                   nfailed; /* Of both. */
} store;

/* --- The ring --------------------------------------------------------------
 */

static void *
place(unsigned first, uint32_t n)
{
	const uint32_t i = n % PAGER_RING;

	return (uint8_t *)frame_data(&mem.frame[store.ring[first + i / 64]]) +
	    i % 64 * 64;
}

static void
put(const struct pager_completion *c)
{
	memcpy(place(1 + PAGER_RING_PAGES, store.completion_head++), c,
	    sizeof(*c));
	store.control->completion_head = store.completion_head;
}

static void
kick(void)
{
	uint32_t left;

	cpu_enter();
	do
		MUST(pager_kick(&left) == RC_OK);
	while (left != 0);
}

static void
doorbell(void)
{
}

static void
tell_credits(void)
{
	put(&(struct pager_completion){
	    .op = PAGER_CREDIT,
	    .epoch = mem.epoch,
	    .credits = store.limit,
	    .word = {store.limit_next, 4, 0},
	});
}

/* --- Requests --------------------------------------------------------------
 */

static void
take_requests(void)
{
	while (store.request_tail != store.control->request_head) {
		MUST(store.n < QUEUE);
		memcpy(&store.queue[store.n++], place(1, store.request_tail++),
		    sizeof(struct pager_request));
	}
}

static uint64_t
position_of(const struct pager_request *r)
{
	return frame_position(oid_frame((oid){r->oid}));
}

static bool
is_record(const struct pager_request *r)
{
	return frame_source(oid_frame((oid){r->oid})) == SOURCE_EPHEMERAL;
}

/* The last drop of an object that has not been done, or NULL. */
static const struct pager_request *
changing(uint64_t i)
{
	static struct pager_request as;
	const struct pager_request *found = NULL;
	const struct request *r = refused_drop(frame_of(SOURCE_PERSISTENT, i));

	if (store.control == NULL)
		return NULL;
	take_requests();
	if (r != NULL) {
		as = (struct pager_request){
		    .kind = r->kind, .count = r->count, .epoch = r->epoch};
		found = &as;
	}
	for (unsigned k = 0; k < store.n; k++) {
		const struct pager_request *q = &store.queue[k];

		if (q->op == PAGER_DROP && !is_record(q) &&
		    position_of(q) == i &&
		    (found == NULL || q->epoch > found->epoch))
			found = q;
	}
	return found;
}

/* --- The disk --------------------------------------------------------------
 */

static struct version *
newest(uint64_t i)
{
	MUST(i < POSITIONS);
	if (disk.working[i].there)
		return &disk.working[i];
	if (disk.frozen[i].there)
		return &disk.frozen[i];
	return &disk.committed[i];
}

void
store_peek(uint64_t i, struct peek *out)
{
	const struct version       *v = newest(i);
	const struct pager_request *r = changing(i);

	if (r != NULL) { /* The kernel has said so already. */
		static const uint8_t zeros[PAGE_SIZE];

		*out = (struct peek){
		    .kind = r->kind, .count = r->count, .data = zeros};
		return;
	}
	out->kind = v->kind == FK_ZERO ? FK_PAGE : v->kind;
	out->count = v->count;
	out->data = v->data;
	out->foreign = v->kind == FK_NODE &&
	    ((const struct node_frame *)(const void *)v->data)->header.boot !=
		mem.boot;
}

static struct version *
version_for(uint64_t i, uint64_t epoch)
{
	MUST(i < POSITIONS);
	return epoch == store.frozen_epoch ? &disk.frozen[i] : &disk.working[i];
}

static void
merge(struct version *to, struct version *from)
{
	for (unsigned i = 0; i < POSITIONS; i++) {
		if (from[i].there)
			to[i] = from[i];
		from[i].there = false;
	}
}

/* --- Answers ---------------------------------------------------------------
 */

bool
any_unread(void)
{
	return store.nfailed > 0;
}

bool
unread(uint32_t at)
{
	return at_persistent(at) && store.unread[at / 8 % POSITIONS];
}

bool
unstated(uint32_t at)
{
	return at_persistent(at) && store.unstated[at / 8 % POSITIONS];
}

static void
set_failed(bool *flag, bool failed)
{
	store.nfailed += failed - *flag;
	*flag = failed;
}

/* Does it fail? Then what is in the frame is nobody's business. */
static bool
fails(const struct pager_request *r, struct pager_completion *c,
    const struct version *v)
{
	const uint64_t i = position_of(r);
	void          *to = hal_direct((paddr){r->frame << PAGE_SHIFT});
	bool           failed = one_in(UNREAD_ONE_IN);

	if (r->op == PAGER_STAT) {
		set_failed(&store.unstated[i], failed);
		c->status = failed ? RC_MEDIA : RC_OK;
		return failed;
	}
	set_failed(&store.unstated[i], false);
	set_failed(&store.unread[i], failed);
	if (!failed)
		return false;
	figures.unread++;
	if (v->kind == FK_NODE && one_in(2)) {
		c->kind = v->kind;
		c->count = v->count;
		memcpy(to, v->data, PAGE_SIZE);
		spoil_frame(to, c);
		return true;
	}
	memset(to, 0xaa, PAGE_SIZE);
	c->status = one_in(2) ? RC_MEDIA : RC_CORRUPT;
	return true;
}

static void
fetch(const struct pager_request *r, struct pager_completion *c)
{
	void                 *to = hal_direct((paddr){r->frame << PAGE_SHIFT});
	const struct version *v;

	figures.fetches++;
	if (is_record(r)) {
		MUST(position_of(r) < disk.records);
		c->kind = FK_PAGE;
		memcpy(to, disk.record[position_of(r)], PAGE_SIZE);
		return;
	}
	if (position_of(r) >= POSITIONS) { /* Read ahead. */
		if (r->flags & PAGER_AHEAD)
			c->status = RC_NOT_FOUND;
		c->kind = FK_FREE;
		return;
	}
	if (r->flags & PAGER_AHEAD && one_in(4)) {
		c->status = RC_NOT_FOUND;
		return;
	}
	v = newest(position_of(r));
	if (fails(r, c, v))
		return;
	c->kind = v->kind;
	c->count = v->count;
	if (v->kind == FK_FREE || v->kind == FK_ZERO)
		set_failed(&store.unread[position_of(r)], false);
	else if (r->op == PAGER_FETCH)
		memcpy(to, v->data, PAGE_SIZE);
	if (r->op == PAGER_FETCH && v->kind == FK_NODE && one_in(8))
		spoil_node(to);
}

static void
clean(const struct pager_request *r, struct pager_completion *c)
{
	const void     *from = hal_direct((paddr){r->frame << PAGE_SHIFT});
	struct version *v;

	figures.cleans++;
	if (one_in(400)) {
		c->status = RC_DEVICE;
		if (r->epoch == store.frozen_epoch)
			store.failed = true;
		return;
	}
	if (is_record(r)) {
		MUST(position_of(r) < RECORDS);
		MUST(r->kind == FK_PAGE && r->count == 0);
		memcpy(disk.next_record[position_of(r)], from, PAGE_SIZE);
		return;
	}
	v = version_for(position_of(r), r->epoch);
	MUST(v == &disk.frozen[position_of(r)] ||
	    r->count >= newest(position_of(r))->count);
	v->there = true;
	v->kind = r->kind;
	v->count = r->count;
	memcpy(v->data, from, PAGE_SIZE);
	if (r->kind == FK_ZERO)
		for (unsigned i = 0; i < PAGE_SIZE; i++)
			MUST(v->data[i] == 0);
}

static void
drop(const struct pager_request *r, struct pager_completion *c)
{
	struct version *v;

	if (one_in(400)) {
		c->status = RC_DEVICE;
		if (r->epoch == store.frozen_epoch)
			store.failed = true;
		return;
	}
	v = version_for(position_of(r), r->epoch);
	MUST(v == &disk.frozen[position_of(r)] ||
	    r->count >= newest(position_of(r))->count);
	v->there = true;
	v->kind = r->kind;
	v->count = r->count;
	memset(v->data, 0, PAGE_SIZE);
}

static void
snapshot(const struct pager_request *r)
{
	store.frozen_epoch = r->epoch;
	store.failed = false;
	merge(disk.frozen, disk.working);
	disk.next_records = (uint32_t)r->word[1];
	disk.next_call_number = r->word[0];
	store.limit = store.limit_next;
	MUST(disk.next_records <= RECORDS);
}

static void
barrier(struct pager_completion *c)
{
	if (store.failed || one_in(20)) {
		c->status = RC_DEVICE;
		/* What the working epoch has written since is newer. */
		merge(disk.frozen, disk.working);
		merge(disk.working, disk.frozen);
	} else {
		merge(disk.committed, disk.frozen);
		memcpy(disk.record, disk.next_record, sizeof(disk.record));
		disk.records = disk.next_records;
		disk.call_number = disk.next_call_number;
		model.committed = model.frozen;
		figures.commits++;
	}
	model.freezing = false;
	store.frozen_epoch = 0;
	store.taken = false;
}

/* The barrier comes after all that it commits. */
static bool
too_early(const struct pager_request *r)
{
	for (unsigned i = 0; i < store.n; i++) {
		const struct pager_request *q = &store.queue[i];

		if (r->op == PAGER_BARRIER && q->epoch == r->epoch &&
		    q->op != PAGER_BARRIER && q->op != PAGER_FETCH &&
		    q->op != PAGER_STAT)
			return true;
		/* What is changed after it must not be part of it. */
		if (q->op == PAGER_SNAPSHOT && q->tag != r->tag)
			return true;
	}
	return false;
}

static void
answer(const struct pager_request *r)
{
	struct pager_completion c = {
	    .tag = r->tag, .op = r->op, .oid = r->oid, .epoch = r->epoch};

	switch (r->op) {
	case PAGER_FETCH:
	case PAGER_STAT:
		fetch(r, &c);
		break;
	case PAGER_CLEAN:
		clean(r, &c);
		break;
	case PAGER_DROP:
		drop(r, &c);
		break;
	case PAGER_SNAPSHOT:
		snapshot(r);
		break;
	case PAGER_BARRIER:
		barrier(&c);
		break;
	default:
		wrong("a request with operation %u", r->op);
	}
	put(&c);
	if (r->op == PAGER_SNAPSHOT)
		tell_credits();
}

bool
store_work(unsigned most)
{
	bool any = false;

	take_requests();
	if (store.control->waiting != 0) {
		store.limit += 8;
		store.limit_next += store.limit_next < 64 ? 8 : 0;
		tell_credits();
		any = true;
	}
	for (unsigned i = 0; i < most && store.n > 0; i++) {
		const unsigned       k = (unsigned)below(store.n);
		struct pager_request r = store.queue[k];

		if (too_early(&r)) {
			any = true;
			continue;
		}
		store.queue[k] = store.queue[--store.n];
		answer(&r);
		any = true;
	}
	if (any)
		kick();
	return any;
}

bool
store_quiet(void)
{
	take_requests();
	return store.n == 0 && store.control->waiting == 0;
}

bool
store_committing(void)
{
	return store.taken;
}

void
store_snapshot_begins(void)
{
	store.taken = true;
}

/* A completion that is none: it must be refused, and change nothing. */
void
store_lie(void)
{
	struct pager_completion c;

	figures.lies++;
	take_requests();
	c = spoil_completion(
	    store.n > 0 && one_in(2) ? &store.queue[below(store.n)] : NULL);
	put(&c);
	kick();
}

/* --- Starting --------------------------------------------------------------
 */

void
store_reset(bool fresh)
{
	if (fresh)
		memset(&disk, 0, sizeof(disk));
	for (unsigned i = 0; i < POSITIONS; i++)
		disk.frozen[i].there = disk.working[i].there = false;
	memset(&store, 0, sizeof(store));
}

static void
put_node(struct version *v, uint32_t at)
{
	struct node_frame *n = (void *)v->data;

	n->header = (struct frame_header){
	    .magic = NODE_FRAME_MAGIC,
	    .boot = disk.boot,
	    .oid = oid_make(frame_number_of(at), OID_INDEX_FRAME).v,
	    .kind = FK_NODE,
	};
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		const struct mnode *m = node_at(at / 8 * 8 + i);

		n->node[i].count = (uint32_t)model.number[m->serial];
		n->node[i].role = m->role;
		for (unsigned s = 0; s < NODE_SLOTS; s++)
			n->slot[i][s] = cap_of_kernel(&m->slot[s]);
	}
}

static void
put_state(struct version *v, uint32_t process)
{
	struct state_page  *s = (void *)v->data;
	const struct mproc *p = proc_at(process);

	s->node_oid = oid_make(frame_number_of(process), process % 8).v;
	s->node_count = (uint32_t)model.number[node_at(process)->serial];
	s->state = p->state;
	s->xformat = XSAVE_FORMAT_1;
	s->regs = p->regs;
}

void
store_build(void)
{
	struct record_entry *e = disk.record[0];

	disk.records = 1;
	*e++ = (struct record_entry){
	    .oid = RECORD_MAGIC, .kind = RECORD_HEADER};
	for (uint32_t i = 0; i < POSITIONS; i++) {
		struct version *v = &disk.committed[i];
		const uint32_t  at = (POSITIONS + i) * 8;
		struct mframe  *f = frame_at(at);

		v->there = true;
		v->kind = f->kind;
		v->count = 1;
		if (f->kind == FK_NODE)
			put_node(v, at);
		if (f->kind != FK_NODE || !is_process(at))
			continue;
		put_state(
		    &disk.committed[proc_at(at)->state_at / 8 % POSITIONS], at);
		*e++ = (struct record_entry){
		    .oid = oid_make(frame_number_of(at), 0).v,
		    .count = 1,
		    .kind = RECORD_RUNNING,
		};
	}
	model.committed = model.source[1];
}

void
store_bind(void)
{
	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = NULL;

		MUST(object_make(frame_of(SOURCE_EPHEMERAL, RING_AT + i),
			 FK_PAGE, CLASS_ANY, &f) == RC_OK);
		object_pin(f);
		store.ring[i] = frame_index(f);
	}
	MUST(pager_bind(store.ring, PAGER_PAGES, doorbell) == RC_OK);
	store.control = frame_data(&mem.frame[store.ring[0]]);
	store.limit = store.limit_next = 16 + (uint32_t)below(64);
	put(&(struct pager_completion){
	    .op = PAGER_OPEN,
	    .epoch = mem.epoch,
	    .count = disk.records,
	    .word = {++disk.boot, disk.call_number, 1},
	});
	tell_credits();
	kick();
	while (!store_quiet())
		store_work(8);
}
