/* SPDX-License-Identifier: BSD-2-Clause */
/* The models of what is data: numbers, pages, nodes, forwarders. */
#include "testsuite/fuzz/host/models.h"

/* --- Rights, spans, slots -------------------------------------------------- */

enum status
any_restrict(struct op *o)
{
	if (o->word[1] & ~(uint64_t)CR_ALL)
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].rights |= (uint8_t)o->word[1];
	return RC_OK;
}

enum status
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

enum status
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
struct mcap
stored(const struct op *o, unsigned i)
{
	const unsigned reg = (unsigned)(o->control >>
				 (CONTROL_SEND_SHIFT + 5 * i)) & 31;
	const struct mcap *raw = &node_at(o->x)->slot[reg];

	return raw->kind == CK_BOOTSVC ? *raw : o->cap[i];
}

enum status
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

enum status
number_get(struct op *o)
{
	o->out_word[1] = o->self.low;
	o->out_word[2] = o->self.high;
	return RC_OK;
}

enum status
schedule_get(struct op *o)
{
	o->out_word[1] = o->self.data & 15;
	o->out_word[2] = o->self.high;
	return RC_OK;
}

enum status
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

enum status
discrim_classify(struct op *o)
{
	const struct mcap c = settled(&o->cap[0]);
	const bool resume = c.kind == CK_RESUME || c.kind == CK_RESTART;

	o->out_word[1] = c.kind;
	o->out_word[2] = resume ? 0 : c.rights;
	o->out_word[3] = resume ? 0 : c.data;
	return RC_OK;
}

enum status
discrim_compare(struct op *o)
{
	const struct mcap a = settled(&o->cap[0]), b = settled(&o->cap[1]);

	o->out_word[1] = memcmp(&a, &b, sizeof(a)) == 0;
	return RC_OK;
}

enum status
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

enum status
discrim_discreet(struct op *o)
{
	const struct mcap c = settled(&o->cap[0]);
	const bool read_only = c.rights & CR_READ_ONLY;

	if (stored(o, 0).kind == CK_BOOTSVC)
		return RC_OK; /* It may lead elsewhere after a boot. */
	o->out_word[1] = c.kind == CK_VOID || c.kind == CK_NUMBER ||
	    c.kind == CK_DISCRIM || (c.kind == CK_PAGE && read_only) ||
	    (c.kind == CK_NODE && read_only && (c.rights & CR_WEAK) != 0);
	return RC_OK;
}

enum status
guard_open(struct op *o)
{
	const struct mcap *kept = &node_at(o->self.at)->slot[1];

	if (kept->kind != CK_START ||
	    memcmp(kept, &o->cap[0], sizeof(*kept)) != 0)
		return RC_RIGHTS;
	o->out_cap[0] = o->self;
	o->out_cap[0].rights &= (uint8_t)~CR_OPAQUE;
	return RC_OK;
}

/* --- Pages ----------------------------------------------------------------- */

enum status
page_zero(struct op *o)
{
	memset(frame_at(o->self.at)->data, 0, PAGE_SIZE);
	touch(o->self.at);
	return RC_OK;
}

enum status
page_read(struct op *o)
{
	if (o->word[1] > PAGE_SIZE || o->word[2] > PAGE_SIZE - o->word[1])
		return RC_ARGUMENT;
	memcpy(o->out, frame_at(o->self.at)->data + o->word[1], o->word[2]);
	o->out_bytes = (uint32_t)o->word[2];
	return RC_OK;
}

enum status
page_write(struct op *o)
{
	if (o->word[1] > PAGE_SIZE || o->string_bytes > PAGE_SIZE - o->word[1])
		return RC_ARGUMENT;
	memcpy(frame_at(o->self.at)->data + o->word[1], o->string,
	    o->string_bytes);
	touch(o->self.at);
	return RC_OK;
}

enum status
page_copy(struct op *o)
{
	memmove(frame_at(o->self.at)->data, frame_at(o->cap[0].at)->data,
	    PAGE_SIZE);
	touch(o->self.at);
	return RC_OK;
}

/* --- Nodes ----------------------------------------------------------------- */

enum status
node_clear(struct op *o)
{
	struct mnode *n = node_at(o->self.at);

	memset(n->slot, 0, sizeof(n->slot));
	touch(o->self.at);
	return RC_OK;
}

enum status
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

enum status
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

enum status
node_make_process(struct op *o)
{
	const uint32_t at = o->self.at, page = o->cap[0].at;
	struct mproc  *p = proc_at(at);
	const bool     resident = is_resident(o->x) && !at_persistent(at) &&
	    !at_persistent(page);

	if (o->cap[0].rights & (CR_READ_ONLY | CR_WEAK))
		return RC_RIGHTS;
	if (resident && said(o, RC_NO_MEMORY))
		return RC_NO_MEMORY;
	kill_node(at);
	processes_changed();
	node_at(at)->role = ROLE_PROCESS;
	make_page(page);
	frame_at(page)->kind = FK_STATE;
	*p = (struct mproc){
	    .state_at = page,
	    .state_serial = frame_at(page)->serial,
	    .state = PS_AVAILABLE,
	    .resident = resident,
	    .regs = {.rflags = 0x202, .cs = 0x33, .ss = 0x2b},
	};
	node_at(at)->slot[SLOT_STATE] = (struct mcap){
	    .kind = CK_PAGE, .at = page, .serial = p->state_serial};
	o->out_cap[0] = object_cap(CK_PROCESS, at);
	return RC_OK;
}

/* --- Forwarders ------------------------------------------------------------- */

static enum status
slot_get(struct op *o, unsigned slot)
{
	o->out_cap[0] = node_at(o->self.at)->slot[slot];
	if (o->self.rights & CR_WEAK)
		o->out_cap[0] = weakened(&o->out_cap[0]);
	return RC_OK;
}

static enum status
slot_put(struct op *o, unsigned slot)
{
	const struct mcap new = stored(o, 0);

	o->out_cap[0] = node_at(o->self.at)->slot[slot];
	node_at(o->self.at)->slot[slot] = new;
	touch(o->self.at);
	return RC_OK;
}

enum status
forwarder_target(struct op *o)
{
	return slot_get(o, 0);
}

enum status
forwarder_set_target(struct op *o)
{
	return slot_put(o, 0);
}

enum status
forwarder_fallback(struct op *o)
{
	return slot_get(o, 1);
}

enum status
forwarder_set_fallback(struct op *o)
{
	return slot_put(o, 1);
}

enum status
forwarder_state(struct op *o)
{
	o->out_word[1] = node_at(o->self.at)->word;
	o->out_word[2] = node_at(o->self.at)->blocked;
	return RC_OK;
}

enum status
forwarder_set_word(struct op *o)
{
	node_at(o->self.at)->word = o->word[1];
	touch(o->self.at);
	return RC_OK;
}

enum status
forwarder_block(struct op *o)
{
	node_at(o->self.at)->blocked = true;
	touch(o->self.at);
	return RC_OK;
}

enum status
forwarder_unblock(struct op *o)
{
	node_at(o->self.at)->blocked = false;
	touch(o->self.at);
	return RC_OK;
}

enum status
forwarder_opaque(struct op *o)
{
	if (o->word[1] & ~(uint64_t)FORWARDER_SEND_ALL)
		return RC_ARGUMENT;
	o->out_cap[0] = o->self;
	o->out_cap[0].rights |= CR_OPAQUE;
	o->out_cap[0].data = (uint16_t)o->word[1];
	return RC_OK;
}

enum status
forwarder_revoke(struct op *o)
{
	struct mnode *n = node_at(o->self.at);

	n->slot[0] = n->slot[1] = (struct mcap){.kind = CK_VOID};
	n->blocked = false;
	touch(o->self.at);
	return RC_OK;
}

enum status
node_make_forwarder(struct op *o)
{
	kill_node(o->self.at);
	node_at(o->self.at)->role = ROLE_FORWARDER;
	o->out_cap[0] = object_cap(CK_FORWARDER, o->self.at);
	return RC_OK;
}

