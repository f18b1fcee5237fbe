/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes in all their roles, and pages (D6, S6, S15, M4). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/forwarder.order.h"
#include "kernel/abi/guard.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/page.order.h"
#include "kernel/mem/object.h"

enum {
	AT = 3,   /* The node that is invoked, */
	FROM = 4, /* and one that is copied. */
	SLOT = 5,
	SPAN = 20,
	FILL = 0x5a,
	WORD = 0x77,
};

static struct frame *nodes, *page, *other;
static struct cap    was; /* In the slot, and in the pages' place. */

static struct cap *
slot_at(unsigned index, unsigned slot)
{
	return &frame_nodes(nodes)->slot[index][slot];
}

static struct node_header *
header_at(unsigned index)
{
	return &frame_nodes(nodes)->node[index];
}

/* Nodes and pages of a source: one slot of each node holds a number. */
static void
begin(enum oid_source source)
{
	start_client();
	open_range(100);
	nodes = node_frame(source, 5000);
	page = page_frame(source, 5001);
	other = page_frame(source, 5002);
	was = cap_number_make(1, 2);
	for (unsigned i = 0; i < FRAME_NODES; i++)
		frame_nodes(nodes)->slot[i][SLOT] = was;
	*slot_at(FROM, 9) = cap_number_make(9, 9);
	memset(frame_data(page), FILL, PAGE_SIZE);
	memset(frame_data(other), FILL + 1, PAGE_SIZE);
}

/* --- Every order that writes may have to wait, and then has done nothing.  */

enum sent { NOTHING, NUMBER, NODE, PAGE };

struct writer {
	enum cap_kind  kind; /* What is invoked. */
	enum node_role role;
	uint64_t       word[3];
	enum sent      sent;
	uint32_t       bytes; /* Of a string. */
	void (*done)(void);
};

static void
is_swapped(void)
{
	CU_ASSERT_EQUAL(slot_at(AT, SLOT)->word, WORD);
	CU_ASSERT(same_cap(&answer.cap, &was));
}

static void
is_clear(void)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		CU_ASSERT_EQUAL(slot_at(AT, i)->type, CK_VOID);
}

static void
is_copied(void)
{
	CU_ASSERT_EQUAL(slot_at(AT, 9)->word, 9);
	CU_ASSERT(same_cap(slot_at(AT, SLOT), &was));
}

static void
has_role(enum node_role role, enum cap_kind kind, unsigned data)
{
	CU_ASSERT_EQUAL(header_at(AT)->role, role);
	CU_ASSERT_EQUAL(header_at(AT)->count, header_at(FROM)->count + 1);
	CU_ASSERT_EQUAL(answer.cap.type, kind);
	CU_ASSERT_EQUAL(answer.cap.rights, 0);
	CU_ASSERT_EQUAL(answer.cap.data, data);
	CU_ASSERT_EQUAL(answer.cap.count, header_at(AT)->count);
	CU_ASSERT_EQUAL(slot_at(AT, SLOT)->type, CK_VOID);
}

static void
is_guard(void)
{
	has_role(ROLE_GUARD, CK_GUARD, SPAN - 1);
}

static void
is_forwarder(void)
{
	has_role(ROLE_FORWARDER, CK_FORWARDER, 0);
	CU_ASSERT_EQUAL(header_at(AT)->word, 0);
}

static void
is_process_of(bool resident)
{
	CU_ASSERT_EQUAL(header_at(AT)->role, ROLE_PROCESS);
	CU_ASSERT_EQUAL(header_at(AT)->count, header_at(FROM)->count + 1);
	CU_ASSERT_EQUAL(answer.cap.type, CK_PROCESS);
	CU_ASSERT_EQUAL(answer.cap.count, header_at(AT)->count);
	CU_ASSERT_EQUAL(slot_at(AT, SLOT)->type, CK_VOID);
	CU_ASSERT_EQUAL(page->kind, FK_STATE);
	CU_ASSERT_EQUAL(header_at(AT)->flags, resident ? PF_RESIDENT : 0);
}

static void
is_process(void)
{
	is_process_of(false);
}

static void
is_target(void)
{
	CU_ASSERT_EQUAL(slot_at(AT, FORWARD_TO)->word, WORD);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
}

static void
is_fallback(void)
{
	CU_ASSERT_EQUAL(slot_at(AT, FORWARD_ELSE)->word, WORD);
}

static void
has_word(void)
{
	CU_ASSERT_EQUAL(header_at(AT)->word, WORD);
}

static void
is_blocked(void)
{
	CU_ASSERT_EQUAL(header_at(AT)->data, FORWARDER_BLOCKED);
}

static void
is_open(void)
{
	CU_ASSERT_EQUAL(header_at(AT)->data, 0);
}

static void
is_revoked(void)
{
	is_open();
	CU_ASSERT_EQUAL(slot_at(AT, FORWARD_TO)->type, CK_VOID);
	CU_ASSERT_EQUAL(slot_at(AT, FORWARD_ELSE)->type, CK_VOID);
}

static void
is_zero(void)
{
	CU_ASSERT_EQUAL(*(uint8_t *)frame_data(page), 0);
	CU_ASSERT_EQUAL(((uint8_t *)frame_data(page))[PAGE_SIZE - 1], 0);
}

static void
is_written(void)
{
	CU_ASSERT_EQUAL(memcmp((uint8_t *)frame_data(page) + 8, "abc", 3), 0);
	CU_ASSERT_EQUAL(((uint8_t *)frame_data(page))[7], FILL);
	CU_ASSERT_EQUAL(((uint8_t *)frame_data(page))[11], FILL);
}

static void
is_the_other(void)
{
	CU_ASSERT_EQUAL(
	    memcmp(frame_data(page), frame_data(other), PAGE_SIZE), 0);
}

static const struct writer writers[] = {
    {CK_NODE, ROLE_DATA, {NODE_SWAP, SLOT}, NUMBER, 0, is_swapped},
    {CK_NODE, ROLE_DATA, {NODE_CLEAR}, NOTHING, 0, is_clear},
    {CK_NODE, ROLE_DATA, {NODE_COPY}, NODE, 0, is_copied},
    {CK_NODE, ROLE_DATA, {NODE_MAKE_GUARD, SPAN}, NOTHING, 0, is_guard},
    {CK_NODE, ROLE_DATA, {NODE_MAKE_FORWARDER}, NOTHING, 0, is_forwarder},
    {CK_NODE, ROLE_DATA, {NODE_MAKE_PROCESS}, PAGE, 0, is_process},
    {CK_GUARD, ROLE_GUARD, {GUARD_SWAP, SLOT}, NUMBER, 0, is_swapped},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_SET_TARGET}, NUMBER, 0,
	is_target},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_SET_FALLBACK}, NUMBER, 0,
	is_fallback},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_SET_WORD, WORD}, NOTHING, 0,
	has_word},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_BLOCK}, NOTHING, 0, is_blocked},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_UNBLOCK}, NOTHING, 0, is_open},
    {CK_FORWARDER, ROLE_FORWARDER, {FORWARDER_REVOKE}, NOTHING, 0, is_revoked},
    {CK_PAGE, ROLE_DATA, {PAGE_ZERO}, NOTHING, 0, is_zero},
    {CK_PAGE, ROLE_DATA, {PAGE_WRITE, 8}, NOTHING, 3, is_written},
    {CK_PAGE, ROLE_DATA, {PAGE_COPY}, PAGE, 0, is_the_other},
};

enum { WRITERS = sizeof(writers) / sizeof(writers[0]) };

static const struct writer *w;
static uint8_t              before[2][PAGE_SIZE];

static void
make_write(struct ask *a)
{
	begin(SOURCE_PERSISTENT);
	make_clean(nodes);
	make_clean(page);
	*a = (struct ask){.string = "abc", .bytes = w->bytes};
	memcpy(a->word, w->word, sizeof(w->word));
	a->self = w->kind == CK_PAGE ? page_to(page, 0)
				     : role_to(nodes, AT, w->role, w->kind);
	if (w->sent == NUMBER)
		a->send[0] = cap_number_make(WORD, 0);
	else if (w->sent == NODE)
		a->send[0] = node_to(nodes, FROM, 0);
	else if (w->sent == PAGE)
		a->send[0] = page_to(w->kind == CK_PAGE ? other : page, 0);
	memcpy(before[0], frame_data(nodes), PAGE_SIZE);
	memcpy(before[1], frame_data(page), PAGE_SIZE);
}

/* But for the boot that a node frame is of, which the first write notes. */
static void
nothing_is_written(void)
{
	frame_nodes(nodes)->header.boot =
	    ((const struct node_frame *)(const void *)before[0])->header.boot;
	CU_ASSERT_EQUAL(memcmp(before[0], frame_data(nodes), PAGE_SIZE), 0);
	CU_ASSERT_EQUAL(memcmp(before[1], frame_data(page), PAGE_SIZE), 0);
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
}

static void
writing_may_wait(void)
{
	for (unsigned i = 0; i < WRITERS; i++) {
		w = &writers[i];
		each_failure(&(const struct trial){.make = make_write,
		    .unchanged = nothing_is_written,
		    .done = w->done,
		    .least = w->word[0] == NODE_MAKE_PROCESS &&
			    w->kind == CK_NODE
			? 2
			: 1});
	}
}

/* The same orders where nothing has to be had first. */
static void
writing_is_done(void)
{
	struct ask a;

	for (unsigned i = 0; i < WRITERS; i++) {
		w = &writers[i];
		make_write(&a);
		CU_ASSERT_EQUAL(object_prepare_write(&nodes), RC_OK);
		CU_ASSERT_EQUAL(object_prepare_write(&page), RC_OK);
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		w->done();
	}
}

/* A reader, of whatever kind, writes nothing. */
static void
readers_are_refused(void)
{
	struct ask a;

	for (unsigned i = 0; i < WRITERS; i++) {
		w = &writers[i];
		if (w->kind == CK_FORWARDER)
			continue; /* Its rights are its form's. */
		for (unsigned r = 0; r < 2; r++) {
			make_write(&a);
			a.self = less(a.self, r ? CR_WEAK : CR_READ_ONLY);
			CU_ASSERT_EQUAL(ask(&a), RC_RIGHTS);
			nothing_is_written();
		}
	}
}

/* --- Nodes * ----------------------------------------------------------- */

/* node.get, swap, segment, restrict, make_guard: words out of range. */
static void
node_words_are_checked(void)
{
	static const struct {
		uint64_t order, word;
	} bad[] = {
	    {NODE_GET, NODE_SLOTS},
	    {NODE_GET, UINT64_MAX},
	    {NODE_SWAP, NODE_SLOTS},
	    {NODE_RESTRICT, CR_ALL + 1},
	    {NODE_RESTRICT, UINT64_MAX},
	    {NODE_SEGMENT, 0},
	    {NODE_SEGMENT, 65},
	    {NODE_MAKE_GUARD, 0},
	    {NODE_MAKE_GUARD, 65},
	};
	struct cap c;

	begin(SOURCE_EPHEMERAL);
	c = node_to(nodes, AT, 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(ASK(c, bad[i].order, bad[i].word), RC_ARGUMENT);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(ASK(c, NODE_ORDER_LIMIT), RC_ORDER);
	CU_ASSERT_EQUAL(header_at(AT)->role, ROLE_DATA);
	CU_ASSERT(same_cap(slot_at(AT, SLOT), &was));
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, page_to(page, 0), NODE_COPY), RC_CAPABILITY);
	CU_ASSERT_EQUAL(ASK_WITH(c, node_to(nodes, FROM, 0), NODE_MAKE_PROCESS),
	    RC_CAPABILITY);
}

/* node.segment, restrict: the same node, of another span or with less. */
static void
nodes_are_derived(void)
{
	struct cap c;

	begin(SOURCE_EPHEMERAL);
	c = node_to(nodes, AT, CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(ASK(c, NODE_SEGMENT, 64), RC_OK);
	CU_ASSERT_EQUAL(cap_span(&answer.cap), 64);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(ASK(c, NODE_RESTRICT, CR_WEAK), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_NO_EXECUTE | CR_WEAK);
	CU_ASSERT_EQUAL(ASK(c, NODE_RESTRICT, 0), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_NO_EXECUTE);
}

/*
 * S15: through a weak capability there come pages and nodes that are read-only
 * and weak, and data; what could be called or told is void. So does a copy.
 */
static void
S15_weak_fetch(void)
{
	const unsigned sealed = CR_READ_ONLY | CR_WEAK;
	struct cap     in[5], weak;

	begin(SOURCE_EPHEMERAL);
	in[0] = page_to(page, CR_NO_EXECUTE);
	in[1] = node_to(nodes, 0, 0);
	in[2] = cap_number_make(3, 4);
	in[3] = start_cap(&client, 1);
	in[4] = (struct cap){0};
	for (unsigned i = 0; i < 5; i++)
		*slot_at(AT, i) = in[i];
	weak = node_to(nodes, AT, CR_WEAK);
	for (unsigned copied = 0; copied < 2; copied++) {
		struct cap from = copied ? node_to(nodes, FROM, 0) : weak;

		if (copied)
			CU_ASSERT_EQUAL(ASK_WITH(from, weak, NODE_COPY), RC_OK);
		CU_ASSERT_EQUAL(ASK(from, NODE_GET, 0), RC_OK);
		CU_ASSERT_EQUAL(answer.cap.rights, sealed | CR_NO_EXECUTE);
		CU_ASSERT_EQUAL(ASK(from, NODE_GET, 1), RC_OK);
		CU_ASSERT_EQUAL(answer.cap.type, CK_NODE);
		CU_ASSERT_EQUAL(answer.cap.rights, sealed);
		CU_ASSERT_EQUAL(ASK(from, NODE_GET, 2), RC_OK);
		CU_ASSERT(same_cap(&answer.cap, &in[2]));
		CU_ASSERT_EQUAL(ASK(from, NODE_GET, 3), RC_OK);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(ASK(node_to(nodes, AT, 0), NODE_GET, 3), RC_OK);
	CU_ASSERT(same_cap(&answer.cap, &in[3]));
}

/* node.make_process: a page of one's own that no device reaches. */
static void
state_page_is_checked(void)
{
	struct cap c;

	begin(SOURCE_EPHEMERAL);
	c = node_to(nodes, AT, 0);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, page_to(page, CR_READ_ONLY), NODE_MAKE_PROCESS),
	    RC_RIGHTS);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, page_to(page, CR_WEAK), NODE_MAKE_PROCESS), RC_RIGHTS);
	page->flags |= FF_DMA;
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, page_to(page, 0), NODE_MAKE_PROCESS), RC_BUSY);
	CU_ASSERT_EQUAL(header_at(AT)->role, ROLE_DATA);
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
}

/*
 * F5: what a resident process makes is resident, with an activity of its own,
 * but not if node or page can be paged out; nobody else makes one.
 */
static void
F5_resident_makes_resident(void)
{
	for (unsigned how = 0; how < 4; how++) {
		const bool       resident = how == 3;
		struct activity *a;

		begin(how == 1 ? SOURCE_PERSISTENT : SOURCE_EPHEMERAL);
		if (how == 2)
			page = page_frame(SOURCE_PERSISTENT, 5005);
		if (how == 1)
			page = page_frame(SOURCE_EPHEMERAL, 5005);
		if (how != 0)
			client.header->flags |= PF_RESIDENT;
		CU_ASSERT_EQUAL(ASK_WITH(node_to(nodes, AT, 0),
				    page_to(page, 0), NODE_MAKE_PROCESS),
		    RC_OK);
		is_process_of(resident);
		a = activity_find(oid_make(nodes->number, AT));
		CU_ASSERT_EQUAL(a != NULL, resident);
		if (a != NULL) {
			CU_ASSERT_EQUAL(a->flags & (AF_RESIDENT | AF_AVAILABLE),
			    AF_RESIDENT | AF_AVAILABLE);
			CU_ASSERT_EQUAL(a->count, answer.cap.count);
		}
	}
}

/* --- Guards ------------------------------------------------------------ */

/* guard.open: for who can send the very keeper, and nobody else. */
static void
guard_opens_for_its_keeper(void)
{
	struct process q;
	struct cap     guard, keeper, bad[5];

	begin(SOURCE_EPHEMERAL);
	q = make_process(SOURCE_EPHEMERAL, 7);
	guard = less(
	    role_to(nodes, AT, ROLE_GUARD, CK_GUARD), CR_OPAQUE | CR_READ_ONLY);
	keeper = start_cap(&client, 6);
	for (unsigned i = 0; i < 5; i++)
		bad[i] = keeper;
	bad[0].rights = CR_NO_CALL;
	bad[1].data = 7;
	bad[2] = start_cap(&q, 6);
	bad[3].count++;
	bad[4] = process_cap(&client);
	*slot_at(AT, 1) = keeper;
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(ASK_WITH(guard, bad[i], GUARD_OPEN),
		    i < 3 ? RC_RIGHTS : RC_CAPABILITY);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	for (unsigned i = 0; i < 5; i++) { /* The other way round. */
		*slot_at(AT, 1) = bad[i];
		CU_ASSERT_EQUAL(ASK_WITH(guard, keeper, GUARD_OPEN), RC_RIGHTS);
	}
	CU_ASSERT_EQUAL(ASK(guard, GUARD_GET, 1), RC_RIGHTS); /* Opaque. */
	CU_ASSERT_EQUAL(ASK(guard, GUARD_SWAP, 1), RC_RIGHTS);
	*slot_at(AT, 1) = keeper;
	CU_ASSERT_EQUAL(ASK_WITH(guard, keeper, GUARD_OPEN), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_GUARD);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_READ_ONLY);
	guard = answer.cap;
	CU_ASSERT_EQUAL(ASK(guard, GUARD_GET, 1), RC_OK);
	CU_ASSERT(same_cap(&answer.cap, &keeper));
	CU_ASSERT_EQUAL(ASK(guard, GUARD_GET, NODE_SLOTS), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(guard, GUARD_SEGMENT, 65), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(guard, GUARD_SEGMENT, 30), RC_OK);
	CU_ASSERT_EQUAL(cap_span(&answer.cap), 30);
	CU_ASSERT_EQUAL(ASK(guard, GUARD_RESTRICT, CR_OPAQUE), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_READ_ONLY | CR_OPAQUE);
	CU_ASSERT_EQUAL(ASK(guard, GUARD_RESTRICT, 1 << 5), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(guard, GUARD_ORDER_LIMIT), RC_ORDER);
}

/* --- Forwarders * ------------------------------------------------------ */

/* S6: what is put in can be looked at; its state; its form for clients. */
static void
S6_forwarder_tells(void)
{
	struct cap c;

	begin(SOURCE_EPHEMERAL);
	c = role_to(nodes, AT, ROLE_FORWARDER, CK_FORWARDER);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, cap_number_make(1, 0), FORWARDER_SET_TARGET), RC_OK);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, cap_number_make(2, 0), FORWARDER_SET_TARGET), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.word, 1);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, cap_number_make(3, 0), FORWARDER_SET_FALLBACK), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_TARGET), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.word, 2);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_FALLBACK), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.word, 3);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_SET_WORD, WORD), RC_OK);
	for (unsigned blocked = 0; blocked < 2; blocked++) {
		if (blocked)
			CU_ASSERT_EQUAL(ASK(c, FORWARDER_BLOCK), RC_OK);
		CU_ASSERT_EQUAL(ASK(c, FORWARDER_STATE), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], WORD);
		CU_ASSERT_EQUAL(answer.word[2], blocked);
	}
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_UNBLOCK), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_OPAQUE, 4), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_OPAQUE, UINT64_MAX), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_OPAQUE, FORWARDER_SEND_ALL), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_OPAQUE);
	CU_ASSERT_EQUAL(answer.cap.data, FORWARDER_SEND_ALL);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_ORDER_LIMIT), RC_ORDER);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_BLOCK), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, FORWARDER_REVOKE), RC_OK);
	is_revoked();
}

/* --- Pages ------------------------------------------------------------- */

/* page.read and write stay within the page; a copy of itself is itself. */
static void
page_words_are_checked(void)
{
	static const uint64_t bad[][2] = {{PAGE_SIZE + 1, 0},
	    {0, PAGE_SIZE + 1}, {PAGE_SIZE, 1}, {UINT64_MAX, 2},
	    {1, UINT64_MAX}};
	struct cap            c;

	begin(SOURCE_EPHEMERAL);
	c = page_to(page, 0);
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(
		    ASK(c, PAGE_READ, bad[i][0], bad[i][1]), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, "ab", 2, PAGE_WRITE, PAGE_SIZE - 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, "ab", 2, PAGE_WRITE, UINT64_MAX), RC_ARGUMENT);
	CU_ASSERT_EQUAL(((uint8_t *)frame_data(page))[PAGE_SIZE - 1], FILL);
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, "ab", 2, PAGE_WRITE, PAGE_SIZE - 2), RC_OK);
	CU_ASSERT_EQUAL(ASK_WITH(c, c, PAGE_COPY), RC_OK);
	CU_ASSERT_EQUAL(
	    ASK(less(c, CR_READ_ONLY), PAGE_READ, PAGE_SIZE - 3, 3), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 3);
	CU_ASSERT_EQUAL(answer.string[0], FILL);
	CU_ASSERT_EQUAL(memcmp(&answer.string[1], "ab", 2), 0);
	CU_ASSERT_EQUAL(ASK(c, PAGE_READ, PAGE_SIZE, 0), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 0);
	CU_ASSERT_EQUAL(ASK(c, PAGE_RESTRICT, CR_ALL + 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, PAGE_RESTRICT, CR_NO_EXECUTE), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_NO_EXECUTE);
}

const struct runner_test node_tests[] = {
    RUNNER_TEST(writing_may_wait),
    RUNNER_TEST(writing_is_done),
    RUNNER_TEST(readers_are_refused),
    RUNNER_TEST(node_words_are_checked),
    RUNNER_TEST(nodes_are_derived),
    RUNNER_TEST(S15_weak_fetch),
    RUNNER_TEST(state_page_is_checked),
    RUNNER_TEST(F5_resident_makes_resident),
    RUNNER_TEST(guard_opens_for_its_keeper),
    RUNNER_TEST(S6_forwarder_tells),
    RUNNER_TEST(page_words_are_checked),
    {NULL, NULL},
};
