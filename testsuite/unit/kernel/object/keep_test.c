/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The direct way of a fault to its keeper and back (kernel/entry/keep.c): it is
 * taken, and what it leaves behind is what the general path leaves.
 */
#include "kernel/abi/restart.order.h"
#include "kernel/object/known.h"
#include "testsuite/unit/kernel/object/support.h"

enum {
	EMPTY = PAGES, /* A slot of the client's space with nothing in it. */
	FIXED = 3,     /* One with a page that is read-only here. */
	PATCH = 10,    /* Where the keeper puts what it answers with. */
};

static struct process client, keeper;

/* What a fault, or an answer, may change. */
struct picture {
	struct state_page  state[2];
	struct cap         slot[2][NODE_SLOTS];
	struct node_header header[2];
	struct register_set told;
	uint64_t           call_number;
	const void        *runs;
	unsigned           activities;
	uint8_t            priority, flags;
};

static struct picture before, direct, general;

static void
take(struct picture *p)
{
	const struct process *both[] = {&client, &keeper};

	memset(p, 0, sizeof(*p));
	for (unsigned i = 0; i < 2; i++) {
		memcpy(&p->state[i], both[i]->state, sizeof(p->state[i]));
		memcpy(p->slot[i], both[i]->slot, sizeof(p->slot[i]));
		/* Where an object was last seen is no part of what it is. */
		for (unsigned k = 0; k < NODE_SLOTS; k++)
			p->slot[i][k].word &= OID_MASK;
		p->header[i] = *both[i]->header;
	}
	memcpy(&p->told, page_of(&keeper, 0), sizeof(p->told));
	p->call_number = cpu.call_number;
	p->runs        = fake.resumed;
	p->activities  = activity_free_count();
	p->priority    = cpu.activity->priority;
	p->flags       = cpu.activity->flags & (uint8_t)~AF_HASHED;
}

/* How a process is built in a node of a frame: a guard, a segment. */
static struct cap
make_node(unsigned index, enum node_role role, enum cap_kind kind, unsigned span)
{
	frame_nodes(client.node)->node[index].role = (uint8_t)role;
	return cap_make(kind, 0, span - 1,
	    frame_nodes(client.node)->node[index].count,
	    oid_make(client.node->number, index));
}

/* The client's space: a node, in it a guard, in that the segment of pages. */
static void
two(enum oid_source source, bool guarded, unsigned flags)
{
	struct cap *slots, start, space;

	start_machine();
	client = make_process(source, 1);
	keeper = make_process(source, 2);
	slots  = frame_nodes(client.node)->slot[1];
	slots[FIXED].rights = CR_READ_ONLY;
	start               = start_cap(&keeper, 0x77);
	if (guarded) {
		frame_nodes(client.node)->slot[2][0] =
		    client.slot[SLOT_SPACE];
		frame_nodes(client.node)->slot[2][1] = start;
		frame_nodes(client.node)->slot[3][0] =
		    make_node(2, ROLE_GUARD, CK_GUARD, 17);
		frame_nodes(client.node)->slot[3][0].rights = CR_OPAQUE;
		space = make_node(3, ROLE_DATA, CK_NODE, 27);
		process_put(&client, SLOT_SPACE, &space);
	} else {
		process_put(&client, SLOT_KEEPER, &start);
	}
	make_available(&keeper, CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4),
	    0, sizeof(struct register_set));
	keeper.state->call_number = 0;
	/* Both are known, and where their pages are. */
	(void)run_process(&keeper);
	(void)raise_page_fault(keeper.state, 0, ACCESS_WRITE);
	keeper.state->state = PS_AVAILABLE;
	activity_release(cpu.activity, true);
	cpu.activity = NULL;
	client.header->flags = (uint8_t)flags;
	(void)run_process(&client);
	(void)raise_page_fault(client.state, 0, ACCESS_READ);
	client.state->regs.trap = 14;
	client.state->regs.rip  = 0x1234;
	client.state->regs.rbx  = 0x5678;
}

/* Ways to fault. */
enum way { READ_EMPTY, WRITE_FIXED, TRAP, FOREIGN, WAYS };

static void
fault(enum way how)
{
	switch (how) {
	case READ_EMPTY:
		(void)raise_page_fault(
		    client.state, EMPTY * PAGE_SIZE + 8, ACCESS_READ);
		break;
	case WRITE_FIXED:
		(void)raise_page_fault(
		    client.state, FIXED * PAGE_SIZE + 9, ACCESS_WRITE);
		break;
	case TRAP:
		(void)raise_fault(client.state, FAULT_DIVIDE);
		break;
	case FOREIGN:
		client.state->regs.trap = TRAP_SYSCALL;
		(void)reenter(client.state);
		break;
	case WAYS:
		break;
	}
}

/* The same again, with what was known of it by then. */
static void
set_stage_with(enum oid_source source, enum way how, unsigned flags)
{
	two(source, how == READ_EMPTY || how == WRITE_FIXED, flags);
	if (how > WRITE_FIXED)
		return;
	fault(how); /* By a whole walk, which notes the guard. */
	CU_ASSERT_FATAL(runs(&keeper));
	(void)invoke(control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(0, 3) |
		CONTROL_RECEIVE(3, 4),
	    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
	CU_ASSERT_FATAL(runs(&client));
	keeper.state->regs.r12 = sizeof(struct register_set) << 32;
	keeper.state->regs.r13 = 0;
}

static void
set_stage(enum oid_source source, enum way how)
{
	set_stage_with(source, how, how == FOREIGN ? PF_FOREIGN : 0);
}

static uint64_t
fast(void)
{
	return cpu.counters.fast_calls;
}

/* D4, D16: each way of a fault, by both paths. */
static void
D4_direct_fault_is_the_general(void)
{
	for (unsigned i = 0; i < 2 * WAYS; i++) {
		const enum oid_source source =
		    i < WAYS ? SOURCE_EPHEMERAL : SOURCE_PERSISTENT;
		uint64_t n;

		set_stage(source, i % WAYS);
		n = fast();
		fault(i % WAYS);
		CU_ASSERT_EQUAL(fast(), n + 1);
		CU_ASSERT(runs(&keeper));
		CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
		CU_ASSERT_EQUAL(keeper.slot[4].type, CK_RESTART);
		CU_ASSERT_EQUAL(keeper.slot[3].type,
		    i % WAYS <= WRITE_FIXED ? CK_GUARD : CK_PROCESS);
		CU_ASSERT_EQUAL(keeper.slot[3].rights, 0);
		take(&direct);
		set_stage(source, i % WAYS);
		known_forget(&client); /* Its faults go the general way. */
		n = fast();
		fault(i % WAYS);
		CU_ASSERT_EQUAL(fast(), n);
		take(&general);
		CU_ASSERT_EQUAL(memcmp(&direct, &general, sizeof(direct)), 0);
	}
}

/* The keeper's answer to a fault of this kind. */
static void
answer(enum way how, enum invoke_kind kind)
{
	struct register_set with;

	if (how != FOREIGN) {
		(void)invoke(control_make(kind, 4) | CONTROL_RECEIVE(3, 4),
		    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
		return;
	}
	memcpy(&with, page_of(&keeper, 0), sizeof(with));
	with.regs.rax    = 0x99;
	with.regs.rflags = UINT64_MAX;
	memcpy(page_of(&keeper, 0) + PATCH, &with, sizeof(with));
	(void)invoke_string(control_make(kind, 4) | CONTROL_RECEIVE(3, 4),
	    RESTART_ANSWER, PATCH, sizeof(with));
}

static void
fault_and_answer(enum oid_source source, enum way how, bool by_general)
{
	set_stage(source, how);
	fault(how);
	CU_ASSERT_FATAL(runs(&keeper));
	if (by_general)
		known_forget(&keeper); /* What it returns goes that way. */
	answer(how, INVOKE_RETURN);
}

/* D4, D16: each answer, by both paths. */
static void
D4_direct_answer_is_the_general(void)
{
	for (unsigned i = 0; i < 2 * WAYS; i++) {
		const enum oid_source source =
		    i < WAYS ? SOURCE_EPHEMERAL : SOURCE_PERSISTENT;
		uint64_t n;

		fault_and_answer(source, i % WAYS, false);
		n = fast();
		CU_ASSERT(runs(&client));
		CU_ASSERT_EQUAL(client.state->fault, FAULT_NONE);
		CU_ASSERT_EQUAL(keeper.state->state, PS_AVAILABLE);
		take(&direct);
		fault_and_answer(source, i % WAYS, true);
		CU_ASSERT_EQUAL(fast(), n - 1);
		CU_ASSERT(runs(&client));
		take(&general);
		CU_ASSERT_EQUAL(memcmp(&direct, &general, sizeof(direct)), 0);
		CU_ASSERT_EQUAL(client.state->regs.rax == 0x99,
		    i % WAYS == FOREIGN);
	}
}

/* F1: the right to have it run again is used once. */
static void
F1_restart_fits_once(void)
{
	struct cap spent;

	set_stage(SOURCE_EPHEMERAL, READ_EMPTY);
	fault(READ_EMPTY);
	spent = keeper.slot[4];
	answer(READ_EMPTY, INVOKE_RETURN);
	CU_ASSERT(runs(&client));
	fault(READ_EMPTY);
	CU_ASSERT_FATAL(runs(&keeper));
	keeper.slot[5] = keeper.slot[4];
	keeper.slot[4] = spent;
	take(&before);
	answer(READ_EMPTY, INVOKE_RETURN); /* To nobody: it is available. */
	CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(client.state->fault, FAULT_UNMAPPED);
	CU_ASSERT_EQUAL(keeper.state->state, PS_AVAILABLE);
}

/* What the keeper has mapped is there at once, without another fault. */
static void
answer_serves_ahead(void)
{
	struct cap *slots;
	uint64_t    faults;

	set_stage(SOURCE_EPHEMERAL, READ_EMPTY);
	fault(READ_EMPTY);
	slots        = frame_nodes(client.node)->slot[1];
	slots[EMPTY] = slots[0];
	faults       = cpu.counters.faults;
	answer(READ_EMPTY, INVOKE_RETURN);
	CU_ASSERT(runs(&client));
	CU_ASSERT_FALSE(fake_touch(EMPTY * PAGE_SIZE + 8, ACCESS_READ).fault);
	CU_ASSERT_EQUAL(cpu.counters.faults, faults);
	CU_ASSERT_TRUE(map_ok());
}

/* Reasons for the general path, which does what is to be done. */
static void
direct_is_not_taken(void)
{
	for (unsigned reason = 0; reason < 6; reason++) {
		uint64_t n;

		set_stage(SOURCE_EPHEMERAL, READ_EMPTY);
		n = fast();
		switch (reason) {
		case 0: /* It is busy. */
			keeper.state->state = PS_WAITING;
			break;
		case 1: /* Its capability says more than a start. */
			frame_nodes(client.node)->slot[2][1].rights =
			    CR_NO_CALL;
			break;
		case 2: /* It is no process any more. */
			process_destroy(keeper.node, 0);
			break;
		case 3: /* The guard is another's. */
			frame_nodes(client.node)->node[2].count++;
			break;
		case 4: /* The loaded process is stepped for a loan. */
			cpu.lent = LENT_STEP;
			break;
		case 5: /* Its own space is to be loaded anew. */
			cpu.remap = true;
			break;
		}
		fault(READ_EMPTY);
		CU_ASSERT_EQUAL(fast(), n);
		CU_ASSERT_EQUAL(runs(&keeper),
		    reason == 1 || reason == 4 || reason == 5);
		cpu.lent = LENT_NOT;
	}
}

/* F5: one of the paging closure tells none that is not, and stays faulted. */
static void
F5_resident_tells_its_like(void)
{
	uint64_t n;

	two(SOURCE_EPHEMERAL, false, PF_RESIDENT);
	n = fast();
	fault(TRAP);
	CU_ASSERT_EQUAL(fast(), n);
	CU_ASSERT_FALSE(runs(&keeper));
	CU_ASSERT_EQUAL(client.state->fault, FAULT_DIVIDE);
}

/* D5: who waits for the keeper has its turn before the one that it answers. */
static void
D5_answer_with_others_waiting(void)
{
	struct process other;
	struct cap     start, high = cap_make(CK_SCHEDULE, 0, 9, 0, (oid){0});

	set_stage(SOURCE_EPHEMERAL, READ_EMPTY);
	fault(READ_EMPTY);
	other = make_process(SOURCE_EPHEMERAL, 3);
	start = start_cap(&keeper, 0);
	process_put(&other, SLOT_KEEPER, &start);
	process_put(&other, SLOT_SCHEDULE, &high);
	(void)run_process(&other);
	process_activity(&other)->priority = 9;
	(void)raise_fault(other.state, FAULT_DIVIDE);
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	CU_ASSERT_FATAL(runs(&keeper));
	answer(READ_EMPTY, INVOKE_RETURN);
	CU_ASSERT(runs(&other)); /* It is more urgent. */
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_READY);
}

const struct runner_test keep_tests[] = {
    RUNNER_TEST(D4_direct_fault_is_the_general),
    RUNNER_TEST(D4_direct_answer_is_the_general),
    RUNNER_TEST(F1_restart_fits_once),
    RUNNER_TEST(answer_serves_ahead),
    RUNNER_TEST(direct_is_not_taken),
    RUNNER_TEST(F5_resident_tells_its_like),
    RUNNER_TEST(D5_answer_with_others_waiting),
    {NULL, NULL},
};
