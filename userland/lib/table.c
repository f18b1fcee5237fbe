/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/table.h"

#include <string.h>

static int
compare(const struct record *r, const void *key, size_t bytes)
{
	size_t common = r->key_bytes < bytes ? r->key_bytes : bytes;
	int    c = memcmp(r->key, key, common);

	if (c != 0)
		return c;
	return (r->key_bytes > bytes) - (r->key_bytes < bytes);
}

enum status
table_find(const struct table *t, const void *key, size_t bytes, unsigned *at)
{
	unsigned low = 0, high = t->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (compare(table_record(t, middle), key, bytes) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*at = low;
	return low < t->count && compare(table_record(t, low), key, bytes) == 0
	    ? RC_OK
	    : RC_NOT_FOUND;
}

bool
table_wants(const struct table *t, unsigned *pages)
{
	*pages = t->known / PAGE_RECORDS + 1;
	return t->free == 0 && t->known == t->room &&
	    t->known < TABLE_RECORDS;
}

enum status
table_add(struct table *t, unsigned at, const void *key, size_t bytes,
    unsigned *number)
{
	unsigned       n = t->known;
	struct record *r;

	if (bytes > KEY_BYTES || at > t->count)
		return RC_ARGUMENT;
	if (t->free != 0) {
		n = t->free - 1u;
		t->free = t->record[n].next;
	} else if (t->known < t->room && t->known < TABLE_RECORDS) {
		t->known++;
	} else {
		return RC_LIMIT;
	}
	r = &t->record[n];
	*r = (struct record){.key_bytes = (uint8_t)bytes};
	memcpy(r->key, key, bytes);
	memmove(&t->order[at + 1], &t->order[at],
	    (t->count - at) * sizeof(t->order[0]));
	t->order[at] = (uint16_t)n;
	t->count++;
	*number = n;
	return RC_OK;
}

void
table_remove(struct table *t, unsigned at)
{
	unsigned n = t->order[at];

	t->count--;
	memmove(&t->order[at], &t->order[at + 1],
	    (t->count - at) * sizeof(t->order[0]));
	t->record[n] = (struct record){.next = t->free};
	t->free = (uint16_t)(n + 1);
}

bool
table_ok(const struct table *t)
{
	unsigned unused = 0;

	if (t->count > t->known || t->known > t->room)
		return false;
	for (unsigned i = 0; i < t->count; i++) {
		const struct record *r = table_record(t, i);

		if (t->order[i] >= t->known || r->key_bytes > KEY_BYTES ||
		    r->data_bytes > DATA_BYTES)
			return false;
		if (i > 0 &&
		    compare(table_record(t, i - 1), r->key, r->key_bytes) >= 0)
			return false;
	}
	for (unsigned n = t->free; n != 0; n = t->record[n - 1].next)
		if (n > t->known || ++unused > t->known)
			return false;
	return t->count + unused == t->known;
}
