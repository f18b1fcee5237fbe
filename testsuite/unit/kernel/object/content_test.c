/* SPDX-License-Identifier: BSD-2-Clause */
/* What a capability contains, kind by kind (D9). */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"

/* The fields that have a meaning, beside type and rights. */
enum field {
	F_DATA  = 1 << 0,
	F_COUNT = 1 << 1,
	F_OID   = 1 << 2,
	F_HINT  = 1 << 3, /* Part of a value, and no hint. */
};

/* D9: the table. Kinds that are not here contain nothing but their kind. */
static const struct {
	enum cap_kind kind;
	unsigned      fields;
	bool          object;  /* Names one, so a frame is looked for. */
	bool          outlives; /* Means the same after a reboot. */
} table[CK_COUNT] = {
    {CK_VOID, 0, false, true},
    {CK_NUMBER, F_DATA | F_COUNT | F_OID | F_HINT, false, true},
    {CK_PAGE, F_COUNT | F_OID, true, false},
    {CK_NODE, F_DATA | F_COUNT | F_OID, true, false},
    {CK_GUARD, F_DATA | F_COUNT | F_OID, true, false},
    {CK_PROCESS, F_COUNT | F_OID, true, false},
    {CK_START, F_DATA | F_COUNT | F_OID, true, false},
    {CK_RESUME, F_DATA | F_COUNT | F_OID, true, false},
    {CK_RESTART, F_DATA | F_COUNT | F_OID, true, false},
    {CK_FORWARDER, F_COUNT | F_OID, true, false},
    {CK_NOTICE, F_DATA | F_COUNT | F_OID, true, false},
    {CK_SCHEDULE, F_DATA | F_COUNT, false, true},
    {CK_RANGE, F_COUNT | F_OID | F_HINT, false, true},
    {CK_BOOTSVC, F_DATA, false, true},
    {CK_RESTARTED, F_DATA, false, true},
    {CK_IRQ, F_DATA | F_COUNT | F_OID, false, false},
    {CK_PORTS, F_DATA | F_COUNT | F_OID, false, false},
    {CK_MMIO, F_DATA | F_COUNT | F_OID, false, false},
    {CK_DMA, F_DATA | F_COUNT | F_OID, false, false},
    {CK_ISA_DMA, F_DATA | F_COUNT | F_OID, false, false},
    {CK_WINDOW, F_DATA | F_OID, false, false},
};

/* D9: span - 1 in 6 bits, so that 2^64 fits and nothing else is in the way. */
static void
D9_span(void)
{
	for (unsigned span = 1; span <= 64; span++) {
		struct cap c = cap_make(CK_NODE, 0, span - 1, 7, (oid){8});

		CU_ASSERT_EQUAL(cap_span(&c), span);
		c.data |= 0xffc0; /* Other bits of the field are none of it. */
		CU_ASSERT_EQUAL(cap_span(&c), span);
	}
	CU_ASSERT_EQUAL(cap_span(&(struct cap){.type = CK_PAGE}), PAGE_SHIFT);
}

/* D9: resume and restart hold the whole call number, and no count. */
static void
D9_call_number(void)
{
	const oid id = oid_make(frame_of(SOURCE_PERSISTENT, OID_FRAMES - 1), 6);

	for (unsigned bit = 0; bit < CALL_NUMBER_BITS; bit++) {
		const struct cap c =
		    cap_resume_make(CK_RESTART, UINT64_C(1) << bit, id);

		CU_ASSERT_EQUAL(cap_call_number(&c), UINT64_C(1) << bit);
		CU_ASSERT_TRUE(oid_equal(cap_oid(&c), id));
		CU_ASSERT_EQUAL(c.type, CK_RESTART);
		CU_ASSERT_EQUAL(cap_hint(&c), 0);
	}
}

/* D9: a range is its first frame (37 bits) and a length of 48. */
static void
D9_range(void)
{
	for (unsigned bit = 0; bit < 48; bit++) {
		const uint64_t length = UINT64_C(1) << bit;
		const uint64_t first = UINT64_C(1) << bit % OID_FRAME_BITS;
		struct cap     c = cap_range_make(first, length);

		CU_ASSERT_EQUAL(cap_range_first(&c), first);
		CU_ASSERT_EQUAL(cap_range_length(&c), length);
		c = cap_range_make((UINT64_C(1) << OID_FRAME_BITS) - 1,
		    (UINT64_C(1) << 48) - 1 - length);
		CU_ASSERT_EQUAL(cap_range_first(&c),
		    (UINT64_C(1) << OID_FRAME_BITS) - 1);
		CU_ASSERT_EQUAL(cap_range_length(&c),
		    (UINT64_C(1) << 48) - 1 - length);
	}
}

/* D9: 96 bits of a number: none of them is taken for a hint or a count. */
static void
D9_number(void)
{
	const struct cap c = cap_number_make(~UINT64_C(0), UINT32_MAX);
	struct process   p;
	uint64_t         words[MESSAGE_WORDS] = {1};

	CU_ASSERT_EQUAL(c.word, ~UINT64_C(0));
	CU_ASSERT_EQUAL(c.count, UINT32_MAX);
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	p.slot[1] = c;
	run_process(&p);
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(p.state->regs.rsi, ~UINT64_C(0));
	CU_ASSERT_EQUAL(p.state->regs.rdx, UINT32_MAX);
	CU_ASSERT_EQUAL(memcmp(&p.slot[1], &c, sizeof(c)), 0);
}

/* A capability of this kind to the process p or a page of it. */
static struct cap
sample(enum cap_kind kind, const struct process *p)
{
	if (kind == CK_PAGE)
		return frame_nodes(p->node)->slot[1][0];
	if (kind == CK_NODE || kind == CK_GUARD)
		return cap_make(kind, 0, 16, frame_nodes(p->node)->node[1].count,
		    oid_make(p->node->number, 1));
	if (kind == CK_RESUME || kind == CK_RESTART)
		return cap_resume_make(kind, 5, process_oid(p));
	if (kind == CK_RANGE)
		return cap_range_make(frame_of(SOURCE_PERSISTENT, 3), 9);
	return cap_make(kind, 0, 3, p->header->count, process_oid(p));
}

/*
 * D9: kinds that name an object are valid by its count, others have none to
 * look at: ranges and schedules are no objects of the kernel.
 */
static void
D9_what_names_an_object(void)
{
	struct process p;

	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	for (unsigned i = 0; i < CK_COUNT; i++) {
		struct cap c = sample(table[i].kind, &p);
		struct ref r;

		if (i > 0 && table[i].kind == CK_VOID)
			continue;
		if (table[i].kind == CK_GUARD)
			frame_nodes(p.node)->node[1].role = ROLE_GUARD;
		CU_ASSERT_EQUAL(ref_prepare(&c, NULL, &r), RC_OK);
		if (table[i].object && table[i].kind != CK_FORWARDER)
			CU_ASSERT_PTR_NOT_NULL(r.frame);
		if (!table[i].object)
			CU_ASSERT_PTR_NULL(r.frame);
		frame_nodes(p.node)->node[1].role = ROLE_DATA;
		if (!(table[i].fields & F_COUNT) || !table[i].object ||
		    table[i].kind == CK_RESUME || table[i].kind == CK_RESTART)
			continue;
		c = sample(table[i].kind, &p);
		c.count++;
		CU_ASSERT_EQUAL(ref_prepare(&c, NULL, &r), RC_OK);
		CU_ASSERT_EQUAL(r.kind, CK_VOID);
	}
}

/* D9: what names no object of a boot survives one, whole. */
static void
D9_what_outlives_a_boot(void)
{
	struct process p, q;
	struct frame  *f;

	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_PERSISTENT, 2);
	f = q.node;
	frame_nodes(f)->header.oid = oid_make(f->number, OID_INDEX_FRAME).v;
	for (unsigned i = 1; i < CK_COUNT && table[i].kind != CK_VOID; i++) {
		struct cap     was = sample(table[i].kind, &p), *c;

		c = &frame_nodes(f)->slot[2][9];
		*c = was;
		frame_nodes(f)->header.boot = mem.boot + 1;
		CU_ASSERT_TRUE(intake(f, f->number, f->count));
		if (table[i].outlives) {
			CU_ASSERT_EQUAL(memcmp(c, &was, sizeof(was)), 0);
			continue;
		}
		CU_ASSERT_EQUAL(c->type, CK_RESTARTED);
		CU_ASSERT_EQUAL(c->data, table[i].kind);
	}
}

const struct runner_test content_tests[] = {
    RUNNER_TEST(D9_span),
    RUNNER_TEST(D9_call_number),
    RUNNER_TEST(D9_range),
    RUNNER_TEST(D9_number),
    RUNNER_TEST(D9_what_names_an_object),
    RUNNER_TEST(D9_what_outlives_a_boot),
    {NULL, NULL},
};
