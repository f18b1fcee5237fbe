/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: what a walk allows, which tables it shares. */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

enum { PAGES = 4096 };

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
}

/* Is this address reached, and at this page? */
static bool
reaches(struct space *s, uint64_t v, enum fault_access a, struct frame *page)
{
	struct reach r = space_access(s, v, a);

	return r.how == REACHED &&
	    r.physical == (frame_paddr(page).v | (v & 0xfff));
}

static bool
faults(struct space *s, uint64_t v, enum fault_access a, enum fault_code code)
{
	struct reach r = space_access(s, v, a);

	return r.how == FAULTED && r.fault.code == code;
}

/* A page is a segment by itself. */
static void
page_as_space(void)
{
	struct frame *p;
	struct space  s;

	start();
	p = make_page(1);
	space_make(&s, page_cap(p, 0));
	CU_ASSERT_TRUE(reaches(&s, 0x123, ACCESS_WRITE, p));
	CU_ASSERT_TRUE(faults(&s, 0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(
	    faults(&s, UINT64_C(1) << 47, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&s, ~UINT64_C(0), ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* A tree of nodes; small segments in larger slots are at their beginning. */
static void
tree_of_nodes(void)
{
	struct frame *n, *p[4];
	struct space  s;

	start();
	n = make_nodes(10);
	for (unsigned i = 0; i < 4; i++)
		p[i] = make_page(i);
	*slot_of(n, 0, 0) = node_cap(n, 1, 22, 0);
	*slot_of(n, 0, 7) = node_cap(n, 2, 17, 0); /* Slots are 2^22. */
	*slot_of(n, 0, 31) = page_cap(p[3], 0);
	*slot_of(n, 1, 5) = node_cap(n, 3, 17, 0);
	*slot_of(n, 3, 2) = page_cap(p[0], 0);
	*slot_of(n, 2, 0) = page_cap(p[1], 0);
	*slot_of(n, 2, 31) = page_cap(p[2], 0);
	space_make(&s, node_cap(n, 0, 27, 0));
	CU_ASSERT_TRUE(reaches(&s, 5 << 17 | 2 << 12 | 8, ACCESS_WRITE, p[0]));
	CU_ASSERT_TRUE(reaches(&s, 7 << 22, ACCESS_READ, p[1]));
	CU_ASSERT_TRUE(reaches(&s, 7 << 22 | 31 << 12, ACCESS_WRITE, p[2]));
	CU_ASSERT_TRUE(
	    faults(&s, 7 << 22 | 1 << 17, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(reaches(&s, UINT64_C(31) << 22, ACCESS_READ, p[3]));
	CU_ASSERT_TRUE(
	    faults(&s, UINT64_C(31) << 22 | 4096, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(
	    faults(&s, UINT64_C(1) << 27, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* S1: a child larger than its slot is malformed, and so are loops. */
static void
S1_malformed(void)
{
	struct frame *n;
	struct space  s;

	start();
	n = make_nodes(10);
	*slot_of(n, 0, 0) = node_cap(n, 1, 23, 0);
	*slot_of(n, 0, 1) = node_cap(n, 0, 27, 0);
	*slot_of(n, 0, 2) = cap_number_make(5, 5);
	*slot_of(n, 0, 3) = node_cap(n, 2, 16, 0); /* Slots below a page. */
	space_make(&s, node_cap(n, 0, 27, 0));
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_MALFORMED));
	CU_ASSERT_TRUE(faults(&s, 1 << 22, ACCESS_READ, FAULT_MALFORMED));
	CU_ASSERT_TRUE(faults(&s, 2 << 22, ACCESS_READ, FAULT_MALFORMED));
	CU_ASSERT_TRUE(faults(&s, 3 << 22, ACCESS_READ, FAULT_MALFORMED));
	/* A guard in itself keeps its span: bounded by the steps. */
	frame_nodes(n)->node[4].role = ROLE_GUARD;
	*slot_of(n, 4, 0) = guard_cap(n, 4, 20, 0);
	space_make(&s, guard_cap(n, 4, 20, 0));
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_MALFORMED));
}

/* S1: one node reached with two spans gives two tables. */
static void
S1_span_is_in_the_key(void)
{
	struct frame *n, *p, *q;
	struct space  a, b;

	start();
	n = make_nodes(10);
	p = make_page(1);
	q = make_page(2);
	*slot_of(n, 0, 0) = page_cap(p, 0);
	*slot_of(n, 0, 1) = page_cap(q, 0);
	space_make(&a, node_cap(n, 0, 17, 0));
	space_make(&b, node_cap(n, 0, 22, 0));
	CU_ASSERT_TRUE(reaches(&a, 1 << 12, ACCESS_WRITE, q));
	CU_ASSERT_TRUE(reaches(&b, 1 << 17, ACCESS_WRITE, q));
	CU_ASSERT_TRUE(faults(&b, 1 << 12, ACCESS_WRITE, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&a, 1 << 17, ACCESS_WRITE, FAULT_UNMAPPED));
	map_slot_changed(oid_make(n->number, 0), 1);
	*slot_of(n, 0, 1) = (struct cap){.type = CK_VOID};
	CU_ASSERT_TRUE(faults(&a, 1 << 12, ACCESS_WRITE, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&b, 1 << 17, ACCESS_WRITE, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* S1: spaces that share a segment share its tables, top tables included. */
static void
S1_tables_are_shared(void)
{
	struct frame *n, *m, *p;
	struct space  a, b, c;
	uint32_t      before;

	start();
	n = make_nodes(10);
	m = make_nodes(11);
	p = make_page(1);
	/* A segment of 2^27 at 0 in each of two spaces of 2^32. */
	*slot_of(n, 0, 0) = node_cap(n, 1, 27, 0);
	*slot_of(m, 0, 0) = node_cap(n, 1, 27, 0);
	*slot_of(n, 1, 0) = node_cap(n, 2, 22, 0);
	*slot_of(n, 2, 0) = node_cap(n, 3, 17, 0);
	*slot_of(n, 3, 4) = page_cap(p, 0);
	space_make(&a, node_cap(n, 0, 32, 0));
	space_make(&b, node_cap(m, 0, 32, 0));
	space_make(&c, node_cap(n, 0, 32, 0));
	CU_ASSERT_TRUE(reaches(&a, 4 << 12, ACCESS_READ, p));
	before = map_table_count();
	CU_ASSERT_EQUAL(before, 4);
	CU_ASSERT_TRUE(reaches(&b, 4 << 12, ACCESS_READ, p));
	/* Its own top, level 3 and level 2; the level 1 table is shared. */
	CU_ASSERT_EQUAL(map_table_count(), before + 3);
	/* The same root: nothing new at all, not even a fault. */
	CU_ASSERT_EQUAL(space_access(&c, 4 << 12, ACCESS_READ).served, 0);
	CU_ASSERT_EQUAL(map_table_count(), before + 3);
	/* One change is seen by all. */
	map_slot_changed(oid_make(n->number, 3), 4);
	*slot_of(n, 3, 4) = (struct cap){.type = CK_VOID};
	CU_ASSERT_TRUE(faults(&a, 4 << 12, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&b, 4 << 12, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&c, 4 << 12, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* S15: rights add up; what may be written is never executed. */
static void
S15_rights(void)
{
	struct frame *n, *p;
	struct space  s;

	start();
	n = make_nodes(10);
	p = make_page(1);
	*slot_of(n, 0, 0) = page_cap(p, 0);
	*slot_of(n, 0, 1) = page_cap(p, CR_READ_ONLY);
	*slot_of(n, 0, 2) = page_cap(p, CR_READ_ONLY | CR_NO_EXECUTE);
	*slot_of(n, 0, 3) = page_cap(p, CR_WEAK);
	space_make(&s, node_cap(n, 0, 17, 0));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, p));
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_EXECUTE, FAULT_ACCESS));
	CU_ASSERT_TRUE(reaches(&s, 0x1000, ACCESS_EXECUTE, p));
	CU_ASSERT_TRUE(faults(&s, 0x1000, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_TRUE(reaches(&s, 0x2000, ACCESS_READ, p));
	CU_ASSERT_TRUE(faults(&s, 0x2000, ACCESS_EXECUTE, FAULT_ACCESS));
	CU_ASSERT_TRUE(faults(&s, 0x3000, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_TRUE(reaches(&s, 0x3000, ACCESS_EXECUTE, p));
	/* Rights of the root hold for all. */
	space_make(&s, node_cap(n, 0, 17, CR_READ_ONLY));
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_EXECUTE, p));
	space_make(&s, node_cap(n, 0, 17, CR_NO_EXECUTE));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, p));
	CU_ASSERT_TRUE(faults(&s, 0x1000, ACCESS_EXECUTE, FAULT_ACCESS));
	CU_ASSERT_TRUE(all_ok());
}

/* S15: through a weak node a guard or device is as good as void. */
static void
S15_weak_walk(void)
{
	struct frame *n, *p;
	struct space  s;

	start();
	mmio_alive = true;
	n = make_nodes(10);
	p = make_page(1);
	frame_nodes(n)->node[1].role = ROLE_GUARD;
	*slot_of(n, 1, 0) = page_cap(p, 0);
	*slot_of(n, 0, 0) = guard_cap(n, 1, 12, 0);
	*slot_of(n, 0, 1) = cap_make(
	    CK_MMIO, 0, 11, 0, oid_make(frame_of(SOURCE_PHYSICAL, 3), 0));
	*slot_of(n, 0, 2) = page_cap(p, 0);
	space_make(&s, node_cap(n, 0, 17, 0));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, p));
	CU_ASSERT_EQUAL(
	    space_access(&s, 0x1000, ACCESS_WRITE).physical, 0xfe000000);
	space_make(&s, node_cap(n, 0, 17, CR_WEAK));
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(&s, 0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(reaches(&s, 0x2000, ACCESS_READ, p));
	CU_ASSERT_TRUE(faults(&s, 0x2000, ACCESS_WRITE, FAULT_ACCESS));
}

/* D4: the innermost guard, and the offset within it. */
static void
D4_guards(void)
{
	struct frame *n, *p;
	struct space  s;
	struct reach  r;

	start();
	n = make_nodes(10);
	p = make_page(1);
	frame_nodes(n)->node[1].role = ROLE_GUARD;
	frame_nodes(n)->node[2].role = ROLE_GUARD;
	*slot_of(n, 1, 0) = node_cap(n, 0, 22, 0);
	*slot_of(n, 0, 3) = guard_cap(n, 2, 17, CR_OPAQUE);
	*slot_of(n, 2, 0) = node_cap(n, 3, 17, 0);
	*slot_of(n, 3, 0) = page_cap(p, CR_READ_ONLY);
	space_make(&s, guard_cap(n, 1, 22, 0));
	CU_ASSERT_TRUE(reaches(&s, 3 << 17, ACCESS_READ, p));
	r = space_access(&s, 3 << 17 | 0x4567, ACCESS_READ);
	CU_ASSERT_EQUAL(r.fault.code, FAULT_UNMAPPED);
	CU_ASSERT_TRUE(r.fault.guarded);
	CU_ASSERT_EQUAL(oid_index(cap_oid(&r.fault.guard)), 2);
	CU_ASSERT_EQUAL(r.fault.guard.rights, CR_OPAQUE);
	CU_ASSERT_EQUAL(r.fault.offset, 0x4567);
	r = space_access(&s, 9 << 17 | 5, ACCESS_WRITE);
	CU_ASSERT_EQUAL(oid_index(cap_oid(&r.fault.guard)), 1);
	CU_ASSERT_EQUAL(r.fault.offset, 9 << 17 | 5);
	r = space_access(&s, 3 << 17, ACCESS_WRITE);
	CU_ASSERT_EQUAL(r.fault.code, FAULT_ACCESS);
	CU_ASSERT_EQUAL(oid_index(cap_oid(&r.fault.guard)), 2);
	CU_ASSERT_TRUE(all_ok());
}

/* F2: rescinding a page takes it out of every space before it is reused. */
static void
F2_rescind_page(void)
{
	struct frame *n, *p;
	struct space  s[6];

	start();
	n = make_nodes(10);
	p = make_page(1);
	for (unsigned i = 0; i < 6; i++) {
		*slot_of(n, i, i) = page_cap(p, 0);
		space_make(&s[i], node_cap(n, i, 17, 0));
		CU_ASSERT_TRUE(reaches(&s[i], i << 12, ACCESS_WRITE, p));
	}
	next_entry();
	object_rescind_page(p);
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_TRUE(
		    faults(&s[i], i << 12, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* F2: rescinding a node drops its tables, the loaded top among them. */
static void
F2_rescind_node(void)
{
	struct frame *n, *p;
	struct space  s;

	start();
	n = make_nodes(10);
	p = make_page(1);
	*slot_of(n, 0, 0) = page_cap(p, 0);
	space_make(&s, node_cap(n, 0, 17, 0));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, p));
	next_entry();
	object_rescind_node(n, 0);
	CU_ASSERT_EQUAL(map_table_count(), 0);
	CU_ASSERT_TRUE(fake_touch(0, ACCESS_READ).fault);
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* A dead or void space is loadable; nothing is in it. */
static void
void_space(void)
{
	struct space s;

	start();
	space_make(&s, (struct cap){.type = CK_VOID});
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_UNMAPPED));
	s.root.type = CK_RESTARTED;
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_RESTARTED));
	s.root.type = CK_CLOCK;
	CU_ASSERT_TRUE(faults(&s, 0, ACCESS_READ, FAULT_MALFORMED));
}

/* The space slot changes: the old one is gone at the next load. */
static void
space_changes(void)
{
	struct frame *p, *q;
	struct space  s;

	start();
	p = make_page(1);
	q = make_page(2);
	space_make(&s, page_cap(p, 0));
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, p));
	map_space_changed(s.state);
	s.root = page_cap(q, 0);
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, q));
	map_unload();
	CU_ASSERT_TRUE(fake_touch(0, ACCESS_READ).fault);
	CU_ASSERT_TRUE(reaches(&s, 0, ACCESS_WRITE, q));
}

/* Device memory: uncached, never executable, gone when it is revoked. */
static void
device_memory(void)
{
	struct frame *n;
	struct space  s;

	start();
	mmio_alive = true;
	n = make_nodes(10);
	*slot_of(n, 0, 2) = cap_make(
	    CK_MMIO, 0, 16 - 1, 0, oid_make(frame_of(SOURCE_PHYSICAL, 3), 0));
	space_make(&s, node_cap(n, 0, 22, 0));
	CU_ASSERT_EQUAL(
	    space_access(&s, 2 << 17 | 0x3004, ACCESS_WRITE).physical,
	    0xfe003004);
	CU_ASSERT_TRUE(
	    faults(&s, 2 << 17 | 0x3000, ACCESS_EXECUTE, FAULT_ACCESS));
	CU_ASSERT_TRUE(
	    faults(&s, 2 << 17 | 0x10000, ACCESS_READ, FAULT_UNMAPPED));
	mmio_alive = false;
	map_device_revoke(3);
	CU_ASSERT_TRUE(
	    faults(&s, 2 << 17 | 0x3000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

/* A device as the whole space is producer of all its tables. */
static void
device_as_space(void)
{
	struct space s;

	start();
	mmio_alive = true;
	space_make(&s,
	    cap_make(CK_MMIO, CR_READ_ONLY, 15, 0,
		oid_make(frame_of(SOURCE_PHYSICAL, 3), 0)));
	CU_ASSERT_EQUAL(
	    space_access(&s, 0x4000, ACCESS_READ).physical, 0xfe004000);
	CU_ASSERT_TRUE(faults(&s, 0x4000, ACCESS_WRITE, FAULT_ACCESS));
	mmio_alive = false;
	map_device_revoke(3);
	CU_ASSERT_EQUAL(map_table_count(), 0);
	CU_ASSERT_TRUE(faults(&s, 0x4000, ACCESS_READ, FAULT_UNMAPPED));
}

/* map_page: what the kernel copies from and to. */
static void
kernel_copies(void)
{
	struct frame    *p, *got = NULL;
	struct map_fault fault;
	struct space     s;

	start();
	mmio_alive = true;
	p = make_page(1);
	space_make(&s, page_cap(p, CR_READ_ONLY));
	CU_ASSERT_EQUAL(map_page(&s.map, 5, ACCESS_READ, &got, &fault), RC_OK);
	CU_ASSERT_PTR_EQUAL(got, p);
	CU_ASSERT_EQUAL(
	    map_page(&s.map, 5, ACCESS_WRITE, &got, &fault), ST_FAULT);
	CU_ASSERT_EQUAL(fault.code, FAULT_ACCESS);
	CU_ASSERT_EQUAL(
	    map_page(&s.map, 5000, ACCESS_READ, &got, &fault), ST_FAULT);
	s.root = cap_make(
	    CK_MMIO, 0, 15, 0, oid_make(frame_of(SOURCE_PHYSICAL, 3), 0));
	CU_ASSERT_EQUAL(
	    map_page(&s.map, 5, ACCESS_READ, &got, &fault), ST_FAULT);
	CU_ASSERT_EQUAL(fault.code, FAULT_ACCESS);
}

/* S8: the store's view: large where it can be, split where it is mixed. */
static void
S8_cache_view(void)
{
	struct frame *n, *k = NULL;
	struct space  s;
	uint64_t      at = UINT64_C(1) << 40;
	struct reach  r;

	start();
	n = make_nodes(10);
	*slot_of(n, 0, 2) = cap_make(CK_CACHE, CR_READ_ONLY, CACHE_SPAN - 1, 0,
	    oid_make(frame_of(SOURCE_PHYSICAL, 0), 0));
	*slot_of(n, 1, 16) = node_cap(n, 0, 41, 0); /* Slots of 2^41. */
	space_make(&s, node_cap(n, 1, 46, 0));
	(void)at;
	at = (UINT64_C(16) << 41) + (UINT64_C(2) << 36);
	/* The second 2 MiB are plain memory: one large entry. */
	r = space_access(&s, at + (2 << 20) + 0x5678, ACCESS_READ);
	CU_ASSERT_EQUAL(r.how, REACHED);
	CU_ASSERT_EQUAL(r.physical, (2 << 20) + 0x5678);
	CU_ASSERT_EQUAL(
	    space_access(&s, at + (3 << 20), ACCESS_READ).served, 0);
	CU_ASSERT_TRUE(faults(&s, at + (2 << 20), ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_TRUE(
	    faults(&s, at + (2 << 20), ACCESS_EXECUTE, FAULT_ACCESS));
	/* The first has the kernel's first page in it. */
	CU_ASSERT_TRUE(faults(&s, at, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(
	    space_access(&s, at + 0x1000, ACCESS_READ).physical, 0x1000);
	/* A frame becomes the kernel's: out of the view at once. */
	next_entry();
	CU_ASSERT_EQUAL(frame_alloc(CLASS_ANY, USE_KERNEL, &k), RC_OK);
	CU_ASSERT_TRUE(
	    faults(&s, at + frame_paddr(k).v, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(
	    space_access(&s, at + frame_paddr(k).v + 0x1000, ACCESS_READ).how,
	    REACHED);
	CU_ASSERT_TRUE(faults(
	    &s, at + ((uint64_t)PAGES << 12), ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test map_tests[] = {
    RUNNER_TEST(page_as_space),
    RUNNER_TEST(tree_of_nodes),
    RUNNER_TEST(S1_malformed),
    RUNNER_TEST(S1_span_is_in_the_key),
    RUNNER_TEST(S1_tables_are_shared),
    RUNNER_TEST(S15_rights),
    RUNNER_TEST(S15_weak_walk),
    RUNNER_TEST(D4_guards),
    RUNNER_TEST(F2_rescind_page),
    RUNNER_TEST(F2_rescind_node),
    RUNNER_TEST(void_space),
    RUNNER_TEST(space_changes),
    RUNNER_TEST(device_memory),
    RUNNER_TEST(device_as_space),
    RUNNER_TEST(kernel_copies),
    RUNNER_TEST(S8_cache_view),
    {NULL, NULL},
};
