/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of itself: nodes and what stands in them, figures. */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/dma_spaces.order.h"
#include "kernel/abi/irq_space.order.h"
#include "kernel/abi/kinfo.order.h"
#include "kernel/abi/mmio_space.order.h"
#include "kernel/abi/port_space.order.h"
#include "kernel/device/device.h"
#include "kernel/device/dma.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/window.h"

static struct cap     kinfo;
static struct process p;

static void
begin(void)
{
	start_client();
	p = make_process(SOURCE_PERSISTENT, 1);
	kinfo = root(CK_KINFO);
}

/* --- Nodes ------------------------------------------------------------- */

static const struct kinfo_node *
node_of(const struct frame *f, unsigned index)
{
	CU_ASSERT_EQUAL(
	    ASK(kinfo, KINFO_NODE, oid_make(f->number, index).v), RC_OK);
	return (const void *)answer.string;
}

/* The record of a slot, or NULL: it is void. */
static const struct kinfo_cap *
record_of(const struct kinfo_node *n, unsigned slot)
{
	for (unsigned i = 0; i < n->caps; i++)
		if (n->cap[i].slot == slot)
			return &n->cap[i];
	return NULL;
}

/* What is said of one capability in a data node. */
static struct kinfo_cap
said_of(struct cap c)
{
	static struct frame     *f;
	const struct kinfo_node *n;
	const struct kinfo_cap  *k;
	const struct kinfo_cap   none = {0};

	f = frame_find(frame_of(SOURCE_EPHEMERAL, 5000));
	if (f == NULL)
		f = node_frame(SOURCE_EPHEMERAL, 5000);
	frame_nodes(f)->slot[2][7] = c;
	n = node_of(f, 2);
	k = record_of(n, 7);
	CU_ASSERT_PTR_NOT_NULL(k);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(*n) + n->caps * sizeof(*k));
	CU_ASSERT(k == NULL || k->kind == c.type);
	return k != NULL ? *k : none;
}

/* kinfo.node: there is such a node, and the capability is not opaque. */
static void
node_is_checked(void)
{
	struct frame *page;
	uint64_t      at;

	begin();
	at = oid_make(p.node->number, 0).v;
	page = page_frame(SOURCE_EPHEMERAL, 5000);
	CU_ASSERT_EQUAL(ASK(less(kinfo, CR_OPAQUE), KINFO_NODE, at), RC_RIGHTS);
	CU_ASSERT_EQUAL(
	    ASK(kinfo, KINFO_NODE, at + OID_MASK + 1), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    ASK(kinfo, KINFO_NODE, oid_make(p.node->number, OID_INDEX_FRAME).v),
	    RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    ASK(kinfo, KINFO_NODE, oid_make(page->number, 0).v), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_NODE,
			    oid_make(frame_of(SOURCE_EPHEMERAL, 6000), 0).v),
	    RC_NOT_FOUND);
	CU_ASSERT_EQUAL(answer.bytes, 0);
}

static void
make_node_order(struct ask *a)
{
	begin();
	*a = (struct ask){
	    .self = kinfo, .word = {KINFO_NODE, oid_make(p.node->number, 0).v}};
}

static void
nothing(void)
{
}

static void
node_is_told(void)
{
	const struct kinfo_node *n = (const void *)answer.string;

	CU_ASSERT_EQUAL(n->role, ROLE_PROCESS);
	CU_ASSERT_EQUAL(n->count, p.header->count);
}

/* kinfo.node: it waits for one that is paged out. */
static void
node_may_wait(void)
{
	each_failure(&(const struct trial){.make = make_node_order,
	    .unchanged = nothing,
	    .done = node_is_told,
	    .least = 2});
}

/* kinfo.node: a process's slots, how it came by them, and its name. */
static void
process_node(void)
{
	const struct kinfo_node *n;
	const struct kinfo_cap  *k;

	begin();
	memcpy(p.state->name, "somebody", 8);
	p.slot[3] = cap_number_make(5, 6);
	p.header->built = 1 << 3;
	p.header->placed = 1 << SLOT_SPACE | 1 << SLOT_STATE;
	p.header->built |= 1 << SLOT_STATE;
	n = node_of(p.node, 0);
	CU_ASSERT_EQUAL(n->role, ROLE_PROCESS);
	CU_ASSERT_EQUAL(memcmp(n->name, "somebody", 9), 0);
	CU_ASSERT_PTR_NULL(record_of(n, 4));
	k = record_of(n, 3);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->origin, ORIGIN_BUILT);
	k = record_of(n, SLOT_SPACE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->origin, ORIGIN_PLACED);
	CU_ASSERT_EQUAL(k->validity, KC_VALID);
	k = record_of(n, SLOT_STATE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->origin, ORIGIN_KERNEL);
	CU_ASSERT_EQUAL(k->validity, KC_VALID);
	/* Malformed (F3): it has no name, and its state page is not known. */
	p.state->node_count++;
	n = node_of(p.node, 0);
	CU_ASSERT_EQUAL(n->name[0], 0);
	k = record_of(n, SLOT_STATE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->validity, KC_ABSENT);
}

/*
 * kinfo.node.2: nothing is fetched for it, nor given up: a state page of which
 * only the count is here, for somebody is about to free it, stays that.
 */
static void
count_alone_stays(void)
{
	const struct kinfo_node *n;
	const struct kinfo_cap  *k;
	uint64_t                 state;

	begin();
	state = p.state_frame->number;
	p.slot[SLOT_STATE].word &= OID_MASK; /* No hint. */
	p.state_frame->flags |= FF_STAT;
	object_set_kind(p.state_frame, FK_FREE, p.state_frame->count);
	n = node_of(p.node, 0);
	CU_ASSERT_PTR_EQUAL(frame_find(state), p.state_frame);
	CU_ASSERT_EQUAL(n->name[0], 0);
	k = record_of(n, SLOT_STATE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->validity, KC_ABSENT);
}

/* kinfo.node: capabilities to objects, alive, dead, and not in memory. */
static void
objects_are_told(void)
{
	struct kinfo_cap k;
	struct frame    *f, *n;

	begin();
	memcpy(p.state->name, "called", 6);
	f = page_frame(SOURCE_EPHEMERAL, 5001);
	n = node_frame(SOURCE_EPHEMERAL, 5002);
	k = said_of(page_to(f, CR_READ_ONLY));
	CU_ASSERT_EQUAL(k.validity, KC_VALID);
	CU_ASSERT_EQUAL(k.rights, CR_READ_ONLY);
	CU_ASSERT_EQUAL(k.object, oid_make(f->number, OID_INDEX_FRAME).v);
	CU_ASSERT_EQUAL(k.origin, 0);
	f->count++;
	k = said_of(cap_make(
	    CK_PAGE, 0, 0, f->count - 1, oid_make(f->number, OID_INDEX_FRAME)));
	CU_ASSERT_EQUAL(k.validity, KC_DEAD);
	for (unsigned i = 0; i < 3; i++) {
		static const uint16_t away[] = {FF_IO_IN, FF_LOST, FF_STAT};

		f->flags |= away[i];
		CU_ASSERT_EQUAL(said_of(page_to(f, 0)).validity, KC_ABSENT);
		f->flags &= (uint16_t)~away[i];
	}
	CU_ASSERT_EQUAL(said_of(cap_make(CK_PAGE, 0, 0, 1,
				    oid_make(frame_of(SOURCE_PERSISTENT, 7777),
					OID_INDEX_FRAME)))
			    .validity,
	    KC_ABSENT);
	k = said_of(node_to(n, 1, 0));
	CU_ASSERT_EQUAL(k.validity, KC_VALID);
	CU_ASSERT_EQUAL(k.size, 17);
	CU_ASSERT_EQUAL(k.label[0], 0);
	k = said_of(role_to(n, 3, ROLE_GUARD, CK_GUARD));
	CU_ASSERT_EQUAL(k.validity, KC_VALID);
	CU_ASSERT_EQUAL(k.size, 17);
	k = said_of(start_cap(&p, 9));
	CU_ASSERT_EQUAL(k.validity, KC_VALID);
	CU_ASSERT_EQUAL(k.data, 9);
	CU_ASSERT_STRING_EQUAL(k.label, "called");
}

/* kinfo.node: what the rights of a resume capability hold is told to nobody. */
static void
call_numbers_are_not_told(void)
{
	const uint64_t number = UINT64_C(0x1f) << 48 | 7;

	begin();
	CU_ASSERT_EQUAL(
	    said_of(cap_resume_make(CK_RESUME, number, process_oid(&p))).rights,
	    0);
	CU_ASSERT_EQUAL(
	    said_of(cap_resume_make(CK_RESTART, number, process_oid(&p)))
		.rights,
	    0);
}

/* kinfo.node: numbers and ranges, whose content is in themselves. */
static void
values_are_told(void)
{
	struct kinfo_cap k;

	begin();
	k = said_of(cap_number_make(UINT64_MAX - 1, 99));
	CU_ASSERT_EQUAL(k.first, UINT64_MAX - 1);
	CU_ASSERT_EQUAL(k.size, 99);
	k = said_of(cap_range_make(frame_of(SOURCE_PERSISTENT, 5), 1000));
	CU_ASSERT_EQUAL(k.first, frame_of(SOURCE_PERSISTENT, 5));
	CU_ASSERT_EQUAL(k.size, 1000);
	k = said_of(root(CK_SCHEDULE));
	CU_ASSERT_EQUAL(k.first, 0);
	CU_ASSERT_EQUAL(k.validity, KC_VALID);
}

static struct cap
take(enum cap_kind kind)
{
	if (kind == CK_IRQ)
		(void)ASK_STRING(root(CK_IRQ_SPACE), "irq", 3,
		    IRQ_SPACE_ALLOC_LINE, 11, 1, 0);
	else if (kind == CK_PORTS)
		(void)ASK_STRING(root(CK_PORT_SPACE), "ports", 5,
		    PORT_SPACE_ALLOC, 0x3f8, 8);
	else if (kind == CK_MMIO)
		(void)ASK_STRING(root(CK_MMIO_SPACE), "mmio", 4,
		    MMIO_SPACE_ALLOC, 0xf0000000, 2 * PAGE_SIZE, 0);
	else
		(void)ASK_STRING(
		    root(CK_DMA_SPACES), "dma", 3, DMA_SPACES_ALLOC, 0x20, 64);
	CU_ASSERT_EQUAL(answer.cap.type, kind);
	return answer.cap;
}

/* kinfo.node: the slot of a state page is none in a node that is no process. */
static void
data_nodes_have_no_state(void)
{
	const struct kinfo_cap *k;
	struct frame           *f;

	begin();
	f = node_frame(SOURCE_EPHEMERAL, 5000);
	frame_nodes(f)->slot[1][SLOT_STATE] = cap_number_make(1, 2);
	k = record_of(node_of(f, 1), SLOT_STATE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->validity, KC_VALID);
	CU_ASSERT_EQUAL(k->origin, 0);
}

/* kinfo.node: devices, what they are and to whom they were given. */
static void
devices_are_told(void)
{
	static const struct {
		enum cap_kind kind;
		uint64_t      first, size;
		const char   *label;
	} device[] = {
	    {CK_IRQ, 11, IRQ_LEVEL, "irq"},
	    {CK_PORTS, 0x3f8, 8, "ports"},
	    {CK_MMIO, 0xf0000000, 2 * PAGE_SIZE, "mmio"},
	    {CK_DMA, 0x20, 0, "dma"},
	};
	struct kinfo_cap k;
	struct cap       c;

	begin();
	for (unsigned i = 0; i < 4; i++) {
		c = take(device[i].kind);
		k = said_of(c);
		CU_ASSERT_EQUAL(k.first, device[i].first);
		CU_ASSERT_EQUAL(k.size, device[i].size);
		CU_ASSERT_EQUAL(k.validity, KC_VALID);
		CU_ASSERT_STRING_EQUAL(k.label, device[i].label);
		c.count++;
		k = said_of(c);
		CU_ASSERT_EQUAL(k.validity, KC_DEAD);
		CU_ASSERT_EQUAL(k.label[0], 0);
	}
	/* Kinds of which there are none now. */
	CU_ASSERT_EQUAL(said_of(root(CK_ISA_DMA)).validity, KC_DEAD);
	CU_ASSERT_EQUAL(said_of(root(CK_WINDOW)).validity, KC_DEAD);
	CU_ASSERT_EQUAL(window_make(4, &c), RC_OK);
	CU_ASSERT_EQUAL(said_of(c).validity, KC_VALID);
	/* Whole spaces name no device, and are always there. */
	for (unsigned kind = CK_IRQ_SPACE; kind < CK_COUNT; kind++) {
		c = root((enum cap_kind)kind);
		k = said_of(c);
		CU_ASSERT_EQUAL(k.label[0], 0);
	}
	CU_ASSERT_EQUAL(said_of(root(CK_IRQ_SPACE)).validity, KC_VALID);
	CU_ASSERT_EQUAL(said_of(root(CK_DMA_SPACES)).validity, KC_VALID);
}

/* --- The rest ---------------------------------------------------------- */

/* kinfo.reserves: terms, what is left, and the share of all. */
static void
reserves_are_told(void)
{
	const struct kinfo_reserve *k;
	uint32_t                    a, b;

	begin();
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_RESERVES), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 0);
	CU_ASSERT_EQUAL(answer.word[1], 0);
	CU_ASSERT_EQUAL(reserve_make(10000000, 1000000, &a), RC_OK);
	CU_ASSERT_EQUAL(reserve_make(20000000, 5000000, &b), RC_OK);
	CU_ASSERT_EQUAL(reserve_drop(a), RC_OK);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_RESERVES), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(*k));
	CU_ASSERT_EQUAL(answer.word[1], RESERVE_SHARE_ONE / 4);
	k = (const void *)answer.string;
	CU_ASSERT_EQUAL(k->id, b);
	CU_ASSERT_EQUAL(k->period, 20000000);
	CU_ASSERT_EQUAL(k->budget, 5000000);
	CU_ASSERT_EQUAL(k->left, 5000000);
}

static enum status
map_nothing(uint32_t source, uint64_t bus, paddr page, bool writes)
{
	(void)source;
	(void)bus;
	(void)page;
	(void)writes;
	return RC_NO_MEMORY;
}

/* kinfo.features, boot, memory, counters. */
static void
figures_are_told(void)
{
	static const struct iommu_ops ops = {.map = map_nothing};
	struct memory_figures         m;
	struct kinfo_counters         before;

	begin();
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_FEATURES), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1] & KF_IOMMU, 0);
	CU_ASSERT_EQUAL(answer.word[2], mem.boot);
	CU_ASSERT_EQUAL(answer.word[4], hal_tsc_khz());
	dma_set_iommu(&ops);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_FEATURES), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1] & KF_IOMMU, KF_IOMMU);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_BOOT), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(struct handoff));
	CU_ASSERT_EQUAL(
	    memcmp(answer.string, &fake_handoff, sizeof(fake_handoff)), 0);
	frame_figures(&m);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_MEMORY), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], m.total);
	CU_ASSERT_EQUAL(answer.word[2], m.free);
	CU_ASSERT_EQUAL(answer.word[3], m.objects);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_COUNTERS), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(before));
	memcpy(&before, answer.string, sizeof(before));
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_COUNTERS), RC_OK);
	CU_ASSERT_EQUAL(
	    ((const struct kinfo_counters *)(const void *)answer.string)
		->invocations,
	    before.invocations + 1);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_ORDER_LIMIT), RC_ORDER);
}

const struct runner_test kinfo_tests[] = {
    RUNNER_TEST(node_is_checked),
    RUNNER_TEST(node_may_wait),
    RUNNER_TEST(process_node),
    RUNNER_TEST(count_alone_stays),
    RUNNER_TEST(objects_are_told),
    RUNNER_TEST(call_numbers_are_not_told),
    RUNNER_TEST(values_are_told),
    RUNNER_TEST(data_nodes_have_no_state),
    RUNNER_TEST(devices_are_told),
    RUNNER_TEST(reserves_are_told),
    RUNNER_TEST(figures_are_told),
    {NULL, NULL},
};
