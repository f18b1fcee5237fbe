/* SPDX-License-Identifier: BSD-2-Clause */
/* The block mux without rings and drivers: who is next, and what may pass. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "uldrv/mux/block/guard.h"
#include "uldrv/mux/block/share.h"

enum { PAGE_IN = SHARE_PAGE_IN, CLEAN = SHARE_CLEAN, RAW = SHARE_RAW };

static struct share share;

static uint32_t
next_random(void)
{
	static uint32_t x = 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	return x ^= x << 5;
}

/* An entry of each flow: a queue of one is enough to be always waiting. */
static void
keep_waiting(unsigned flow, uint32_t bytes)
{
	if (!share_waits(&share, flow))
		share_put(&share, flow, flow, bytes);
}

/* Serves one request at once; gives whose it was. */
static unsigned
serve(void)
{
	unsigned flow = share_next(&share);

	CU_ASSERT_NOT_EQUAL_FATAL(flow, SHARE_NONE);
	share_begun(&share, flow);
	share_done(&share, flow);
	return flow;
}

/* share.1: page-in, then cleaning, then raw clients, in the order they came. */
static void
urgency(void)
{
	static const unsigned order[] = {2, 0, 3, 1, 4};

	share_begin(&share);
	CU_ASSERT_EQUAL(share_next(&share), SHARE_NONE);
	share_put(&share, RAW, 4, 4096);
	share_put(&share, CLEAN, 3, 4096);
	share_put(&share, PAGE_IN, 2, 4096);
	share_put(&share, CLEAN, 1, 4096);
	share_put(&share, PAGE_IN, 0, 4096);
	for (unsigned i = 0; i < 5; i++) {
		unsigned flow = share_next(&share);

		CU_ASSERT_EQUAL(share_head(&share, flow), order[i]);
		CU_ASSERT_EQUAL(serve(), flow);
		CU_ASSERT(share_ok(&share));
	}
	CU_ASSERT_EQUAL(share_next(&share), SHARE_NONE);
}

/* Bytes and commands that each flow gets when all always want more. */
static void
shares_of(const uint32_t *bytes, unsigned flows, uint64_t *got, uint64_t *all)
{
	share_begin(&share);
	*all = 0;
	memset(got, 0, SHARE_FLOWS * sizeof(*got));
	for (unsigned i = 0; i < 20000; i++) {
		unsigned flow;

		for (unsigned f = 0; f < flows; f++)
			if (bytes[f] != UINT32_MAX)
				keep_waiting(f, bytes[f]);
		flow = serve();
		got[flow] += bytes[flow] + SHARE_COMMAND;
		*all += bytes[flow] + SHARE_COMMAND;
	}
}

/*
 * share.2: nobody starves anybody. Each of those below has its part, whatever
 * the sizes; the most urgent has more than all others together.
 */
static void
parts(void)
{
	static const uint32_t sizes[][SHARE_FLOWS] = {
	    {4096, 4096, 4096, 4096, 4096},
	    {4096, 131072, 65536, 512, 65536},
	    {131072, 4096, 65536, 65536, 65536},
	    {512, 1 << 20, 65536, 65536, 512},
	};
	uint64_t got[SHARE_FLOWS], all;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		shares_of(sizes[i], SHARE_FLOWS, got, &all);
		CU_ASSERT(got[PAGE_IN] > all / 2);
		CU_ASSERT(got[CLEAN] * (SHARE_WHOLE + SHARE_CLEAN_PART) >
		    all * SHARE_CLEAN_PART * 9 / 10);
		for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
			CU_ASSERT(
			    got[RAW + k] * (SHARE_WHOLE + SHARE_RAW_PART) >
			    all * SHARE_RAW_PART * 9 / 10);
	}
}

/* share.3: who floods takes nothing from who does not: a raw client alone
 * against cleaning has its part and no more; without others it has all. */
static void
a_flood(void)
{
	static const uint32_t against[SHARE_FLOWS] = {
	    UINT32_MAX, 4096, 65536, UINT32_MAX, UINT32_MAX};
	static const uint32_t alone[SHARE_FLOWS] = {
	    UINT32_MAX, UINT32_MAX, 65536, UINT32_MAX, UINT32_MAX};
	uint64_t got[SHARE_FLOWS], all;

	shares_of(against, SHARE_FLOWS, got, &all);
	CU_ASSERT(got[CLEAN] > all * 9 / 10);
	shares_of(alone, SHARE_FLOWS, got, &all);
	CU_ASSERT_EQUAL(got[RAW], all);
}

/* share.4: who was idle has earned nothing by it: no burst of its own. */
static void
no_hoard(void)
{
	unsigned raws = 0;

	share_begin(&share);
	for (unsigned i = 0; i < 1000; i++) {
		keep_waiting(PAGE_IN, 4096);
		keep_waiting(RAW, 512);
		(void)serve();
	}
	while (share_next(&share) != SHARE_NONE)
		(void)serve();
	/* However long the page-ins were alone. */
	for (unsigned i = 0; i < 1000; i++) {
		keep_waiting(PAGE_IN, 1 << 20);
		CU_ASSERT_EQUAL(serve(), PAGE_IN);
	}
	for (unsigned i = 0; i < 20; i++) {
		keep_waiting(PAGE_IN, 4096);
		keep_waiting(RAW, 4096);
		raws += serve() == RAW;
	}
	/* What it kept, and its part of twenty. */
	CU_ASSERT(raws <= SHARE_KEEP / (4096 + SHARE_COMMAND) + 2);
	CU_ASSERT(share_ok(&share));
}

/* share.5: no more than its depth is in flight, and others go on. */
static void
depth(void)
{
	share_begin(&share);
	for (unsigned i = 0; i < SHARE_RAW_DEPTH; i++) {
		share_put(&share, RAW, i, 4096);
		CU_ASSERT_EQUAL(share_next(&share), RAW);
		share_begun(&share, RAW);
	}
	share_put(&share, RAW, 9, 4096);
	CU_ASSERT_EQUAL(share_next(&share), SHARE_NONE);
	share_put(&share, RAW + 1, 10, 4096);
	CU_ASSERT_EQUAL(share_next(&share), RAW + 1);
	share_begun(&share, RAW + 1);
	share_done(&share, RAW);
	CU_ASSERT_EQUAL(share_next(&share), RAW);
	for (unsigned i = 0; i < SHARE_CLEAN_DEPTH; i++) {
		share_put(&share, CLEAN, 11, 4096);
		share_begun(&share, CLEAN);
	}
	share_put(&share, CLEAN, 11, 4096);
	CU_ASSERT_EQUAL(share_next(&share), RAW);
	share_drop(&share, RAW);
	share_put(&share, PAGE_IN, 12, 4096);
	CU_ASSERT_EQUAL(share_next(&share), PAGE_IN);
	CU_ASSERT(share_ok(&share));
}

/* share.6: at random, the invariants hold and nothing is lost or doubled. */
static void
at_random(void)
{
	bool     queued[SHARE_ENTRIES] = {false};
	unsigned flying[SHARE_FLOWS] = {0}, in = 0, out = 0;

	share_begin(&share);
	for (unsigned i = 0; i < 200000; i++) {
		unsigned entry = next_random() % SHARE_ENTRIES;
		unsigned flow = next_random() % SHARE_FLOWS;

		switch (next_random() % 4) {
		case 0:
			if (queued[entry])
				break;
			queued[entry] = true;
			in++;
			share_put(&share, flow, entry, next_random() % 65536);
			break;
		case 1:
			flow = share_next(&share);
			if (flow == SHARE_NONE)
				break;
			entry = share_head(&share, flow);
			CU_ASSERT_FATAL(queued[entry]);
			queued[entry] = false;
			out++;
			flying[flow]++;
			share_begun(&share, flow);
			break;
		case 2:
			if (flying[flow] == 0)
				break;
			flying[flow]--;
			share_done(&share, flow);
			break;
		default:
			if (!share_waits(&share, flow) || next_random() % 8)
				break;
			entry = share_head(&share, flow);
			CU_ASSERT_FATAL(queued[entry]);
			queued[entry] = false;
			out++;
			share_drop(&share, flow);
		}
		if (!share_ok(&share))
			CU_FAIL_FATAL("an invariant is broken");
	}
	CU_ASSERT(in > 1000 && out > 1000);
	for (unsigned e = 0; e < SHARE_ENTRIES; e++)
		in -= queued[e];
	CU_ASSERT_EQUAL(in, out);
}

/* ---------------------------------------------------------------- guard */

static const struct block_geometry disk = {
    .sectors = 10000,
    .features = BLOCK_HAS_DMA | BLOCK_HAS_FLUSH,
    .segments = BLOCK_SEGMENTS,
    .bytes = BLOCK_BYTES_MAX,
    .segment_bytes = BLOCK_BYTES_MAX,
    .sector_bytes = BLOCK_SECTOR,
    .address_bits = 32,
};

static const struct block_claim volume = {
    .first = 2000, .sectors = 3000, .decided = 1};

static struct control_client
client(uint64_t first, uint64_t sectors, bool writes)
{
	struct control_client c = {
	    .generation = 1,
	    .writes = writes,
	    .first = first,
	    .sectors = sectors,
	};

	for (unsigned i = 0; i < CONTROL_CLIENT_PAGES; i++)
		c.address[i] = 0x100000 + i * 3 % 16 * PAGE_SIZE;
	return c;
}

static struct block_io
transfer(enum block_op op, uint64_t sector, uint64_t address, uint32_t bytes)
{
	return (struct block_io){
	    .op = (uint8_t)op,
	    .sector = sector,
	    .nsegments = 1,
	    .segment = {{.address = address, .bytes = bytes}},
	};
}

static enum status
raw(const struct control_client *c, struct block_io *io)
{
	return guard_raw(&disk, c, &volume, 0, io);
}

/* guard.1: the extent, at both ends, and beyond the end of the disk. */
static void
extent(void)
{
	struct control_client c = client(100, 50, false);
	struct block_io       io = transfer(BLOCK_READ, 0, 0, 4096);

	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	CU_ASSERT_EQUAL(io.sector, 100);
	CU_ASSERT_EQUAL(io.bytes, 4096);
	CU_ASSERT_EQUAL(io.segment[0].address, c.address[0]);
	io = transfer(BLOCK_READ, 49, 4096 + 512, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	CU_ASSERT_EQUAL(io.sector, 149);
	CU_ASSERT_EQUAL(io.segment[0].address, c.address[1] + 512);
	io = transfer(BLOCK_READ, 49, 0, 1024);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_ARGUMENT);
	io = transfer(BLOCK_READ, 50, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_ARGUMENT);
	/* What the grant has too much the disk has not. */
	c = client(9990, 1000, false);
	io = transfer(BLOCK_READ, 10, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_ARGUMENT);
	io = transfer(BLOCK_READ, 9, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	CU_ASSERT_EQUAL(guard_geometry(&disk, &c).sectors, 10);
	c = client(UINT64_MAX, UINT64_MAX, false);
	io = transfer(BLOCK_READ, 0, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_ARGUMENT);
	CU_ASSERT_EQUAL(guard_geometry(&disk, &c).sectors, 0);
}

/* guard.2: the store's volume is the store's. */
static void
claims(void)
{
	static const struct block_claim nothing = {.decided = 0};
	struct control_client           c = client(0, 10000, true);
	struct block_io                 io = transfer(BLOCK_WRITE, 1999, 0, 512);

	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	io = transfer(BLOCK_WRITE, 1999, 0, 1024);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_RIGHTS);
	io = transfer(BLOCK_WRITE, 4999, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_RIGHTS);
	io = transfer(BLOCK_WRITE, 5000, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	io = transfer(BLOCK_WRITE, 5000, 0, 512);
	CU_ASSERT_EQUAL(guard_raw(&disk, &c, &nothing, 0, &io), RC_STATE);
	io = transfer(BLOCK_READ, 2000, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_OK);
	c.writes = 0;
	io = transfer(BLOCK_WRITE, 0, 0, 512);
	CU_ASSERT_EQUAL(raw(&c, &io), RC_RIGHTS);
	CU_ASSERT(guard_geometry(&disk, &c).features & BLOCK_READ_ONLY);
}

/* guard.3: a driver that copies finds the area behind its window. */
static void
copied(void)
{
	struct block_geometry g = disk;
	struct control_client c = client(0, 100, false);
	struct block_io       io = transfer(BLOCK_READ, 0, 8192 + 512, 512);

	g.features = BLOCK_HAS_WINDOW;
	CU_ASSERT_EQUAL(guard_raw(&g, &c, &volume, 0x40000000, &io), RC_OK);
	CU_ASSERT(io.window);
	CU_ASSERT_EQUAL(io.segment[0].address, 0x40000000 + 8192 + 512);
}

/* Does the accepted request reach only what the client has? */
static bool
within(const struct control_client *c, const struct block_io *io)
{
	uint64_t end = io->sector + io->bytes / BLOCK_SECTOR;

	if (io->sector < c->first || end > c->first + c->sectors ||
	    end > disk.sectors ||
	    (io->op == BLOCK_WRITE &&
		(c->writes == 0 ||
		    (io->sector < volume.first + volume.sectors &&
			end > volume.first))))
		return false;
	for (unsigned i = 0; i < io->nsegments; i++) {
		const struct block_segment *s = &io->segment[i];
		bool                        found = false;

		for (unsigned k = 0; k < CONTROL_CLIENT_PAGES; k++)
			found |= s->address >= c->address[k] &&
			    s->address + s->bytes <= c->address[k] + PAGE_SIZE;
		if (!found)
			return false;
	}
	return true;
}

/* A number near one that matters, or any. */
static uint64_t
odd(uint64_t near)
{
	uint64_t r = next_random();

	switch (r % 4) {
	case 0:
		return near + r / 8 % 17 - 8;
	case 1:
		return UINT64_MAX - r / 8 % 9;
	case 2:
		return r << (r / 8 % 33);
	default:
		return near == 0 ? r % 64 : r % near;
	}
}

/* guard.4: whatever is asked, what passes reaches nothing of others. */
static void
anything(void)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < 300000; i++) {
		struct control_client c = client(odd(2000) % 6000,
		    64 + odd(3000) % 12000, next_random() % 2);
		struct block_io       io = {
			  .op = (uint8_t)(next_random() % 4),
			  .sector = next_random() % 4 ? next_random() % 64 : odd(c.sectors),
			  .nsegments = (uint16_t)(next_random() % 4),
			  .window = next_random() % 16 == 0,
                };
		enum status st;

		for (unsigned k = 0; k < io.nsegments; k++)
			io.segment[k] = (struct block_segment){
			    .address = odd(next_random() % 2 ? 65536 : 4096) &
				(next_random() % 4 ? ~UINT64_C(3) : UINT64_MAX),
			    .bytes = next_random() % 4
				? next_random() % 9 * 512
				: (uint32_t)odd(4096),
			};
		st = raw(&c, &io);
		if (st != RC_OK || io.op == BLOCK_FLUSH)
			continue;
		passed++;
		if (!within(&c, &io))
			CU_FAIL_FATAL("it reaches what is not its own");
	}
	CU_ASSERT(passed > 1000);
}

/* guard.5: the store's requests are held against disk and window. */
static void
store(void)
{
	struct block_geometry g = disk;
	struct block_io       io = transfer(BLOCK_READ, 9992, 0x1000, 4096);

	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_OK);
	io.sector++;
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_ARGUMENT);
	io = transfer(BLOCK_READ, 0, 0xfffff004, 4096);
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_UNSUPPORTED);
	io = transfer(BLOCK_WRITE, 0, 0, 4096);
	io.window = true;
	CU_ASSERT_EQUAL(guard_store(&g, 8192, &io), RC_UNSUPPORTED);
	g.features |= BLOCK_HAS_WINDOW | BLOCK_READ_ONLY;
	CU_ASSERT_EQUAL(guard_store(&g, 8192, &io), RC_RIGHTS);
	io.op = BLOCK_READ;
	CU_ASSERT_EQUAL(guard_store(&g, 8192, &io), RC_OK);
	io.segment[0].address = 8192;
	CU_ASSERT_EQUAL(guard_store(&g, 8192, &io), RC_ARGUMENT);
	io = (struct block_io){.op = BLOCK_FLUSH};
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_OK);
	g.features &= ~(uint32_t)BLOCK_HAS_FLUSH;
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_EXISTS);
	io.op = BLOCK_GEOMETRY;
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_EXISTS);
	io.op = BLOCK_NONE;
	CU_ASSERT_EQUAL(guard_store(&g, 0, &io), RC_ARGUMENT);
}

static const struct runner_test share_tests[] = {
    RUNNER_TEST(urgency),
    RUNNER_TEST(parts),
    RUNNER_TEST(a_flood),
    RUNNER_TEST(no_hoard),
    RUNNER_TEST(depth),
    RUNNER_TEST(at_random),
    {NULL, NULL},
};

static const struct runner_test guard_tests[] = {
    RUNNER_TEST(extent),
    RUNNER_TEST(claims),
    RUNNER_TEST(copied),
    RUNNER_TEST(anything),
    RUNNER_TEST(store),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "share", .tests = share_tests},
	    {.name = "guard", .tests = guard_tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
