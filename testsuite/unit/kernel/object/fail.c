/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The n-th thing that the kernel needs cannot be had, in the test programs of
 * kernel/object and kernel/method: linked with --wrap for each (fail-wraps).
 */
#include "testsuite/unit/kernel/object/support.h"

/* Who can be made to fail by which function. */
enum { NTH = 1, DEEP = 2, MEMORY = 4 };

static unsigned fault_at; /* The n-th call fails; 0: none. */
static unsigned how;      /* One of these. */
static bool     fired;

enum status __real_map_page(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);
enum status __wrap_map_page(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);
enum status __real_map_page_next(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);
enum status __wrap_map_page_next(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);
enum status __real_cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out);
enum status __wrap_cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out);
enum status __real_object_fetch(uint64_t number, struct frame **out);
enum status __wrap_object_fetch(uint64_t number, struct frame **out);
enum status __real_object_prepare_write(struct frame **f);
enum status __wrap_object_prepare_write(struct frame **f);
enum status __real_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __real_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __wrap_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out);
struct activity *__real_activity_alloc(oid process, uint32_t count);
struct activity *__wrap_activity_alloc(oid process, uint32_t count);

static void
start(unsigned n, unsigned by)
{
	fault_at = n;
	how = by;
	fired = false;
}

void
fail_nth(unsigned n)
{
	start(n, NTH);
}

void
fail_nth_deep(unsigned n)
{
	start(n, DEEP);
}

void
fail_memory(unsigned n)
{
	start(n, MEMORY);
}

bool
fail_fired(void)
{
	fault_at = 0;
	return fired;
}

void
fail_wake(void)
{
	wait_wake(WAIT_IO, FAIL_KEY);
	wait_wake(WAIT_MEMORY, 0);
}

static bool
fails(unsigned by)
{
	if (fault_at == 0 || (how & by) == 0 || --fault_at > 0)
		return false;
	fired = true;
	return true;
}

enum status
__wrap_map_page(const struct map_space *s, uint64_t v, enum fault_access access,
    struct frame **out, struct map_fault *fault)
{
	if (fails(NTH | DEEP))
		return wait_on(WAIT_IO, FAIL_KEY);
	return __real_map_page(s, v, access, out, fault);
}

enum status
__wrap_map_page_next(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault)
{
	if (fails(NTH | DEEP))
		return wait_on(WAIT_IO, FAIL_KEY);
	return __real_map_page_next(s, v, access, out, fault);
}

enum status
__wrap_cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out)
{
	if (fails(NTH | DEEP))
		return wait_on(WAIT_IO, FAIL_KEY);
	return __real_cap_resolve_slow(slot, holder, out);
}

enum status
__wrap_object_fetch(uint64_t number, struct frame **out)
{
	if (fails(DEEP))
		return wait_on(WAIT_IO, FAIL_KEY);
	return __real_object_fetch(number, out);
}

enum status
__wrap_object_prepare_write(struct frame **f)
{
	if (fails(DEEP))
		return wait_on(WAIT_IO, FAIL_KEY);
	return __real_object_prepare_write(f);
}

enum status
__wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out)
{
	if (fails(DEEP | MEMORY))
		return how == MEMORY ? RC_NO_MEMORY : wait_on(WAIT_MEMORY, 0);
	return __real_frame_alloc(class, use, out);
}

enum status
__wrap_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out)
{
	if (fails(DEEP | MEMORY))
		return how == MEMORY ? RC_NO_MEMORY : wait_on(WAIT_MEMORY, 0);
	return __real_frame_alloc_raw(class, use, out);
}

struct activity *
__wrap_activity_alloc(oid process, uint32_t count)
{
	return fails(NTH | DEEP) ? NULL : __real_activity_alloc(process, count);
}
