/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The script: geometry, writes and reads of one and many segments, flush,
 * malformed requests, a deep queue, and all of it read back. What the disk
 * should hold is kept beside it, sector by sector.
 */
#include "testsuite/harness/client.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/script.h"
#include "testsuite/harness/trace.h"

#define SCRIPT_TIME (120 * SECOND)

enum { TRIES = 4, SCRIPT_SECTORS = 512 };

struct script {
	struct client        c;
	struct script_result r;
	uint8_t              shadow[SCRIPT_SECTORS][512];
	bool                 known[SCRIPT_SECTORS];
	uint8_t              fill; /* What the next write is made of. */
};

static bool
lied(const struct script *s)
{
	const struct fault *f = &s->c.h->fault;

	return f->fired != 0 && fault_info[f->kind].lies;
}

static void
wrong(struct script *s, const char *what)
{
	if (lied(s))
		return;
	s->r.wrong++;
	printf("  wrong: %s (fault %s at %lu%s)\n", what,
	    fault_info[s->c.h->fault.kind].name, s->c.h->fault.at,
	    s->c.h->fault.sticky ? ", sticky" : "");
}

/* Each attempt has a tag of its own, or an earlier completion would do. */
static enum status
tried(struct script *s, struct client_op *op, enum status expect)
{
	enum status st = RC_TIMEOUT;

	for (int i = 0; i < TRIES && s->r.ended; i++) {
		if (i > 0) {
			op->tag = s->c.next_tag++;
			op->request.tag = op->tag;
			client_issue(&s->c, op);
		}
		s->r.ended = client_wait(&s->c, SCRIPT_TIME);
		st = op->status;
		if (s->r.ended && st == expect)
			break;
	}
	if (s->r.ended && st != expect && !s->c.h->fault.sticky)
		wrong(s, "the status is not what it must be");
	return s->r.ended ? st : RC_TIMEOUT;
}

static void
release(struct client_op *op)
{
	op->tag = 0;
}

/* No two of 251 sectors in succession are the same, nor parts of them. */
static void
sector_fill(uint8_t *to, uint8_t which)
{
	static uint8_t pattern[251 + 512];

	if (pattern[1] == 0)
		for (unsigned i = 0; i < sizeof(pattern); i++)
			pattern[i] = (uint8_t)(i % 251 * (i % 251 + 3) + i / 7);
	memcpy(to, pattern + which % 251, 512);
}

/* Adds segments of `each` bytes from page `page` on. */
static struct client_op *
transfer(struct script *s, enum block_op kind, uint64_t sector, unsigned page,
    unsigned segments, uint32_t each)
{
	struct client_op *op = client_new(&s->c, kind, sector);

	for (unsigned i = 0; i < segments; i++) {
		uint8_t *data = client_page(s->c.h, page + i);

		memset(data, 0xee, PAGE_SIZE);
		for (uint32_t b = 0; kind == BLOCK_WRITE && b < each; b += 512)
			sector_fill(data + b, s->fill++);
		client_segment(op, s->c.h, page + i, 0, each);
	}
	return op;
}

/* Compares or remembers the content of a finished transfer. */
static void
check(
    struct script *s, const struct client_op *op, enum status st, unsigned page)
{
	uint64_t sector = op->request.sector;
	bool     match = true;

	for (unsigned i = 0; i < op->request.nsegments; i++)
		for (uint32_t b = 0; b < op->segment[i].bytes;
		     b += 512, sector++) {
			uint8_t *data = client_page(s->c.h, page + i) + b;

			if (op->request.op == BLOCK_WRITE) {
				s->known[sector] = st == RC_OK;
				memcpy(s->shadow[sector], data, 512);
			} else if (st == RC_OK && s->known[sector]) {
				match &= memcmp(s->shadow[sector], data, 512) ==
				    0;
			}
		}
	if (!match)
		wrong(s, "the content is not what was written");
	if (st == RC_OK && s->r.ended &&
	    op->bytes != (sector - op->request.sector) * 512)
		wrong(s, "the number of bytes is wrong");
}

static void
one(struct script *s, enum block_op kind, uint64_t sector, unsigned segments,
    uint32_t each)
{
	struct client_op *op = transfer(s, kind, sector, 0, segments, each);

	client_issue(&s->c, op);
	check(s, op, tried(s, op, RC_OK), 0);
	release(op);
}

static void
refused(struct script *s, struct client_op *op, enum status expect)
{
	client_issue(&s->c, op);
	(void)tried(s, op, expect);
	release(op);
}

static void
flush(struct script *s)
{
	struct client_op *op = client_new(&s->c, BLOCK_FLUSH, 0);

	client_issue(&s->c, op);
	(void)tried(s, op, RC_OK);
	release(op);
}

static void
geometry(struct script *s)
{
	struct client_op *op = client_new(&s->c, BLOCK_GEOMETRY, 0);

	client_issue(&s->c, op);
	(void)tried(s, op, RC_OK);
	release(op);
	if (s->r.ended && s->c.geometry.sectors != DISK_SECTORS)
		wrong(s, "the geometry is wrong");
}

static void
malformed(struct script *s)
{
	struct client_op *op;

	refused(s, client_new(&s->c, BLOCK_READ, 0), RC_ARGUMENT);
	refused(s, client_new(&s->c, BLOCK_OP_COUNT, 0), RC_ARGUMENT);
	refused(s, transfer(s, BLOCK_READ, DISK_SECTORS - 7, 0, 1, 4096),
	    RC_ARGUMENT);
	refused(s, transfer(s, BLOCK_READ, UINT64_MAX - 3, 0, 1, 4096),
	    RC_ARGUMENT);
	refused(s, transfer(s, BLOCK_READ, 0, 0, 1, 100), RC_ARGUMENT);
	op = transfer(s, BLOCK_READ, 0, 0, 1, 512);
	op->segment[0].address |= 1;
	refused(s, op, RC_ARGUMENT);
	op = transfer(s, BLOCK_READ, 0, 0, 1, 512);
	op->request.nsegments = BLOCK_SEGMENTS + 1;
	refused(s, op, RC_ARGUMENT);
	op = transfer(s, BLOCK_READ, 0, 0, 1, 512);
	op->request.flags = 0x80;
	refused(s, op, RC_ARGUMENT);
}

/* Twenty at once, then each in turn if it did not go well. */
static void
deep(struct script *s)
{
	struct client_op *op[20];

	for (unsigned i = 0; i < 20; i++) {
		op[i] = transfer(s, i % 3 == 0 ? BLOCK_WRITE : BLOCK_READ,
		    128 + i * 16, i * 2, 2, 2048);
		client_issue(&s->c, op[i]);
	}
	s->r.ended = client_wait(&s->c, SCRIPT_TIME);
	for (unsigned i = 0; i < 20; i++) {
		enum status st = op[i]->status;

		if (s->r.ended && st != RC_OK)
			st = tried(s, op[i], RC_OK);
		check(s, op[i], st, i * 2);
		release(op[i]);
	}
}

static void
all(struct script *s)
{
	geometry(s);
	one(s, BLOCK_WRITE, 8, 1, 4096);
	one(s, BLOCK_WRITE, 64, 4, 4096);
	one(s, BLOCK_WRITE, 100, 3, 512);
	flush(s);
	one(s, BLOCK_READ, 8, 1, 4096);
	malformed(s);
	deep(s);
	one(s, BLOCK_WRITE, 300, 32, 1024);
	one(s, BLOCK_READ, 300, 16, 2048);
	one(s, BLOCK_READ, 64, 4, 4096);
	one(s, BLOCK_READ, 100, 1, 1536);
	flush(s);
}

/* After a fault that is over, a fresh instance finds all in order. */
static void
afterwards(struct script *s)
{
	memset(s->known, 0, sizeof(s->known));
	harness_over(s->c.h);
	s->c.restarts = 0;
	s->c.h->strays = 0;
	for (unsigned i = 0; i < CLIENT_OPS; i++)
		s->c.op[i] = (struct client_op){0};
	s->r.ended = client_restart(&s->c);
	if (s->r.ended)
		all(s);
	if (!s->r.ended)
		wrong(s, "a fresh instance does not work");
}

static struct script_result
run(const struct fault *fault)
{
	static struct script s;
	struct harness      *h = harness_open();
	bool                 ended, lies = false;

	memset(&s, 0, sizeof(s));
	h->fault = *fault;
	s.r.ended = client_open(&s.c, h);
	if (s.r.ended)
		all(&s);
	lies = lied(&s);
	if (!lies)
		s.r.strays += h->strays;
	if (!lies)
		s.r.wrong += s.c.wrong;
	ended = s.r.ended;
	memcpy(s.r.seen, h->fault.seen, sizeof(s.r.seen));
	s.r.fired = h->fault.fired;
	s.r.width = h->fault.width;
	/* A client never hangs while a driver says it works. */
	if (!ended && !h->fault.sticky && !lies)
		wrong(&s, "requests were left open");
	if (!ended && s.c.restarts <= s.c.restarts_max)
		s.r.wrong++;
	if (s.r.fired != 0)
		afterwards(&s);
	s.r.strays += h->strays;
	s.r.restarts = s.c.restarts;
	harness_close(h);
	return s.r;
}

/* ------------------------------------------------------ the conversation */

static void
refuse_all(struct script *s)
{
	malformed(s);
	flush(s);
}

/* Moves 512 bytes, 4 KiB, and many segments; and the next instance reads. */
static bool
converse(struct harness *h)
{
	static struct script s;

	memset(&s, 0, sizeof(s));
	s.r.ended = client_open(&s.c, h);
	if (!s.r.ended)
		return false;
	geometry(&s);
	one(&s, BLOCK_WRITE, 100, 1, 512);
	one(&s, BLOCK_WRITE, 8, 1, 4096);
	flush(&s);
	one(&s, BLOCK_READ, 100, 1, 512);
	one(&s, BLOCK_READ, 8, 2, 2048);
	/* Whole pages: NVMe names them by one command. */
	if (!h->copies)
		one(&s, BLOCK_WRITE, 300, 4, 4096);
	refuse_all(&s);
	s.c.restarts = 0;
	s.r.ended = s.r.ended && client_restart(&s.c);
	if (!s.r.ended)
		return false;
	one(&s, BLOCK_READ, 8, 1, 4096);
	flush(&s);
	return s.r.ended && s.r.wrong == 0 && s.c.wrong == 0 &&
	    s.c.restarts == 1;
}

const struct class_script class_script = {
    .run = run,
    .converse = converse,
    .more = block_more,
};
