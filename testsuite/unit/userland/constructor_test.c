/* SPDX-License-Identifier: BSD-2-Clause */
/* A constructor's products, made in the fake kernel. */
#include <CUnit/CUnit.h>
#include <elf.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/constructor/constructor.h"
#include "userland/rt/build.h"
#include "userland/rt/idl/constructor.order.h"

enum {
	TEXT = 0x200000,
	DATA = 0x201000, /* In the same leaf. */
	FAR = 0x280000,  /* In another: zeros only. */
	STACK = 3,       /* Pages. */
	MAKER = 2000,    /* OIDs of processes. */
	GOOD,
	LEAKY,
};

static struct {
	Elf64_Ehdr    e;
	Elf64_Phdr    p[3];
	unsigned char code[64];
	unsigned char data[64];
} program;

static struct constructor constructor;
static struct cap         keep; /* The node in REG_NODE. */

static void
make_program(void)
{
	memset(&program, 0, sizeof(program));
	program.e = (Elf64_Ehdr){
	    .e_type = ET_EXEC,
	    .e_machine = EM_X86_64,
	    .e_phoff = sizeof(Elf64_Ehdr),
	    .e_phentsize = sizeof(Elf64_Phdr),
	    .e_phnum = 3,
	    .e_entry = TEXT,
	};
	memcpy(program.e.e_ident, ELFMAG, SELFMAG);
	program.e.e_ident[EI_CLASS] = ELFCLASS64;
	program.e.e_ident[EI_DATA] = ELFDATA2LSB;
	program.p[0] = (Elf64_Phdr){.p_type = PT_LOAD,
	    .p_flags = PF_R | PF_X,
	    .p_vaddr = TEXT,
	    .p_offset = sizeof(program.e) + sizeof(program.p),
	    .p_filesz = 64,
	    .p_memsz = 64};
	program.p[1] = (Elf64_Phdr){.p_type = PT_LOAD,
	    .p_flags = PF_R | PF_W,
	    .p_vaddr = DATA,
	    .p_offset = sizeof(program.e) + sizeof(program.p) + 64,
	    .p_filesz = 64,
	    .p_memsz = 2 * PAGE_SIZE};
	program.p[2] = (Elf64_Phdr){.p_type = PT_LOAD,
	    .p_flags = PF_R | PF_W,
	    .p_vaddr = FAR,
	    .p_memsz = PAGE_SIZE};
	memset(program.code, 0xc3, sizeof(program.code));
	memset(program.data, 0xda, sizeof(program.data));
}

static enum status
image(void)
{
	return construct_image(
	    &constructor, &program, sizeof(program), STACK, "thing", 5);
}

static void
empty(void)
{
	fake_reset();
	make_program();
	keep = fake_new_node(17);
	fake.reg[REG_NODE] = keep;
	fake.reg[REG_IN0] = fake.reg[REG_BANK];
	fake.reg[REG_IN1] = cap_make(CK_SCHEDULE, 0, 5, 0, (oid){0});
	fake.reg[REG_RESUME] = cap_resume_make(CK_RESUME, 77, (oid){1234});
	constructor = (struct constructor){0};
}

static void
start(void)
{
	empty();
	CU_ASSERT_EQUAL_FATAL(image(), RC_OK);
}

static struct cap *
kept(unsigned slot)
{
	return &fake.node[cap_oid(&keep).v].slot[slot];
}

static void
insert(unsigned n, struct cap c)
{
	fake.reg[REG_IN0] = c;
	CU_ASSERT_EQUAL_FATAL(construct_insert(&constructor, n), RC_OK);
	fake.reg[REG_IN0] = fake.reg[REG_BANK];
}

static void
seal(void)
{
	CU_ASSERT_EQUAL_FATAL(construct_seal(&constructor), RC_OK);
}

static struct cap
space_of(struct cap product)
{
	return fake.node[cap_oid(&product).v].slot[SLOT_SPACE];
}

/* constructor.yield.1: a product holds what was inserted, no more. */
static void
products_hold_what_was_inserted(void)
{
	const struct fake_node *p;

	start();
	insert(1, cap_make(CK_LOG, 0, 0, 0, (oid){0}));
	insert(9, cap_make(CK_NUMBER, 0, 0, 9, (oid){9}));
	insert(10, cap_make(CK_NUMBER, 0, 0, 9, (oid){9}));
	insert(10, (struct cap){0});
	/* What the constructor would not accept is not given either. */
	*kept(REG_PROCESS) = cap_make(CK_NUMBER, 0, 0, 1, (oid){1});
	seal();
	CU_ASSERT_EQUAL_FATAL(construct_yield(&constructor), RC_OK);
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
	CU_ASSERT_EQUAL(p->slot[SLOT_KEEPER].type, CK_VOID);
	CU_ASSERT_EQUAL(p->slot[SLOT_BRAND].type, CK_NODE);
	CU_ASSERT_STRING_EQUAL(p->name, "thing");
	CU_ASSERT_EQUAL(fake.reg[REG_RESUME].type, CK_RESUME);
}

static unsigned
byte_at(struct cap space, uint64_t address)
{
	struct cap page = fake_walk(space, address);

	CU_ASSERT_EQUAL_FATAL(page.type, CK_PAGE);
	return fake_page_bytes(page)[address % PAGE_SIZE];
}

static bool
same_page(struct cap a, struct cap b, uint64_t address)
{
	a = fake_walk(a, address);
	b = fake_walk(b, address);
	CU_ASSERT_EQUAL_FATAL(a.type, CK_PAGE);
	return cap_oid(&a).v == cap_oid(&b).v;
}

/*
 * constructor.yield.2: two products share what neither can write, and nothing
 * else; by no way through nodes can they reach a shared one to write to.
 */
static void
products_are_separate(void)
{
	struct cap a, b;

	start();
	seal();
	CU_ASSERT_EQUAL_FATAL(construct_yield(&constructor), RC_OK);
	a = space_of(fake.reg[REG_PRODUCT]);
	CU_ASSERT_EQUAL_FATAL(construct_yield(&constructor), RC_OK);
	b = space_of(fake.reg[REG_PRODUCT]);
	CU_ASSERT_NOT_EQUAL(cap_oid(&a).v, cap_oid(&b).v);
	CU_ASSERT(same_page(a, b, TEXT));
	CU_ASSERT_EQUAL(fake_walk(a, TEXT).rights, CR_READ_ONLY);
	CU_ASSERT_EQUAL(byte_at(a, TEXT), 0xc3);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t at = i < 2 ? DATA + i * PAGE_SIZE : FAR;

		CU_ASSERT_FALSE(same_page(a, b, at));
		CU_ASSERT_EQUAL(fake_walk(a, at).rights, CR_NO_EXECUTE);
		CU_ASSERT_EQUAL(byte_at(a, at), i == 0 ? 0xda : 0);
	}
	for (unsigned i = 0; i < STACK; i++)
		CU_ASSERT_EQUAL(
		    fake_walk(a, BUILD_STACK + i * PAGE_SIZE).rights,
		    CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(fake_walk(a, BUILD_STACK + STACK * PAGE_SIZE).type,
	    CK_VOID);
	/* The template's own leaf is read-only to those who hold it. */
	CU_ASSERT(kept(TEMPLATE_SLOT)->rights & CR_READ_ONLY);
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		struct cap leaf =
		    fake.node[cap_oid(kept(TEMPLATE_SLOT)).v].slot[i];

		CU_ASSERT(leaf.type == CK_VOID ||
		    (leaf.rights & CR_READ_ONLY) != 0);
	}
}

/* constructor.yield.3: each failure on the way is reported. */
static void
every_failure_is_reported(void)
{
	unsigned n, before;

	for (n = 1;; n++) {
		start();
		insert(1, cap_make(CK_LOG, 0, 0, 0, (oid){0}));
		seal();
		before = fake.calls;
		fake.fail_at = before + n;
		fake.fail_with = RC_LIMIT;
		if (construct_yield(&constructor) == RC_OK)
			break;
		CU_ASSERT_EQUAL_FATAL(fake.calls, before + n);
	}
	CU_ASSERT(n > 30);
	start();
	CU_ASSERT_EQUAL(construct_yield(&constructor), RC_STATE);
	seal();
	fake.reg[REG_IN0] = cap_make(CK_START, 0, 0, 1, (oid){GOOD});
	CU_ASSERT_EQUAL(construct_yield(&constructor), RC_CAPABILITY);
}

/* constructor.image.2: an image that cannot be had leaves nothing behind. */
static void
failed_images_leave_nothing(void)
{
	for (unsigned n = 1;; n++) {
		empty();
		fake.fail_at = n;
		fake.fail_with = RC_LIMIT;
		if (image() == RC_OK)
			break;
		CU_ASSERT_EQUAL(constructor.stack_pages, 0);
		/* What failed to be put in is lost to the bank's owner. */
		CU_ASSERT(fake.nodes - 1 + fake.pages <= fake.freed + 2);
		fake.fail_at = 0;
		CU_ASSERT_EQUAL(image(), RC_OK);
		CU_ASSERT(n < 60);
	}
	CU_ASSERT_EQUAL(image(), RC_STATE);
}

/* Two processes: one is a sealed constructor without holes. */
static enum status
others(struct message *m, struct cap self, struct cap sent)
{
	if (cap_oid(&self).v == MAKER) {
		CU_ASSERT_EQUAL(m->word[0], CONSTRUCTOR_BRANDED);
		m->word[1] = cap_oid(&sent).v == GOOD ||
		    cap_oid(&sent).v == LEAKY;
		return RC_OK;
	}
	CU_ASSERT_EQUAL_FATAL(m->word[0], CONSTRUCTOR_HOLES);
	m->word[1] = cap_oid(&self).v == LEAKY;
	return RC_OK;
}

/* constructor.holes.1: what could carry data out is counted and listed. */
static void
holes_are_listed(void)
{
	const struct cap good = cap_make(CK_START, 0, 0, 1, (oid){GOOD});
	uint64_t         n = 0, kind = 0, rights = 0;

	start();
	fake.other = others;
	insert(1, cap_make(CK_NUMBER, 0, 0, 9, (oid){9}));
	insert(3, cap_make(CK_DISCRIM, 0, 0, 0, (oid){0}));
	insert(5, cap_make(CK_NODE, CR_READ_ONLY | CR_WEAK, 16, 1, (oid){0}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 0);
	CU_ASSERT_EQUAL(construct_hole(&constructor, 0, &n, &kind, &rights),
	    RC_NOT_FOUND);
	insert(6, cap_make(CK_NODE, CR_READ_ONLY, 16, 1, (oid){0}));
	insert(7, good); /* Nobody vouches for it yet. */
	insert(15, cap_make(CK_LOG, 0, 0, 0, (oid){0}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 3);
	CU_ASSERT_EQUAL(
	    construct_hole(&constructor, 0, &n, &kind, &rights), RC_OK);
	CU_ASSERT(n == 6 && kind == CK_NODE && rights == CR_READ_ONLY);
	CU_ASSERT_EQUAL(
	    construct_hole(&constructor, 2, &n, &kind, &rights), RC_OK);
	CU_ASSERT(n == 15 && kind == CK_LOG);
	CU_ASSERT_EQUAL(construct_hole(&constructor, 3, &n, &kind, &rights),
	    RC_NOT_FOUND);
	*kept(MAKER_SLOT) = cap_make(CK_START, 0, 0, 1, (oid){MAKER});
	insert(7, good);
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 2);
	insert(7, cap_make(CK_START, 0, 0, 1, (oid){LEAKY}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 3);
	insert(7, cap_make(CK_START, 0, DATA_BUILDER, 1, (oid){GOOD}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 3);
	insert(7, (struct cap){0});
	insert(6, (struct cap){0});
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 1);
}

/*
 * constructor.holes.2: what a boot service leads to looks like a number today; it
 * may be a way out after the next boot (F6).
 */
static void
boot_services_are_holes(void)
{
	start();
	insert(1, cap_make(CK_BOOTSVC, 0, 1, 0, (oid){0}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 1);
}

/* constructor.insert.2: the keeper of products is inserted, and is a hole. */
static void
keepers_are_holes(void)
{
	const struct fake_node *p;
	uint64_t                n = 0, kind = 0, rights = 0;

	start();
	fake.reg[REG_IN0] = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	CU_ASSERT_EQUAL(
	    construct_insert(&constructor, SLOT_KEEPER), RC_ARGUMENT);
	insert(SLOT_KEEPER, cap_make(CK_START, 0, 16, 1, (oid){GOOD}));
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 1);
	CU_ASSERT_EQUAL(
	    construct_hole(&constructor, 0, &n, &kind, &rights), RC_OK);
	CU_ASSERT(n == SLOT_KEEPER && kind == CK_START);
	seal();
	CU_ASSERT_EQUAL_FATAL(construct_yield(&constructor), RC_OK);
	p = &fake.node[cap_oid(&fake.reg[REG_PRODUCT]).v];
	CU_ASSERT_EQUAL(p->slot[SLOT_KEEPER].type, CK_START);
	CU_ASSERT_EQUAL(p->slot[SLOT_KEEPER].data, 16);
	insert(SLOT_KEEPER, (struct cap){0});
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 0);
}

/* constructor.discreet.1: a requestor may accept holes that it knows. */
static void
known_holes_are_accepted(void)
{
	const struct cap log = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	struct cap       node;
	uint64_t         left = 9;

	start();
	insert(1, log);
	insert(3, cap_make(CK_CLOCK, 0, 0, 0, (oid){0}));
	fake.reg[REG_IN0] = (struct cap){0};
	CU_ASSERT_EQUAL(construct_others(&constructor, &left), RC_OK);
	CU_ASSERT_EQUAL(left, 2);
	node = fake_new_node(17);
	fake.node[cap_oid(&node).v].slot[30] = log;
	fake.reg[REG_IN0] = node;
	CU_ASSERT_EQUAL(construct_others(&constructor, &left), RC_OK);
	CU_ASSERT_EQUAL(left, 1);
	fake.node[cap_oid(&node).v].slot[31] =
	    cap_make(CK_CLOCK, 0, 0, 0, (oid){0});
	CU_ASSERT_EQUAL(construct_others(&constructor, &left), RC_OK);
	CU_ASSERT_EQUAL(left, 0);
	fake.reg[REG_IN0] = log;
	CU_ASSERT_EQUAL(
	    construct_others(&constructor, &left), RC_CAPABILITY);
}

/* constructor.adopt.1: what system.dts has put in counts like the rest. */
static void
given_nodes_are_adopted(void)
{
	start();
	*kept(1) = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	*kept(5) = cap_make(CK_DISCRIM, 0, 0, 0, (oid){0});
	*kept(REG_BANK) = cap_make(CK_LOG, 0, 0, 0, (oid){0});
	CU_ASSERT_EQUAL(construct_adopt(&constructor), RC_OK);
	CU_ASSERT_EQUAL(construct_hole_count(&constructor), 1);
	CU_ASSERT_EQUAL(constructor.inserted, 1 << 1 | 1 << 5);
	*kept(BRAND_SLOT) = fake_new_node(17);
	seal();
	CU_ASSERT_EQUAL(fake.pages, 2); /* Nothing was bought for it. */
	CU_ASSERT_EQUAL(fake.nodes, 5);
}

/* constructor.image.1: what is no program is refused; so are registers. */
static void
bad_requests_are_refused(void)
{
	struct constructor *c = &constructor;

	empty();
	CU_ASSERT_EQUAL(construct_seal(c), RC_STATE);
	CU_ASSERT_EQUAL(construct_image(c, &program, sizeof(program), STACK,
			    "name of sixteen!", 16),
	    RC_CORRUPT);
	CU_ASSERT_EQUAL(construct_image(c, &program, UINT64_MAX, STACK, "x", 1),
	    RC_CORRUPT);
	CU_ASSERT_EQUAL(
	    construct_image(c, &program, sizeof(program), 0, "x", 1),
	    RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    construct_image(c, &program, sizeof(program), 33, "x", 1),
	    RC_ARGUMENT);
	program.p[2].p_vaddr = UINT64_C(1) << TEMPLATE_SPAN;
	CU_ASSERT_EQUAL(image(), RC_LIMIT);
	program.e.e_machine = EM_386;
	CU_ASSERT_EQUAL(image(), RC_CORRUPT);
	CU_ASSERT_EQUAL(c->stack_pages, 0);
	CU_ASSERT_EQUAL(fake.calls, 0);
	for (uint64_t i = 0; i < 20; i++)
		CU_ASSERT_EQUAL(construct_insert(c, i),
		    (i != 0 && i != 2 && i != 4 && i < 16) || i == SLOT_KEEPER
			? RC_OK
			: RC_ARGUMENT);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(products_hold_what_was_inserted),
    RUNNER_TEST(products_are_separate),
    RUNNER_TEST(every_failure_is_reported),
    RUNNER_TEST(failed_images_leave_nothing),
    RUNNER_TEST(holes_are_listed),
    RUNNER_TEST(boot_services_are_holes),
    RUNNER_TEST(keepers_are_holes),
    RUNNER_TEST(known_holes_are_accepted),
    RUNNER_TEST(given_nodes_are_adopted),
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
