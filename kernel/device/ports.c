/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/ports.h"

#include "kernel/hal/hal.h"

enum {
	PORTS = 0x10000,
	CONFIG_FIRST = 0xcf8,
	CONFIG_COUNT = 8,
	RESET_PORT = 0xcf9,
};

static struct {
	uint32_t first; /* Of the list by port. */
	uint32_t total;
	uint32_t open; /* The range last put into the I/O bitmap. */
} ports;

static void
insert(uint32_t index)
{
	struct device *d = device_at(index);
	uint32_t      *link = &ports.first;

	while (*link != DEVICE_NONE &&
	    device_at(*link)->ports.first < d->ports.first)
		link = &device_at(*link)->next;
	d->next = *link;
	*link = index;
	ports.total++;
}

uint32_t
ports_take(uint32_t first, uint32_t count, const void *label, size_t bytes)
{
	uint32_t       index;
	struct device *d = device_take(CK_PORTS, label, bytes, &index);

	d->ports.first = first;
	d->ports.count = count;
	insert(index);
	return index;
}

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

void
ports_init(void)
{
	const struct hal_reserved *list;
	const unsigned             n = hal_reserved_ports(&list);

	ports.first = ports.open = DEVICE_NONE;
	ports.total = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t index;

		if (device_reserve() != RC_OK)
			panic("no memory for kernel objects");
		index = ports_take((uint32_t)list[i].first,
		    (uint32_t)list[i].count, list[i].label,
		    length(list[i].label));
		device_at(index)->kernel = true;
	}
}

static bool
is_config(uint64_t first, uint64_t count)
{
	return first == CONFIG_FIRST && count == CONFIG_COUNT;
}

enum status
ports_check(uint64_t first, uint64_t count)
{
	const struct device *d;

	if (count == 0 || first >= PORTS || count > PORTS - first)
		return RC_ARGUMENT;
	/* Never a part of the configuration ports, nor them among others. */
	if (first < CONFIG_FIRST + CONFIG_COUNT &&
	    first + count > CONFIG_FIRST && !is_config(first, count))
		return RC_TAKEN;
	for (uint32_t i = ports.first; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (is_config(first, count) && d->ports.first == RESET_PORT)
			continue;
		if (first < d->ports.first + d->ports.count &&
		    d->ports.first < first + count)
			return RC_TAKEN;
	}
	return RC_OK;
}

void
ports_release(uint32_t index)
{
	uint32_t *link = &ports.first;

	if (ports.open == index)
		hal_io_close();
	while (*link != index)
		link = &device_at(*link)->next;
	*link = device_at(index)->next;
	ports.total--;
	device_give(index);
}

enum status
ports_access(uint32_t index, uint64_t offset, uint64_t bytes, uint16_t *port)
{
	struct port_range *r = &device_at(index)->ports;

	if ((bytes != 1 && bytes != 2 && bytes != 4) || offset >= r->count ||
	    bytes > r->count - offset)
		return RC_ARGUMENT;
	if (r->first + offset <= RESET_PORT &&
	    r->first + offset + bytes > RESET_PORT && bytes != 4)
		return RC_ARGUMENT;
	*port = (uint16_t)(r->first + offset);
	r->accesses++;
	return RC_OK;
}

/* The bitmap closes with each change of process or of its I/O slot. */
bool
ports_open(const struct cap *io)
{
	uint32_t       index;
	struct device *d;

	if (io->type != CK_PORTS || hal_io_is_open())
		return false;
	d = device_find(io, &index);
	if (d == NULL)
		return false;
	hal_io_open((uint16_t)d->ports.first, d->ports.count);
	ports.open = index;
	d->ports.opened++;
	return true;
}

uint64_t
ports_total(void)
{
	return ports.total;
}

enum status
ports_query(uint64_t index, struct port_info *out)
{
	uint32_t             i = ports.first;
	const struct device *d;

	if (index >= ports.total)
		return RC_NOT_FOUND;
	while (index-- > 0)
		i = device_at(i)->next;
	d = device_at(i);
	*out = (struct port_info){
	    .first = (uint16_t)d->ports.first,
	    .count = (uint16_t)d->ports.count, /* 65536 comes as 0. */
	    .mapped = d->ports.opened,
	    .accesses = d->ports.accesses,
	};
	memcpy(out->label, d->label, sizeof(out->label));
	return RC_OK;
}

/* Ascending and disjoint, the reset port aside. */
bool
ports_ok(void)
{
	const struct device *d;
	uint32_t             end = 0, n = 0;

	for (uint32_t i = ports.first; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		n++;
		if (d->kind != CK_PORTS || d->ports.count == 0 ||
		    d->ports.first + d->ports.count > PORTS)
			return false;
		if (d->ports.first == RESET_PORT)
			continue;
		if (d->ports.first < end)
			return false;
		end = d->ports.first + d->ports.count;
	}
	return n == ports.total;
}
