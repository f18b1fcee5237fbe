/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/mem/epoch.h"
#include "kernel/mem/map.h"
#include "kernel/mem/object.h"

enum { PAGES = 16384 };

struct seen seen;

enum status __real_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
void __real_map_device_revoke(uint32_t object);
void __wrap_map_device_revoke(uint32_t object);

enum status
__wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out)
{
	if (seen.alloc_fails > 0 && --seen.alloc_fails == 0)
		return RC_NO_MEMORY;
	return __real_frame_alloc(class, use, out);
}

void
__wrap_map_device_revoke(uint32_t object)
{
	if (object < WINDOW_OBJECTS)
		seen.revokes++;
	__real_map_device_revoke(object);
}

bool
notice_set(const struct notice_binding *b, struct activity **wake)
{
	(void)wake;
	if (b->bound)
		seen.posts[b->bit]++;
	return b->bound;
}

/* What kernel/object supplies to kernel/mem and to the methods. */
void
object_evicted(const struct frame *f)
{
	(void)f;
}

void
object_moved(const struct frame *from, struct frame *to)
{
	(void)from;
	(void)to;
}

void
restart_begin(uint64_t call_number, uint32_t npages)
{
	(void)call_number;
	(void)npages;
}

void
restart_page(uint32_t i, const void *page)
{
	(void)i;
	(void)page;
}

void
restart_end(void)
{
}

int
start(void)
{
	memset(&seen, 0, sizeof(seen));
	fake_boot_reset();
	fake_start(PAGES);
	device_init(&fake_handoff);
	return 0;
}

struct notice_binding
notice(unsigned bit)
{
	return (struct notice_binding){
	    .process = {64}, .count = 1, .bit = (uint8_t)bit, .bound = true};
}

struct invocation *
invoke(const struct cap *c, uint64_t w1, uint64_t w2, uint64_t w3,
    const char *label)
{
	static struct invocation inv;
	static uint8_t           out[INV_STRING_MAX];

	inv = (struct invocation){
	    .self = {.kind = c->type, .cap = *c},
	    .word = {0, w1, w2, w3},
	    .out_string = out,
	};
	if (label != NULL) {
		inv.string = (const uint8_t *)label;
		inv.string_bytes = (uint32_t)strlen(label);
	}
	return &inv;
}

struct frame *
page_make(uint64_t position)
{
	struct frame *f;

	mem.entry++;
	if (object_make(frame_of(SOURCE_EPHEMERAL, position), FK_PAGE,
		CLASS_ANY, &f) != RC_OK)
		return NULL;
	return f;
}
