/* SPDX-License-Identifier: BSD-2-Clause */
/* What the proxies stand for; see proxy.h. */
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/internal.h"
#include "testsuite/guest/proxy.h"

static struct {
	struct proxied of[PROXY_MOST];
	unsigned       used;   /* Entries. */
	unsigned       server; /* The next one to be used. */
} table;

void
proxy_table_reset(void)
{
	table.used = table.server = 0;
}

const struct proxied *
proxied(unsigned index)
{
	static const struct proxied none = {.kind = CK_VOID};

	return index < table.used ? &table.of[index] : &none;
}

/* The node with an entry's slot. */
static void
leaf(unsigned index, capreg to)
{
	OK(node_get(P_TABLE, index / NODE_SLOTS / NODE_SLOTS, to));
	OK(node_get(to, index / NODE_SLOTS % NODE_SLOTS, to));
}

void
proxy_fetch(unsigned index, capreg to)
{
	leaf(index, to);
	OK(node_get(to, index % NODE_SLOTS, to));
}

static void
copy(capreg from, capreg to)
{
	OK(node_swap(P_POOL, POOL_SCRATCH, from, REG_NONE));
	OK(node_get(P_POOL, POOL_SCRATCH, to));
}

/* Is it a start capability of a proxy? Then this is its index. */
static bool
is_proxy(capreg of, unsigned *index)
{
	uint64_t kind = CK_VOID, data = 0, mine = 0;

	OK(discrim_classify(P_DISCRIM, of, &kind, NULL, &data));
	if (kind != CK_START)
		return false;
	OK(discrim_branded(P_DISCRIM, of, P_BRAND, &mine));
	*index = (unsigned)data;
	return mine != 0 && data < table.used;
}

/*
 * A server that was wrapped before: its proxy shall be the same one, so that
 * its callers queue in one place and a keeper is known again (guard.open).
 */
static bool
find_start(capreg start, capreg scratch, unsigned *index)
{
	for (unsigned i = 0; i < table.used; i++) {
		uint64_t same = 0;

		if (table.of[i].kind != CK_START)
			continue;
		proxy_fetch(i, scratch);
		OK(discrim_compare(P_DISCRIM, start, scratch, &same));
		if (same != 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* Which proxy stands in front of it: 0, or one of those of domains. */
static unsigned
proxy_for(unsigned kind, unsigned rights)
{
	if (kind != CK_START &&
	    !(kind == CK_FORWARDER && (rights & CR_OPAQUE) != 0))
		return 0;
	return 1 + table.server++ % PROXY_SERVERS;
}

enum status
proxy_wrap_here(capreg from, capreg to)
{
	uint64_t kind = CK_VOID, rights = 0;
	unsigned i = 0;

	OK(discrim_classify(P_DISCRIM, from, &kind, &rights, NULL));
	if (kind == CK_VOID || is_proxy(from, &i)) {
		copy(from, to);
		return RC_OK;
	}
	if (kind != CK_START || !find_start(from, to, &i)) {
		if (table.used == PROXY_MOST) {
			copy(REG_NONE, to);
			return RC_NO_MEMORY;
		}
		i = table.used++;
		leaf(i, P_TEMPORARY);
		OK(node_swap(P_TEMPORARY, i % NODE_SLOTS, from, REG_NONE));
		table.of[i] = (struct proxied){
		    .kind = (uint8_t)kind,
		    .rights = (uint8_t)rights,
		    .server = (uint8_t)proxy_for(
			(unsigned)kind, (unsigned)rights),
		};
	}
	OK(node_get(P_POOL, table.of[i].server, P_TEMPORARY));
	OK(process_make_start(P_TEMPORARY, i, to));
	return RC_OK;
}

bool
proxy_unwrap_here(capreg from, uint64_t but, capreg to)
{
	unsigned i = 0;

	if (!is_proxy(from, &i))
		copy(from, to);
	else if (but >> table.of[i].kind & 1)
		return false;
	else
		proxy_fetch(i, to);
	return true;
}
