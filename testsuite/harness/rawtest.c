/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw clients of a disk beside the store, over every disk driver: confined to
 * what they were granted, sharing with the store, hostile, dying, and over the
 * driver's own death. The mux is seen through rings and the control page alone.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/harness/client.h"

#define LONG_TIME (120 * SECOND)

enum {
	EXTENT_FIRST = 1024,
	EXTENT = 256, /* Sectors. */
	TAGS = 256,
	FLOOD_READS = 20,
};

struct raw {
	struct harness        *h;
	unsigned               k;
	struct block_raw_ring *ring;
	struct ring_end        request, completion;
	unsigned               issued, completed, strange;
	struct block_request   asked[TAGS];
	enum status            status[TAGS];
	bool                   done[TAGS];
};

static uint32_t generations;

/* A page of the data area, wherever the driver moves bytes. */
static uint8_t *
raw_page(const struct raw *r, unsigned page)
{
	struct harness *h = r->h;

	if ((block_geometry(&h->dev)->features & BLOCK_HAS_DMA) == 0)
		return r->ring->data + (size_t)page * PAGE_SIZE;
	return h->ram +
	    (size_t)(RAW_FIRST + r->k * CONTROL_CLIENT_PAGES + page) *
	    PAGE_SIZE;
}

/* What the server writes; it stays over the driver's restart. */
static void
grant(struct harness *h, unsigned k, const struct control_client *c)
{
	h->raw[k] = *c;
	h->control->given.client[k] = *c;
	h->control->given.changes++;
	harness_ring(h);
}

/* Begins the ring for the generation that stands in the grant. */
static void
begin_ring(struct raw *r)
{
	struct block_control *control = &r->ring->ring.control;

	memset(&control->request, 0, sizeof(control->request));
	memset(&control->completion, 0, sizeof(control->completion));
	ring_begin(&r->request, &control->request, BLOCK_ENTRIES);
	ring_begin(&r->completion, &control->completion, BLOCK_ENTRIES);
	ring_want(&r->completion, true);
	control->client_generation = r->h->raw[r->k].generation;
	harness_ring(r->h);
}

static void
raw_open(struct raw *r, struct harness *h, unsigned k, bool writes)
{
	struct control_client c = {
	    .generation = ++generations,
	    .writes = writes,
	    .first = EXTENT_FIRST,
	    .sectors = EXTENT,
	};

	for (unsigned i = 0; i < CONTROL_CLIENT_PAGES; i++)
		c.address[i] = harness_bus(
		    h, (RAW_FIRST + k * CONTROL_CLIENT_PAGES + i) * PAGE_SIZE);
	*r = (struct raw){.h = h, .k = k, .ring = &h->raw_ring[k]};
	memset(&r->ring->ring.control, 0, PAGE_SIZE);
	grant(h, k, &c);
	begin_ring(r);
}

static void
raw_close(struct raw *r)
{
	struct control_client c = r->h->raw[r->k];

	c.generation = 0;
	grant(r->h, r->k, &c);
}

static struct block_segment *
raw_issue(struct raw *r, enum block_op op, uint64_t sector, unsigned page,
    uint32_t bytes)
{
	uint32_t place = ring_place(&r->request, 0);
	unsigned tag = r->issued++ % TAGS;

	r->asked[tag] = (struct block_request){
	    .tag = tag,
	    .sector = sector,
	    .op = (uint8_t)op,
	    .nsegments = bytes != 0,
	};
	r->done[tag] = false;
	r->ring->ring.request[place] = r->asked[tag];
	r->ring->ring.segment[place][0] = (struct block_segment){
	    .address = (uint64_t)page * PAGE_SIZE, .bytes = bytes};
	if (ring_produce(&r->request, 1))
		harness_ring(r->h);
	return &r->ring->ring.segment[place][0];
}

/* The entry that was issued last, to be spoilt before the driver runs. */
static struct block_request *
raw_last(struct raw *r)
{
	return &r->ring->ring.request[(r->request.own - 1) %
	    BLOCK_ENTRIES];
}

static void
raw_collect(struct raw *r)
{
	uint32_t ready = 0;

	CU_ASSERT_EQUAL(ring_ready(&r->completion, &ready), RC_OK);
	for (; ready > 0; ready--) {
		struct block_completion c =
		    r->ring->ring.completion[ring_place(&r->completion, 0)];

		ring_consume(&r->completion, 1);
		if (c.tag >= TAGS || r->done[c.tag]) {
			r->strange++;
			continue;
		}
		r->done[c.tag] = true;
		r->status[c.tag] = (enum status)c.status;
		r->completed++;
	}
}

static bool
raw_all(struct harness *h, void *arg)
{
	struct raw *r = arg;

	(void)h;
	raw_collect(r);
	return r->completed == r->issued;
}

/* Runs until the last request has its answer, and gives that. */
static enum status
raw_wait(struct raw *r)
{
	CU_ASSERT(harness_run_until(r->h, raw_all, r, LONG_TIME));
	CU_ASSERT_EQUAL(r->strange, 0);
	return r->status[(r->issued - 1) % TAGS];
}

static enum status
raw_one(struct raw *r, enum block_op op, uint64_t sector, unsigned page,
    uint32_t bytes)
{
	(void)raw_issue(r, op, sector, page, bytes);
	return raw_wait(r);
}

static void
claim(struct client *c, uint64_t first, uint64_t sectors)
{
	c->h->ring->control.claim = (struct block_claim){
	    .first = first, .sectors = sectors, .decided = 1};
}

static void
begin(struct client *c)
{
	struct harness *h = harness_open();

	harness_complaints = 0;
	CU_ASSERT_FATAL(client_open(c, h));
}

static void
end(struct client *c)
{
	CU_ASSERT_EQUAL(harness_complaints, 0);
	CU_ASSERT_EQUAL(c->h->strays, 0);
	harness_close(c->h);
}

/* A read of the store's, to see what really lies at a sector. */
static const uint8_t *
stored(struct client *c, uint64_t sector)
{
	struct client_op *op = client_new(c, BLOCK_READ, sector);

	client_segment(op, c->h, 0, 0, PAGE_SIZE);
	client_issue(c, op);
	CU_ASSERT(client_wait(c, LONG_TIME));
	CU_ASSERT_EQUAL(op->status, RC_OK);
	client_release(op);
	return client_page(c->h, 0);
}

/* mux.raw.1: what it writes lies in its extent, and it reads that again. */
void
raw_transfers(void)
{
	static struct client c;
	static struct raw    r;

	begin(&c);
	claim(&c, 0, 64);
	raw_open(&r, c.h, 0, true);
	for (unsigned page = 0; page < CONTROL_CLIENT_PAGES; page++) {
		memset(raw_page(&r, page), (int)(0x40 + page), PAGE_SIZE);
		CU_ASSERT_EQUAL(
		    raw_one(&r, BLOCK_WRITE, page * 8, page, PAGE_SIZE), RC_OK);
	}
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_FLUSH, 0, 0, 0), RC_OK);
	CU_ASSERT_EQUAL(stored(&c, EXTENT_FIRST + 24)[100], 0x43);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, 24, 9, 512), RC_OK);
	CU_ASSERT_EQUAL(raw_page(&r, 9)[511], 0x43);
	CU_ASSERT_EQUAL(raw_page(&r, 9)[512], 0x49);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_GEOMETRY, 0, 0, 0), RC_OK);
	CU_ASSERT_EQUAL(r.ring->ring.control.geometry.sectors, EXTENT);
	CU_ASSERT(c.h->bells != 0);
	CU_ASSERT_EQUAL(c.h->control->said.client[0].errors, 0);
	CU_ASSERT_EQUAL(c.h->control->said.client[0].requests,
	    CONTROL_CLIENT_PAGES + 3);
	end(&c);
}

/* mux.raw.2: nothing beyond its extent, its area, its rights, its claim. */
void
raw_confined(void)
{
	static struct client c;
	static struct raw    r;
	uint8_t              before;

	begin(&c);
	before = stored(&c, 0)[7];
	raw_open(&r, c.h, 0, true);
	/* Before the store has said what it holds nobody may write. */
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE, 0, 0, 4096), RC_STATE);
	claim(&c, EXTENT_FIRST + 128, 1000);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE, 128, 0, 512), RC_RIGHTS);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE, 127, 0, 1024), RC_RIGHTS);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE, 127, 0, 512), RC_OK);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, EXTENT - 1, 0, 512), RC_OK);
	CU_ASSERT_EQUAL(
	    raw_one(&r, BLOCK_READ, EXTENT - 1, 0, 1024), RC_ARGUMENT);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, EXTENT, 0, 512), RC_ARGUMENT);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE,
			    UINT64_MAX - EXTENT_FIRST + 1, 0, 512),
	    RC_ARGUMENT);
	/* Bus addresses, of its own area or any, are not for it. */
	raw_issue(&r, BLOCK_READ, 0, 0, 512)->address =
	    c.h->raw[0].address[0];
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	raw_issue(&r, BLOCK_READ, 0, 0, 1024)->address = PAGE_SIZE - 512;
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	raw_issue(&r, BLOCK_READ, 0, 0, 512)->address = 2;
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	(void)raw_issue(&r, BLOCK_READ, 0, 0, 512);
	raw_last(&r)->flags = BLOCK_WINDOW;
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	(void)raw_issue(&r, BLOCK_READ, 0, 0, 512);
	raw_last(&r)->nsegments = BLOCK_SEGMENTS + 1;
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    raw_one(&r, BLOCK_READ, 0, CONTROL_CLIENT_PAGES, 512), RC_ARGUMENT);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, 0, 0, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_OP_COUNT, 0, 0, 0), RC_ARGUMENT);
	/* Without the right to write. */
	raw_close(&r);
	(void)harness_run(c.h, LONG_TIME);
	raw_open(&r, c.h, 0, false);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_WRITE, 0, 0, 512), RC_RIGHTS);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_FLUSH, 0, 0, 0), RC_RIGHTS);
	CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, 0, 0, 512), RC_OK);
	CU_ASSERT_EQUAL(stored(&c, 0)[7], before);
	end(&c);
}

/* The store's answers are all there; the raw client's are counted. */
static bool
store_served(struct harness *h, void *arg)
{
	(void)arg;
	return h->ring->control.completion.head == FLOOD_READS;
}

/* mux.raw.3: the store's pages come in while a raw client floods. */
void
raw_floods(void)
{
	static struct client c;
	static struct raw    r;
	struct client_op    *op[FLOOD_READS];

	begin(&c);
	claim(&c, 0, 64);
	raw_open(&r, c.h, 0, true);
	for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
		(void)raw_issue(&r, BLOCK_READ, i, i % CONTROL_CLIENT_PAGES, 4096);
	for (unsigned i = 0; i < FLOOD_READS; i++) {
		op[i] = client_new(&c, BLOCK_READ, i * 8);
		client_segment(op[i], c.h, i, 0, PAGE_SIZE);
		client_issue(&c, op[i]);
	}
	CU_ASSERT(harness_run_until(c.h, store_served, NULL, LONG_TIME));
	raw_collect(&r);
	/* What was in flight, and its part: not what it has asked for. */
	CU_ASSERT(r.completed < BLOCK_ENTRIES / 2);
	CU_ASSERT(client_wait(&c, LONG_TIME));
	for (unsigned i = 0; i < FLOOD_READS; i++) {
		CU_ASSERT_EQUAL(op[i]->status, RC_OK);
		client_release(op[i]);
	}
	CU_ASSERT_EQUAL(raw_wait(&r), RC_OK);
	CU_ASSERT_EQUAL(r.completed, BLOCK_ENTRIES);
	end(&c);
}

/* mux.raw.4: nonsense in every index: its own ring is dead, and is said to be;
 * no other. */
void
raw_hostile(void)
{
	static struct client c;
	static struct raw    r, other;

	begin(&c);
	claim(&c, 0, 64);
	for (unsigned which = 0; which < 2; which++) {
		raw_open(&r, c.h, 0, true);
		raw_open(&other, c.h, 1, true);
		(void)raw_issue(&r, BLOCK_READ, 0, 0, 4096);
		if (which == 0)
			r.ring->ring.control.request.head = 123456789;
		else
			r.ring->ring.control.completion.tail = 123456789;
		harness_ring(c.h);
		(void)harness_run(c.h, LONG_TIME);
		CU_ASSERT_EQUAL(c.h->control->said.client[0].broken, 1);
		CU_ASSERT_EQUAL(
		    raw_one(&other, BLOCK_READ, 8, 1, 4096), RC_OK);
		(void)stored(&c, 0);
		CU_ASSERT_STRING_NOT_EQUAL(
		    c.h->control->said.remark, "the client broke the ring");
		raw_close(&r);
		raw_close(&other);
		(void)harness_run(c.h, LONG_TIME);
		CU_ASSERT_EQUAL(c.h->control->said.client[0].generation, 0);
		/* A new connection begins anew. */
		raw_open(&r, c.h, 0, true);
		CU_ASSERT_EQUAL(raw_one(&r, BLOCK_READ, 8, 1, 4096), RC_OK);
		CU_ASSERT_EQUAL(c.h->control->said.client[0].broken, 0);
		raw_close(&r);
		(void)harness_run(c.h, LONG_TIME);
	}
	end(&c);
}

/* mux.raw.5: who never takes an answer is asked for no more than there is. */
void
raw_deaf(void)
{
	static struct client c;
	static struct raw    r;

	begin(&c);
	raw_open(&r, c.h, 0, false);
	for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
		(void)raw_issue(&r, BLOCK_READ, EXTENT, 0, 512);
	(void)harness_run(c.h, LONG_TIME);
	for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
		(void)raw_issue(&r, BLOCK_READ, EXTENT, 0, 512);
	harness_ring(c.h);
	(void)harness_run(c.h, LONG_TIME);
	CU_ASSERT_EQUAL(
	    c.h->control->said.client[0].requests, BLOCK_ENTRIES);
	CU_ASSERT_EQUAL(c.h->control->said.client[0].broken, 0);
	(void)stored(&c, 0);
	raw_collect(&r);
	harness_ring(c.h);
	CU_ASSERT_EQUAL(raw_wait(&r), RC_ARGUMENT);
	CU_ASSERT_EQUAL(r.completed, 2 * BLOCK_ENTRIES);
	end(&c);
}

static bool
place_is_free(struct harness *h, void *arg)
{
	(void)arg;
	return h->control->said.client[0].generation == 0;
}

/*
 * mux.raw.6: it dies with requests in flight, and another gets its place: only
 * when all has ended, and nothing of the first is told to the second.
 */
void
raw_dies(void)
{
	static struct client c;
	static struct raw    r, next;

	begin(&c);
	claim(&c, 0, 64);
	raw_open(&r, c.h, 0, true);
	for (unsigned i = 0; i < 16; i++)
		(void)raw_issue(&r, BLOCK_READ, i * 8, i, 4096);
	(void)harness_run(c.h, 0);
	raw_close(&r);
	raw_open(&next, c.h, 0, true);
	CU_ASSERT_EQUAL(raw_one(&next, BLOCK_READ, 0, 3, 512), RC_OK);
	CU_ASSERT_EQUAL(next.strange, 0);
	CU_ASSERT_EQUAL(c.h->control->said.client[0].requests, 1);
	CU_ASSERT_EQUAL(c.h->control->said.client[0].generation,
	    c.h->raw[0].generation);
	/* Or nobody does: then the place is free as soon as all has ended. */
	for (unsigned i = 0; i < 4; i++)
		(void)raw_issue(&next, BLOCK_READ, i * 8, i, 4096);
	harness_ring(c.h);
	(void)harness_run(c.h, 0);
	raw_close(&next);
	CU_ASSERT(harness_run_until(c.h, place_is_free, NULL, LONG_TIME));
	(void)stored(&c, 0);
	end(&c);
}

/* mux.raw.7: the driver dies under store and raw client; both ask again. */
void
raw_restarts(void)
{
	static struct client c;
	static struct raw    r;
	struct client_op    *op;
	unsigned             again = 0;

	begin(&c);
	claim(&c, 0, 64);
	raw_open(&r, c.h, 0, true);
	memset(raw_page(&r, 2), 0x77, PAGE_SIZE);
	for (unsigned i = 0; i < 12; i++)
		(void)raw_issue(&r, BLOCK_WRITE, i * 8, 2, 4096);
	op = client_new(&c, BLOCK_READ, 0);
	client_segment(op, c.h, 0, 0, PAGE_SIZE);
	client_issue(&c, op);
	(void)harness_run(c.h, 0);
	/* The completions that are there are true. */
	raw_collect(&r);
	c.h->raw[0].generation = ++generations;
	CU_ASSERT_FATAL(client_restart(&c));
	claim(&c, 0, 64);
	raw_collect(&r);
	begin_ring(&r);
	for (unsigned i = 0; i < 12; i++) {
		if (r.done[i])
			continue;
		r.issued--;
		again++;
		(void)raw_issue(&r, BLOCK_WRITE, i * 8, 2, 4096);
		raw_last(&r)->tag = i;
	}
	CU_ASSERT(client_wait(&c, LONG_TIME));
	CU_ASSERT_EQUAL(op->status, RC_OK);
	(void)raw_wait(&r);
	for (unsigned i = 0; i < 12; i++)
		CU_ASSERT_EQUAL(r.status[i], RC_OK);
	CU_ASSERT(again > 0);
	CU_ASSERT_EQUAL(stored(&c, EXTENT_FIRST + 88)[1], 0x77);
	end(&c);
}
