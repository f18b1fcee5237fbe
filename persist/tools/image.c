/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot range image: header, entries, processes, services, frames. */
#include "boot/handoff/handoff.h"
#include "persist/format/check.h"
#include "persist/tools/build.h"

#include <string.h>

static unsigned
running_boot(const struct build *b, uint64_t *oids)
{
	unsigned n = 0;

	for (unsigned i = 0; i < b->nobjects; i++) {
		const struct object *o = &b->object[i];

		if (o->type != OBJ_DOMAIN || o->range != &b->boot ||
		    !o->running)
			continue;
		if (oids != NULL)
			memcpy(&oids[n], &o->node.v, sizeof(oids[n]));
		n++;
	}
	return n;
}

void *
image_make(const struct build *b, size_t *bytes)
{
	const struct range *r = &b->boot;
	struct boot_range   h = {
	      .magic = BOOT_RANGE_MAGIC,
	      .version = BOOT_RANGE_VERSION,
	      .nframes = r->nframes,
	      .nprocesses = running_boot(b, NULL),
	      .nservices = b->nservices,
        };
	size_t   at = sizeof(h) + r->nframes * sizeof(struct boot_range_entry);
	uint8_t *image;

	h.processes_at = (uint32_t)(at = (at + 15) & ~(size_t)15);
	at += h.nprocesses * sizeof(uint64_t);
	h.services_at = (uint32_t)(at = (at + 15) & ~(size_t)15);
	at += h.nservices * sizeof(struct cap);
	h.first_frame = (uint32_t)((at + PAGE_SIZE - 1) &
	    ~(size_t)(PAGE_SIZE - 1));
	*bytes = h.first_frame + (size_t)r->nframes * PAGE_SIZE;
	image = must_alloc(1, *bytes);
	for (unsigned i = 0; i < r->nframes; i++) {
		struct boot_range_entry e = {
		    .kind = r->kind[i], .count = FIRST_COUNT};

		memcpy(image + sizeof(h) + i * sizeof(e), &e, sizeof(e));
	}
	running_boot(b, (uint64_t *)(void *)(image + h.processes_at));
	memcpy(image + h.services_at, b->service,
	    h.nservices * sizeof(struct cap));
	memcpy(image + h.first_frame, r->frame, (size_t)r->nframes * PAGE_SIZE);
	memcpy(image, &h, sizeof(h));
	h.checksum = crc_struct(
	    crc_cpu(), image, *bytes, offsetof(struct boot_range, checksum));
	memcpy(image, &h, sizeof(h));
	return image;
}
