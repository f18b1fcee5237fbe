/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The activity table, the run queues and the wait lists.
 *
 * Wait lists are hashed by key, so one that waits may share its list with
 * others that wait for something else; order within a list is arrival order,
 * which makes a server's queue FIFO (D5).
 */
#include "kernel/sched/activity.h"
#include "kernel/hal/hal.h"

enum {
	WAIT_LISTS = 256,
	BUCKETS    = 1024, /* hash() gives 10 bits. */
};

struct sched sched;

static struct {
	struct link    free;
	uint32_t       bucket[BUCKETS]; /* Hash by OID: index of the first. */
	struct link    run[PRIORITIES];
	uint32_t       of_reserves; /* Bits that reserves' queues add. */
	unsigned       turn;        /* See next_queue. */
	struct link    wait[WAIT_LISTS];
	enum wait_kind noted; /* What the last wait_on of this entry noted. */
	uint64_t       noted_key;
} queues;

static uint32_t
hash(uint64_t v)
{
	return (uint32_t)((v * UINT64_C(0x9e3779b97f4a7c15)) >> 54);
}

static struct link *
wait_list(enum wait_kind kind, uint64_t key)
{
	return &queues.wait[hash(key + kind) % WAIT_LISTS];
}

void
activity_init(struct activity *table, uint32_t n)
{
	sched.table      = table;
	sched.total      = n;
	sched.nfree      = n;
	sched.end        = 0;
	sched.phase      = 0;
	sched.ready_mask = 0;
	queues.of_reserves = 0;
	reserves_init();
	sched.stalled    = 0;
	queues.noted      = WAIT_NONE;
	list_init(&queues.free);
	for (uint32_t i = 0; i < BUCKETS; i++)
		queues.bucket[i] = NO_ACTIVITY;
	for (unsigned i = 0; i < PRIORITIES; i++)
		list_init(&queues.run[i]);
	for (unsigned i = 0; i < WAIT_LISTS; i++)
		list_init(&queues.wait[i]);
	for (uint32_t i = 0; i < n; i++) {
		table[i] = (struct activity){.state = STATE_FREE};
		list_append(&queues.free, &table[i].link);
	}
}

static void
hash_insert(struct activity *a)
{
	uint32_t *head = &queues.bucket[hash(a->oid)];

	a->hash_next = *head;
	*head        = activity_index(a);
	a->flags |= AF_HASHED;
}

void
activity_hash(struct activity *a)
{
	if (!(a->flags & AF_HASHED))
		hash_insert(a);
}

void
activity_unhash(struct activity *a)
{
	uint32_t *at   = &queues.bucket[hash(a->oid)];
	uint32_t  self = activity_index(a);

	if (!(a->flags & AF_HASHED))
		return;
	a->flags &= (uint8_t)~AF_HASHED;
	while (*at != self) {
		assert(*at != NO_ACTIVITY);
		at = &sched.table[*at].hash_next;
	}
	*at = a->hash_next;
}

uint32_t
activity_total(void)
{
	return sched.total;
}

uint32_t
activity_end(void)
{
	return sched.end;
}

uint32_t
activity_free_count(void)
{
	return sched.nfree;
}

struct activity *
activity_find(oid process)
{
	uint32_t i = queues.bucket[hash(process.v)];

	while (i != NO_ACTIVITY && sched.table[i].oid != process.v)
		i = sched.table[i].hash_next;
	return i == NO_ACTIVITY ? NULL : &sched.table[i];
}

struct activity *
activity_alloc(oid process, uint32_t count)
{
	struct activity *a;

	if (list_empty(&queues.free))
		return NULL;
	a = container_of(queues.free.next, struct activity, link);
	list_remove(&a->link);
	*a = (struct activity){
	    .oid   = process.v,
	    .count = count,
	    .state = KA_RESERVED,
	    .phase = sched.phase,
	};
	list_init(&a->link);
	sched.nfree--;
	if (activity_index(a) >= sched.end)
		sched.end = activity_index(a) + 1;
	hash_insert(a);
	return a;
}

/* Does it wait for somebody's pleasure (sched.stalled)? */
static bool
is_stalled(const struct activity *a)
{
	return a->wait == WAIT_PROCESS || a->wait == WAIT_FORWARDER;
}

static __attribute__((cold, noinline)) void left_reserve(
    const struct activity *a);

static inline void
queue_is_empty(unsigned priority)
{
	sched.ready_mask &= ~(UINT32_C(1) << priority) | queues.of_reserves;
}

/* Off whatever queue it is on. */
static inline void
dequeue(struct activity *a)
{
	list_remove(&a->link);
	if (is_stalled(a))
		sched.stalled--;
	a->wait = WAIT_NONE;
	if (a->state != KA_READY)
		return;
	if (list_empty(&queues.run[a->priority]))
		queue_is_empty(a->priority);
	if (a->reserve != 0)
		left_reserve(a);
}

void
activity_release(struct activity *a, bool available)
{
	if (!(a->flags & AF_RESERVED)) {
		activity_destroy(a);
		return;
	}
	activity_touch(a);
	dequeue(a);
	a->state = KA_RESERVED;
	if (available)
		a->flags |= AF_AVAILABLE;
	else
		a->flags &= (uint8_t)~AF_AVAILABLE;
}

void
activity_destroy(struct activity *a)
{
	activity_touch(a);
	sched_turn_over(a);
	dequeue(a);
	activity_unhash(a);
	a->state = STATE_FREE;
	a->flags = 0;
	a->oid   = UINT64_MAX; /* No process's. */
	/* First to be used again, so that activity_end stays low. */
	list_prepend(&queues.free, &a->link);
	if (sched.nfree++ == 0)
		wait_wake(WAIT_MEMORY, 0);
}

/* --- Run queues -------------------------------------------------------- */

/*
 * Reserves with something ready: one that has budget at LEVEL_RESERVED, others
 * at the priorities of what is ready.
 */
static __attribute__((cold, noinline)) void
reserves_changed(void)
{
	uint32_t mask = 0;

	for (unsigned i = 1; i < RESERVES; i++) {
		const uint32_t levels = reserve_levels(i);

		if (levels != 0)
			mask |= reserve_has_budget(i)
			    ? UINT32_C(1) << LEVEL_RESERVED
			    : levels;
	}
	queues.of_reserves = mask;
	for (unsigned p = 0; p < PRIORITIES; p++)
		mask |= (uint32_t)!list_empty(&queues.run[p]) << p;
	sched.ready_mask = mask;
}

static __attribute__((cold, noinline)) void
left_reserve(const struct activity *a)
{
	reserve_note_ready(a->reserve % RESERVES, a->priority);
	reserves_changed();
}

/* To the queue of its reserve, which is another than of its priority. */
static __attribute__((cold, noinline)) void
ready_in_reserve(struct activity *a, unsigned number, bool first)
{
	struct link *q = reserve_queue(number, a->priority);

	if (reserve_levels(number) == 0 && a->state != KA_RUNNING)
		reserve_wake(number, hal_clock_now()); /* It was asleep. */
	if (first)
		list_prepend(q, &a->link);
	else
		list_append(q, &a->link);
	a->state = KA_READY;
	reserve_note_ready(number, a->priority);
	reserves_changed();
}

static inline void
make_ready(struct activity *a, bool first)
{
	debug_assert(a->state != STATE_FREE);
	dequeue(a);
	a->flags &= (uint8_t)~AF_AVAILABLE;
	if (a->reserve != 0 && reserve_number(a->reserve) != 0) {
		ready_in_reserve(a, reserve_number(a->reserve), first);
		return;
	}
	if (first)
		list_prepend(&queues.run[a->priority], &a->link);
	else
		list_append(&queues.run[a->priority], &a->link);
	a->state = KA_READY;
	sched.ready_mask |= UINT32_C(1) << a->priority;
}

void
sched_ready(struct activity *a)
{
	activity_touch(a);
	make_ready(a, false);
}

void
sched_ready_first(struct activity *a)
{
	activity_touch(a);
	make_ready(a, true);
}

void
sched_preempt(struct activity *a, uint64_t turn_end)
{
	a->turn_end = turn_end != UINT64_MAX ? turn_end : 0;
	if (unlikely(a->reserve != 0)) {
		sched_ready_first(a);
		return;
	}
	debug_assert(a->state == KA_RUNNING && a->wait == WAIT_NONE);
	list_remove(&a->link);
	list_prepend(&queues.run[a->priority], &a->link);
	a->state = KA_READY;
	sched.ready_mask |= UINT32_C(1) << a->priority;
}

__attribute__((cold)) void
sched_set_priority(struct activity *a, unsigned priority, uint32_t reserve)
{
	bool ready = a->state == KA_READY;

	debug_assert(priority < PRIORITIES);
	if (a->priority == priority && a->reserve == reserve)
		return;
	if (ready)
		dequeue(a);
	a->priority = (uint8_t)priority;
	a->reserve  = reserve;
	if (a->state == KA_RUNNING && reserve_number(reserve) != 0 &&
	    reserve_levels(reserve_number(reserve)) == 0)
		reserve_wake(reserve_number(reserve), hal_clock_now());
	if (ready)
		make_ready(a, false);
}

static struct activity *
first_of(struct link *q)
{
	return container_of(q->next, struct activity, link);
}

/*
 * The queue of a level: of number 0, for who has no reserve; or of a reserve,
 * if that has no budget.
 */
static struct link *
queue_at(unsigned number, int level)
{
	if (number == 0)
		return &queues.run[level];
	if (reserve_has_budget(number))
		return NULL;
	return reserve_queue(number, (unsigned)level);
}

/* At one priority, reserves without budget take turns, and with the others. */
static struct link *
next_queue(int level)
{
	struct link *q;

	if (level == LEVEL_RESERVED) {
		const unsigned i = reserve_earliest();

		return reserve_queue(i, (unsigned)reserve_highest(i));
	}
	do {
		queues.turn = (queues.turn + 1) % RESERVES;
		q           = queue_at(queues.turn, level);
	} while (q == NULL || list_empty(q));
	return q;
}

/* Where reserves compete. */
static __attribute__((cold, noinline)) struct activity *
next_of_reserves(int level)
{
	struct activity *a = first_of(next_queue(level));

	dequeue(a);
	a->state = KA_RUNNING;
	return a;
}

struct activity *
sched_next(void)
{
	struct activity *a;
	struct link     *q;
	const int        level = sched_highest();

	if (level < 0)
		return NULL;
	if (queues.of_reserves != 0)
		return next_of_reserves(level);
	q = &queues.run[level];
	a = first_of(q);
	list_remove(&a->link);
	a->state = KA_RUNNING;
	if (list_empty(q))
		queue_is_empty((unsigned)level);
	return a;
}

bool
sched_preempts(const struct activity *running)
{
	const int highest = sched_highest(), own = sched_level(running);

	unsigned  first, number;

	if (highest != LEVEL_RESERVED || own != LEVEL_RESERVED)
		return highest > own;
	first  = reserve_earliest();
	number = reserve_number(running->reserve);
	if (first == number)
		return reserve_highest(first) > running->priority;
	return reserve_before(first, number);
}

void
sched_charge(uint64_t now)
{
	if (!reserve_any())
		return;
	if (reserve_charge(now) | (reserve_replenish(now) != 0))
		reserves_changed();
}

void
sched_runs(const struct activity *a, uint64_t now)
{
	const unsigned number = sched_level(a) == LEVEL_RESERVED
	    ? reserve_number(a->reserve)
	    : 0;

	reserve_run(number, now);
}

void
sched_charge_end(uint64_t now)
{
	sched_charge(now);
	reserve_run(0, now);
}

__attribute__((cold)) void
sched_drop_reserve(uint32_t id)
{
	if (reserve_drop(id) != RC_OK)
		return;
	reserves_changed();
}

/* --- Waiting ------------------------------------------------------------ */

static enum kinfo_activity
wait_state(enum wait_kind kind)
{
	static const uint8_t state[WAIT_KINDS] = {
	    [WAIT_PROCESS] = KA_STALLED,
	    [WAIT_FRAME]   = KA_PAGING,
	    [WAIT_IO]      = KA_PAGING,
	    [WAIT_CREDIT]  = KA_CREDIT,
	    [WAIT_MEMORY]  = KA_MEMORY,
	    [WAIT_COMMIT]  = KA_CREDIT,
	    [WAIT_PARCEL]  = KA_STALLED,
	    [WAIT_TOKEN]   = KA_STALLED,
	    [WAIT_FORWARDER] = KA_STALLED,
	};

	return (enum kinfo_activity)state[kind];
}

bool
wait_uses_reserve(void)
{
	return sched.reserve;
}

bool
wait_stalled(void)
{
	return sched.stalled != 0;
}

bool
wait_noted(void)
{
	return queues.noted != WAIT_NONE;
}

/*
 * F5: a resident process never waits for the pager. It may queue on a server;
 * that the server is resident as well is what invocation checks.
 */
enum status
wait_on(enum wait_kind kind, uint64_t key)
{
	if (sched.resident && kind != WAIT_PROCESS)
		return RC_NOT_RESIDENT;
	queues.noted     = kind;
	queues.noted_key = key;
	return ST_WAIT;
}

void
sched_wait(struct activity *a)
{
	bool again = a->flags & AF_WOKEN && queues.noted == WAIT_PROCESS &&
	    queues.noted_key == a->key;

	assert(queues.noted != WAIT_NONE);
	if (again)
		a->flags &= (uint8_t)~AF_WOKEN;
	else
		sched_turn_over(a);
	dequeue(a);
	a->state = (uint8_t)wait_state(queues.noted);
	a->wait  = (uint8_t)queues.noted;
	a->key   = queues.noted_key;
	if (is_stalled(a))
		sched.stalled++;
	if (a->retries < UINT8_MAX)
		a->retries++;
	if (again) /* Somebody was faster: it keeps its place. */
		list_prepend(wait_list(queues.noted, a->key), &a->link);
	else
		list_append(wait_list(queues.noted, a->key), &a->link);
	queues.noted = WAIT_NONE;
}

/* Make ready at most `limit` of those that wait for the key. */
static void
wake(enum wait_kind kind, uint64_t key, uint32_t limit)
{
	struct link *head = wait_list(kind, key);
	struct link *next;

	for (struct link *l = head->next; l != head && limit > 0; l = next) {
		struct activity *a = container_of(l, struct activity, link);

		next = l->next;
		if (a->wait != kind || a->key != key)
			continue;
		make_ready(a, false);
		if (kind == WAIT_PROCESS)
			a->flags |= AF_WOKEN;
		limit--;
	}
}

void
sched_turn_over(struct activity *a)
{
	if (!(a->flags & AF_WOKEN))
		return;
	a->flags &= (uint8_t)~AF_WOKEN;
	wake(WAIT_PROCESS, a->key, 1);
}

void
sched_turn_taken(struct activity *a, uint64_t server)
{
	if (a->flags & AF_WOKEN && a->key == server)
		a->flags &= (uint8_t)~AF_WOKEN;
	else
		sched_turn_over(a);
}

void
wait_wake(enum wait_kind kind, uint64_t key)
{
	wake(kind, key, UINT32_MAX);
}

void
wait_wake_one(enum wait_kind kind, uint64_t key)
{
	wake(kind, key, 1);
}

bool
activity_ok(const struct activity *a)
{
	bool queued = a->link.next != &a->link;
	bool hashed = (a->flags & AF_HASHED) != 0;

	if (hashed != (activity_find((oid){a->oid}) == a) ||
	    ((a->flags & AF_RESERVED) && !hashed))
		return false;
	if (a->state == KA_READY)
		return queued && a->priority < PRIORITIES &&
		    (a->reserve != 0 ||
			(sched.ready_mask & 1u << a->priority) != 0);
	if (a->state == KA_RUNNING || a->state == KA_RESERVED)
		return !queued;
	return queued;
}
