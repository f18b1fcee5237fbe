/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the hand-off to the first process.
 */
#include "boot/handoff/handoff.h"
#include "kernel/abi/pager.h"
#include "kernel/device/device.h"
#include "kernel/hal/entry.h"
#include "kernel/mem/map.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/record.h"
#include "kernel/object/ref.h"
#include "kernel/object/store.h"
#include "kernel/object/wall.h"
#include "kernel/sched/clock.h"

enum {
	ACTIVITIES_LEAST = 512,
	FRAMES_EACH      = 16, /* One activity for so many frames of RAM. */
	ACTIVITIES_MOST  = 15000, /* But no more than a record has room for (M6): */
};

/* with what a smaller machine has not started yet, the reserves and the header. */
_Static_assert(ACTIVITIES_MOST + ACTIVITIES_MOST / 16 + RESERVES + 1 <=
	PAGER_RECORD_MAX * RECORD_ENTRIES,
    "no snapshot would be taken");

static const uint64_t second_ns = 1000000000;

struct wall wall;

/* Tables that grow with memory are taken from it once, at start. */
static void
make_tables(void)
{
	uint32_t n = mem.nframes / FRAMES_EACH;

	if (n < ACTIVITIES_LEAST)
		n = ACTIVITIES_LEAST;
	if (n > ACTIVITIES_MOST)
		n = ACTIVITIES_MOST;
	activity_init(mem_reserve(n * sizeof(struct activity)), n);
	alarm_init(mem_reserve(alarm_bytes(n)), n);
}

static const uint8_t *
range_bytes(const struct handoff *h, uint32_t offset)
{
	return (const uint8_t *)hal_direct((paddr){h->range_first}) + offset;
}

/* Boot services by number (F6). */
static void
set_services(const struct handoff *h, const struct boot_range *r)
{
	for (uint32_t i = 0; i < r->nservices; i++) {
		struct cap c;

		memcpy(&c, range_bytes(h, r->services_at + i * 16), sizeof(c));
		service_set(i, &c);
	}
}

/* Give a process of the boot range its activity. */
static void
start(oid id)
{
	struct frame    *node = frame_find(oid_frame(id));
	struct process   p;
	struct activity *a;

	if (node == NULL || oid_index(id) >= FRAME_NODES ||
	    process_prepare(node, oid_index(id), &p) != RC_OK) {
		log_line("boot range: process %lx is malformed", id.v);
		return;
	}
	a = activity_alloc(id, p.header->count);
	assert(a != NULL);
	process_set_activity(&p, a);
	if (p.header->flags & PF_RESIDENT)
		a->flags |= AF_RESIDENT; /* Hashed since activity_alloc. */
	process_take_schedule(&p, a);
	if (p.state->state == PS_RUNNING)
		sched_ready(a);
	else
		activity_release(a, p.state->state == PS_AVAILABLE);
}

static void
start_processes(const struct handoff *h, const struct boot_range *r)
{
	for (uint32_t i = 0; i < r->nprocesses; i++) {
		uint64_t v;

		memcpy(&v, range_bytes(h, r->processes_at + i * 8), sizeof(v));
		start((oid){v});
	}
	log_line("kernel: %u processes of the boot range", r->nprocesses);
}

void
kernel_main(const struct handoff *h)
{
	const struct boot_range *r;

	hal_init(h);
	mem_init(h);
	map_init();
	device_init(h);
	make_tables();
	outside_init();
	record_init();
	store_init();
	wall.day_base = hal_wall_at_entry() * second_ns;
	r             = (const void *)range_bytes(h, 0);
	set_services(h, r);
	start_processes(h, r);
	cpu_dispatch();
}
