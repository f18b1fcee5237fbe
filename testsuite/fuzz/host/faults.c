/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's faults, and who hears of them (D4). */
#include "testsuite/fuzz/host/fuzz.h"

/*
 * The keeper of a guard is dead, and may be on disk: a resident process does not
 * wait to learn that, but another learns it and tells its own keeper.
 */
static bool
resident_loses(uint32_t x, const struct mcap *raw, const struct mcap *keeper)
{
	const struct mcap        own = cap_now(&node_at(x)->slot[SLOT_KEEPER]);
	const struct state_page *k;

	if (!is_resident(x) || keeper->kind == CK_START ||
	    raw->kind == CK_VOID || raw->at == 0 || !at_persistent(raw->at))
		return false;
	k = own.kind == CK_START && is_whole(own.at) ? peek_state(own.at) : NULL;
	return k == NULL || k->state != PS_RUNNING;
}

/* Who hears of it; false: nobody, or nobody who can be read. */
static bool
find_keeper(uint32_t x, const struct reach *r, struct mcap *keeper,
    bool *segment)
{
	*segment = false;
	if (r->guarded) {
		const struct mcap g = cap_now(&r->guard);

		if (cap_unread(&r->guard))
			return false;
		if (g.kind == CK_GUARD) {
			if (cap_unread(&node_at(g.at)->slot[1]))
				return false;
			*keeper = cap_now(&node_at(g.at)->slot[1]);
			if (resident_loses(x, &node_at(g.at)->slot[1], keeper))
				return false;
			if (keeper->kind == CK_START) {
				*segment = true;
				return true;
			}
		}
	}
	if (cap_unread(&node_at(x)->slot[SLOT_KEEPER]))
		return false;
	*keeper = cap_now(&node_at(x)->slot[SLOT_KEEPER]);
	return keeper->kind == CK_START;
}

void
fault_model(uint32_t x, enum fault_code code, enum fault_access access,
    uint64_t info, uint64_t address, const struct reach *r)
{
	struct mmessage m;
	struct mproc          *p = proc_at(x);
	struct mcap            keeper;
	bool                   segment;

	figures.faults++;
	p->fault = (uint8_t)code;
	p->access = (uint8_t)access;
	p->address = address;
	p->info = info;
	if (!find_keeper(x, r, &keeper, &segment) || keeper.at == x ||
	    (p->resident && !is_resident(keeper.at)) ||
	    process_now(keeper.at) != RC_OK) {
		(void)model_wait(x); /* It stays so, and nobody can answer. */
		return;
	}
	MUST(proc_at(keeper.at)->state == PS_AVAILABLE);
	p->fault_rights = segment ? r->rights : keeper.rights;
	m = (struct mmessage){.source = FROM_CALL, .data = keeper.data};
	m.word[0] = segment ? KEEPER_SEGMENT : KEEPER_PROCESS;
	m.word[1] = code;
	m.word[2] = segment ? r->offset : address;
	m.word[3] = code < FAULT_DIVIDE ? access : info;
	m.word[4] = p->regs.rip;
	if (segment) {
		m.cap[0] = r->guard;
		m.cap[0].rights &= (uint8_t)~CR_OPAQUE;
	} else if (!(keeper.rights & CR_OPAQUE)) {
		m.cap[0] = object_cap(CK_PROCESS, x);
	}
	m.cap[3] = resume_cap(CK_RESTART, x);
	deliver_model(keeper.at, &m);
}

/* Its own string is not there: the instruction will run again. */
void
string_fault(uint32_t x, uint64_t where, const struct reach *r)
{
	struct mproc *p = proc_at(x);

	p->regs.rip -= SYSCALL_BYTES;
	p->regs.trap = TRAP_INTERRUPT;
	fault_model(x, (enum fault_code)r->fault, ACCESS_READ, 0, where, r);
}
