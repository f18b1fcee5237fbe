/* SPDX-License-Identifier: BSD-2-Clause */
/* Keepers of foreign programs: their library, and the one for Linux (D16). */
#include <CUnit/CUnit.h>
#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include "kernel/abi/restart.order.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/lib/foreign.h"
#include "userland/rt/idl/foreign.order.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"

/* All of the keeper but its main, which is called here. */
#define main keeper_main
int main(void);
#include "userland/demo/linux/keeper.c"
#undef main

enum {
	DATA_KEEPER = 1,
	REG_CLIENT = REG_OWN,
	TEXT = 0x3000,   /* Two pages, nothing behind. */
	FIXED = 0x20000, /* One that the way leaves read-only. */
	STOP = -1,
};

/* What was answered last, by the program's or by its client's capability. */
static struct answer {
	unsigned            n;
	enum status         status;
	uint64_t            code, calls;
	struct register_set regs;
	char                text[FOREIGN_SAID];
	size_t              bytes;
} program, client;

static struct request pending; /* What the server's loop finds. */
static jmp_buf        out;
static enum status    run_status;
static struct cap     space, page[3];

void
server_wait(const struct server *sv, struct request *rq)
{
	if (pending.string_bytes > 0)
		memcpy(sv->receive, pending.string, pending.string_bytes);
	*rq = pending;
}

void
server_answer(capreg resume, enum status st, const uint64_t *words,
    const void *string, size_t bytes, capreg cap)
{
	struct answer *a = resume == REG_CLIENT ? &client : &program;

	CU_ASSERT(resume == REG_CLIENT || resume == REG_RESUME);
	CU_ASSERT_EQUAL(cap, REG_VOID);
	a->n++;
	a->status = st;
	a->code = words != NULL ? words[1] : 0;
	a->calls = words != NULL ? words[2] : 0;
	a->bytes = bytes;
	if (resume == REG_CLIENT)
		memcpy(a->text, string, bytes);
	else if (bytes == sizeof(a->regs))
		memcpy(&a->regs, string, bytes);
}

/* Back to the test: it has asked for just one thing. */
void
server_next(const struct server *sv, struct request *rq)
{
	(void)sv;
	run_status = rq->status;
	if (pending.data == DATA_KEEPER && !rq->kept) {
		CU_ASSERT(rq->whole);
		server_answer(REG_RESUME, rq->status, NULL, rq->out_string,
		    rq->out_bytes, REG_VOID);
	}
	longjmp(out, 1);
}

enum status
request_keep(struct request *rq, capreg where)
{
	CU_ASSERT_EQUAL(where, REG_CLIENT);
	rq->kept = true;
	return RC_OK;
}

/* The server's loop, until it waits again. */
static void
deliver(struct request rq)
{
	pending = rq;
	pending.source = FROM_CALL;
	if (setjmp(out) == 0)
		(void)keeper_main();
}

static enum status
ask_run(void)
{
	deliver((struct request){.word = {FOREIGN_RUN}, .caps = 1});
	return run_status;
}

static void
fault_of(uint64_t code, uint64_t way, const struct register_set *r, size_t n)
{
	static struct register_set told;

	memcpy(&told, r, n);
	deliver((struct request){.data = DATA_KEEPER,
	    .word = {KEEPER_PROCESS, code, 0, way},
	    .string = &told,
	    .string_bytes = n,
	    .caps = 1});
}

/* The program's system call; gives RAX as it finds it then. */
static int64_t
linux_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
	const struct register_set r = {
	    .regs = {.rax = number, .rdi = a, .rsi = b, .rdx = c, .r15 = 15},
	    .fs_base = 77};
	unsigned n = program.n;

	fault_of(FAULT_FOREIGN, FOREIGN_SYSCALL, &r, sizeof(r));
	CU_ASSERT_EQUAL(program.n, n + 1);
	if (program.status != (enum status)RESTART_ANSWER)
		return STOP;
	CU_ASSERT_EQUAL(program.regs.regs.r15, 15);
	CU_ASSERT_EQUAL(program.regs.fs_base, 77);
	return (int64_t)program.regs.regs.rax;
}

static void
put(struct cap node, unsigned slot, struct cap c)
{
	fake.node[cap_oid(&node).v].slot[slot] = c;
}

/* A program that runs: its space has two pages of text, and one read-only. */
static void
start(void)
{
	struct cap                process, low, high;
	const struct register_set none = {.fs_base = 0};

	fault_of(FAULT_UNMAPPED, 0, &none, 0); /* What ran before has ended. */
	fake_reset();
	process = fake_new_node(17);
	process.type = CK_PROCESS;
	space = fake_new_node(22);
	low = fake_new_node(17);
	high = fake_new_node(17);
	for (unsigned i = 0; i < 3; i++)
		page[i] = fake_new_page();
	put(low, 3, page[0]);
	put(low, 4, page[1]);
	put(high, 0, page[2]);
	high.rights = CR_READ_ONLY;
	put(space, 0, low);
	put(space, 1, high);
	put(process, SLOT_SPACE, space);
	fake.reg[REG_IN0] = process;
	for (unsigned i = 0; i < PAGE_SIZE; i++) {
		fake_page_bytes(page[0])[i] = (uint8_t)('a' + i % 26);
		fake_page_bytes(page[1])[i] = (uint8_t)('A' + i % 26);
	}
	memset(&program, 0, sizeof(program));
	memset(&client, 0, sizeof(client));
	CU_ASSERT_EQUAL_FATAL(ask_run(), RC_OK);
}

/* linux.hello.1 (D16): what a program says, and that it ends. */
static void
hello(void)
{
	start();
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, TEXT, 5), 5);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDERR, TEXT + 2, 3), 3);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, 0x999999, 0), 0);
	CU_ASSERT_EQUAL(ask_run(), RC_BUSY);
	CU_ASSERT_EQUAL(client.n, 0);
	CU_ASSERT_EQUAL(linux_call(EXIT_GROUP, 0x1ff, 0, 0), STOP);
	CU_ASSERT_EQUAL(program.status, (enum status)RESTART_KILL);
	CU_ASSERT(client.n == 1 && client.status == RC_OK &&
	    client.code == 0xff && client.calls == 4 && client.bytes == 8);
	CU_ASSERT_EQUAL(memcmp(client.text, "abcdecde", 8), 0);
	/* The next one begins anew. */
	start();
	CU_ASSERT_EQUAL(linux_call(EXIT, 3, 0, 0), STOP);
	CU_ASSERT(client.status == RC_OK && client.code == 3 &&
	    client.calls == 1 && client.bytes == 0);
}

/* linux.calls.1: calls that are none of its, and arguments that are none. */
static void
bad_calls(void)
{
	start();
	CU_ASSERT_EQUAL(linux_call(0, 0, 0, 0), -ENOSYS);
	CU_ASSERT_EQUAL(linux_call(UINT64_MAX, 0, 0, 0), -ENOSYS);
	CU_ASSERT_EQUAL(linux_call(WRITE, 0, TEXT, 5), -EBADF);
	CU_ASSERT_EQUAL(linux_call(WRITE, 3, TEXT, 5), -EBADF);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, 0x5000, 5), -EFAULT);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, 0x40000, 5), -EFAULT);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, 1 << 22, 5), -EFAULT);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, UINT64_MAX, 5), -EFAULT);
	CU_ASSERT_EQUAL(linux_call(WRITE, STDOUT, TEXT + 8190, 5), -EFAULT);
	CU_ASSERT_EQUAL(linux_call(EXIT, 0, 0, 0), STOP);
	CU_ASSERT(client.bytes == 0 && client.calls == 10);
}

/* linux.write.1: no more than there is room for, over the end of a page. */
static void
much_is_written(void)
{
	start();
	CU_ASSERT_EQUAL(linux_call(WRITE, 1, TEXT + 4090, 12), 12);
	CU_ASSERT_EQUAL(
	    linux_call(WRITE, 1, TEXT, UINT64_MAX), FOREIGN_SAID - 12);
	CU_ASSERT_EQUAL(linux_call(WRITE, 1, TEXT, 1), -ENOSPC);
	CU_ASSERT_EQUAL(linux_call(WRITE, 1, TEXT, 0), 0);
	CU_ASSERT_EQUAL(linux_call(EXIT, 0, 0, 0), STOP);
	CU_ASSERT_EQUAL(client.bytes, FOREIGN_SAID);
	CU_ASSERT_EQUAL(memcmp(client.text, "ijklmnABCDEFabc", 15), 0);
}

/* foreign.fault.1 (D16): what is no call of that system ends it. */
static void
other_faults(void)
{
	static const struct {
		uint64_t code, way;
		size_t   bytes;
	} bad[] = {
	    {FAULT_UNMAPPED, FOREIGN_SYSCALL, sizeof(struct register_set)},
	    {FAULT_FOREIGN, FOREIGN_SYSENTER, sizeof(struct register_set)},
	    {FAULT_FOREIGN, 0x80, sizeof(struct register_set)},
	    {FAULT_FOREIGN, FOREIGN_SYSCALL, 0}, /* An opaque keeper slot. */
	    {FAULT_FOREIGN, FOREIGN_SYSCALL, sizeof(struct register_set) - 1},
	};
	const struct register_set r = {.regs.rax = WRITE};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		start();
		fault_of(bad[i].code, bad[i].way, &r, bad[i].bytes);
		CU_ASSERT(program.n == 1 &&
		    program.status == (enum status)RESTART_KILL);
		CU_ASSERT(client.n == 1 && client.status == RC_STATE);
	}
}

/* foreign.memory.1: both ways, over page ends, and only where it may. */
static void
memory(void)
{
	char text[8];

	start();
	CU_ASSERT_EQUAL(foreign_write(TEXT + 4094, "1234", 4), RC_OK);
	CU_ASSERT_EQUAL(foreign_read(text, TEXT + 4092, 8), RC_OK);
	CU_ASSERT_EQUAL(memcmp(text, "kl1234CD", 8), 0);
	CU_ASSERT_EQUAL(foreign_write(TEXT + 8191, "12", 2), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(foreign_read(text, UINT64_MAX, 2), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(foreign_read(text, FIXED, 4), RC_OK);
	CU_ASSERT_EQUAL(foreign_write(FIXED, "1", 1), RC_RIGHTS);
	CU_ASSERT_EQUAL(fake_page_bytes(page[2])[0], 0);
	CU_ASSERT_EQUAL(foreign_say(TEXT, FOREIGN_SAID + 1), RC_LIMIT);
	CU_ASSERT_EQUAL(foreign_room(), FOREIGN_SAID);
}

/* foreign.memory.2: a space that has no end, and what is no process. */
static void
strange_spaces(void)
{
	struct cap loop = fake_new_node(22);
	char       byte;

	start();
	/* Spans that do not become less, which no kernel maps. */
	put(space, 0, space);
	CU_ASSERT_EQUAL(foreign_read(&byte, 0, 1), RC_NOT_FOUND);
	put(space, 0, loop);
	CU_ASSERT_EQUAL(foreign_read(&byte, 0, 1), RC_NOT_FOUND);
	/* This one might never answer, and the fake would not like it. */
	fake.reg[REG_IN0].type = CK_START;
	CU_ASSERT_EQUAL(foreign_read(&byte, TEXT, 1), RC_NOT_FOUND);
	for (unsigned i = 1; i < 12; i++) {
		start();
		fake.calls = 0;
		fake.fail_at = i;
		fake.fail_with = RC_VOID;
		if (foreign_write(TEXT, "1", 1) == RC_OK) {
			CU_ASSERT(i > 6);
			break;
		}
		CU_ASSERT_EQUAL(fake_page_bytes(page[0])[0], 'a');
	}
	CU_ASSERT_EQUAL(fake_page_bytes(page[0])[0], '1');
}

static const struct runner_test tests[] = {
    RUNNER_TEST(hello),
    RUNNER_TEST(bad_calls),
    RUNNER_TEST(much_is_written),
    RUNNER_TEST(other_faults),
    RUNNER_TEST(memory),
    RUNNER_TEST(strange_spaces),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "foreign", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
