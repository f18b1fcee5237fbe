/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds a boot range, puts it into the fake machine's RAM, starts mem. */
#include <stdlib.h>

#include "testsuite/unit/kernel/fake/fake.h"

#include "kernel/mem/map.h"

void fake_hole(uint64_t first, uint64_t end);

enum { RANGE_PAGE = 4, SERVICES = 64, PROCESSES = 64, HEADER_PAGES = 4 };

struct handoff fake_handoff;

static struct {
	uint8_t                 data[FAKE_BOOT_FRAMES][PAGE_SIZE];
	struct boot_range_entry entry[FAKE_BOOT_FRAMES];
	uint32_t                n;
	uint64_t                process[PROCESSES];
	uint32_t                nprocesses;
	struct cap              service[SERVICES];
	uint32_t                nservices;
} range;

void
fake_boot_reset(void)
{
	memset(&range, 0, sizeof(range));
}

static uint32_t
add(enum frame_kind kind, uint32_t count)
{
	if (range.n == FAKE_BOOT_FRAMES)
		abort();
	range.entry[range.n].kind = (uint8_t)kind;
	range.entry[range.n].count = count;
	return range.n++;
}

uint32_t
fake_boot_page(uint32_t count)
{
	return add(FK_PAGE, count);
}

uint32_t
fake_boot_state(uint32_t count)
{
	return add(FK_STATE, count);
}

uint32_t
fake_boot_nodes(uint32_t count)
{
	uint32_t           i = add(FK_NODE, count);
	struct node_frame *n = fake_boot_node_frame(i);

	n->header.magic = NODE_FRAME_MAGIC;
	n->header.oid = oid_make(frame_of(SOURCE_BOOT, i), OID_INDEX_FRAME).v;
	n->header.kind = FK_NODE;
	for (unsigned k = 0; k < FRAME_NODES; k++)
		n->node[k].count = count;
	return i;
}

void *
fake_boot_data(uint32_t index)
{
	return range.data[index];
}

struct node_frame *
fake_boot_node_frame(uint32_t index)
{
	return (struct node_frame *)(void *)range.data[index];
}

struct cap
fake_page_cap(uint32_t index, unsigned rights)
{
	return cap_make(CK_PAGE, rights, 0, range.entry[index].count,
	    oid_make(frame_of(SOURCE_BOOT, index), OID_INDEX_FRAME));
}

struct cap
fake_node_cap(uint32_t index, unsigned node, unsigned span, unsigned rights)
{
	return cap_make(CK_NODE, rights, span - 1,
	    fake_boot_node_frame(index)->node[node].count,
	    oid_make(frame_of(SOURCE_BOOT, index), node));
}

void
fake_boot_process(oid id)
{
	range.process[range.nprocesses++] = id.v;
}

void
fake_boot_service(const struct cap *c)
{
	range.service[range.nservices++] = *c;
}

static void
lay_down(void)
{
	uint8_t *at = hal_direct((paddr){(uint64_t)RANGE_PAGE << PAGE_SHIFT});
	struct boot_range h = {
	    .magic = BOOT_RANGE_MAGIC,
	    .version = BOOT_RANGE_VERSION,
	    .nframes = range.n,
	    .first_frame = HEADER_PAGES << PAGE_SHIFT,
	    .nprocesses = range.nprocesses,
	    .nservices = range.nservices,
	};

	h.processes_at = (uint32_t)(sizeof(h) + sizeof(range.entry));
	h.services_at = (uint32_t)(h.processes_at + sizeof(range.process));
	memcpy(at, &h, sizeof(h));
	memcpy(at + sizeof(h), range.entry, sizeof(range.entry));
	memcpy(at + h.processes_at, range.process, sizeof(range.process));
	memcpy(at + h.services_at, range.service, sizeof(range.service));
	memcpy(at + h.first_frame, range.data, (size_t)range.n << PAGE_SHIFT);
}

void
fake_start(uint32_t pages)
{
	uint32_t used = HEADER_PAGES + range.n;

	memset(&fake.now, 0,
	    offsetof(struct fake, leave) - offsetof(struct fake, now));
	fake_tlb_reset();
	fake_memory(pages);
	fake_hole(RANGE_PAGE, RANGE_PAGE + used);
	fake_handoff = (struct handoff){
	    .magic = HANDOFF_MAGIC,
	    .version = HANDOFF_VERSION,
	    .bytes = sizeof(fake_handoff),
	    .range_first = (uint64_t)RANGE_PAGE << PAGE_SHIFT,
	    .range_bytes = (uint64_t)used << PAGE_SHIFT,
	};
	lay_down();
	mem_init(&fake_handoff);
	map_init();
}
