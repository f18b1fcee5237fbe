/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/method/support.h"

enum {
	REG_SELF = 1,
	REG_SEND, /* And the next ones. */
	REG_GOT = 8,
	STRING_PAGE = 0,
	ANSWER_PAGE = 8, /* And the next one: INV_STRING_MAX. */
};

struct process client;
struct answer  answer;

static unsigned fail_at; /* The n-th need of the next order fails; 0: none. */

static unsigned fail_at; /* The n-th need of the next order fails; 0: none. */

void
start_client(void)
{
	start_machine();
	client = make_process(SOURCE_EPHEMERAL, 2);
}

static enum status
look(enum fake_exit left)
{
	const struct registers *r = &client.state->regs;

	answer = (struct answer){.left = left, .status = ST_WAIT};
	if (!runs(&client) || r->rip != 0x1002)
		return ST_WAIT;
	answer.status = (enum status)r->rdi;
	answer.word[1] = r->rsi;
	answer.word[2] = r->rdx;
	answer.word[3] = r->r10;
	answer.word[4] = r->r8;
	answer.cap = client.slot[REG_GOT];
	answer.string = page_of(&client, ANSWER_PAGE);
	answer.bytes = (uint32_t)(r->rax >> RESULT_LENGTH_SHIFT) &
	    RESULT_LENGTH_MASK;
	return answer.status;
}

enum status
ask(const struct ask *a)
{
	struct registers *r = &client.state->regs;
	uint64_t          control = control_make(INVOKE_CALL, REG_SELF);

	client.slot[REG_SELF] = a->self;
	client.slot[REG_GOT] = (struct cap){0};
	for (unsigned i = 0; i < ASK_CAPS; i++) {
		if (a->send[i].type == CK_VOID)
			continue;
		client.slot[REG_SEND + i] = a->send[i];
		control |= CONTROL_SEND(i, REG_SEND + i);
	}
	if (a->bytes != 0)
		memcpy(page_of(&client, STRING_PAGE), a->string, a->bytes);
	run_process(&client);
	if (fail_at != 0)
		fail_nth_deep(fail_at);
	r = &client.state->regs;
	r->rdi = a->word[0];
	r->rsi = a->word[1];
	r->rdx = a->word[2];
	r->r10 = a->word[3];
	r->r8 = a->word[4];
	r->r9 = STRING_PAGE * PAGE_SIZE;
	r->r12 = a->bytes | (uint64_t)INV_STRING_MAX << 32;
	r->r13 = ANSWER_PAGE * PAGE_SIZE;
	r->rax = control | CONTROL_RECEIVE(0, REG_GOT);
	r->rip = 0x1002;
	r->trap = TRAP_SYSCALL;
	return look(reenter(client.state));
}

enum status
ask_again(void)
{
	struct registers *r = &client.state->regs;

	fail_wake();
	if (!runs(&client)) /* Else it is between two pieces (D3). */
		(void)dispatch();
	CU_ASSERT_FATAL(runs(&client));
	CU_ASSERT_EQUAL(r->rip, 0x1000);
	r->rip = 0x1002;
	r->trap = TRAP_SYSCALL;
	return look(reenter(client.state));
}

struct cap
less(struct cap c, unsigned rights)
{
	c.rights |= (uint8_t)rights;
	return c;
}

struct cap
root(enum cap_kind kind)
{
	return cap_make(kind, 0, 0, 0, (oid){0});
}

struct frame *
page_frame(enum oid_source source, uint64_t position)
{
	return make_frame(source, position, FK_PAGE);
}

struct frame *
node_frame(enum oid_source source, uint64_t position)
{
	return make_frame(source, position, FK_NODE);
}

struct cap
page_to(const struct frame *f, unsigned rights)
{
	return cap_make(
	    CK_PAGE, rights, 0, f->count, oid_make(f->number, OID_INDEX_FRAME));
}

struct cap
node_to(const struct frame *f, unsigned index, unsigned rights)
{
	return cap_make(CK_NODE, rights, 16, frame_nodes(f)->node[index].count,
	    oid_make(f->number, index));
}

struct cap
role_to(
    const struct frame *f, unsigned index, unsigned role, enum cap_kind kind)
{
	struct cap c = node_to(f, index, 0);

	frame_nodes(f)->node[index].role = (uint8_t)role;
	c.type = (uint8_t)kind;
	c.data = kind == CK_GUARD ? 16 : 0;
	return c;
}

void
map_widely(struct cap c, unsigned shift, unsigned pages)
{
	struct frame    *f = node_frame(SOURCE_EPHEMERAL, 6000);
	struct cap       low = node_to(f, 0, 0), root_cap = node_to(f, 1, 0);
	struct map_space s = {.root = &root_cap,
	    .state = make_frame(SOURCE_EPHEMERAL, 6001, FK_STATE)};

	low.data = (uint8_t)(shift + NODE_SHIFT - 1);
	root_cap.data = (uint8_t)(shift + 2 * NODE_SHIFT - 1);
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		frame_nodes(f)->slot[0][i] = c;
		frame_nodes(f)->slot[1][i] = low;
	}
	for (uint64_t i = 0; i < 4 * NODE_SLOTS; i++)
		for (uint64_t k = 0; k < pages; k++) {
			struct map_fault fault;

			CU_ASSERT_EQUAL(
			    map_serve(&s, (i << shift) + (k << PAGE_SHIFT),
				ACCESS_READ, &fault),
			    RC_OK);
		}
}

enum status
ask_rest(void)
{
	struct registers *r = &client.state->regs;

	CU_ASSERT_EQUAL(r->rip, 0x1000);
	r->rip = 0x1002;
	r->trap = TRAP_SYSCALL;
	(void)reenter(client.state);
	return r->rip == 0x1000 ? ST_WAIT : (enum status)r->rdi;
}

bool
same_cap(const struct cap *a, const struct cap *b)
{
	return a->type == b->type && a->rights == b->rights &&
	    a->data == b->data && a->count == b->count &&
	    ((a->word ^ b->word) & OID_MASK) == 0;
}

enum status
ask_failing(const struct ask *a, unsigned n, bool *fired)
{
	enum status st;

	fail_at = n;
	st = ask(a);
	fail_at = 0;
	*fired = fail_fired();
	return st;
}

void
each_failure(const struct trial *t)
{
	for (unsigned n = 1;; n++) {
		struct ask  a = {.bytes = 0};
		enum status st;
		bool        fired;

		t->make(&a);
		st = ask_failing(&a, n, &fired);
		if (fired) {
			CU_ASSERT_EQUAL(st, ST_WAIT);
			t->unchanged();
			st = ask_again();
		}
		CU_ASSERT_EQUAL(st, RC_OK);
		t->done();
		if (!fired) {
			CU_ASSERT(n > t->least);
			return;
		}
	}
}
