/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The warden: runs when nobody else does. It starts and stops the others, so
 * that they do not all wait for ever, and looks whether one of them does.
 */
#include "testsuite/fuzz/host/fuzz.h"

#include "kernel/abi/process.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/request.h"
#include "kernel/object/cpu.h"

enum {
	PATIENCE = 32,
	AGAIN_NS = 10000000, /* After it a refused drop is asked again. */
};

static const struct activity *
activity_of(uint32_t at)
{
	const uint64_t      number = frame_number_of(proc_at(at)->state_at);
	const struct frame *f = frame_find(number);
	const oid           id = oid_make(frame_number_of(at), at % 8);
	const struct activity *a = activity_find(id);

	if (a == NULL && f != NULL && f->kind == FK_STATE &&
	    f->state.activity != NO_INDEX) {
		a = activity_slot(f->state.activity);
		a = a->oid == id.v ? a : NULL;
	}
	return a;
}

static bool
is_blocked(uint64_t key)
{
	const oid      id = {key};
	const uint32_t at = at_of_number(oid_frame(id), oid_index(id));

	return at != NOWHERE && frame_at(at)->kind == FK_NODE &&
	    node_at(at)->role == ROLE_FORWARDER && node_at(at)->blocked;
}

/* Has somebody's turn at this server come, who has not run yet (D5)? */
static bool
turn_given(uint64_t key)
{
	for (uint32_t i = 0; i < activity_end(); i++) {
		const struct activity *a = activity_at(i);

		if (a != NULL && a->flags & AF_WOKEN && a->key == key)
			return true;
	}
	return false;
}

/* Is this process available, or none, so that who waits for it waits in vain? */
static bool
is_free(uint64_t key)
{
	const oid      id = {key};
	const uint32_t at = at_of_number(oid_frame(id), oid_index(id));

	if (at == NOWHERE)
		return false;
	if (!is_process(at))
		return true;
	if (!is_whole(at))
		return !process_unread(at);
	return proc_at(at)->state == PS_AVAILABLE &&
	    proc_at(at)->notices == 0;
}

/* The drop of an object that was refused and will be asked again, or NULL. */
const struct request *
refused_drop(uint64_t number)
{
	for (uint32_t i = 0; i < PAGER_OUTSTANDING; i++) {
		const struct request *r = &pager.request[i];

		if (r->tag != 0 && r->again &&
		    oid_frame((oid){r->oid}) == number)
			return r;
	}
	return NULL;
}

/* Does the clock come soon, to ask again for it? */
static bool
is_asked_again(uint64_t number)
{
	return refused_drop(number) != NULL &&
	    fake.deadline <= fake.now + AGAIN_NS;
}

/*
 * The store has answered everything and only the warden runs: whoever else
 * has something to do waits for another process, and that is busy.
 */
static void
nobody_is_forgotten(void)
{
	for (const uint32_t *i = processes(); *i != NOWHERE; i++) {
		const struct activity *a;

		if (!is_whole(*i) ||
		    (proc_at(*i)->state != PS_RUNNING && !is_answered(*i)))
			continue;
		a = activity_of(*i);
		if (a == NULL)
			wrong("process %u runs without an activity", *i);
		if (a->state == KA_READY || a->state == KA_RUNNING)
			continue;
		if (a->wait == WAIT_MEMORY && frame_free_count() <= SCARCE)
			continue;
		if (a->wait == WAIT_IO && is_asked_again(a->key))
			continue;
		if (a->wait == WAIT_MEMORY && process_unread(*i))
			continue; /* Until it is read again. */
		if (a->wait == WAIT_FORWARDER && is_blocked(a->key))
			continue;
		if (a->wait != WAIT_PROCESS ||
		    (is_free(a->key) && !turn_given(a->key)))
			wrong("process %u waits for %u of %lx, and all is "
			      "quiet; %u frames free, %u clean",
			    *i, a->wait, a->key, frame_free_count(),
			    age_count());
	}
}

/* It goes on elsewhere, if its state page may be written just now. */
static void
let_go_on(uint32_t at)
{
	struct mproc       *p = proc_at(at);
	const struct frame *f = frame_find(frame_number_of(p->state_at));
	struct state_page  *s = peek_state(at);

	if (f == NULL || s == NULL || !frame_writable(f))
		return;
	s->regs.rip = p->regs.rip = PC_FREE;
	s->regs.trap = p->regs.trap = TRAP_INTERRUPT;
}

/* The lowest of all sees to it that somebody runs. */
void
warden(void)
{
	struct registers r = proc_at(WARDEN)->regs;
	struct mcap      c;
	uint32_t         at[FRAMES], all = 0, x;
	bool             stop;

	if (store_quiet())
		nobody_is_forgotten();
	else if (one_in(2)) {
		store_step(1 + (unsigned)below(8));
		return;
	}
	for (const uint32_t *i = processes(); *i != NOWHERE && all < FRAMES; i++)
		if (is_whole(*i) && *i != WARDEN)
			at[all++] = *i;
	if (all == 0 || one_in(16)) {
		tick(cpu.current->state);
		return;
	}
	x = at[below(all)]; /* One that waits for ever runs no more. */
	stop = proc_at(x)->state == PS_RUNNING;
	if (stop && !one_in(8))
		return;
	if (proc_at(x)->state == PS_WAITING && proc_at(x)->parcel &&
	    !one_in(PATIENCE)) {
		tick(cpu.current->state); /* Its server will answer. */
		return;
	}
	let_go_on(x);
	c = object_cap(CK_PROCESS, x);
	if (!machine_give(WARDEN, 1, &c))
		return;
	r.rax = control_make(INVOKE_CALL, 1);
	r.rdi = stop ? PROCESS_STOP : PROCESS_START;
	r.r12 = 0;
	proc_at(WARDEN)->regs = r;
	system_call(WARDEN);
}

/* How many could still do something? */
unsigned
alive(void)
{
	unsigned n = 0;

	for (const uint32_t *i = processes(); *i != NOWHERE; i++)
		n += is_whole(*i) && *i != WARDEN &&
		    space_reach(*i, 0, ACCESS_READ).page != NOWHERE;
	return n;
}

