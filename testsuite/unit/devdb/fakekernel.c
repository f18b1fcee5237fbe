/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/devdb/fakekernel.h"

#include <stdarg.h>
#include <string.h>

#include "kernel/abi/clock.order.h"
#include "kernel/abi/dma.order.h"
#include "kernel/abi/dma_spaces.order.h"
#include "kernel/abi/forwarder.order.h"
#include "kernel/abi/irq_space.order.h"
#include "kernel/abi/mmio.order.h"
#include "kernel/abi/mmio_space.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/page.order.h"
#include "kernel/abi/port_space.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "kernel/abi/schedule.order.h"
#include "uldrv/class/block_client.order.h"
#include "userland/rt/idl/bank.order.h"
#include "userland/rt/log.h"

struct fake_kernel fake;

static uint16_t
object_new(enum fake_kind kind)
{
	struct fake_object *o = &fake.object[fake.objects];

	memset(o, 0, sizeof(*o));
	o->kind = (uint8_t)kind;
	return (uint16_t)fake.objects++;
}

void
fake_begin_server(void)
{
	static const enum fake_kind slots[] = {
	    [SLOT_IRQ_SPACE] = FAKE_IRQ_SPACE,
	    [SLOT_PORT_SPACE] = FAKE_PORT_SPACE,
	    [SLOT_MMIO_SPACE] = FAKE_MMIO_SPACE,
	    [SLOT_DMA_SPACES] = FAKE_DMA_SPACES,
	    [SLOT_RANGE] = FAKE_RANGE,
	    [SLOT_SCHEDULES] = FAKE_SCHEDULE,
	    [SLOT_KINFO] = FAKE_KINFO,
	    [SLOT_STORE] = FAKE_STORE,
	    [SLOT_DISCRIM] = FAKE_DISCRIM,
	    [SLOT_BUS] = FAKE_BUS,
	    [SLOT_VOLUME_GONE] = FAKE_NOTICE,
	    [SLOT_STORE_SILENT] = FAKE_NOTICE,
	    [SLOT_STORE_ANSWERS] = FAKE_NOTICE,
	};
	uint16_t node;

	fake.objects = 0;
	fake.logged = 0;
	fake.calls = 0;
	fake.fail_at = 0;
	fake.detaching = RC_OK;
	fake.now = 1000;
	memset(fake.frame, 0, sizeof(fake.frame));
	memset(fake.reg, 0, sizeof(fake.reg));
	(void)object_new(FAKE_VOID);
	fake.reg[REG_LOG] = object_new(FAKE_LOG);
	fake.reg[REG_BANK] = object_new(FAKE_BANK);
	fake.reg[REG_CLOCK] = object_new(FAKE_CLOCK);
	fake.reg[REG_PROCESS] = object_new(FAKE_SELF);
	fake.reg[REG_NODE] = node = object_new(FAKE_NODE);
	for (unsigned i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (slots[i] != FAKE_VOID)
			fake.object[node].slot[i] = object_new(slots[i]);
}

int
fake_when(enum fake_kind kind, uint64_t order)
{
	for (unsigned i = 0; i < fake.logged; i++)
		if (fake.log[i].kind == kind && fake.log[i].order == order)
			return (int)i;
	return -1;
}

int
fake_last(enum fake_kind kind, uint64_t order)
{
	for (unsigned i = fake.logged; i-- > 0;)
		if (fake.log[i].kind == kind && fake.log[i].order == order)
			return (int)i;
	return -1;
}

int
fake_last_of(uint16_t object)
{
	for (unsigned i = fake.logged; i-- > 0;)
		if (fake.log[i].object == object)
			return (int)i;
	return -1;
}

enum fake_kind
fake_holds(uint16_t process, unsigned slot)
{
	return (enum fake_kind)fake.object[fake.object[process].slot[slot]]
	    .kind;
}

uint16_t
fake_instance(const struct instance *n, unsigned slot)
{
	uint16_t group = fake.object[fake.reg[REG_NODE]]
			     .slot[SLOT_INSTANCE + index_of(n) / NODE_SLOTS];
	uint16_t node = fake.object[group].slot[index_of(n) % NODE_SLOTS];

	return fake.object[node].slot[slot];
}

static unsigned
sent(const struct message *m, unsigned i)
{
	return fake.reg[m->control >> (CONTROL_SEND_SHIFT + 5 * i) & 31 & 15];
}

/* Slots that received something, as the result word tells it. */
static unsigned got;

static void
received(const struct message *m, unsigned i, uint16_t object)
{
	unsigned r = (unsigned)(m->control >> (CONTROL_RECEIVE_SHIFT + 5 * i)) &
	    15;

	if (object != 0)
		got |= 1u << i;
	if (r != 0)
		fake.reg[r] = object;
}

/* What a new object of an allocating order is. */
static enum fake_kind
made(enum fake_kind kind, uint64_t order)
{
	switch ((unsigned)kind) {
	case FAKE_BANK:
	case FAKE_SUBBANK:
		return order == BANK_PAGE    ? FAKE_PAGE
		    : order == BANK_NODE     ? FAKE_NODE
		    : order == BANK_SUB_BANK ? FAKE_SUBBANK
					     : FAKE_VOID;
	case FAKE_IRQ_SPACE:
		return order == IRQ_SPACE_ISA_GSI ? FAKE_VOID : FAKE_IRQ;
	case FAKE_PORT_SPACE:
		return FAKE_PORTS;
	case FAKE_MMIO_SPACE:
		return FAKE_MMIO;
	case FAKE_MMIO:
		return order == MMIO_PART ? FAKE_MMIO : FAKE_VOID;
	case FAKE_DMA_SPACES:
		return FAKE_DMA;
	case FAKE_DMA:
		if (order == DMA_RESTRICT)
			return FAKE_DMA_LOOK;
		return FAKE_VOID;
	case FAKE_SCHEDULE:
		return FAKE_SCHEDULE;
	case FAKE_PAGE:
		return order == PAGE_RESTRICT ? FAKE_PAGE : FAKE_VOID;
	case FAKE_PROCESS:
	case FAKE_SELF:
		return order == PROCESS_MAKE_NOTICE ? FAKE_NOTICE
		    : order == PROCESS_MAKE_START   ? FAKE_START
						    : FAKE_VOID;
	default:
		return FAKE_VOID;
	}
}

/* Nodes and processes hold what is put into them. */
static bool
holder(struct fake_object *o, struct message *m)
{
	uint16_t old;
	bool     process = o->kind == FAKE_PROCESS;

	if (o->kind == FAKE_NODE && m->word[0] == NODE_MAKE_PROCESS) {
		received(m, 0, object_new(FAKE_PROCESS));
		return true;
	}
	if (o->kind == FAKE_NODE && m->word[0] == NODE_MAKE_FORWARDER) {
		o->kind = FAKE_FORWARDER;
		received(m, 0, fake.reg[m->control >> 2 & 31]);
		return true;
	}
	if (o->kind == FAKE_NODE && m->word[0] == NODE_CLEAR) {
		memset(o->slot, 0, sizeof(o->slot));
		return true;
	}
	if (o->kind == FAKE_NODE && m->word[0] == NODE_COPY) {
		memcpy(o->slot, fake.object[sent(m, 0)].slot, sizeof(o->slot));
		return true;
	}
	if (o->kind == FAKE_NODE && m->word[0] == NODE_SEGMENT) {
		received(m, 0, fake.reg[m->control >> 2 & 31]);
		return true;
	}
	if (m->word[0] == (process ? PROCESS_GET : NODE_GET)) {
		received(m, 0, o->slot[m->word[1] & 31]);
		return true;
	}
	if (m->word[0] == (process ? PROCESS_SWAP : NODE_SWAP)) {
		old = o->slot[m->word[1] & 31];
		o->slot[m->word[1] & 31] = (uint16_t)sent(m, 0);
		received(m, 0, old);
		return true;
	}
	return false;
}

static void
forwarder(struct fake_object *o, const struct message *m)
{
	uint16_t self = (uint16_t)(o - fake.object), opaque;

	if (m->word[0] == FORWARDER_SET_TARGET)
		o->slot[0] = (uint16_t)sent(m, 0);
	if (m->word[0] == FORWARDER_OPAQUE) {
		opaque = object_new(FAKE_OPAQUE);
		fake.object[opaque].slot[0] = self;
		received(m, 0, opaque);
	}
}

/* Frames of the range: a page or a node, until they are freed. */
static enum status
frame(const struct message *m, enum fake_kind kind, uint16_t *object)
{
	uint16_t *at = &fake.frame[m->word[1] % FAKE_FRAMES];

	if (*at == 0)
		*at = object_new(kind);
	*object = *at;
	return fake.object[*at].kind == kind ? RC_OK : RC_STATE;
}

static enum status
range(struct message *m)
{
	uint16_t   *at = &fake.frame[m->word[1] % FAKE_FRAMES], object = 0;
	enum status st = RC_OK;

	if (m->word[0] == RANGE_FREE) {
		if (*at != 0 && fake.object[*at].mapped)
			return RC_BUSY;
		fake.object[*at].kind = FAKE_VOID;
		*at = 0;
	} else {
		st = frame(m, m->word[0] == RANGE_NODE ? FAKE_NODE : FAKE_PAGE,
		    &object);
		received(m, 0, st == RC_OK ? object : 0);
	}
	return st;
}

/* A bus address tells which page it is. */
static enum status
dma(struct message *m)
{
	uint16_t page = (uint16_t)sent(m, 0);

	switch (m->word[0]) {
	case DMA_PAGE:
		if (fake.frame[m->word[1] % FAKE_FRAMES] != 0)
			return RC_STATE;
		ignore_status(frame(m, FAKE_PAGE, &page));
		received(m, 0, page);
		return RC_OK;
	case DMA_MAP:
		fake.object[page].mapped = true;
		m->word[1] = (uint64_t)page * PAGE_SIZE;
		return RC_OK;
	case DMA_UNMAP:
		fake.object[m->word[1] / PAGE_SIZE % FAKE_OBJECTS]
		    .mapped = false;
		return RC_OK;
	case DMA_RELEASE:
		for (unsigned i = 0; i < fake.objects; i++)
			fake.object[i].mapped = false;
		return RC_OK;
	default:
		return RC_OK;
	}
}

static void
content(struct fake_object *o, struct message *m)
{
	if (m->word[0] == PAGE_WRITE && m->word[1] < sizeof(o->page) &&
	    m->send_bytes <= sizeof(o->page) - m->word[1])
		memcpy(o->page + m->word[1], m->send, m->send_bytes);
	if (m->word[0] == PAGE_READ && m->word[1] < sizeof(o->page) &&
	    m->receive_limit <= sizeof(o->page) - m->word[1])
		memcpy(m->receive, o->page + m->word[1], m->receive_limit);
}

static void
answer(struct fake_object *o, struct message *m)
{
	enum fake_kind kind = (enum fake_kind)o->kind;
	uint64_t       order = m->word[0];
	enum fake_kind out = made(kind, order);
	bool           same = sent(m, 0) == sent(m, 1);

	if ((kind == FAKE_NODE || kind == FAKE_PROCESS) && holder(o, m)) {
		m->word[0] = RC_OK;
		return;
	}
	if (kind == FAKE_RANGE || (kind == FAKE_DMA && order != DMA_RESTRICT)) {
		m->word[0] = kind == FAKE_RANGE ? range(m) : dma(m);
		return;
	}
	if (kind == FAKE_FORWARDER)
		forwarder(o, m);
	if (kind == FAKE_BANK && order == BANK_FREE &&
	    fake.object[sent(m, 0)].kind == FAKE_FORWARDER)
		fake.object[sent(m, 0)].kind = FAKE_VOID;
	if (kind == FAKE_PAGE)
		content(o, m);
	if (out != FAKE_VOID)
		received(m, 0, object_new(out));
	if (kind == FAKE_STORE && order == BLOCK_CLIENT_ATTACH) {
		received(m, 0, object_new(FAKE_NOTICE));
		received(m, 1, object_new(FAKE_WINDOW));
	}
	memset(m->word, 0, sizeof(m->word));
	if (kind == FAKE_STORE && order == BLOCK_CLIENT_DETACH)
		m->word[0] = (uint64_t)fake.detaching;
	if (kind == FAKE_DISCRIM)
		m->word[1] = same;
	if (kind == FAKE_CLOCK)
		m->word[1] = fake.now;
}

void
ant_invoke(struct message *m)
{
	struct fake_object
	    *o = &fake.object[fake.reg[m->control >> CONTROL_CAP_SHIFT & 15]];

	got = 0;
	if (o->kind != FAKE_NODE && fake.logged < FAKE_LOG_ENTRIES)
		fake.log[fake.logged++] = (struct fake_entry){.kind = o->kind,
		    .object = (uint16_t)(o - fake.object),
		    .order = m->word[0]};
	if (o->kind == FAKE_VOID)
		m->word[0] = RC_VOID;
	else if (++fake.calls == fake.fail_at)
		m->word[0] = fake.failure;
	else
		answer(o, m);
	m->control = FROM_REPLY | (uint64_t)got << RESULT_RECEIVED_SHIFT;
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

void
log_printf(const char *format, ...)
{
	(void)format;
}
