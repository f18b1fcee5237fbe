/* SPDX-License-Identifier: BSD-2-Clause */
/* A constructor's products, made in the fake kernel. */
#include <CUnit/CUnit.h>
#include <elf.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/constructor/constructor.h"

static struct {
	Elf64_Ehdr    e;
	Elf64_Phdr    p[1];
	unsigned char code[64];
} program;

static struct constructor constructor;
static struct cap         keep; /* The node in REG_NODE. */

static void
start(void)
{
	fake_reset();
	memset(&program, 0, sizeof(program));
	program.e = (Elf64_Ehdr){
	    .e_type = ET_EXEC,
	    .e_machine = EM_X86_64,
	    .e_phoff = sizeof(Elf64_Ehdr),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_phnum = 1,
	    .e_entry = 0x200000,
	};
	memcpy(program.e.e_ident, ELFMAG, SELFMAG);
	program.e.e_ident[EI_CLASS] = ELFCLASS64;
	program.e.e_ident[EI_DATA] = ELFDATA2LSB;
	program.p[0] = (Elf64_Phdr){
	    .p_type = PT_LOAD,
	    .p_flags = PF_R | PF_X,
	    .p_vaddr = 0x200000,
	    .p_offset = sizeof(program.e) + sizeof(program.p),
	    .p_filesz = 64,
	    .p_memsz = 64,
	};
	keep = fake_new_node(17);
	fake.reg[REG_NODE] = keep;
	fake.reg[REG_IN0] = fake.reg[REG_BANK];
	fake.reg[REG_IN1] = cap_make(CK_SCHEDULE, 0, 5, 0, (oid){0});
	fake.reg[REG_RESUME] = cap_resume_make(CK_RESUME, 77, (oid){1234});
	constructor = (struct constructor){0};
	CU_ASSERT_EQUAL(constructor_image(&constructor, &program,
			    sizeof(program), "thing", 5),
	    RC_OK);
	constructor.sealed = true;
}

static struct cap *
kept(unsigned slot)
{
	return &fake.node[cap_oid(&keep).v].slot[slot];
}

/* constructor.yield.1: a product holds what was inserted, no more. */
static void
products_hold_what_was_inserted(void)
{
	const struct fake_node *p;

	start();
	*kept(1) = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	*kept(9) = cap_make(CK_NUMBER, 0, 0, 9, (oid){9});
	/* What the constructor would not accept is not given either. */
	*kept(REG_PROCESS) = cap_make(CK_NUMBER, 0, 0, 1, (oid){1});
	CU_ASSERT_EQUAL_FATAL(constructor_yield(&constructor), RC_OK);
	CU_ASSERT_EQUAL(fake.reg[REG_PRODUCT].type, CK_START);
	CU_ASSERT_EQUAL(fake.reg[REG_PRODUCT].data, 0);
	p = &fake.node[cap_oid(&fake.reg[REG_PRODUCT]).v];
	for (unsigned i = 0; i < CAP_REGISTERS; i++) {
		unsigned kind = CK_VOID;

		if (i == 1)
			kind = CK_LOG;
		else if (i == REG_BANK)
			kind = CK_START;
		else if (i == REG_PROCESS)
			kind = CK_PROCESS;
		else if (i == 9)
			kind = CK_NUMBER;
		CU_ASSERT_EQUAL(p->slot[i].type, kind);
	}
	CU_ASSERT(p->started);
	CU_ASSERT_EQUAL(p->slot[SLOT_SCHEDULE].data, 5);
	CU_ASSERT_STRING_EQUAL(p->name, "thing");
	CU_ASSERT_EQUAL(fake.reg[REG_RESUME].type, CK_RESUME);
}

/* constructor.yield.2: two products share nothing that can be written. */
static void
products_are_separate(void)
{
	struct cap a, b;

	start();
	CU_ASSERT_EQUAL(constructor_yield(&constructor), RC_OK);
	a = fake.reg[REG_PRODUCT];
	CU_ASSERT_EQUAL(constructor_yield(&constructor), RC_OK);
	b = fake.reg[REG_PRODUCT];
	CU_ASSERT_NOT_EQUAL(cap_oid(&a).v, cap_oid(&b).v);
	a = fake.node[cap_oid(&a).v].slot[SLOT_SPACE];
	b = fake.node[cap_oid(&b).v].slot[SLOT_SPACE];
	CU_ASSERT_NOT_EQUAL(cap_oid(&a).v, cap_oid(&b).v);
	a = fake_walk(a, 0x200000);
	b = fake_walk(b, 0x200000);
	CU_ASSERT_NOT_EQUAL(cap_oid(&a).v, cap_oid(&b).v);
}

/* constructor.yield.3: each failure on the way is reported. */
static void
every_failure_is_reported(void)
{
	unsigned n;

	for (n = 1;; n++) {
		start();
		fake.fail_at = n;
		fake.fail_with = RC_LIMIT;
		if (constructor_yield(&constructor) == RC_OK)
			break;
		CU_ASSERT_EQUAL_FATAL(fake.calls, n);
	}
	CU_ASSERT_EQUAL(fake.calls, n - 1);
	start();
	constructor.sealed = false;
	CU_ASSERT_EQUAL(constructor_yield(&constructor), RC_STATE);
}

/* constructor.holes.1: what could carry data out is counted. */
static void
holes_are_counted(void)
{
	uint64_t holes = 99;

	start();
	*kept(1) = cap_make(CK_NUMBER, 0, 0, 9, (oid){9});
	*kept(3) = cap_make(CK_DISCRIM, 0, 0, 0, (oid){0});
	*kept(5) = cap_make(CK_NODE, CR_READ_ONLY | CR_WEAK, 16, 1, (oid){0});
	CU_ASSERT_EQUAL(constructor_holes(&holes), RC_OK);
	CU_ASSERT_EQUAL(holes, 0);
	*kept(6) = cap_make(CK_NODE, CR_READ_ONLY, 16, 1, (oid){0});
	*kept(7) = cap_make(CK_START, 0, 0, 1, (oid){3});
	*kept(15) = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	CU_ASSERT_EQUAL(constructor_holes(&holes), RC_OK);
	CU_ASSERT_EQUAL(holes, 3);
}

/* constructor.image.1: what is no program is refused; so are registers. */
static void
bad_requests_are_refused(void)
{
	struct constructor c = {0};

	start();
	CU_ASSERT_EQUAL(constructor_image(&c, &program, sizeof(program),
			    "name of sixteen!", 16),
	    RC_CORRUPT);
	CU_ASSERT_EQUAL(
	    constructor_image(&c, &program, UINT64_MAX, "x", 1), RC_CORRUPT);
	program.e.e_machine = EM_386;
	CU_ASSERT_EQUAL(
	    constructor_image(&c, &program, sizeof(program), "x", 1),
	    RC_CORRUPT);
	CU_ASSERT_EQUAL(c.bytes, 0);
	for (uint64_t i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(constructor_register_ok(i),
		    i != 0 && i != 2 && i != 4 && i < 16);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(products_hold_what_was_inserted),
    RUNNER_TEST(products_are_separate),
    RUNNER_TEST(every_failure_is_reported),
    RUNNER_TEST(holes_are_counted),
    RUNNER_TEST(bad_requests_are_refused),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "constructor", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
