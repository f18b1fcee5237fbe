/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's commands before a kernel and services that answer by rote. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/dma_spaces.order.h"
#include "kernel/abi/irq_space.order.h"
#include "kernel/abi/kinfo.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/process.h"
#include "kernel/abi/reset.order.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/kinfo.h"
#include "uldrv/class/devdb.order.h"
#include "userland/rt/idl/bank.order.h"
#include "userland/rt/idl/broker.order.h"
#include "testsuite/unit/userland/typed.h"
#include "userland/cmd/format.h"
#include "userland/demo/note.h"
#include "userland/rt/idl/store.order.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"


static struct note         note;

/* What the machine is like. */
static struct machine {
	enum shell_slot at[CAP_REGISTERS]; /* What a register holds. */
	enum status     node;              /* The answer to Node.get. */
	enum status     answer[SHELL_SLOT_COUNT];
	unsigned        restarts; /* RC_RESTARTED so often first. */
	unsigned        halted, off, reset, checkpoints;
	uint64_t        schedule;
	uint64_t        waited;           /* Nanoseconds. */
	bool            restarts_waiting; /* Every wait ends in a restart. */
	bool            can_turn_off, no_volume;
} machine;

static void
reply(struct message *m, const void *record, size_t bytes)
{
	if (bytes > m->receive_limit)
		bytes = m->receive_limit;
	memcpy(m->receive, record, bytes);
	m->control = (uint64_t)bytes << RESULT_LENGTH_SHIFT;
}

static enum status
devdb_answer(struct message *m)
{
	struct devdb_device d = {.name = "00:03.0",
	    .title = "1af4:1042 virtio block",
	    .driver = "virtio-blk",
	    .state = DEVDB_BOUND,
	    .confinement = DEVDB_NOT_ENFORCED,
	    .gsi = {255, 255},
	    .messages = 1};

	switch (m->word[0]) {
	case DEVDB_DEVICE:
		if (m->word[1] > 0)
			return RC_NOT_FOUND;
		m->word[1] = 1;
		reply(m, &d, sizeof(d));
		return RC_OK;
	case DEVDB_WHY: /* With what a driver may have said. */
		if (memcmp(m->send, "00:03.0", 7) != 0)
			return RC_NOT_FOUND;
		reply(m, "because\n\x1b[2J\n", 13);
		return RC_OK;
	case DEVDB_POWER_OFF:
		machine.off++;
		return machine.can_turn_off ? RC_OK : RC_NOT_FOUND;
	default:
		return RC_ORDER;
	}
}

static enum status
store_answer(struct message *m)
{
	const struct store_generation g = {.number = 7,
	    .boot = 3,
	    .blocks = 120,
	    .wall = UINT64_C(951782400) * 1000000000,
	    .flags = STORE_CURRENT | STORE_BOOTED};

	const struct store_status s = {.state = STORE_SEARCHING};

	switch (m->word[0]) {
	case STORE_CHECKPOINT:
		machine.checkpoints++;
		m->word[1] = 8;
		return RC_OK;
	case STORE_SCHEDULE:
		machine.schedule = m->word[1];
		m->word[1] = 2000;
		return RC_OK;
	case STORE_GENERATION:
		if (m->word[1] > 0)
			return RC_NOT_FOUND;
		m->word[1] = 1;
		reply(m, &g, sizeof(g));
		return RC_OK;
	case STORE_STATUS:
		reply(m, &s, sizeof(s));
		return RC_OK;
	case STORE_HALT:
		if (machine.no_volume)
			return RC_STATE;
		machine.halted++;
		m->word[1] = 9;
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
broker_answer(struct message *m)
{
	static const uint8_t bytes[] = {0xde, 0xad, 0x00, 0x0f};

	switch (m->word[0]) {
	case BROKER_FACTORIAL:
		if (m->word[2] > 12)
			return RC_ARGUMENT;
		m->word[1] = 120;
		return RC_OK;
	case BROKER_COPY:
		reply(m, m->send, m->send_bytes);
		return RC_OK;
	case BROKER_TIME:
		m->word[1] = 951782400;
		return RC_OK;
	case BROKER_SET_TIME:
		return m->word[1] > 946684800 ? RC_OK : RC_ARGUMENT;
	case BROKER_RANDOM:
		reply(m, bytes, sizeof(bytes));
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
kernel_answer(struct message *m,
    enum status (*ask)(struct message *, const void **, size_t *))
{
	const void *record;
	size_t      bytes = 0;
	enum status st = ask(m, &record, &bytes);

	if (bytes > 0)
		reply(m, record, bytes);
	return st;
}

static enum status
other_answer(struct message *m, enum shell_slot slot)
{
	if (slot == SHELL_RESET) {
		machine.reset++;
		return RC_UNSUPPORTED;
	}
	if (slot == SHELL_DMA_SPACES && m->word[0] == DMA_SPACES_QUERY) {
		m->word[1] = m->word[2] = 0;
		return RC_NOT_FOUND;
	}
	if (slot == SHELL_COUNT) {
		m->word[1] = 77;
		m->word[2] = 1;
		m->word[3] = 2;
		return RC_OK;
	}
	return RC_VOID;
}

/* Of number 3 it does not say: that is none of those below it. */
static enum status
bank_answer(struct message *m)
{
	if (m->word[0] != BANK_BELOW || m->word[1] == 3)
		return m->word[0] == BANK_BELOW ? RC_NOT_FOUND : RC_VOID;
	m->word[3] = 0;
	m->word[2] = m->word[1] == 0 ? UINT64_MAX : 40;
	m->word[1] = m->word[1] == 0 ? 300 : 12;
	return RC_OK;
}

static enum status
answer(struct message *m, unsigned reg)
{
	enum shell_slot slot;

	if (reg == REG_NODE) {
		CU_ASSERT_EQUAL(m->word[0], NODE_GET);
		machine.at[m->control >> CONTROL_RECEIVE_SHIFT & 15] =
		    (enum shell_slot)m->word[1];
		return machine.node;
	}
	if (reg == REG_BANK)
		return bank_answer(m);
	if (reg != REG_T0 && reg != REG_T1)
		return RC_VOID;
	slot = machine.at[reg];
	if (machine.restarts > 0) {
		machine.restarts--;
		return RC_RESTARTED;
	}
	if (machine.answer[slot] != RC_OK)
		return machine.answer[slot];
	if (slot == SHELL_IRQ_SPACE)
		return kernel_answer(m, irq_answer);
	if (slot == SHELL_DEVDB)
		return devdb_answer(m);
	if (slot == SHELL_KINFO)
		return kernel_answer(m, kinfo_answer);
	if (slot == SHELL_STORE)
		return store_answer(m);
	if (slot == SHELL_BROKER)
		return broker_answer(m);
	return other_answer(m, slot);
}

bool
wait_for(uint64_t nanoseconds)
{
	machine.waited += nanoseconds;
	return !machine.restarts_waiting;
}

void
ant_invoke(struct message *m)
{
	unsigned    reg = m->control >> CONTROL_CAP_SHIFT & 31;
	enum status st = answer(m, reg);

	m->word[0] = (uint64_t)st;
}

static void
start(void)
{
	machine = (struct machine){0};
	typed_start();
	call.note = &note;
}

static unsigned
lines(const char *text)
{
	unsigned n = 0;

	for (; *text != 0; text++)
		n += *text == '\n';
	return n;
}

/* No line of it is wider than a terminal. */
static bool
fits(const char *text)
{
	while (*text != 0 && strcspn(text, "\r\n") < 80) {
		text += strcspn(text, "\n");
		text += *text != 0;
	}
	return *text == 0;
}

/* cmd.help.1: each command is listed, and known. */
static void
help_lists_all(void)
{
	start();
	(void)typed("help");
	for (const struct command *k = commands; k->name != NULL; k++)
		CU_ASSERT_PTR_NOT_NULL(strstr(shown, k->name));
	CU_ASSERT(fits(shown));
	CU_ASSERT_STRING_EQUAL(typed("help dev"),
	    "dev    [why | suspend | resume DEVICE, name DEVICE NAME]\r\n"
	    "                               devices, names; why one is bound; "
	    "let it sleep\r\n");
	CU_ASSERT_EQUAL(lines(typed("help ckpt")), 1);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "every SECONDS"));
	CU_ASSERT_EQUAL(strcmp(typed(""), ""), 0);
	CU_ASSERT_EQUAL(strcmp(typed("  \t "), ""), 0);
}

/* cmd.unknown.1: one line says what was expected. */
static void
unknown_commands_say_what_is_expected(void)
{
	static const char *const wrong[] = {"irq 4", "help me too", "ps -a",
	    "caps", "caps a b", "ckpt soon", "ckpt every", "ckpt every x",
	    "ckpt every 99999999", "dev a b", "dev why", "dev name", "gen 3",
	    "count up", "fill 1 2 3", "halt please", "reboot 1 2", "note x",
	    "log 1", "edu", "edu x", "edu copy", "date 5", "date set",
	    "random 1 2", "mem 1", "dma x", "mmio x", "ports x", "disk read",
	    "disk read 0", "disk write 0 0"};

	start();
	CU_ASSERT(fits(typed("foo 1 2")));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, " halt reboot\r\n"));
	CU_ASSERT(fits(typed("drv restart")));
	CU_ASSERT_EQUAL(strncmp(shown, "expected: drv, ", 15), 0);
	(void)typed("foo 1 2");
	CU_ASSERT_PTR_NOT_NULL(strstr(
	    shown, "foo: unknown command; expected one of help ps caps irq"));
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		CU_ASSERT_EQUAL(lines(typed(wrong[i])), 1);
		CU_ASSERT_EQUAL_FATAL(strncmp(shown, "expected: ", 10), 0);
	}
	CU_ASSERT_STRING_EQUAL(
	    typed("1 2 3 4 5 6 7 8 9 10 11 12 13"), "too many arguments\r\n");
	CU_ASSERT_EQUAL(machine.halted + machine.reset + machine.off, 0);
}

/* cmd.edu.1, cmd.date.1, cmd.random.1: what a device has to say. */
static void
small_devices(void)
{
	start();
	CU_ASSERT_STRING_EQUAL(typed("edu 5"), "5! = 120\r\n");
	CU_ASSERT_STRING_EQUAL(
	    typed("edu 13"), "edu: N is at most 12: 13! has 33 bits\r\n");
	CU_ASSERT_STRING_EQUAL(typed("edu copy a-b"), "a-b\r\n");
	CU_ASSERT_STRING_EQUAL(typed("date"), "2000-02-29 00:00:00\r\n");
	CU_ASSERT_STRING_EQUAL(
	    typed("date set 951782400"), "2000-02-29 00:00:00\r\n");
	CU_ASSERT_STRING_EQUAL(typed("date set 5"),
	    "date: the clock knows the years 2000 to 2099 only\r\n");
	CU_ASSERT_STRING_EQUAL(typed("random 4"), "de ad 00 0f\r\n");
	machine.answer[SHELL_BROKER] = RC_NOT_FOUND;
	CU_ASSERT_STRING_EQUAL(typed("random"),
	    "random: no driver of a source of entropy is up; dev and drv "
	    "show what is\r\n");
	machine.answer[SHELL_BROKER] = RC_OK;
	machine.restarts = 1; /* The order is given again. */
	CU_ASSERT_STRING_EQUAL(typed("edu 5"), "5! = 120\r\n");
}

/* cmd.ps.1: processes with and without an activity; the list ends. */
static void
ps_lists_all(void)
{
	start();
	CU_ASSERT_EQUAL(lines(typed("ps")), 10);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "  -         0     0"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "  sixteen bytes ok\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "15+r31"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "r31      50000       10000       2           77          3\r\n"
	    "21 % of the processor is reserved\r\n"
	    "\r\n"
	    "bank   frames    limit     held by\r\n"
	    "0      300       -         sixteen bytes ok\r\n"
	    "7      12        40        sixteen bytes ok\r\n"));
}

/* cmd.irq.1: a header and a line for each line or vector. */
static void
irq_lists_lines(void)
{
	start();
	CU_ASSERT_STRING_EQUAL(typed("irq"),
	    "irq    kind   owner                            deliveries  "
	    "unhandled  masked\r\n"
	    "4      edge   uart com1                        12          0"
	    "          no\r\n"
	    "10     level  free                             0           0"
	    "          yes\r\n"
	    "65     MSI    virtio-blk 00:03.0               0           99"
	    "         storm\r\n"
	    "236    edge   kernel                           0           0"
	    "          no\r\n");
}

/* cmd.dma.1: an empty list has its header, and says what is enforced. */
static void
dma_says_what_is_enforced(void)
{
	start();
	CU_ASSERT_PTR_NOT_NULL(strstr(typed("dma"), "not enforced"));
	CU_ASSERT_EQUAL(lines(shown), 2);
}

/*
 * cmd.dev.1: devices, and why one is bound; what drivers say does not command the
 * terminal.
 */
static void
dev_lists_and_explains(void)
{
	start();
	(void)typed("dev");
	CU_ASSERT_EQUAL(lines(shown), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "00:03.0  bound      not enforced  1 MSI   "
	    "virtio-blk      1af4:1042 virtio block\r\n"));
	CU_ASSERT_STRING_EQUAL(
	    typed("dev 00:03.0"), "because\r\n?[2J\r\n");
	CU_ASSERT_STRING_EQUAL(
	    typed("dev 11:11.1"), "dev: no device '11:11.1'; dev lists them\r\n");
}

/* cmd.restart.1: a query that a restart cuts off is asked again. */
static void
queries_survive_a_restart(void)
{
	start();
	machine.restarts = 1;
	CU_ASSERT_EQUAL(lines(typed("dev")), 2);
	machine.restarts = 2;
	CU_ASSERT_EQUAL(lines(typed("gen")), 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "7           3       120         2000-02-29 00:00:00  "
	    "current booted\r\n"));
}

/* cmd.ckpt.1: now, every, and a restart meanwhile (S3). */
static void
checkpoints(void)
{
	start();
	CU_ASSERT_STRING_EQUAL(typed("ckpt now"), "generation 8\r\n");
	CU_ASSERT_STRING_EQUAL(typed("ckpt every 5"),
	    "schedule     5000 ms after a change\r\n"
	    "before       2000 ms after a change\r\n");
	CU_ASSERT_EQUAL(machine.schedule, 5000);
	machine.restarts = 1;
	CU_ASSERT_STRING_EQUAL(
	    typed("ckpt now"), "checkpoint taken before the restart\r\n");
	CU_ASSERT_EQUAL(machine.checkpoints, 1);
}

/* cmd.halt.1: first the checkpoint, then the power. */
static void
halting(void)
{
	start();
	(void)typed("halt");
	CU_ASSERT_EQUAL(machine.halted, 1);
	CU_ASSERT_EQUAL(machine.off, 1);
	(void)typed("halt now");
	CU_ASSERT_EQUAL(machine.halted, 1);
	CU_ASSERT_EQUAL(machine.off, 2);
	(void)typed("reboot");
	CU_ASSERT_EQUAL(machine.halted, 2);
	CU_ASSERT_EQUAL(machine.reset, 1);
	/* The last checkpoint failed: the machine stays on. */
	machine.answer[SHELL_STORE] = RC_DEVICE;
	(void)typed("halt");
	CU_ASSERT_EQUAL(machine.off, 2);
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "halt now"));
	/* The driver was told: give the machine time to go off. */
	machine.can_turn_off = true;
	CU_ASSERT_PTR_NOT_NULL(strstr(typed("halt now"), "do it now"));
	CU_ASSERT(machine.waited > 0);
	machine.restarts_waiting = true;
	CU_ASSERT_STRING_EQUAL(typed("halt now"), "");
	machine.off = 2;
	/* There is no store: nothing can be lost. */
	machine.answer[SHELL_STORE] = RC_VOID;
	(void)typed("halt");
	CU_ASSERT_EQUAL(machine.off, 3);
	/* There is one, but it has found no volume. */
	machine.answer[SHELL_STORE] = RC_OK;
	machine.no_volume = true;
	(void)typed("halt");
	CU_ASSERT_EQUAL(machine.off, 4);
}

/* cmd.halt.2: the shell that comes back from the halt goes on. */
static void
halt_is_not_repeated_after_the_restart(void)
{
	start();
	machine.restarts = 1;
	CU_ASSERT_STRING_EQUAL(typed("halt"), "");
	machine.restarts = 1;
	CU_ASSERT_STRING_EQUAL(typed("reboot"), "");
	CU_ASSERT_EQUAL(machine.off + machine.reset, 0);
}

/* cmd.void.1: a shell that was not given something says so. */
static void
missing_capabilities_are_reported(void)
{
	start();
	machine.answer[SHELL_IRQ_SPACE] = RC_VOID;
	CU_ASSERT_STRING_EQUAL(typed("irq"), "irq: there is none here\r\n");
	machine.answer[SHELL_DEVDB] = RC_RIGHTS;
	CU_ASSERT_STRING_EQUAL(
	    typed("drv"), "drv: this shell may not do that\r\n");
	machine.node = RC_VOID;
	CU_ASSERT_STRING_EQUAL(typed("gen"), "gen: there is none here\r\n");
	machine.node = RC_OK;
	CU_ASSERT_STRING_EQUAL(
	    typed("count"), "77 seconds, counting, 2 restarts\r\n");
}

/* note.1: lines are appended, inserted, deleted, listed. */
static void
notes(void)
{
	start();
	note_clear(&note);
	(void)typed("note");
	CU_ASSERT(call.note_mode);
	CU_ASSERT(note_type(&note, &term, "one"));
	CU_ASSERT(note_type(&note, &term, "three"));
	CU_ASSERT(note_type(&note, &term, ".i2 two"));
	CU_ASSERT(note_type(&note, &term, "..dot"));
	CU_ASSERT_EQUAL(note.count, 4);
	CU_ASSERT_STRING_EQUAL(note.line[1], "two");
	CU_ASSERT_STRING_EQUAL(note.line[3], ".dot");
	CU_ASSERT(note_type(&note, &term, ".d1"));
	CU_ASSERT_STRING_EQUAL(note.line[0], "two");
	CU_ASSERT(note_type(&note, &term, ".d9"));
	CU_ASSERT(note_type(&note, &term, ".d0"));
	CU_ASSERT(note_type(&note, &term, ".ix"));
	CU_ASSERT(note_type(&note, &term, ".?"));
	CU_ASSERT_EQUAL(note.count, 3);
	CU_ASSERT_FALSE(note_type(&note, &term, "."));
	for (unsigned i = 0; i < 2 * NOTE_LINES; i++)
		CU_ASSERT(note_type(&note, &term, "more"));
	CU_ASSERT_EQUAL(note.count, NOTE_LINES);
	(void)typed("note clear");
	CU_ASSERT_EQUAL(note.count, 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(help_lists_all),
    RUNNER_TEST(small_devices),
    RUNNER_TEST(unknown_commands_say_what_is_expected),
    RUNNER_TEST(irq_lists_lines),
    RUNNER_TEST(ps_lists_all),
    RUNNER_TEST(dma_says_what_is_enforced),
    RUNNER_TEST(dev_lists_and_explains),
    RUNNER_TEST(queries_survive_a_restart),
    RUNNER_TEST(checkpoints),
    RUNNER_TEST(halting),
    RUNNER_TEST(halt_is_not_repeated_after_the_restart),
    RUNNER_TEST(missing_capabilities_are_reported),
    RUNNER_TEST(notes),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "command", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
