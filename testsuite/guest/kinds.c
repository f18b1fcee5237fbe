/* SPDX-License-Identifier: BSD-2-Clause */
/* Void, number, schedule, discrim, log, kernel information, boot services. */
#include <string.h>

#include "boot/handoff/handoff.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/number.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/guest/tests.h"

/* Every order to void, in every kind of invocation that answers. */
void
test_void_answers(void)
{
	struct message m = {.control = control_make(INVOKE_CALL, 0)};

	CHECK_IS(call1(0, 0), RC_VOID);
	CHECK_IS(call1(0, 1), RC_VOID);
	CHECK_IS(call1(0, UINT64_MAX), RC_VOID);
	CHECK_IS(send1(0, 1), RC_VOID);
	ant_invoke(&m);
	CHECK_IS(m.control, FROM_REPLY);
}

void
test_number_get(void)
{
	uint64_t low = 1, high = 1;

	extra(X_NUMBER, A);
	OK(number_get(A, &low, &high));
	CHECK_IS(low, NUMBER_VALUE);
	CHECK_IS(high, 0);
}

void
test_number_bad_orders(void)
{
	struct message m;

	extra(X_NUMBER, A);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 2), RC_ORDER);
	CHECK_IS(call1(A, UINT64_C(1) << 32 | 1), RC_ORDER);
	CHECK_IS(call1(A, UINT64_MAX), RC_ORDER);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, A),
	    .word = {NUMBER_GET},
	    .send = "x",
	    .send_bytes = 1,
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_STRING);
}

/* A send to the kernel gives its code and leaves the words alone. */
void
test_number_send(void)
{
	extra(X_NUMBER, A);
	CHECK_IS(send1(A, NUMBER_GET), RC_OK);
	CHECK_IS(send1(A, 99), RC_ORDER);
}

void
test_schedule_lower(void)
{
	uint64_t p = 99, r = 99;

	extra(X_SCHEDULE, A);
	OK(schedule_get(A, &p, &r));
	CHECK_IS(p, PRIORITY_MOST);
	CHECK_IS(r, 0);
	OK(schedule_lower(A, 3, B));
	OK(schedule_get(B, &p, NULL));
	CHECK_IS(p, 3);
	OK(schedule_lower(B, 3, B));
	CHECK_IS(schedule_lower(B, 4, C), RC_ARGUMENT);
	CHECK_IS(schedule_lower(A, 15, C), RC_ARGUMENT);
	CHECK_IS(schedule_lower(A, 19, C), RC_ARGUMENT);
	CHECK_IS(schedule_lower(A, UINT64_MAX, C), RC_ARGUMENT);
	CHECK_IS(kind_of(C), CK_VOID);
}

void
test_discrim_classify(void)
{
	uint64_t kind = 0, rights = 0, data = 0;

	CHECK_IS(kind_of(0), CK_VOID);
	CHECK_IS(kind_of(R_LOG), CK_LOG);
	CHECK_IS(kind_of(R_RANGE), CK_RANGE);
	CHECK_IS(kind_of(R_CLOCK), CK_CLOCK);
	CHECK_IS(kind_of(R_SELF), CK_PROCESS);
	CHECK_IS(kind_of(R_DISCRIM), CK_DISCRIM);
	CHECK_IS(kind_of(R_EXTRA), CK_NODE);
	new_page(A);
	CHECK_IS(kind_of(A), CK_PAGE);
	OK(process_make_start(R_SELF, 0xabcd, A));
	OK(discrim_classify(R_DISCRIM, A, &kind, &rights, &data));
	CHECK_IS(kind, CK_START);
	CHECK_IS(rights, 0);
	CHECK_IS(data, 0xabcd);
	OK(process_make_notice(R_SELF, 5, A));
	OK(discrim_classify(R_DISCRIM, A, &kind, &rights, &data));
	CHECK_IS(kind, CK_NOTICE);
	CHECK_IS(data, 5);
	extra(X_LOG_READ_ONLY, A);
	OK(discrim_classify(R_DISCRIM, A, &kind, &rights, NULL));
	CHECK_IS(kind, CK_LOG);
	CHECK_IS(rights, CR_READ_ONLY);
	CHECK_IS(call1(R_DISCRIM, 0), RC_ORDER);
	CHECK_IS(call1(R_DISCRIM, 99), RC_ORDER);
}

void
test_discrim_compare(void)
{
	new_page(A);
	CHECK(same_cap(A, A));
	cap_copy(A, B);
	CHECK(same_cap(A, B));
	new_page(B);
	CHECK(!same_cap(A, B));
	CHECK(!same_cap(A, 0));
	CHECK(same_cap(0, 0));
	extra(X_NUMBER, A);
	extra(X_OTHER_NUMBER, B);
	CHECK(!same_cap(A, B));
	extra(X_NUMBER, B);
	CHECK(same_cap(A, B));
	new_node(A);
	OK(node_segment(A, 22, B));
	CHECK(!same_cap(A, B));
	OK(node_restrict(A, CR_READ_ONLY, B));
	CHECK(!same_cap(A, B));
	OK(process_make_start(R_SELF, 1, A));
	OK(process_make_start(R_SELF, 2, B));
	CHECK(!same_cap(A, B));
	OK(range_split(R_RANGE, 0, 5, A));
	OK(range_split(R_RANGE, 0, 6, B));
	CHECK(!same_cap(A, B));
	OK(range_split(R_RANGE, 0, 5, B));
	CHECK(same_cap(A, B));
}

/* A dead capability is void to discrim, and equal to void. */
void
test_discrim_dead(void)
{
	uint64_t at = new_frame(), rights = 1, data = 1;

	OK(range_page(R_RANGE, at, A));
	CHECK_IS(kind_of(A), CK_PAGE);
	OK(range_rescind(R_RANGE, at, OID_INDEX_FRAME));
	CHECK_IS(kind_of(A), CK_VOID);
	OK(discrim_classify(R_DISCRIM, A, NULL, &rights, &data));
	CHECK_IS(rights, 0);
	CHECK_IS(data, 0);
	CHECK(same_cap(A, 0));
	CHECK_IS(call1(A, 1), RC_VOID);
}

void
test_log_read_write(void)
{
	static const char text[] = "a line of log_read_write\n";
	char              back[64];
	uint64_t          at = 0, next = 0;
	size_t            n = 0;

	for (unsigned i = 0; i < 1000; i++) { /* To its end. */
		uint64_t was = at;

		OK(log_read(R_LOG, at, echo_buffer, 4096, NULL, &at));
		if (at == was)
			break;
	}
	OK(log_write(R_LOG, text, sizeof(text) - 1));
	OK(log_read(R_LOG, at, back, sizeof(back), &n, &next));
	CHECK_IS(n, sizeof(text) - 1);
	CHECK_IS(next, at + n);
	CHECK(memcmp(back, text, sizeof(text) - 1) == 0);
	OK(log_read(R_LOG, next, back, sizeof(back), &n, &at));
	CHECK_IS(n, 0);
	CHECK_IS(at, next);
}

void
test_log_errors(void)
{
	extra(X_LOG_READ_ONLY, A);
	CHECK_IS(log_write(A, "x", 1), RC_RIGHTS);
	OK(log_read(A, 0, echo_buffer, 100, NULL, NULL));
	CHECK_IS(log_write(R_LOG, "x", 0), RC_STRING);
	CHECK_IS(log_write(R_LOG, echo_buffer, 1025), RC_STRING);
	CHECK_IS(log_write(R_LOG, echo_buffer, 8192), RC_STRING);
	CHECK_IS(call1(R_LOG, 3), RC_ORDER);
}

void
test_kinfo_memory(void)
{
	uint64_t total = 0, unused = 0, cache = 0, tables = 0;

	extra(X_KINFO, A);
	OK(kinfo_memory(A, &total, &unused, &cache, &tables));
	CHECK(unused > 1000);
	CHECK(cache > 0);
	CHECK(tables > 0);
	CHECK(total >= unused + cache + tables);
}

void
test_kinfo_processes(void)
{
	static struct kinfo_process p[PAGE_SIZE / sizeof(struct kinfo_process)];
	uint64_t                    next = 0;
	unsigned                    workers = 0, rounds = 0;
	size_t                      n = 0;

	extra(X_KINFO, A);
	do {
		OK(kinfo_processes(A, next, p, sizeof(p), &n, &next));
		CHECK_IS(n % sizeof(p[0]), 0);
		for (size_t i = 0; i < n / sizeof(p[0]); i++) {
			if (strcmp(p[i].name, "worker") != 0)
				continue;
			workers++;
			CHECK_IS(p[i].activity, KA_RUNNING);
			CHECK_IS(p[i].state, PS_RUNNING);
			CHECK_IS(p[i].priority, PRIORITY_WORKER);
		}
	} while (next != 0 && ++rounds < 1000);
	CHECK_IS(workers, 1);
	OK(kinfo_processes(A, UINT64_MAX, p, sizeof(p), &n, &next));
	CHECK_IS(n, 0);
	CHECK_IS(next, 0);
}

/* The process of this name in the kernel's list; false: it is not there. */
static bool
find_process(const char *name, struct kinfo_process *out)
{
	static struct kinfo_process p[PAGE_SIZE / sizeof(struct kinfo_process)];
	uint64_t                    next = 0;
	size_t                      n = 0;

	do {
		OK(kinfo_processes(A, next, p, sizeof(p), &n, &next));
		for (size_t i = 0; i < n / sizeof(p[0]); i++)
			if (strcmp(p[i].name, name) == 0) {
				*out = p[i];
				return true;
			}
	} while (next != 0 && !check_failed());
	return false;
}

static void
never_run(uint64_t unused)
{
	(void)unused;
}

/* A process that has given its activity to nobody is listed all the same. */
void
test_kinfo_idle(void)
{
	struct kinfo_process p = {0};

	extra(X_KINFO, A);
	peer_new(B, never_run, 0, PRIORITY_LOW);
	OK(process_name(B, "sleeper", 7));
	CHECK(find_process("sleeper", &p));
	CHECK_IS(p.activity, KA_IDLE);
	CHECK_IS(p.state, PS_AVAILABLE);
	CHECK_IS(p.priority, PRIORITY_LOW);
	peer_destroy(B);
	CHECK(!find_process("sleeper", &p));
}

static union {
	struct kinfo_node node;
	uint8_t           bytes[PAGE_SIZE];
} shown;

/* The record of a slot, or one of kind void. */
static const struct kinfo_cap *
shown_slot(unsigned slot)
{
	static const struct kinfo_cap none;

	for (unsigned i = 0; i < shown.node.caps; i++)
		if (shown.node.cap[i].slot == slot)
			return &shown.node.cap[i];
	return &none;
}

static void
look_at(const char *name)
{
	struct kinfo_process p = {0};
	size_t               n = 0;

	CHECK(find_process(name, &p));
	OK(kinfo_node(A, p.oid, &shown, sizeof(shown), &n));
	CHECK_IS(n,
	    sizeof(shown.node) + shown.node.caps * sizeof(struct kinfo_cap));
	CHECK_IS(shown.node.role, ROLE_PROCESS);
	CHECK_IS(shown.node.count, p.count);
	CHECK_IS(strcmp(shown.node.name, name), 0);
}

/* What the slots of a node hold is told, whatever it is, dead or alive. */
void
test_kinfo_node(void)
{
	uint64_t                position = 0, index = 0;
	const struct kinfo_cap *k;

	extra(X_KINFO, A);
	extra(X_NUMBER, B);
	extra(X_SCHEDULE, C);
	new_page(D);
	new_page(E);
	look_at("worker");
	CHECK_IS(shown_slot(R_RANGE)->kind, CK_RANGE);
	CHECK_IS(shown_slot(R_RANGE)->size, ARENA_FRAMES);
	CHECK_IS(shown_slot(B)->kind, CK_NUMBER);
	CHECK_IS(shown_slot(B)->first, NUMBER_VALUE);
	CHECK_IS(shown_slot(C)->kind, CK_SCHEDULE);
	CHECK_IS(shown_slot(C)->data, PRIORITY_MOST);
	k = shown_slot(D);
	CHECK_IS(k->kind, CK_PAGE);
	CHECK_IS(k->validity, KC_VALID);
	CHECK(k->object != shown_slot(E)->object);
	k = shown_slot(R_SELF);
	CHECK_IS(k->kind, CK_PROCESS);
	CHECK_IS(strcmp(k->label, "worker"), 0);
	CHECK_IS(shown_slot(SLOT_SPACE)->kind, CK_NODE);
	CHECK_IS(shown_slot(SLOT_STATE)->validity, KC_VALID);
	CHECK_IS(shown_slot(0)->kind, CK_VOID);
	cap_copy(D, F);
	OK(range_identify(R_RANGE, D, &position, &index, NULL));
	OK(range_rescind(R_RANGE, position, index));
	look_at("worker");
	CHECK_IS(shown_slot(F)->validity, KC_DEAD);
	CHECK_IS(shown_slot(E)->validity, KC_VALID);
}

void
test_kinfo_node_errors(void)
{
	struct kinfo_process p = {0};
	const uint64_t       nobody = UINT64_C(0xfffffff);
	size_t               n = 0;

	extra(X_KINFO, A);
	CHECK(find_process("worker", &p));
	CHECK_IS(kinfo_node(A, p.oid | 7, &shown, sizeof(shown), &n),
	    RC_NOT_FOUND);
	CHECK_IS(kinfo_node(A, nobody, &shown, sizeof(shown), &n),
	    RC_NOT_FOUND);
	CHECK_IS(kinfo_node(A, p.oid | UINT64_C(1) << 40, &shown,
		     sizeof(shown), &n),
	    RC_NOT_FOUND);
	CHECK_IS(kinfo_node(A, UINT64_MAX, &shown, sizeof(shown), &n),
	    RC_NOT_FOUND);
	extra(X_KINFO_OPAQUE, A);
	CHECK_IS(kinfo_node(A, p.oid, &shown, sizeof(shown), &n), RC_RIGHTS);
	OK(kinfo_memory(A, NULL, NULL, NULL, NULL));
}

/* Whether a slot was filled by a message, or by who holds the process. */
void
test_kinfo_origin(void)
{
	extra(X_KINFO, A);
	extra(X_NUMBER, B);
	OK(process_swap(R_SELF, C, B, 0));
	look_at("worker");
	CHECK_IS(shown_slot(B)->origin, ORIGIN_MESSAGE);
	CHECK_IS(shown_slot(C)->origin, ORIGIN_PLACED);
	CHECK_IS(shown_slot(SLOT_STATE)->origin, ORIGIN_KERNEL);
	OK(process_get(R_SELF, B, C));
	look_at("worker");
	CHECK_IS(shown_slot(C)->origin, ORIGIN_MESSAGE);
	OK(process_swap(R_SELF, D, B, 0));
	OK(node_get(R_EXTRA, X_NUMBER, D));
	look_at("worker");
	CHECK_IS(shown_slot(D)->origin, ORIGIN_MESSAGE);
}

static void
origin_peer(uint64_t unused)
{
	struct message m;

	(void)unused;
	wait_message(&m);
	reply1(H, 0);
	wait_message(&m);
}

/* The same when a message comes by the fast path. */
void
test_kinfo_origin_received(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, C) | CONTROL_SEND(0, D)};

	extra(X_KINFO, A);
	extra(X_NUMBER, D);
	peer_spawn(B, origin_peer, 0, PRIORITY_HIGH);
	OK(process_name(B, "receiver", 8));
	OK(process_swap(B, E, D, 0));
	look_at("receiver");
	CHECK_IS(shown_slot(E)->origin, ORIGIN_PLACED);
	start_of(B, 0, C);
	ant_invoke_words(&m);
	look_at("receiver");
	CHECK_IS(shown_slot(E)->kind, CK_NUMBER);
	CHECK_IS(shown_slot(E)->origin, ORIGIN_MESSAGE);
}

void
test_kinfo_boot(void)
{
	static struct handoff h;
	size_t                n = 0;

	extra(X_KINFO, A);
	OK(kinfo_boot(A, &h, sizeof(h), &n));
	CHECK_IS(n, sizeof(h));
	CHECK_IS(h.magic, HANDOFF_MAGIC);
	CHECK(h.nregions > 0);
}

void
test_kinfo_counters(void)
{
	struct kinfo_counters a, b;
	size_t                n = 0;

	extra(X_KINFO, A);
	OK(kinfo_counters(A, &a, sizeof(a), &n));
	CHECK_IS(n, sizeof(a));
	call1(0, 0);
	call1(0, 0);
	OK(kinfo_counters(A, &b, sizeof(b), &n));
	CHECK(b.invocations >= a.invocations + 3);
	CHECK(b.switches > 0);
}

void
test_kinfo_features(void)
{
	uint64_t features = 0, boot = 9, entry = 0, khz = 0;

	extra(X_KINFO, A);
	OK(kinfo_features(A, &features, &boot, &entry, &khz));
	CHECK(khz > 1000);
	CHECK(features & KF_NX);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 8), RC_ORDER);
}

/* Does the kernel's log hold this text? */
static bool
log_has(const char *text)
{
	static char all[32768];
	uint64_t    at = 0;
	size_t      used = 0, n = 1;

	while (n > 0 && used + 4096 < sizeof(all)) {
		OK(log_read(R_LOG, at, all + used, 4096, &n, &at));
		used += n;
	}
	all[used] = '\0';
	return strstr(all, text) != NULL;
}

static bool
cpu_is_intel(void)
{
	uint32_t a = 0, b = 0, c = 0, d = 0;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return b == 0x756e6547 && d == 0x49656e69 && c == 0x6c65746e;
}

/*
 * S16: the log and kernel-info say so on an affected CPU, and on no other. No
 * CPU that QEMU imitates by itself has RDCL_NO.
 */
void
test_kinfo_meltdown_S16(void)
{
	const bool affected = cpu_is_intel();
	uint64_t   features = 0;

	extra(X_KINFO, A);
	OK(kinfo_features(A, &features, NULL, NULL, NULL));
	CHECK_IS((features & KF_MELTDOWN) != 0, affected);
	CHECK_IS(log_has("Meltdown: affected, not mitigated"), affected);
	CHECK(log_has("clock: TSC")); /* The log goes back to the boot. */
}

/* F6: a boot service names what the boot range says, at each use. */
void
test_bootsvc_resolves(void)
{
	uint64_t low = 0;

	extra(X_SERVICE, A);
	OK(number_get(A, &low, NULL));
	CHECK_IS(low, SERVICE_VALUE);
	extra(X_SERVICE_UNKNOWN, A);
	CHECK_IS(call1(A, 1), RC_VOID);
	CHECK_IS(kind_of(A), CK_VOID);
}

/* Stored in a node or a register it goes on working. */
void
test_bootsvc_stored(void)
{
	uint64_t low = 0;

	extra(X_SERVICE, A);
	new_node(B);
	OK(node_swap(B, 3, A, 0));
	OK(node_get(B, 3, C));
	OK(number_get(C, &low, NULL));
	CHECK_IS(low, SERVICE_VALUE);
	extra(X_SERVICE_UNKNOWN, A);
	OK(node_swap(B, 4, A, 0));
	OK(node_get(B, 4, C));
	CHECK_IS(call1(C, 1), RC_VOID);
}
