/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/uldrv/fakepci.h"

#include <string.h>

uint32_t
fake_noise(struct fake_pci *s)
{
	s->noise ^= s->noise << 13;
	s->noise ^= s->noise >> 17;
	s->noise ^= s->noise << 5;
	return s->noise;
}

static struct fake_function *
at_id(struct fake_pci *s, uint16_t id)
{
	for (unsigned i = 0; i < s->count; i++)
		if (s->f[i].id == id)
			return &s->f[i];
	return NULL;
}

static uint32_t
fake_read(void *space, uint16_t id, unsigned offset, unsigned bytes)
{
	struct fake_pci      *s = space;
	struct fake_function *f = at_id(s, id);
	uint32_t              v = 0;

	s->accesses++;
	if (f == NULL || offset + bytes > PCI_CONFIG)
		return UINT32_MAX >> (32 - 8 * bytes);
	memcpy(&v, f->config + offset, bytes);
	return v;
}

/* The bits of a BAR that can be written; the upper half follows the lower. */
static uint32_t
writable(const struct fake_function *f, unsigned i)
{
	uint32_t low;
	bool     upper = i > 0 && f->size[i - 1] != 0 &&
	    (f->config[PCI_BAR + 4 * (i - 1)] & 7) == BAR_64;

	memcpy(&low, f->config + PCI_BAR + 4 * i, 4);
	if (upper)
		return (uint32_t)(~(f->size[i - 1] - 1) >> 32);
	if (f->size[i] == 0)
		return 0;
	return (uint32_t) ~(f->size[i] - 1) &
	    ((low & BAR_IO) != 0 ? ~3u : ~15u);
}

static void
fake_write(
    void *space, uint16_t id, unsigned offset, unsigned bytes, uint32_t value)
{
	struct fake_pci      *s = space;
	struct fake_function *f = at_id(s, id);
	uint32_t              old, mask;
	unsigned              i = (offset - PCI_BAR) / 4;

	s->accesses++;
	if (f == NULL || offset + bytes > PCI_CONFIG)
		return;
	if (offset >= PCI_BAR && offset < PCI_BAR + 24 && bytes == 4 &&
	    (f->config[PCI_HEADER] & HEADER_TYPE) == 0) {
		memcpy(&old, f->config + offset, 4);
		mask = f->random ? fake_noise(s) : writable(f, i);
		value = (old & ~mask) | (value & mask);
	}
	memcpy(f->config + offset, &value, bytes);
}

void
fake_begin(struct fake_pci *s)
{
	memset(s, 0, sizeof(*s));
	s->noise = 12345;
	s->pci.access = (struct pci_access){fake_read, fake_write, s};
}

struct fake_function *
fake_add(struct fake_pci *s, uint16_t id, uint16_t vendor, uint16_t device,
    uint32_t class)
{
	struct fake_function *f = &s->f[s->count++];

	*f = (struct fake_function){.id = id};
	memcpy(f->config + PCI_VENDOR, &vendor, 2);
	memcpy(f->config + PCI_DEVICE, &device, 2);
	memcpy(f->config + PCI_CLASS, &class, 3);
	return f;
}

void
fake_bar(struct fake_function *f, unsigned i, uint32_t low, uint64_t size)
{
	memcpy(f->config + PCI_BAR + 4 * i, &low, 4);
	f->size[i] = size;
}

void
fake_capability(struct fake_function *f, unsigned at, uint8_t id)
{
	uint8_t *link = &f->config[PCI_CAPABILITIES];

	f->config[PCI_STATUS] |= STATUS_LIST;
	while (*link != 0)
		link = &f->config[*link + 1];
	*link = (uint8_t)at;
	f->config[at] = id;
	f->config[at + 1] = 0;
}
