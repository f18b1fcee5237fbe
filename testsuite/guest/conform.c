/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests have seen of the generated list; see conform.h. */
#include "testsuite/guest/conform.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/discrim.order.h"
#include "kernel/abi/names.h"

#undef ant_call
#undef ant_call_words

#define KIND(k)  (UINT64_C(1) << (k))
#define ANY_KIND UINT64_MAX

static const struct conform_kind kinds[] = {
#define CONFORM_KIND(i, kind, limit) {#i, kind, limit},
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c)
#define CONFORM_ENTRY(i, o, st)
#include "kernel/abi/conform.def"
#undef CONFORM_KIND
#undef CONFORM_ORDER
};

static const struct conform_order orders[] = {
#define CONFORM_KIND(i, kind, limit)
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c) \
	{#i "_" #o, kind, n, forbid, caps, min, max, {a, b, c}},
#include "kernel/abi/conform.def"
#undef CONFORM_ORDER
#undef CONFORM_ENTRY
};

static const struct entry {
	const char *name;
	uint8_t     status;
} entries[] = {
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c)
#define CONFORM_ENTRY(i, o, st) {#i "_" #o, st},
#include "kernel/abi/conform.def"
#undef CONFORM_ENTRY
};

enum {
	ENTRIES = sizeof(entries) / sizeof(entries[0]),
	ORDERS = sizeof(orders) / sizeof(orders[0]),
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
	CACHE = 64,
	UNDECLARED_MOST = 16,
};

/* Shared by all tests and their peers. */
static struct {
	bool seen[ENTRIES];
	/* Stubs found before, by the address of their name. */
	const char *stub[CACHE];
	uint16_t    order[CACHE];
	struct {
		uint16_t order;
		uint8_t  status;
	} undeclared[UNDECLARED_MOST];
	unsigned nundeclared;
} conform;

const struct conform_order *
conform_order(unsigned i)
{
	return i < ORDERS ? &orders[i] : NULL;
}

const struct conform_kind *
conform_kind(unsigned i)
{
	return i < KINDS ? &kinds[i] : NULL;
}

/* Many functions are not stubs: ORDERS stands for them. */
static unsigned
find_order(const char *stub)
{
	const unsigned slot = (unsigned)((uintptr_t)stub / 4 % CACHE);
	unsigned       i = 0;

	if (conform.stub[slot] == stub)
		return conform.order[slot];
	while (i < ORDERS && strcmp(orders[i].name, stub) != 0)
		i++;
	conform.stub[slot] = stub;
	conform.order[slot] = (uint16_t)i;
	return i;
}

static const struct entry *
find_entry(unsigned order, enum status st)
{
	for (unsigned i = 0; i < ENTRIES; i++)
		if (entries[i].status == st &&
		    strcmp(entries[i].name, orders[order].name) == 0)
			return &entries[i];
	return NULL;
}

/*
 * A kind answers only for itself. What the order has just killed is void; who
 * has no discrim cannot tell.
 */
static bool
is_of_kind(unsigned reg, unsigned kind)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, R_DISCRIM) |
		CONTROL_SEND(0, reg),
	    .word = {DISCRIM_CLASSIFY},
	};

	ant_invoke_words(&m);
	return message_status(&m) == RC_OK &&
	    (m.word[1] == kind || m.word[1] == CK_VOID);
}

/* Answers of every kind: see the manual's chapter on invocation. */
static bool
is_general(enum status st)
{
	return st == RC_VOID || st == RC_RESTARTED || st == RC_ORDER ||
	    st == RC_CONTROL || st == RC_NOT_RESIDENT || st == RC_MEDIA ||
	    st >= RC_KERNEL_COUNT;
}

static void
note_undeclared(unsigned order, enum status st)
{
	for (unsigned i = 0; i < conform.nundeclared; i++)
		if (conform.undeclared[i].order == order &&
		    conform.undeclared[i].status == st)
			return;
	if (conform.nundeclared == UNDECLARED_MOST)
		return;
	conform.undeclared[conform.nundeclared].order = (uint16_t)order;
	conform.undeclared[conform.nundeclared++].status = (uint8_t)st;
}

static void
note(unsigned order, unsigned reg, enum status st)
{
	const struct entry *e = find_entry(order, st);

	if (e != NULL ? conform.seen[e - entries] : is_general(st))
		return;
	if (!is_of_kind(reg, orders[order].kind))
		return;
	if (e != NULL)
		conform.seen[e - entries] = true;
	else
		note_undeclared(order, st);
}

enum status
conform_call(
    const char *stub, struct message *m, enum status (*call)(struct message *))
{
	const unsigned reg = m->control >> CONTROL_CAP_SHIFT & 31;
	enum status    st = call(m);
	const unsigned order = find_order(stub);

	if (order < ORDERS)
		note(order, reg, st);
	return st;
}

void
conform_seen(const struct conform_order *o, enum status st)
{
	const struct entry *e = find_entry((unsigned)(o - orders), st);

	if (e != NULL)
		conform.seen[e - entries] = true;
}

void
conform_print(void (*say)(const char *line))
{
	char line[96];

	for (unsigned i = 0; i < ENTRIES; i++) {
		if (!conform.seen[i])
			continue;
		snprintf(line, sizeof(line), "seen %s %s\n", entries[i].name,
		    status_name(entries[i].status));
		say(line);
	}
	for (unsigned i = 0; i < conform.nundeclared; i++) {
		snprintf(line, sizeof(line), "undeclared %s %s\n",
		    orders[conform.undeclared[i].order].name,
		    status_name(conform.undeclared[i].status));
		say(line);
	}
}
