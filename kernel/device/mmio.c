/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/mmio.h"

#include "kernel/hal/hal.h"

enum { SPAN_MOST = USER_SPAN }; /* More could not be mapped at once. */

static struct {
	uint32_t first; /* Of the list by address; parts are not in it. */
	uint32_t total;
} windows;

static void
insert(uint32_t index)
{
	struct device *d = device_at(index);
	uint32_t      *link = &windows.first;

	while (*link != DEVICE_NONE &&
	    device_at(*link)->mmio.address < d->mmio.address)
		link = &device_at(*link)->next;
	d->next = *link;
	*link = index;
	windows.total++;
}

static uint32_t
take(uint64_t address, uint64_t bytes, enum cache_mode cache, const void *label,
    size_t n)
{
	uint32_t       index;
	struct device *d = device_take(CK_MMIO, label, n, &index);

	d->mmio = (struct mmio_window){
	    .address = address,
	    .bytes = bytes,
	    .cache = cache,
	    .whole = DEVICE_NONE,
	    .parts = DEVICE_NONE,
	    .parts_last = DEVICE_NONE,
	};
	return index;
}

uint32_t
mmio_take(uint64_t address, uint64_t bytes, enum cache_mode cache,
    const void *label, size_t n)
{
	const uint32_t index = take(address, bytes, cache, label, n);

	insert(index);
	return index;
}

void
mmio_init(void)
{
	const struct hal_reserved *list;
	const unsigned             n = hal_reserved_windows(&list);

	windows.first = DEVICE_NONE;
	windows.total = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t index;
		size_t   bytes = 0;

		while (list[i].label[bytes] != '\0')
			bytes++;
		if (device_reserve() != RC_OK)
			panic("no memory for kernel objects");
		index = mmio_take(list[i].first, list[i].count, CACHE_NONE,
		    list[i].label, bytes);
		device_at(index)->kernel = true;
	}
}

static bool
whole_pages(uint64_t first, uint64_t bytes)
{
	return bytes != 0 && (first | bytes) % PAGE_SIZE == 0;
}

enum status
mmio_check(uint64_t address, uint64_t bytes, uint64_t cache)
{
	const uint64_t       limit = UINT64_C(1) << hal_physical_bits();
	const struct device *d;

	if (!whole_pages(address, bytes) || cache > 2 || address >= limit ||
	    bytes > limit - address || bytes > UINT64_C(1) << SPAN_MOST ||
	    hal_is_ram(address, bytes))
		return RC_ARGUMENT;
	for (uint32_t i = windows.first; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (address < d->mmio.address + d->mmio.bytes &&
		    d->mmio.address < address + bytes)
			return RC_TAKEN;
	}
	return RC_OK;
}

static unsigned
span_of(uint64_t bytes)
{
	unsigned span = PAGE_SHIFT;

	while (UINT64_C(1) << span < bytes)
		span++;
	return span;
}

struct cap
mmio_cap(uint32_t index, unsigned rights)
{
	return device_cap(index, rights | CR_NO_EXECUTE,
	    span_of(device_at(index)->mmio.bytes) - 1);
}

/* --- Parts ---------------------------------------------------------------- */

/* The window that is nobody's part. */
static uint32_t
root_of(uint32_t index)
{
	while (device_at(index)->mmio.whole != DEVICE_NONE)
		index = device_at(index)->mmio.whole;
	return index;
}

enum status
mmio_part_check(uint32_t index, uint64_t offset, uint64_t bytes)
{
	const struct mmio_window *w = &device_at(index)->mmio;

	if (!whole_pages(offset, bytes) || offset >= w->bytes ||
	    bytes > w->bytes - offset)
		return RC_ARGUMENT;
	return device_at(root_of(index))->mmio.nparts < MMIO_PARTS_MOST
	    ? RC_OK
	    : RC_LIMIT;
}

/*
 * All parts, and parts of parts, hang in one list of the root, oldest first:
 * so each comes after what it is a part of. There are so few that releasing the
 * whole is bounded work, and one window does not take all kernel objects.
 */
uint32_t
mmio_part(uint32_t index, uint64_t offset, uint64_t bytes)
{
	const struct device *d = device_at(index);
	struct mmio_window  *root = &device_at(root_of(index))->mmio;
	const uint32_t       part = take(d->mmio.address + offset, bytes,
		  (enum cache_mode)d->mmio.cache, d->label, sizeof(d->label));

	device_at(part)->mmio.whole = index;
	if (root->parts_last == DEVICE_NONE)
		root->parts = part;
	else
		device_at(root->parts_last)->next = part;
	root->parts_last = part;
	root->nparts++;
	return part;
}

/*
 * Parts of `index` die, and then parts of what has died in this pass: a dead
 * object's kind is void, and no place is taken anew meanwhile.
 */
static void
release_parts(struct mmio_window *root, uint32_t index)
{
	uint32_t *link = &root->parts;

	root->parts_last = DEVICE_NONE;
	while (*link != DEVICE_NONE) {
		const uint32_t i = *link;
		struct device *d = device_at(i);

		if (i == index || d->mmio.whole == index ||
		    device_at(d->mmio.whole)->kind == CK_VOID) {
			*link = d->next;
			root->nparts--;
			map_device_revoke(i);
			device_give(i);
		} else {
			root->parts_last = i;
			link = &d->next;
		}
	}
}

/* Also of parts that stay: what maps them faults and maps them again. */
bool
mmio_thin(uint32_t index)
{
	const struct device *root = device_at(root_of(index));
	unsigned             left = MAP_PIECE;

	for (uint32_t i = root->mmio.parts; i != DEVICE_NONE;
	     i = device_at(i)->next)
		if (!map_device_thin(i, &left))
			return false;
	return map_device_thin(index, &left);
}

void
mmio_release(uint32_t index)
{
	const uint32_t root = root_of(index);
	uint32_t      *link = &windows.first;

	release_parts(&device_at(root)->mmio, index);
	if (index != root)
		return;
	while (*link != index)
		link = &device_at(*link)->next;
	*link = device_at(index)->next;
	windows.total--;
	map_device_revoke(index);
	device_give(index);
}

/* --- Mapping and query ---------------------------------------------------- */

enum status
mmio_translate(const struct cap *c, uint64_t offset, struct map_device *out)
{
	uint32_t             index;
	const struct device *d = c->type == CK_MMIO ? device_find(c, &index)
						    : NULL;

	if (d == NULL)
		return RC_VOID;
	if (offset >= d->mmio.bytes)
		return RC_ARGUMENT;
	*out = (struct map_device){
	    .page = {(d->mmio.address + offset) & ~(PAGE_SIZE - UINT64_C(1))},
	    .cache = (enum cache_mode)d->mmio.cache,
	    .object = index,
	};
	return RC_OK;
}

uint64_t
mmio_total(void)
{
	return windows.total;
}

/* The cache attribute as mmio_space.alloc takes it. */
static uint32_t
cache_number(unsigned mode)
{
	static const uint8_t number[] = {
	    [CACHE_NONE]    = 0,
	    [CACHE_COMBINE] = 1,
	    [CACHE_BACK]    = 2,
	};

	return number[mode];
}

enum status
mmio_query(uint64_t index, struct mmio_info *out)
{
	uint32_t             i = windows.first;
	const struct device *d;

	if (index >= windows.total)
		return RC_NOT_FOUND;
	while (index-- > 0)
		i = device_at(i)->next;
	d = device_at(i);
	*out = (struct mmio_info){
	    .address = d->mmio.address,
	    .bytes = d->mmio.bytes,
	    .cache = cache_number(d->mmio.cache),
	};
	memcpy(out->label, d->label, sizeof(out->label));
	return RC_OK;
}

static bool
parts_ok(uint32_t root)
{
	const struct mmio_window *w = &device_at(root)->mmio;
	uint32_t                  last = DEVICE_NONE;
	uint32_t                  n = 0;
	const struct device      *d;

	for (uint32_t i = w->parts; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		last = i;
		n++;
		if (d->kind != CK_MMIO || root_of(i) != root ||
		    d->mmio.address < w->address ||
		    d->mmio.address + d->mmio.bytes > w->address + w->bytes)
			return false;
	}
	return last == w->parts_last && n == w->nparts;
}

bool
mmio_ok(void)
{
	const struct device *d;
	uint64_t             end = 0;
	uint32_t             n = 0;

	for (uint32_t i = windows.first; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		n++;
		if (d->kind != CK_MMIO || d->mmio.whole != DEVICE_NONE ||
		    d->mmio.address < end || !parts_ok(i))
			return false;
		end = d->mmio.address + d->mmio.bytes;
	}
	return n == windows.total;
}
