/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory of rings, in sets: the pages of one ring, and the node by which
 * its client has them.
 *
 * Invariants:
 *  1. A set has one client in its life. Who comes after has another set, so
 *     that nobody can read or write the ring of his successor, whatever he has
 *     kept: page, node, or a mapping.
 *  2. The node that the driver maps, and that we look into, is never given
 *     away. The client's is a copy, in a frame of the set: what he does to it
 *     he does to himself.
 *  3. A set that is over lasts a moment longer, for its client to read that,
 *     and if the device may still write to it, until that was reset. It is
 *     free only when every frame of it has been taken back.
 */
#include "devdb/server/server.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/range.stub.h"

enum {
	CLIENT_NODE = NODE_SLOTS, /* Behind the pages. */
	POSITIONS,
	FIRST = (int)SERVER_INSTANCES * (int)SERVER_POSITIONS,
};

_Static_assert(
    (int)FIRST + (int)SERVER_RINGS * (int)POSITIONS <= (int)SERVER_RANGE,
    "the range in system.dts");

/* How long a ring outlives its client's right to it. */
static const uint64_t grace_ns = 1000000000;

uint64_t
ring_position(uint8_t ring, unsigned page)
{
	return FIRST + (ring - 1u) * (uint64_t)POSITIONS + page;
}

/* True if all of it is free: a page that a device reaches is not. */
static bool
take_back(uint8_t ring)
{
	enum status st = system_get(SLOT_RANGE, REG_T0);

	for (unsigned i = 0; i < POSITIONS && st == RC_OK; i++)
		st = range_free(REG_T0, ring_position(ring, i));
	if (st == RC_OK)
		server.ring[ring - 1] = (struct ring_set){.used = false};
	return st == RC_OK;
}

/* The set that is over for the longest time, and that no device reaches. */
static uint8_t
oldest(void)
{
	uint8_t found = 0;

	for (uint8_t i = 1; i <= SERVER_RINGS; i++) {
		const struct ring_set *r = &server.ring[i - 1];

		if (r->used && r->ends != 0 && !r->held &&
		    (found == 0 || r->ends < server.ring[found - 1].ends))
			found = i;
	}
	return found;
}

enum status
ring_take(uint8_t *ring)
{
	uint8_t i = 1;

	if (*ring != 0)
		return RC_OK;
	while (i <= SERVER_RINGS && server.ring[i - 1].used)
		i++;
	/* One whose client may not have seen yet that it is over. */
	if (i > SERVER_RINGS)
		i = oldest();
	if (i == 0 || (server.ring[i - 1].used && !take_back(i)))
		return RC_LIMIT;
	server.ring[i - 1] = (struct ring_set){.used = true};
	*ring = i;
	return RC_OK;
}

/*
 * The copy is made afresh: its last holder may have made something else of
 * it. All that it held died with it.
 */
enum status
ring_show(uint8_t ring, capreg node, unsigned span, capreg to)
{
	uint64_t    at = ring_position(ring, CLIENT_NODE);
	enum status st = system_get(SLOT_RANGE, to);

	if (st == RC_OK)
		st = range_free(to, at);
	if (st == RC_OK)
		st = range_node(to, at, 0, to);
	if (st == RC_OK)
		st = node_copy(to, node);
	return st != RC_OK ? st : node_segment(to, span, to);
}

void
ring_retire(uint8_t *ring, const struct instance *reached)
{
	struct ring_set *r;

	if (*ring == 0)
		return;
	r = &server.ring[*ring - 1];
	*r = (struct ring_set){.used = true, .ends = server_now() + grace_ns};
	if (reached != NULL) {
		r->held = true;
		r->holder = (uint8_t)index_of(reached);
	}
	*ring = 0;
}

void
ring_drop(uint8_t *ring)
{
	if (*ring != 0 && !take_back(*ring))
		ring_retire(ring, NULL);
	*ring = 0;
}

void
rings_release(const struct instance *n)
{
	for (unsigned i = 0; i < SERVER_RINGS; i++)
		if (server.ring[i].holder == index_of(n))
			server.ring[i].held = false;
}

uint64_t
rings_tick(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	for (uint8_t i = 1; i <= SERVER_RINGS; i++) {
		struct ring_set *r = &server.ring[i - 1];

		if (!r->used || r->ends == 0 || r->held)
			continue;
		if (r->ends <= now && take_back(i))
			continue;
		if (r->ends <= now)
			r->ends = now + grace_ns;
		next = r->ends < next ? r->ends : next;
	}
	return next;
}
