/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's objects and capabilities.
 *
 * Every page and node has an incarnation, a number that is never used again;
 * what kills its capabilities gives it another. A capability is alive while
 * the object has its incarnation and is what its kind names. There are no
 * counts here: those are the kernel's way to do it.
 */
#include "testsuite/fuzz/host/fuzz.h"

struct model model;

enum { TOUCHED = 512 };

static struct {
	uint32_t at[TOUCHED];
	unsigned n;
} list;

struct mframe *
frame_at(uint32_t at)
{
	const uint32_t f = at / 8;

	MUST(f < FRAMES);
	return &model.source[f / POSITIONS].frame[f % POSITIONS];
}

struct mnode *
node_at(uint32_t at)
{
	MUST(at % 8 < FRAME_NODES);
	return &frame_at(at)->node[at % 8];
}

struct mproc *
proc_at(uint32_t at)
{
	return &node_at(at)->p;
}

bool
at_persistent(uint32_t at)
{
	return at / 8 >= POSITIONS;
}

uint64_t
frame_number_of(uint32_t at)
{
	return frame_of(
	    at_persistent(at) ? SOURCE_PERSISTENT : SOURCE_EPHEMERAL,
	    at / 8 % POSITIONS);
}

uint32_t
at_of_number(uint64_t number, unsigned index)
{
	const unsigned source = frame_source(number);
	const uint64_t p = frame_position(number);

	if (p >= POSITIONS ||
	    (source != SOURCE_EPHEMERAL && source != SOURCE_PERSISTENT))
		return NOWHERE;
	return (uint32_t)((source == SOURCE_PERSISTENT ? POSITIONS : 0) + p) *
	    8 + index;
}

uint32_t
new_serial(void)
{
	MUST(model.next_serial < SERIALS);
	return model.next_serial++;
}

bool
is_process(uint32_t at)
{
	return frame_at(at)->kind == FK_NODE &&
	    node_at(at)->role == ROLE_PROCESS;
}

bool
is_whole(uint32_t at)
{
	const struct mproc *p;

	if (!is_process(at))
		return false;
	p = proc_at(at);
	return frame_at(p->state_at)->kind == FK_STATE &&
	    frame_at(p->state_at)->serial == p->state_serial;
}

/* --- Capabilities ---------------------------------------------------------- */

static bool
names_node(const struct mcap *c, unsigned role)
{
	return frame_at(c->at)->kind == FK_NODE && node_at(c->at)->role == role;
}

static bool
is_alive(const struct mcap *c)
{
	switch (c->kind) {
	case CK_PAGE:
		return frame_at(c->at)->kind == FK_PAGE &&
		    frame_at(c->at)->serial == c->serial;
	case CK_NODE:
		return names_node(c, ROLE_DATA) &&
		    node_at(c->at)->serial == c->serial;
	case CK_GUARD:
		return names_node(c, ROLE_GUARD) &&
		    node_at(c->at)->serial == c->serial;
	case CK_FORWARDER:
		return names_node(c, ROLE_FORWARDER) &&
		    node_at(c->at)->serial == c->serial;
	case CK_PROCESS:
	case CK_START:
	case CK_NOTICE:
		return names_node(c, ROLE_PROCESS) &&
		    node_at(c->at)->serial == c->serial;
	case CK_RESUME:
	case CK_RESTART:
		/* Of any process: whether it is awaited is asked later. */
		return names_node(c, ROLE_PROCESS);
	default:
		return true;
	}
}

struct mcap
cap_now(const struct mcap *c)
{
	if (c->kind == CK_BOOTSVC)
		return c->data == NUMBER_SERVICE
		    ? (struct mcap){.kind = CK_NUMBER,
			  .low = NUMBER_SERVICE_VALUE}
		    : (struct mcap){.kind = CK_VOID};
	return is_alive(c) ? *c : (struct mcap){.kind = CK_VOID};
}

struct mcap
object_cap(unsigned kind, uint32_t at)
{
	struct mcap c = {.kind = (uint8_t)kind, .at = at};

	c.serial = kind == CK_PAGE ? frame_at(at)->serial : node_at(at)->serial;
	return c;
}

bool
answers(const struct mcap *c)
{
	const struct mproc *p;

	if (!is_process(c->at) || !is_whole(c->at))
		return false;
	p = proc_at(c->at);
	return p->state == PS_WAITING && p->call == c->serial &&
	    !is_answered(c->at) &&
	    (p->fault != FAULT_NONE) == (c->kind == CK_RESTART);
}

static bool
names_object(const struct mcap *c)
{
	switch (c->kind) {
	case CK_PAGE:
	case CK_NODE:
	case CK_GUARD:
	case CK_FORWARDER:
	case CK_PROCESS:
	case CK_START:
	case CK_NOTICE:
	case CK_RESUME:
	case CK_RESTART:
		return true;
	default:
		return false;
	}
}

bool
cap_unread(const struct mcap *c)
{
	return names_object(c) && unread(c->at);
}

bool
process_unread(uint32_t at)
{
	return unread(at) || (is_process(at) && unread(proc_at(at)->state_at));
}

enum status
process_now(uint32_t at)
{
	if (unread(proc_at(at)->state_at))
		return RC_MEDIA;
	return is_whole(at) ? RC_OK : RC_STATE;
}

/* --- Making and killing ---------------------------------------------------- */

void
touch(uint32_t at)
{
	for (unsigned i = 0; i < list.n; i++)
		if (list.at[i] == at)
			return;
	if (list.n < TOUCHED)
		list.at[list.n++] = at;
}

unsigned
touched_count(void)
{
	return list.n;
}

uint32_t
touched(unsigned i)
{
	return list.at[i];
}

void
touched_clear(void)
{
	list.n = 0;
}

static uint32_t
whole(uint32_t at)
{
	return at / 8 * 8 + OID_INDEX_FRAME;
}

static void
clear_node(struct mnode *n)
{
	processes_changed();
	*n = (struct mnode){.role = ROLE_DATA, .serial = new_serial()};
}

void
make_page(uint32_t at)
{
	struct mframe *f = frame_at(at);

	f->kind = FK_PAGE;
	f->serial = new_serial();
	memset(f->data, 0, sizeof(f->data));
	touch(whole(at));
}

void
make_nodes(uint32_t at)
{
	struct mframe *f = frame_at(at);

	f->kind = FK_NODE;
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		clear_node(&f->node[i]);
		touch(at / 8 * 8 + i);
	}
}

void
kill_page(uint32_t at)
{
	make_page(at);
}

void
kill_node(uint32_t at)
{
	clear_node(node_at(at));
	touch(at);
}

void
kill_process(uint32_t at)
{
	const uint32_t page = proc_at(at)->state_at;

	if (is_whole(at) && !unread(page)) /* Else it stays, of nobody. */
		make_page(page);
	kill_node(at);
}

/*
 * A frame that is not in memory is dropped without a look into it (S8): the
 * state pages of processes in it stay what they are, of nobody.
 */
void
free_frame(uint32_t at)
{
	struct mframe *f = frame_at(at);

	for (unsigned i = 0; f->kind == FK_NODE && i < FRAME_NODES; i++) {
		const uint32_t n = at / 8 * 8 + i;
		uint32_t       page;

		if (!is_whole(n))
			continue;
		page = proc_at(n)->state_at;
		if (page / 8 != at / 8 &&
		    (!at_persistent(page) ||
			peek(frame_number_of(page)).kind != FK_STATE))
			make_page(page);
	}
	processes_changed();
	f->kind = FK_FREE;
	f->serial = new_serial();
	memset(f->data, 0, sizeof(f->data));
	touch(whole(at));
}

/* --- A restart ------------------------------------------------------------- */

static bool
of_one_boot(const struct mcap *c)
{
	if (names_object(c))
		return !at_persistent(c->at);
	switch (c->kind) {
	case CK_RANGE:
		return frame_source(c->low) != SOURCE_PERSISTENT;
	case CK_SNAPSHOT:
		return true;
	default:
		return false;
	}
}

/* F6: what named something of the last boot says so. */
static void
convert(struct mnode *n)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		if (of_one_boot(&n->slot[i]))
			n->slot[i] = (struct mcap){.kind = CK_RESTARTED,
			    .data = n->slot[i].kind};
	if (n->role != ROLE_PROCESS)
		return;
	n->p.restarted = n->p.state == PS_WAITING;
	n->p.parcel = false;
	/* S3: whatever it was to be told by is gone; it is told that. */
	if (n->p.has_notice)
		n->p.notices |= UINT64_C(1) << NOTICE_BIT_RESTARTED;
}

void
model_restart(void)
{
	model.source[1] = model.committed;
	processes_changed();
	model.freezing = false;
	reserves_restarted();
	model.nalarms = 0;
	memset(&model.source[0], 0, sizeof(model.source[0]));
	for (unsigned i = 0; i < POSITIONS; i++) {
		struct mframe *f = &model.source[1].frame[i];

		for (unsigned k = 0; f->kind == FK_NODE && k < FRAME_NODES; k++)
			convert(&f->node[k]);
		for (unsigned k = 0; k < 8; k++)
			model.source[0].top_count[i][k] = -1;
	}
}

/* --- Who there is ---------------------------------------------------------- */

static struct {
	bool     known;
	uint32_t at[FRAMES * FRAME_NODES + 1];
} everybody;

void
processes_changed(void)
{
	everybody.known = false;
}

const uint32_t *
processes(void)
{
	unsigned n = 0;

	if (everybody.known)
		return everybody.at;
	for (uint32_t f = 0; f < FRAMES; f++) {
		if (frame_at(f * 8)->kind != FK_NODE)
			continue;
		for (uint32_t i = 0; i < FRAME_NODES; i++)
			if (node_at(f * 8 + i)->role == ROLE_PROCESS)
				everybody.at[n++] = f * 8 + i;
	}
	everybody.at[n] = NOWHERE;
	everybody.known = true;
	return everybody.at;
}
