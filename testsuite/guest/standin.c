/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain that stands in for memory, load by load (D4): a segment of 128 MiB
 * of which no page exists. Its keeper computes what each load gives, and sees
 * each store; who loads and stores does nothing for it.
 *
 * It is told the offset and the kind of an access, not its size. So it makes
 * the whole page that the access falls into, in one of four pages of its own,
 * and lends that for the one instruction. What was stored is what differs from
 * what was lent, found before anything else is lent, or when it is asked.
 */
#include <string.h>

#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.stub.h"
#include "testsuite/guest/tests.h"

enum {
	DATA_KEEPER = 0x10, /* Of its start capabilities. */
	DATA_ASK = 0x11,
	PLACES = 4, /* An instruction needs no more pages: MOVS. */
	PLACE = A,  /* Registers A to D of the keeper. */
	STORES = 64,
	COUNTER = 3 * PAGE_SIZE, /* Eight bytes that count their loads. */
};

/* A page that was lent, and what it held then. */
struct place {
	uint64_t page; /* Offset in the segment. */
	uint64_t turn; /* When it was lent last. */
	bool     written;
	uint8_t  lent[PAGE_SIZE];
};

/* Bytes that were stored, in the order of the stores. */
struct store {
	uint64_t offset, value;
	unsigned bytes;
};

static struct standin {
	struct place place[PLACES];
	uint64_t     turn, loads, counted;
	struct store store[STORES];
	unsigned     stores;
} standin;

/* What the segment holds where nothing was stored. */
static uint8_t
computed(uint64_t offset)
{
	return (uint8_t)(offset * 2654435761u >> 13);
}

static uint64_t
computed_at(uint64_t offset, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = bytes; i-- > 0;)
		v = v << 8 | computed(offset + i);
	return v;
}

/* The content of a page, as it is at this load. */
static void
compute(uint64_t page, uint8_t to[PAGE_SIZE])
{
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		to[i] = computed(page + i);
	if (page == COUNTER)
		memcpy(to, &standin.counted, sizeof(standin.counted));
	for (unsigned i = 0; i < standin.stores; i++) {
		const struct store *s = &standin.store[i];

		if (s->offset - page < PAGE_SIZE)
			memcpy(to + (s->offset - page), &s->value, s->bytes);
	}
}

/* Note a run of up to eight bytes that differ; gives where it ends. */
static unsigned
note_run(const struct place *p, const uint8_t *now, unsigned at)
{
	struct store s = {.offset = p->page + at};

	while (at < PAGE_SIZE && s.bytes < 8 && now[at] != p->lent[at])
		s.value |= (uint64_t)now[at++] << 8 * s.bytes++;
	if (standin.stores < STORES)
		standin.store[standin.stores++] = s;
	return at;
}

/* What has been stored since the last time. */
static void
look_for_stores(void)
{
	static uint8_t now[PAGE_SIZE];

	for (unsigned i = 0; i < PLACES; i++) {
		struct place *p = &standin.place[i];

		if (!p->written)
			continue;
		OK(page_read(PLACE + i, 0, PAGE_SIZE, now, sizeof(now), NULL));
		for (unsigned at = 0; at < PAGE_SIZE;)
			if (now[at] == p->lent[at])
				at++;
			else
				at = note_run(p, now, at);
		memcpy(p->lent, now, PAGE_SIZE);
	}
}

/*
 * The place of this page, or the one that was used longest ago: not one that
 * the same instruction has just been lent.
 */
static unsigned
place_for(uint64_t page)
{
	unsigned oldest = 0;

	for (unsigned i = 0; i < PLACES; i++) {
		if (standin.place[i].page == page)
			return i;
		if (standin.place[i].turn < standin.place[oldest].turn)
			oldest = i;
	}
	return oldest;
}

/* Answer a fault: the restart capability is in H. */
static void
stand_in(uint64_t offset, uint64_t access)
{
	const uint64_t page = offset & ~(uint64_t)(PAGE_SIZE - 1);
	const unsigned i = place_for(page);
	struct place  *p = &standin.place[i];

	if (access == ACCESS_READ) {
		standin.loads++;
		standin.counted += offset == COUNTER;
	}
	p->page = page;
	p->turn = ++standin.turn;
	p->written = access == ACCESS_WRITE;
	compute(page, p->lent);
	OK(page_write(PLACE + i, 0, p->lent, PAGE_SIZE));
	OK(page_restrict(PLACE + i, p->written ? 0 : CR_READ_ONLY, E));
	OK(restart_lend(H, E));
}

static void
standin_keeper(uint64_t unused)
{
	struct message m;

	(void)unused;
	for (;;) {
		wait_message(&m);
		look_for_stores();
		if (message_data(&m) == DATA_ASK)
			reply1(H, standin.stores);
		else if (m.word[0] == KEEPER_SEGMENT)
			stand_in(m.word[2], m.word[3]);
	}
}

static inline uint8_t *
at(uint64_t offset)
{
	return (uint8_t *)window(3) + offset;
}

/* The segment, at at(0); the capability to ask its keeper in G. */
static void
standin_open(void)
{
	standin = (struct standin){.turn = 0};
	for (unsigned i = 0; i < PLACES; i++)
		standin.place[i].page = UINT64_MAX;
	peer_new(F, standin_keeper, 0, PRIORITY_HIGH);
	for (unsigned i = 0; i < PLACES; i++) {
		new_page(G);
		peer_give(F, PLACE + i, G);
	}
	peer_start(F);
	new_node(E);
	OK(node_make_guard(E, WINDOW_SHIFT, E));
	start_of(F, DATA_KEEPER, G);
	OK(guard_swap(E, 1, G, 0));
	OK(guard_restrict(E, CR_OPAQUE, E));
	map_window(3, E);
	start_of(F, DATA_ASK, G);
}

#define LOAD(type, offset) (*(volatile type *)(void *)at(offset))

/* Each size, wherever it stands in a page and across the end of one. */
void
test_standin_loads_D4(void)
{
	static const uint64_t offset[] = {0, 1, 7, 4091, 4093, 4095, 4096,
	    0x123456, 0x7fffff1, (1 << WINDOW_SHIFT) - 8};

	standin_open();
	for (unsigned i = 0; i < sizeof(offset) / sizeof(offset[0]); i++) {
		const uint64_t o = offset[i];

		CHECK_IS(LOAD(uint8_t, o), computed_at(o, 1));
		CHECK_IS(LOAD(uint16_t, o), computed_at(o, 2));
		CHECK_IS(LOAD(uint32_t, o), computed_at(o, 4));
		CHECK_IS(LOAD(uint64_t, o), computed_at(o, 8));
	}
	/* 4093 and 4095 are two pages each but for the byte, 4091 for 8. */
	CHECK_IS(standin.loads, 4 * 10 + 1 + 2 + 3);
	CHECK_IS(standin.stores, 0);
	CHECK_IS(probe(at(1 << 20), ACCESS_READ), FAULT_NONE);
}

/* A page that is other at each load: a program waits for it as for a device. */
void
test_standin_each_load_D4(void)
{
	uint64_t n = 0, rounds = 0;

	standin_open();
	while (n < 20 && rounds++ < 100) {
		uint64_t next = LOAD(uint64_t, COUNTER);

		CHECK_IS(next, n + 1);
		n = next;
	}
	CHECK_IS(rounds, 20);
	CHECK_IS(LOAD(uint8_t, COUNTER + 8), computed(COUNTER + 8));
	CHECK_IS(LOAD(uint64_t, COUNTER), 21);
}

/* String instructions, and what a C library does with memory. */
void
test_standin_string_D4(void)
{
	const uint8_t *from = at(4096 - 11);
	uint8_t        bytes[40] = {0}, *to = bytes;
	uint64_t       n = 25;
	uint8_t        last;

	standin_open();
	__asm__ volatile("rep movsb"
			 : "+S"(from), "+D"(to), "+c"(n)
			 :
			 : "memory");
	for (unsigned i = 0; i < 25; i++)
		CHECK_IS(bytes[i], computed(4096 - 11 + i));
	CHECK_IS(bytes[25], 0);
	CHECK_IS(standin.loads, 25); /* Each iteration is a load. */
	memcpy(bytes, at(8192 - 20), sizeof(bytes));
	for (unsigned i = 0; i < sizeof(bytes); i++)
		CHECK_IS(bytes[i], computed(8192 - 20 + i));
	CHECK_IS(memcmp(bytes, at(8192 - 20), sizeof(bytes)), 0);
	bytes[39]++;
	CHECK(memcmp(bytes, at(8192 - 20), sizeof(bytes)) != 0);
	from = at(20480);
	__asm__ volatile("lodsb" : "=a"(last), "+S"(from) : : "memory");
	CHECK_IS(last, computed(20480));
	CHECK_IS(standin.stores, 0);
}

/* One instruction that loads here and stores there, across both page ends. */
static void
move_across(void)
{
	const uint8_t *from = at(4092);
	uint8_t       *to = at(5 * 4096 - 3);

	__asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
}

static void
check_store(unsigned i, uint64_t offset, unsigned bytes, uint64_t value)
{
	CHECK_IS(standin.store[i].offset, offset);
	CHECK_IS(standin.store[i].bytes, bytes);
	CHECK_IS(standin.store[i].value, value);
}

/* Each store is seen, with its place, size and value, and is loaded again. */
void
test_standin_stores_D4(void)
{
	uint64_t was;

	standin_open();
	LOAD(uint8_t, 100) = (uint8_t)~computed(100);
	LOAD(uint16_t, 200) = (uint16_t)~computed_at(200, 2);
	LOAD(uint32_t, 300) = (uint32_t)~computed_at(300, 4);
	LOAD(uint64_t, 400) = ~computed_at(400, 8);
	CHECK_IS(call1(G, 0), 4); /* It looks for the last one now. */
	check_store(0, 100, 1, (uint8_t)~computed(100));
	check_store(1, 200, 2, (uint16_t)~computed_at(200, 2));
	check_store(2, 300, 4, (uint32_t)~computed_at(300, 4));
	check_store(3, 400, 8, ~computed_at(400, 8));
	CHECK_IS(LOAD(uint64_t, 400), ~computed_at(400, 8));
	CHECK_IS(LOAD(uint8_t, 99), computed(99));
	/* Across a page end it is two, and comes back as one. */
	LOAD(uint64_t, 8190) = ~computed_at(8190, 8);
	CHECK_IS(call1(G, 0), 6);
	CHECK_IS(standin.store[4].bytes + standin.store[5].bytes, 8);
	CHECK_IS(LOAD(uint64_t, 8190), ~computed_at(8190, 8));
	/* What loads and stores at once: an addition, and a move. */
	was = LOAD(uint32_t, 0x5000);
	__asm__ volatile("lock addl $0x01010101, %0"
			 : "+m"(LOAD(uint32_t, 0x5000)));
	CHECK_IS(LOAD(uint32_t, 0x5000), (uint32_t)(was + 0x01010101));
	move_across();
	CHECK_IS(LOAD(uint64_t, 5 * 4096 - 3), computed_at(4092, 8));
	CHECK_IS(LOAD(uint64_t, 4092), computed_at(4092, 8));
}

/* A call of the echo server in B with this string; gives what came back. */
static size_t
echo_string(const uint8_t *string, uint32_t bytes, uint8_t *back)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .word = {1},
	    .send = string,
	    .send_bytes = bytes,
	    .receive = back,
	    .receive_limit = PAGE_SIZE,
	};

	ant_invoke(&m);
	return message_received(&m);
}

/*
 * A string in a message is told, page by page, and each time anew, though all
 * messages leave by the same instruction: to a domain, and to the kernel.
 */
void
test_standin_message_D4(void)
{
	static uint8_t back[PAGE_SIZE];
	uint64_t       n = 0;

	standin_open();
	peer_spawn(A, echo_server, 0, PRIORITY_HIGH);
	start_of(A, 0, B);
	CHECK_IS(echo_string(at(4096 - 10), 20, back), 20);
	for (unsigned i = 0; i < 20; i++)
		CHECK_IS(back[i], computed(4096 - 10 + i));
	CHECK_IS(standin.loads, 2);
	for (uint64_t i = 1; i <= 5; i++) {
		CHECK_IS(echo_string(at(COUNTER), sizeof(n), back), sizeof(n));
		memcpy(&n, back, sizeof(n));
		CHECK_IS(n, i);
	}
	CHECK_IS(echo_string(at(0x10000), PAGE_SIZE, back), PAGE_SIZE);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		CHECK_IS(back[i], computed(0x10000 + i));
	new_page(C);
	OK(page_write(C, 100, at(8192 - 7), 30));
	memset(back, 0, sizeof(back));
	OK(page_read(C, 100, 30, back, sizeof(back), NULL));
	for (unsigned i = 0; i < 30; i++)
		CHECK_IS(back[i], computed(8192 - 7 + i));
	/* What is received there is cut: nobody's keeper is asked for that. */
	CHECK_IS(echo_string(back, 8, at(0)), 0);
	CHECK_IS(standin.stores, 0);
}
