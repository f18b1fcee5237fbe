/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/userland/fake.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/discrim.order.h"
#include "kernel/abi/guard.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/page.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "userland/rt/idl/bank.order.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

struct fake fake;

/* One invocation being answered. */
struct call {
	struct message *m;
	struct cap      self, in[3], out[3];
};

static struct fake_node *
node_of(struct cap c)
{
	CU_ASSERT_FATAL(cap_oid(&c).v < FAKE_NODES);
	return &fake.node[cap_oid(&c).v];
}

uint8_t *
fake_page_bytes(struct cap page)
{
	CU_ASSERT_FATAL(page.type == CK_PAGE && cap_oid(&page).v < FAKE_PAGES);
	return fake.page[cap_oid(&page).v];
}

void
fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.reg[REG_BANK] = cap_make(CK_START, 0, 0, 0, (oid){FAKE_BANK});
	fake.reg[REG_DISCRIM] = cap_make(CK_DISCRIM, 0, 0, 0, (oid){0});
}

struct cap
fake_new_page(void)
{
	CU_ASSERT_FATAL(fake.pages < FAKE_PAGES);
	return cap_make(CK_PAGE, 0, 0, 1, (oid){fake.pages++});
}

struct cap
fake_new_node(unsigned span)
{
	CU_ASSERT_FATAL(fake.nodes < FAKE_NODES);
	fake.node[fake.nodes].sold = true;
	return cap_make(CK_NODE, 0, span - 1, 1, (oid){fake.nodes++});
}

struct cap
fake_walk(struct cap c, uint64_t offset)
{
	unsigned rights = 0;

	while (c.type == CK_NODE || c.type == CK_GUARD) {
		unsigned span = cap_span(&c);

		rights |= c.rights;
		if (span < 64 && offset >> span != 0)
			return (struct cap){0};
		if (c.type == CK_GUARD) {
			c = node_of(c)->slot[0];
			CU_ASSERT_FATAL(
			    c.type == CK_VOID || cap_span(&c) <= span);
			continue;
		}
		c = node_of(c)->slot[offset >> (span - NODE_SHIFT) &
		    (NODE_SLOTS - 1)];
		offset &= (UINT64_C(1) << (span - NODE_SHIFT)) - 1;
		/* S1: a child's span must not be greater than its slot's. */
		CU_ASSERT_FATAL(
		    c.type == CK_VOID || cap_span(&c) <= span - NODE_SHIFT);
	}
	if (c.type != CK_PAGE || offset >= PAGE_SIZE)
		return (struct cap){0};
	c.rights |= (uint8_t)rights;
	return c;
}

/* S15: what a fetch through a weak capability gives. */
static struct cap
weakened(struct cap c)
{
	if (c.type == CK_PAGE || c.type == CK_NODE) {
		c.rights |= CR_READ_ONLY | CR_WEAK;
		return c;
	}
	if (c.type == CK_NUMBER || c.type == CK_DISCRIM)
		return c;
	return (struct cap){0};
}

static enum status
restricted(struct call *c)
{
	c->out[0] = c->self;
	c->out[0].rights |= (uint8_t)c->m->word[1];
	return RC_OK;
}

static enum status
slot_order(struct call *c, bool swap)
{
	struct cap *slot = &node_of(c->self)->slot[c->m->word[1]];

	if (c->m->word[1] >= NODE_SLOTS)
		return RC_ARGUMENT;
	c->out[0] = (c->self.rights & CR_WEAK) != 0 ? weakened(*slot) : *slot;
	if (swap && (c->self.rights & (CR_READ_ONLY | CR_WEAK)) != 0)
		return RC_RIGHTS;
	if (swap)
		*slot = c->in[0];
	return RC_OK;
}

/* All slots of another node, weakened as a fetch would (S15). */
static enum status
copy_order(struct call *c)
{
	const struct cap from = c->in[0];

	if (from.type != CK_NODE)
		return RC_CAPABILITY;
	if ((c->self.rights & (CR_READ_ONLY | CR_WEAK)) != 0)
		return RC_RIGHTS;
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		struct cap slot = node_of(from)->slot[i];

		node_of(c->self)->slot[i] =
		    (from.rights & CR_WEAK) != 0 ? weakened(slot) : slot;
	}
	return RC_OK;
}

static enum status
node_order(struct call *c)
{
	switch (c->m->word[0]) {
	case NODE_COPY:
		return copy_order(c);
	case NODE_GET:
		return slot_order(c, false);
	case NODE_SWAP:
		return slot_order(c, true);
	case NODE_RESTRICT:
		return restricted(c);
	case NODE_SEGMENT:
		c->out[0] = c->self;
		c->out[0].data = (uint16_t)(c->m->word[1] - 1);
		return RC_OK;
	case NODE_MAKE_GUARD:
		memset(node_of(c->self)->slot, 0, sizeof(fake.node[0].slot));
		c->out[0] = c->self;
		c->out[0].type = CK_GUARD;
		c->out[0].data = (uint16_t)(c->m->word[1] - 1);
		return RC_OK;
	case NODE_MAKE_PROCESS:
		c->out[0] = c->self;
		c->out[0].type = CK_PROCESS;
		node_of(c->self)->slot[SLOT_STATE] = c->in[0];
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
guard_order(struct call *c)
{
	if (c->m->word[0] == GUARD_RESTRICT)
		return restricted(c);
	if ((c->self.rights & CR_OPAQUE) != 0)
		return RC_RIGHTS;
	return node_order(c);
}

static enum status
page_order(struct call *c)
{
	uint8_t *bytes = fake_page_bytes(c->self);
	bool     fixed = (c->self.rights & (CR_READ_ONLY | CR_WEAK)) != 0;

	switch (c->m->word[0]) {
	case PAGE_READ:
		if (c->m->word[1] + c->m->word[2] > PAGE_SIZE)
			return RC_ARGUMENT;
		memcpy(c->m->receive, bytes + c->m->word[1], c->m->word[2]);
		return RC_OK;
	case PAGE_WRITE:
		if (fixed)
			return RC_RIGHTS;
		if (c->m->word[1] + c->m->send_bytes > PAGE_SIZE)
			return RC_ARGUMENT;
		memcpy(bytes + c->m->word[1], c->m->send, c->m->send_bytes);
		return RC_OK;
	case PAGE_COPY:
		if (fixed)
			return RC_RIGHTS;
		memcpy(bytes, fake_page_bytes(c->in[0]), PAGE_SIZE);
		return RC_OK;
	case PAGE_RESTRICT:
		return restricted(c);
	default:
		return RC_ORDER;
	}
}

static enum status
process_order(struct call *c)
{
	struct fake_node *n = node_of(c->self);

	switch (c->m->word[0]) {
	case PROCESS_GET:
		return slot_order(c, false);
	case PROCESS_SWAP:
		return slot_order(c, true);
	case PROCESS_SET_REGISTERS:
		CU_ASSERT_EQUAL_FATAL(c->m->send_bytes, 192);
		memcpy(n->registers, c->m->send, 192);
		return RC_OK;
	case PROCESS_START:
		n->started = true;
		return RC_OK;
	case PROCESS_NAME:
		memcpy(n->name, c->m->send, c->m->send_bytes);
		return RC_OK;
	case PROCESS_MAKE_START:
		c->out[0] = c->self;
		c->out[0].type = CK_START;
		c->out[0].data = (uint16_t)c->m->word[1];
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
bank_order(struct call *c)
{
	switch (c->m->word[0]) {
	case BANK_PAGE:
		c->out[0] = fake_new_page();
		return RC_OK;
	case BANK_NODE:
		c->out[0] = fake_new_node(17);
		return RC_OK;
	case BANK_PAGES:
	case BANK_NODES:
		if (c->m->word[1] == 0 || c->m->word[1] > 3)
			return RC_ARGUMENT;
		for (unsigned i = 0; i < c->m->word[1]; i++)
			c->out[i] = c->m->word[0] == BANK_PAGES
			    ? fake_new_page()
			    : fake_new_node(17);
		return RC_OK;
	case BANK_VERIFY:
		c->m->word[1] = c->in[0].type == CK_START &&
		    cap_oid(&c->in[0]).v == FAKE_BANK;
		return RC_OK;
	case BANK_FREE:
		fake.freed++;
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

/* The object at a place of the range: made once, and found again. */
static enum status
range_order(struct call *c)
{
	const bool           page = c->m->word[0] == RANGE_PAGE;
	const uint64_t       index = page ? 7 : c->m->word[2];
	struct fake_placed  *p = fake.placed;

	if (!page && c->m->word[0] != RANGE_NODE)
		return RC_ORDER;
	for (; p < fake.placed + fake.nplaced; p++)
		if (p->position == c->m->word[1] && p->index == index)
			break;
	if (p == fake.placed + fake.nplaced) {
		CU_ASSERT_FATAL(fake.nplaced++ < FAKE_PLACED);
		*p = (struct fake_placed){c->m->word[1], index,
		    page ? fake_new_page() : fake_new_node(17)};
	}
	c->out[0] = p->cap;
	return RC_OK;
}

static bool
same(struct cap a, struct cap b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

/* As kernel/method/number.c has it. */
static bool
is_discreet(struct cap c)
{
	const unsigned sealed = CR_READ_ONLY | CR_WEAK;

	if (c.type == CK_PAGE)
		return (c.rights & CR_READ_ONLY) != 0;
	if (c.type == CK_NODE)
		return (c.rights & sealed) == sealed;
	return c.type == CK_VOID || c.type == CK_NUMBER ||
	    c.type == CK_DISCRIM;
}

static enum status
discrim_order(struct call *c)
{
	switch (c->m->word[0]) {
	case DISCRIM_CLASSIFY:
		/* As if all boot services led to numbers. */
		c->m->word[1] = c->in[0].type == CK_BOOTSVC
		    ? CK_NUMBER
		    : c->in[0].type;
		c->m->word[2] = c->in[0].rights;
		c->m->word[3] = c->in[0].data;
		return RC_OK;
	case DISCRIM_DISCREET:
		c->m->word[1] = is_discreet(c->in[0]);
		return RC_OK;
	case DISCRIM_COMPARE:
		c->m->word[1] = same(c->in[0], c->in[1]);
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
order(struct call *c)
{
	switch (c->self.type) {
	case CK_NODE:
		return node_order(c);
	case CK_GUARD:
		return guard_order(c);
	case CK_PAGE:
		return page_order(c);
	case CK_PROCESS:
		return process_order(c);
	case CK_START:
		if (cap_oid(&c->self).v != FAKE_BANK && fake.other != NULL)
			return fake.other(c->m, c->self, c->in[0]);
		CU_ASSERT_EQUAL_FATAL(cap_oid(&c->self).v, FAKE_BANK);
		return bank_order(c);
	case CK_DISCRIM:
		return discrim_order(c);
	case CK_RANGE:
		return range_order(c);
	default:
		return RC_VOID;
	}
}

static unsigned
field(uint64_t control, unsigned shift)
{
	unsigned reg = (unsigned)(control >> shift) & 31;

	CU_ASSERT_FATAL(reg < CAP_REGISTERS);
	return reg;
}

void
ant_invoke(struct message *m)
{
	uint64_t    control = m->control;
	struct call c = {.m = m};
	enum status st;

	CU_ASSERT_EQUAL_FATAL(control & 3, INVOKE_CALL);
	c.self = fake.reg[field(control, CONTROL_CAP_SHIFT)];
	for (unsigned i = 0; i < 3; i++)
		c.in[i] = fake.reg[field(control, CONTROL_SEND_SHIFT + 5 * i)];
	m->control = 0;
	st = ++fake.calls == fake.fail_at ? fake.fail_with : order(&c);
	m->word[0] = (uint64_t)st;
	for (unsigned i = 0; i < 3; i++) {
		unsigned to = field(control, CONTROL_RECEIVE_SHIFT + 5 * i);

		if (st != RC_OK)
			c.out[i] = (struct cap){0};
		if (to != REG_VOID)
			fake.reg[to] = c.out[i];
		if (c.out[i].type != CK_VOID)
			m->control |= UINT64_C(1)
			    << (RESULT_RECEIVED_SHIFT + i);
	}
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}
