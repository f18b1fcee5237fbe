/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel says of processes: those that run, and those that could. */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.order.h"
#include "kernel/mem/cache.h"

static struct cap     kinfo;
static struct process p;

static void
begin(void)
{
	start_client();
	p = make_process(SOURCE_PERSISTENT, 1);
	kinfo = root(CK_KINFO);
}

/* All records, by as many calls as it takes. */
static unsigned
all_processes(struct kinfo_process *to, unsigned most)
{
	uint64_t index = 0;
	unsigned n = 0, calls = 0;

	do {
		unsigned got;

		CU_ASSERT_EQUAL(ASK(kinfo, KINFO_PROCESSES, index), RC_OK);
		got = answer.bytes / (unsigned)sizeof(*to);
		CU_ASSERT_FATAL(n + got <= most && calls < 100);
		memcpy(&to[n], answer.string, answer.bytes);
		n += got;
		calls++;
		CU_ASSERT(answer.word[1] == 0 || answer.word[1] > index);
		index = answer.word[1];
	} while (index != 0);
	return n;
}

static const struct kinfo_process *
process_in(
    const struct kinfo_process *list, unsigned n, const struct process *of)
{
	const struct kinfo_process *found = NULL;

	for (unsigned i = 0; i < n; i++) {
		if (list[i].oid != process_oid(of).v)
			continue;
		CU_ASSERT_PTR_NULL(found); /* Each once. */
		found = &list[i];
	}
	return found;
}

enum { MOST = 2 * ACTIVITIES };
static struct kinfo_process list[MOST];

/* kinfo.processes: those with an activity, and those without. */
static void
processes_are_told(void)
{
	const struct kinfo_process *k;
	struct process              idle;
	unsigned                    n;

	begin();
	idle = make_process(SOURCE_EPHEMERAL, 3);
	memcpy(idle.state->name, "idle", 4);
	idle.state->ticks = 77;
	idle.state->notices = 5;
	memcpy(p.state->name, "runs", 4);
	p.state->regs.rip = 0x4242;
	run_process(&p)->reserve = 9;
	n = all_processes(list, MOST);
	k = process_in(list, n, &idle);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->activity, KA_IDLE);
	CU_ASSERT_EQUAL(k->state, PS_AVAILABLE);
	CU_ASSERT_EQUAL(k->priority, PRIORITY);
	CU_ASSERT_EQUAL(k->ticks, 77);
	CU_ASSERT_EQUAL(k->notices, 5);
	CU_ASSERT_EQUAL(k->count, idle.header->count);
	CU_ASSERT_STRING_EQUAL(k->name, "idle");
	k = process_in(list, n, &p);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->activity, KA_READY);
	CU_ASSERT_EQUAL(k->pc, 0x4242);
	CU_ASSERT_EQUAL(k->reserve, 9);
	CU_ASSERT_STRING_EQUAL(k->name, "runs");
	k = process_in(list, n, &client);
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_EQUAL(k->activity, KA_RUNNING);
	CU_ASSERT_EQUAL(n, 3);
}

/* Its frame is not in memory any more. */
static void
page_out(struct frame *f)
{
	frame_unname(f);
	f->use = USE_KERNEL;
}

/* kinfo.processes: of what is not in memory there is the OID alone. */
static void
absent_processes_are_told(void)
{
	const struct kinfo_process *k;
	struct activity            *a;
	unsigned                    n;

	for (unsigned how = 0; how < 3; how++) {
		begin();
		a = activity_alloc(process_oid(&p), p.header->count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		sched_ready(a);
		p.state->state = PS_RUNNING;
		if (how == 0)
			page_out(p.node);
		else if (how == 1)
			page_out(p.state_frame);
		else /* It is no process any more. */
			object_set_kind(p.node, FK_PAGE, p.node->count);
		n = all_processes(list, MOST);
		k = process_in(list, n,
		    &(const struct process){
			.node = &(struct frame){
			    .number = frame_of(SOURCE_PERSISTENT, 64)}});
		CU_ASSERT_PTR_NOT_NULL_FATAL(k);
		CU_ASSERT_EQUAL(k->activity, KA_READY);
		CU_ASSERT_EQUAL(k->state, 0xff);
		CU_ASSERT_EQUAL(k->name[0], 0);
	}
}

/* kinfo.processes: a state page alone has no schedule to tell. */
static void
state_page_alone_is_told(void)
{
	const oid id = oid_make(frame_of(SOURCE_PERSISTENT, 64), 0);
	const struct kinfo_process *k = NULL;
	unsigned                    n;

	for (unsigned how = 0; how < 2; how++) {
		begin();
		CU_ASSERT_EQUAL(process_oid(&p).v, id.v);
		if (how == 0)
			page_out(p.node);
		else
			object_set_kind(p.node, FK_PAGE, p.node->count);
		n = all_processes(list, MOST);
		k = NULL;
		for (unsigned i = 0; i < n; i++)
			if (list[i].oid == id.v)
				k = &list[i];
		CU_ASSERT_PTR_NOT_NULL_FATAL(k);
		CU_ASSERT_EQUAL(k->activity, KA_IDLE);
		CU_ASSERT_EQUAL(k->priority, 0);
		CU_ASSERT_EQUAL(k->state, PS_AVAILABLE);
	}
}

/* kinfo.processes: 64 in an answer; more, and beyond the last, are calls more.
 */
static void
many_processes_are_told(void)
{
	struct process q;
	unsigned       n, made = 2;

	begin();
	for (unsigned i = 0; i < 70; i++) { /* Many that are ready. */
		struct activity *a = activity_alloc(
		    oid_make(frame_of(SOURCE_PERSISTENT, 10000 + i), 0), 1);

		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		sched_ready(a);
		made++;
	}
	n = all_processes(list, MOST);
	CU_ASSERT_EQUAL(n, made);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_PROCESSES, 0), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, PAGE_SIZE);
	CU_ASSERT_EQUAL(answer.word[1], 64);
	CU_ASSERT_EQUAL(ASK(kinfo, KINFO_PROCESSES, UINT64_MAX), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 0);
	CU_ASSERT_EQUAL(answer.word[1], 0);
	begin();
	for (unsigned i = 0; i < 70; i++) /* Many that are idle. */
		q = make_process(SOURCE_EPHEMERAL, 10 + i);
	n = all_processes(list, MOST);
	CU_ASSERT_EQUAL(n, 72);
	CU_ASSERT_PTR_NOT_NULL(process_in(list, n, &q));
}

const struct runner_test listing_tests[] = {
    RUNNER_TEST(processes_are_told),
    RUNNER_TEST(absent_processes_are_told),
    RUNNER_TEST(state_page_alone_is_told),
    RUNNER_TEST(many_processes_are_told),
    {NULL, NULL},
};
