/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts, ports and windows of device memory (D12). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/irq.order.h"
#include "kernel/abi/irq_space.order.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/mmio.order.h"
#include "kernel/abi/mmio_space.order.h"
#include "kernel/abi/port_space.order.h"
#include "kernel/abi/ports.order.h"
#include "kernel/device/device.h"
#include "kernel/device/irq.h"
#include "kernel/device/mmio.h"
#include "kernel/mem/map.h"

enum {
	EDGE,
	LEVEL,
	HIGH = 0,
	LOW,
	BAR = 0xf0000000, /* Free, as ports from SERIAL on. */
	SERIAL = 0x3f8,
	MOST_OBJECTS = 20000,
};

static const char label32[] = "32 bytes are the longest there is";

static struct cap irqs, ports, windows;

static void
begin(void)
{
	start_client();
	irqs = root(CK_IRQ_SPACE);
	ports = root(CK_PORT_SPACE);
	windows = root(CK_MMIO_SPACE);
}

static struct cap
line(uint64_t gsi, uint64_t trigger, const char *label)
{
	CU_ASSERT_EQUAL(ASK_STRING(irqs, label, strlen(label),
			    IRQ_SPACE_ALLOC_LINE, gsi, trigger, HIGH),
	    RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_IRQ);
	return answer.cap;
}

static struct cap
take_ports(uint64_t first, uint64_t count)
{
	CU_ASSERT_EQUAL(
	    ASK_STRING(ports, "uart", 4, PORT_SPACE_ALLOC, first, count),
	    RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_PORTS);
	return answer.cap;
}

static struct cap
take_window(uint64_t address, uint64_t pages, uint64_t cache)
{
	CU_ASSERT_EQUAL(ASK_STRING(windows, "nvme", 4, MMIO_SPACE_ALLOC,
			    address, pages * PAGE_SIZE, cache),
	    RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_MMIO);
	return answer.cap;
}

/*
 * An order that takes a resource with a label: a space that may only be read
 * gives nothing, nor does one without a label, or with one of 33 bytes; and
 * when there is no kernel object, nothing is taken.
 */
static void
takes_with_label(struct cap space, const struct ask *a)
{
	struct ask b = *a;
	unsigned   n;

	b.string = label32;
	for (n = 0; n < 3; n++) {
		static const unsigned rights[] = {
		    CR_READ_ONLY, CR_WEAK, CR_READ_ONLY | CR_WEAK};

		b.bytes = 4;
		b.self = less(space, rights[n]);
		CU_ASSERT_EQUAL(ask(&b), RC_RIGHTS);
	}
	b.self = space;
	b.bytes = 0;
	CU_ASSERT_EQUAL(ask(&b), RC_STRING);
	b.bytes = 33;
	CU_ASSERT_EQUAL(ask(&b), RC_STRING);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	b.bytes = 32;
	CU_ASSERT_EQUAL(ask(&b), RC_OK);
	CU_ASSERT_NOT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_TRUE(device_ok());
}

/* Fill the table of kernel objects; then a frame is needed for another. */
static void
fill_table(void)
{
	static const char text[] = "x";
	enum status       st = RC_OK;
	uint32_t          index;

	for (unsigned n = 0; st == RC_OK && n < MOST_OBJECTS; n++) {
		st = device_reserve();
		if (st == RC_OK)
			(void)device_take(CK_ISA_DMA, text, 1, &index);
	}
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
}

static void
refused_when_full(struct cap space, const struct ask *a)
{
	struct ask b = *a;

	b.self = space;
	b.string = label32;
	b.bytes = 4;
	fill_table();
	CU_ASSERT_EQUAL(ask(&b), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_TRUE(device_ok());
}

/* Each kind of object, with an order number that it does not have: no method.
 */
static void
has_no_order(struct cap c, uint64_t beyond)
{
	CU_ASSERT_EQUAL(ASK(c, 0), RC_ORDER);
	CU_ASSERT_EQUAL(ASK(c, beyond), RC_ORDER);
	CU_ASSERT_EQUAL(ASK(c, UINT64_MAX), RC_ORDER);
}

/* --- Interrupts -------------------------------------------------------- */

/* irq_space.alloc_line: words out of range, a line of another kind. */
static void
line_is_checked(void)
{
	static const struct {
		uint64_t    gsi, trigger, polarity;
		enum status st;
	} bad[] = {
	    {UINT64_C(1) << 32, LEVEL, HIGH, RC_ARGUMENT},
	    {4, 2, HIGH, RC_ARGUMENT},
	    {4, LEVEL, 2, RC_ARGUMENT},
	    {FAKE_GSIS, LEVEL, HIGH, RC_ARGUMENT},
	    {10, EDGE, HIGH, RC_TAKEN},
	    {10, LEVEL, LOW, RC_TAKEN},
	    {5, LEVEL, HIGH, RC_TAKEN},
	    {5, EDGE, HIGH, RC_TAKEN},
	};
	const struct ask a = {.word = {IRQ_SPACE_ALLOC_LINE, 7, LEVEL, LOW}};

	begin();
	(void)line(10, LEVEL, "net");
	(void)line(5, EDGE, "sb");
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(
		    ASK_STRING(irqs, "x", 1, IRQ_SPACE_ALLOC_LINE, bad[i].gsi,
			bad[i].trigger, bad[i].polarity),
		    bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(irq_count(), FAKE_GSIS);
	(void)line(10, LEVEL, "disk"); /* Shared. */
	has_no_order(irqs, IRQ_SPACE_ORDER_LIMIT);
	takes_with_label(irqs, &a);
	refused_when_full(irqs, &a);
}

/* irq_space.alloc_msi: a vector of one's own, with address and data. */
static void
message_is_checked(void)
{
	const struct ask a = {.word = {IRQ_SPACE_ALLOC_MSI, 0x18}};
	unsigned         n = 0;

	begin();
	CU_ASSERT_EQUAL(ASK_STRING(irqs, "x", 1, IRQ_SPACE_ALLOC_MSI, 0x10000),
	    RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK_STRING(irqs, "nvme", 4, IRQ_SPACE_ALLOC_MSI, 0x18), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_IRQ);
	CU_ASSERT_EQUAL(answer.word[1], 0xfee00000);
	takes_with_label(irqs, &a);
	while (ASK_STRING(irqs, "x", 1, IRQ_SPACE_ALLOC_MSI, 1) == RC_OK)
		n++;
	CU_ASSERT_EQUAL(answer.status, RC_NO_MEMORY); /* No vector is left. */
	CU_ASSERT_EQUAL(n, HAL_VECTORS - 2);
	CU_ASSERT_EQUAL(
	    ASK_STRING(irqs, "x", 1, IRQ_SPACE_ALLOC_LINE, 4), RC_NO_MEMORY);
	begin();
	refused_when_full(irqs, &a);
}

/* irq_space.query: lines and then messages, with the owners' labels. */
static void
interrupts_are_listed(void)
{
	struct irq_info info;

	begin();
	(void)line(9, LEVEL, "sci");
	CU_ASSERT_EQUAL(
	    ASK_STRING(irqs, "nvme", 4, IRQ_SPACE_ALLOC_MSI, 0x18), RC_OK);
	CU_ASSERT_EQUAL(
	    ASK(less(irqs, CR_READ_ONLY), IRQ_SPACE_QUERY, 9), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(info));
	CU_ASSERT_EQUAL(answer.word[1], FAKE_GSIS + 1);
	memcpy(&info, answer.string, sizeof(info));
	CU_ASSERT_STRING_EQUAL(info.label, "sci");
	CU_ASSERT_EQUAL(info.kind, IRQ_LEVEL);
	CU_ASSERT_EQUAL(info.owners, 1);
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_QUERY, FAKE_GSIS), RC_OK);
	memcpy(&info, answer.string, sizeof(info));
	CU_ASSERT_STRING_EQUAL(info.label, "nvme");
	CU_ASSERT_EQUAL(info.kind, IRQ_MSI);
	CU_ASSERT_EQUAL(info.source_id, 0x18);
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_QUERY, 8), RC_OK);
	memcpy(&info, answer.string, sizeof(info));
	CU_ASSERT_EQUAL(info.bits & IRQ_ALLOCATED, 0);
	CU_ASSERT_EQUAL(
	    ASK(irqs, IRQ_SPACE_QUERY, FAKE_GSIS + 1), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_QUERY, UINT64_MAX), RC_NOT_FOUND);
}

/* irq_space.isa_gsi: as the machine's tables say; there are 16. */
static void
isa_interrupts(void)
{
	begin();
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_ISA_GSI, 0), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 2);
	CU_ASSERT_EQUAL(answer.word[2], EDGE);
	CU_ASSERT_EQUAL(answer.word[3], HIGH);
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_ISA_GSI, FAKE_ISA_LEVEL), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], FAKE_ISA_LEVEL);
	CU_ASSERT_EQUAL(answer.word[2], LEVEL);
	CU_ASSERT_EQUAL(answer.word[3], LOW);
	CU_ASSERT_EQUAL(ASK(irqs, IRQ_SPACE_ISA_GSI, 16), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK(irqs, IRQ_SPACE_ISA_GSI, UINT64_C(1) << 32), RC_ARGUMENT);
}

/* irq.bind, ack, mask, info: the life of one line. */
static void
line_is_served(void)
{
	struct cap c, n;

	begin();
	c = line(4, LEVEL, "uart");
	n = notice_cap(&client, 3);
	CU_ASSERT_EQUAL(ASK(c, IRQ_BIND), RC_CAPABILITY);
	CU_ASSERT_EQUAL(ASK_WITH(c, root(CK_NUMBER), IRQ_BIND), RC_CAPABILITY);
	CU_ASSERT_TRUE(fake.masked[4]);
	CU_ASSERT_EQUAL(ASK_WITH(c, n, IRQ_BIND), RC_OK);
	CU_ASSERT_FALSE(fake.masked[4]);
	irq_deliver(fake.vector[4]);
	CU_ASSERT_TRUE(fake.masked[4]); /* Until it is acknowledged. */
	CU_ASSERT_EQUAL(ASK(c, IRQ_ACK, 2), RC_ARGUMENT);
	CU_ASSERT_TRUE(fake.masked[4]);
	CU_ASSERT_EQUAL(ASK(c, IRQ_ACK, 0), RC_OK);
	CU_ASSERT_FALSE(fake.masked[4]);
	irq_deliver(fake.vector[4]);
	CU_ASSERT_EQUAL(ASK(c, IRQ_ACK, 1), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, IRQ_MASK, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, IRQ_MASK, 1), RC_OK);
	CU_ASSERT_TRUE(fake.masked[4]);
	CU_ASSERT_EQUAL(ASK(c, IRQ_INFO), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 2);
	CU_ASSERT_EQUAL(answer.word[2], 1);
	CU_ASSERT_EQUAL(answer.word[3], 1);
	CU_ASSERT_EQUAL(answer.word[4], 4);
	CU_ASSERT_EQUAL(ASK(c, IRQ_MASK, 0), RC_OK);
	CU_ASSERT_FALSE(fake.masked[4]);
	CU_ASSERT_EQUAL(ASK(c, IRQ_INFO), RC_OK);
	CU_ASSERT_EQUAL(answer.word[3], 0);
	has_no_order(c, IRQ_ORDER_LIMIT);
	CU_ASSERT_EQUAL(ASK(c, IRQ_RELEASE), RC_OK);
	CU_ASSERT_TRUE(fake.masked[4]);
	CU_ASSERT_EQUAL(ASK(c, IRQ_INFO), RC_VOID); /* It is dead. */
	CU_ASSERT_TRUE(device_ok());
}

/* --- Ports ------------------------------------------------------------- */

/* port_space.alloc: one owner each; what the kernel keeps is taken (D12). */
static void
ports_are_checked(void)
{
	static const struct {
		uint64_t    first, count;
		enum status st;
	} bad[] = {
	    {SERIAL, 0, RC_ARGUMENT}, {0xffff, 2, RC_ARGUMENT},
	    {UINT64_MAX, 1, RC_ARGUMENT}, {SERIAL + 7, 1, RC_TAKEN},
	    {0x20, 1, RC_TAKEN}, /* The PIC. */
	};
	const struct ask a = {.word = {PORT_SPACE_ALLOC, 0x2f8, 8}};

	begin();
	(void)take_ports(SERIAL, 8);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(ASK_STRING(ports, "x", 1, PORT_SPACE_ALLOC,
				    bad[i].first, bad[i].count),
		    bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	has_no_order(ports, PORT_SPACE_ORDER_LIMIT);
	takes_with_label(ports, &a);
	begin();
	refused_when_full(ports, &a);
}

/* port_space.query: all, the kernel's own among them, by their first port. */
static void
ports_are_listed(void)
{
	struct port_info info;

	begin();
	(void)take_ports(SERIAL, 8);
	CU_ASSERT_EQUAL(
	    ASK(less(ports, CR_READ_ONLY), PORT_SPACE_QUERY, 1), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 2);
	CU_ASSERT_EQUAL(answer.bytes, sizeof(info));
	memcpy(&info, answer.string, sizeof(info));
	CU_ASSERT_EQUAL(info.first, SERIAL);
	CU_ASSERT_EQUAL(info.count, 8);
	CU_ASSERT_STRING_EQUAL(info.label, "uart");
	CU_ASSERT_EQUAL(ASK(ports, PORT_SPACE_QUERY, 2), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ASK(ports, PORT_SPACE_QUERY, UINT64_MAX), RC_NOT_FOUND);
}

/* ports.in and out: within the range, in three widths. */
static void
ports_are_reached(void)
{
	struct cap c;

	begin();
	c = take_ports(0x1f0, 8);
	CU_ASSERT_EQUAL(ASK(c, PORTS_OUT, 2, 2, 0xabcd), RC_OK);
	CU_ASSERT_EQUAL(fake.port[0x1f2], 0xcd);
	CU_ASSERT_EQUAL(fake.port[0x1f3], 0xab);
	CU_ASSERT_EQUAL(ASK(c, PORTS_IN, 0, 4), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 0xabcd0000);
	CU_ASSERT_EQUAL(ASK(c, PORTS_IN, 8, 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, PORTS_IN, 0, 3), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, PORTS_OUT, 7, 2, 0xff), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, PORTS_OUT, 0, 8, 0xff), RC_ARGUMENT);
	CU_ASSERT_EQUAL(fake.port[0x1f7], 0);
	CU_ASSERT_EQUAL(ASK(c, PORTS_EXTENT), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 0x1f0);
	CU_ASSERT_EQUAL(answer.word[2], 8);
	has_no_order(c, PORTS_ORDER_LIMIT);
	CU_ASSERT_EQUAL(ASK(c, PORTS_RELEASE), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, PORTS_IN, 0, 1), RC_VOID);
	(void)take_ports(0x1f0, 8);
}

/* --- Windows ----------------------------------------------------------- */

/* mmio_space.alloc: neither RAM nor what is taken, in whole pages. */
static void
windows_are_checked(void)
{
	static const struct {
		uint64_t    address, bytes, cache;
		enum status st;
	} bad[] = {
	    {BAR, 0, 0, RC_ARGUMENT}, {BAR + 8, PAGE_SIZE, 0, RC_ARGUMENT},
	    {BAR, 100, 0, RC_ARGUMENT}, {BAR, PAGE_SIZE, 3, RC_ARGUMENT},
	    {0x100000, PAGE_SIZE, 0, RC_ARGUMENT}, /* RAM. */
	    {UINT64_C(1) << 40, PAGE_SIZE, 0, RC_ARGUMENT},
	    {0xfee00000, PAGE_SIZE, 0, RC_TAKEN}, /* The local APIC. */
	};
	const struct ask a = {.word = {MMIO_SPACE_ALLOC, BAR, PAGE_SIZE}};

	begin();
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(ASK_STRING(windows, "x", 1, MMIO_SPACE_ALLOC,
				    bad[i].address, bad[i].bytes, bad[i].cache),
		    bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	has_no_order(windows, MMIO_SPACE_ORDER_LIMIT);
	takes_with_label(windows, &a);
	begin();
	refused_when_full(windows, &a);
}

/* mmio_space.query: as it was allocated, with its cache attribute. */
static void
windows_are_listed(void)
{
	static const enum cache_mode mode[] = {
	    CACHE_NONE, CACHE_COMBINE, CACHE_BACK};
	struct mmio_info  info;
	struct map_device m;

	begin();
	for (unsigned i = 0; i < 3; i++) {
		struct cap c = take_window(BAR + i * 2 * PAGE_SIZE, 1, i);

		CU_ASSERT_EQUAL(mmio_translate(&c, 0, &m), RC_OK);
		CU_ASSERT_EQUAL(m.cache, mode[i]);
		CU_ASSERT_EQUAL(c.rights, CR_NO_EXECUTE);
		CU_ASSERT_EQUAL(
		    ASK(less(windows, CR_READ_ONLY), MMIO_SPACE_QUERY, i),
		    RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], i + 2);
		memcpy(&info, answer.string, sizeof(info));
		CU_ASSERT_EQUAL(answer.bytes, sizeof(info));
		CU_ASSERT_EQUAL(info.cache, i);
		CU_ASSERT_EQUAL(info.bytes, PAGE_SIZE);
		CU_ASSERT_STRING_EQUAL(info.label, "nvme");
	}
	CU_ASSERT_EQUAL(ASK(windows, MMIO_SPACE_QUERY, 4), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    ASK(windows, MMIO_SPACE_QUERY, UINT64_MAX), RC_NOT_FOUND);
}

/* mmio.extent, restrict: a reader sees what it has, and no rights come back. */
static void
window_is_restricted(void)
{
	struct cap c, reader;

	begin();
	c = take_window(BAR, 2, 0);
	CU_ASSERT_EQUAL(ASK(c, MMIO_RESTRICT, CR_ALL + 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_EQUAL(ASK(c, MMIO_RESTRICT, CR_READ_ONLY), RC_OK);
	reader = answer.cap;
	CU_ASSERT_EQUAL(reader.rights, CR_READ_ONLY | CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(ASK(reader, MMIO_RESTRICT, 0), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_READ_ONLY | CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(ASK(reader, MMIO_EXTENT), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], BAR);
	CU_ASSERT_EQUAL(answer.word[2], 2 * PAGE_SIZE);
	has_no_order(c, MMIO_ORDER_LIMIT);
}

/*
 * mmio.release.1, mmio.part.2: to give a window back, or to spend one of its
 * parts, is for who may write it. A reader can do neither, and the owner's
 * mappings stay.
 */
static void
reader_spends_nothing(void)
{
	static const unsigned rights[] = {
	    CR_READ_ONLY, CR_WEAK, CR_READ_ONLY | CR_NO_EXECUTE};
	struct cap c;

	begin();
	c = take_window(BAR, 2, 0);
	for (unsigned i = 0; i < 3; i++) {
		const struct cap reader = less(c, rights[i]);

		CU_ASSERT_EQUAL(ASK(reader, MMIO_RELEASE), RC_RIGHTS);
		CU_ASSERT_EQUAL(
		    ASK(reader, MMIO_PART, 0, PAGE_SIZE), RC_RIGHTS);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(ASK(c, MMIO_EXTENT), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, MMIO_RELEASE), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, MMIO_EXTENT), RC_VOID);
}

/* D3: a window that is mapped at many places is given back in pieces. */
static void
D3_window_in_pieces(void)
{
	struct cap c, part;
	uint64_t   before;

	begin();
	before = mmio_total();
	c = take_window(BAR, 3, 0);
	CU_ASSERT_EQUAL(ASK(c, MMIO_PART, PAGE_SIZE, PAGE_SIZE), RC_OK);
	part = answer.cap;
	map_widely(c, 17, 3);
	CU_ASSERT_EQUAL(ASK(c, MMIO_RELEASE), ST_WAIT);
	CU_ASSERT_EQUAL(mmio_total(), before + 1);
	CU_ASSERT_TRUE(map_ok());
	CU_ASSERT_EQUAL(ask_rest(), RC_OK);
	CU_ASSERT_EQUAL(mmio_total(), before);
	CU_ASSERT_EQUAL(ASK(part, MMIO_EXTENT), RC_VOID);
	CU_ASSERT_TRUE(map_ok());
}

/* mmio.part.1: whole pages within the window, with no more rights than it. */
static void
parts_are_checked(void)
{
	static const uint64_t bad[][2] = {{2 * PAGE_SIZE, PAGE_SIZE},
	    {0, 3 * PAGE_SIZE}, {0, 0}, {8, PAGE_SIZE}, {0, 8},
	    {PAGE_SIZE, UINT64_MAX - PAGE_SIZE + 1}};
	struct cap            c, part;

	begin();
	c = take_window(BAR, 2, 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(
		    ASK(c, MMIO_PART, bad[i][0], bad[i][1]), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK(less(c, CR_NO_CALL), MMIO_PART, PAGE_SIZE, PAGE_SIZE), RC_OK);
	part = answer.cap;
	CU_ASSERT_EQUAL(part.rights, CR_NO_CALL | CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(ASK(part, MMIO_EXTENT), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], BAR + PAGE_SIZE);
	CU_ASSERT_EQUAL(answer.word[2], PAGE_SIZE);
	fill_table();
	CU_ASSERT_EQUAL(ASK(c, MMIO_PART, 0, PAGE_SIZE), RC_NO_MEMORY);
	CU_ASSERT_TRUE(device_ok());
}

/*
 * mmio.part.3: a window has 64 parts and no more, however they are nested; one
 * that is given back, with its own parts, makes room. So one window does not
 * take all kernel objects from the others.
 */
static void
parts_are_bounded(void)
{
	struct cap whole, other, first, deep;

	for (unsigned nested = 0; nested < 2; nested++) {
		begin();
		whole = take_window(BAR, 2, 0);
		other = take_window(BAR + 4 * PAGE_SIZE, 1, 0);
		CU_ASSERT_EQUAL(ASK(whole, MMIO_PART, 0, PAGE_SIZE), RC_OK);
		first = deep = answer.cap;
		for (unsigned n = 1; n < MMIO_PARTS_MOST; n++) {
			CU_ASSERT_EQUAL(
			    ASK(nested ? deep : whole, MMIO_PART, 0, PAGE_SIZE),
			    RC_OK);
			deep = answer.cap;
		}
		CU_ASSERT_EQUAL(ASK(whole, MMIO_PART, 0, PAGE_SIZE), RC_LIMIT);
		CU_ASSERT_EQUAL(ASK(deep, MMIO_PART, 0, PAGE_SIZE), RC_LIMIT);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
		CU_ASSERT_EQUAL(ASK(other, MMIO_PART, 0, PAGE_SIZE), RC_OK);
		CU_ASSERT_TRUE(device_ok());
		CU_ASSERT_EQUAL(ASK(first, MMIO_RELEASE), RC_OK);
		CU_ASSERT_EQUAL(
		    ASK(deep, MMIO_EXTENT), nested ? RC_VOID : RC_OK);
		CU_ASSERT_EQUAL(ASK(whole, MMIO_PART, 0, PAGE_SIZE), RC_OK);
		CU_ASSERT_TRUE(device_ok());
		CU_ASSERT_EQUAL(ASK(whole, MMIO_RELEASE), RC_OK);
		CU_ASSERT_TRUE(device_ok());
	}
}

const struct runner_test device_tests[] = {
    RUNNER_TEST(line_is_checked),
    RUNNER_TEST(message_is_checked),
    RUNNER_TEST(interrupts_are_listed),
    RUNNER_TEST(isa_interrupts),
    RUNNER_TEST(line_is_served),
    RUNNER_TEST(ports_are_checked),
    RUNNER_TEST(ports_are_listed),
    RUNNER_TEST(ports_are_reached),
    RUNNER_TEST(windows_are_checked),
    RUNNER_TEST(windows_are_listed),
    RUNNER_TEST(window_is_restricted),
    RUNNER_TEST(reader_spends_nothing),
    RUNNER_TEST(parts_are_checked),
    RUNNER_TEST(D3_window_in_pieces),
    RUNNER_TEST(parts_are_bounded),
    {NULL, NULL},
};
