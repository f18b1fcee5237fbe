/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client is given stands behind a forwarder of ours, so that it can be
 * taken back (S6).
 *
 *  - A handle leads to us, with the instance as data: who holds it may connect
 *    to this driver, and ask nothing else. The catalogue gets it, and puts it
 *    behind a persistent forwarder of its client's, with itself as fallback.
 *  - A doorbell leads to the driver's own notice. It is the client's alone, is
 *    turned to each next instance, and ends when another client connects.
 *
 * To take back is to sell the forwarder's node: whatever leads there is void
 * from then on, and what is sent through the catalogue's forwarder goes to its
 * fallback. A ring is memory, which no forwarder can stand before: it says that
 * it is over, generation 0, and lasts a second longer for its client to see it.
 */
#include "devdb/server/server.h"

#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "uldrv/class/order.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/notice.h"

/* A forwarder in `slot`, to the target in REG_IN2; it stays in `to`. */
static enum status
make(const struct instance *n, unsigned slot, capreg to)
{
	enum status st = bank_node(REG_BANK, to);

	if (st == RC_OK)
		st = node_make_forwarder(to, to);
	if (st == RC_OK)
		st = forwarder_set_target(to, REG_IN2, REG_VOID);
	return st == RC_OK ? inst_put(n, slot, to) : st;
}

static void
take_back(const struct instance *n, unsigned slot)
{
	if (inst_get(n, slot, REG_IN2) == RC_OK)
		ignore_status(bank_free(REG_BANK, REG_IN2));
	ignore_status(inst_put(n, slot, REG_VOID));
}

struct instance *
handle_instance(unsigned i)
{
	return i < server.instances && server.instance[i].used
	    ? &server.instance[i]
	    : NULL;
}

enum status
handle_give(struct instance *n, capreg to)
{
	enum status st = RC_OK;

	if (!n->handle) {
		st = process_make_start(
		    REG_PROCESS, DEVDB_HOLDER + index_of(n), REG_IN2);
		if (st == RC_OK)
			st = make(n, INST_HANDLE, to);
		n->handle = st == RC_OK;
	}
	if (st == RC_OK)
		st = inst_get(n, INST_HANDLE, to);
	return st != RC_OK ? st : forwarder_opaque(to, 0, to);
}

enum status
doorbell_give(struct instance *n, capreg to)
{
	enum status st;

	take_back(n, INST_BELL);
	st = inst_get(n, INST_DOORBELL, REG_IN2);
	if (st == RC_OK)
		st = make(n, INST_BELL, to);
	return st != RC_OK ? st : forwarder_opaque(to, 0, to);
}

/* A client that has none, because we had no memory, connects again. */
void
doorbell_turn(struct instance *n)
{
	if (inst_get(n, INST_BELL, REG_T1) == RC_OK &&
	    inst_get(n, INST_DOORBELL, REG_T0) == RC_OK)
		ignore_status(forwarder_set_target(REG_T1, REG_T0, REG_VOID));
}

void
doorbell_end(const struct instance *n)
{
	take_back(n, INST_BELL);
}

void
ring_end(const struct instance *n, capreg bell)
{
	static const uint32_t over = 0;

	if (inst_get(n, INST_RING_NODE, REG_T0) == RC_OK &&
	    node_get(REG_T0, 0, REG_T0) == RC_OK)
		ignore_status(page_write(REG_T0,
		    offsetof(struct order_control, generation), &over,
		    sizeof(over)));
	notice_set(bell);
}

void
handles_revoke(struct instance *n)
{
	if (!n->has_node)
		return;
	take_back(n, INST_HANDLE);
	take_back(n, INST_BELL);
	if (n->client && inst_get(n, INST_CLIENT, REG_T1) == RC_OK)
		ring_end(n, REG_T1);
}
