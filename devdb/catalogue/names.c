/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/catalogue/names.h"

#include <stdio.h>
#include <string.h>

#include "devdb/record/record.h"

enum { NAME_MOST = 15 };

const char *
names_prefix(uint32_t class)
{
	static const struct {
		uint32_t class, mask;
		const char *prefix;
	} prefixes[] = {
	    {0x010000, 0xff0000, "disk"},
	    {0x020000, 0xff0000, "net"},
	    {0x030000, 0xff0000, "screen"},
	    {0x040000, 0xff0000, "sound"},
	    {0x070000, 0xff0000, "line"},
	    {0x090000, 0xff0000, "input"},
	    {0x0c0300, 0xffff00, "usb"},
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if ((class & prefixes[i].mask) == prefixes[i].class)
			return prefixes[i].prefix;
	return "dev";
}

static bool
same_numbers(const struct catalogue_name *r, const struct live *d)
{
	return r->vendor == d->vendor && r->device == d->device &&
	    r->subvendor == d->subvendor && r->subdevice == d->subdevice;
}

static bool
is_free(const struct catalogue_name *r)
{
	return r->name[0] == '\0';
}

struct catalogue_name *
names_find(struct names *n, const char *name)
{
	for (unsigned i = 0; i < NAMES; i++)
		if (!is_free(&n->row[i]) && strcmp(n->row[i].name, name) == 0)
			return &n->row[i];
	for (unsigned i = 0; i < NAMES; i++)
		if (n->row[i].present && strcmp(n->row[i].path, name) == 0)
			return &n->row[i];
	return NULL;
}

/* By what it says of itself, or by its place. */
static struct catalogue_name *
row_of(struct names *n, const struct live *d, bool by_id)
{
	for (unsigned i = 0; i < NAMES; i++) {
		struct catalogue_name *r = &n->row[i];

		if (is_free(r) || r->present || !same_numbers(r, d))
			continue;
		if (by_id && d->id[0] != '\0' && strcmp(r->id, d->id) == 0)
			return r;
		if (!by_id && strcmp(r->path, d->path) == 0 &&
		    (r->id[0] == '\0' || d->id[0] == '\0'))
			return r;
	}
	return NULL;
}

/* A free row, or that of the device longest gone. */
static struct catalogue_name *
new_row(struct names *n)
{
	struct catalogue_name *oldest = NULL;

	for (unsigned i = 0; i < NAMES; i++) {
		struct catalogue_name *r = &n->row[i];

		if (is_free(r))
			return r;
		if (!r->present && !r->chosen && r->prefer[0] == '\0' &&
		    (oldest == NULL || r->seen < oldest->seen))
			oldest = r;
	}
	return oldest;
}

static void
event(struct names_event *events, unsigned most, unsigned *count,
    const char *name, const char *from, const char *to)
{
	struct names_event *e = &events[*count];

	if (*count == most)
		return;
	memset(e, 0, sizeof(*e));
	snprintf(e->name, sizeof(e->name), "%s", name);
	snprintf(e->from, sizeof(e->from), "%s", from);
	snprintf(e->to, sizeof(e->to), "%s", to);
	++*count;
}

/* The row is this device's, here and now. */
static void
bind(struct names *n, struct catalogue_name *r, const struct live *d)
{
	memcpy(r->path, d->path, sizeof(r->path));
	if (d->id[0] != '\0')
		memcpy(r->id, d->id, sizeof(r->id));
	r->present = 1;
	r->seen = n->looks;
}

static struct catalogue_name *
begin(struct names *n, const struct live *d)
{
	struct catalogue_name *r = new_row(n);
	char                   name[DEVDB_NAME];

	if (r == NULL)
		return NULL;
	memset(r, 0, sizeof(*r));
	for (unsigned i = 0; i <= NAMES; i++) {
		snprintf(name, sizeof(name), "%s%u", names_prefix(d->class), i);
		if (names_find(n, name) == NULL)
			break;
	}
	memcpy(r->name, name, sizeof(r->name));
	r->vendor = d->vendor;
	r->device = d->device;
	r->subvendor = d->subvendor;
	r->subdevice = d->subdevice;
	r->class = d->class;
	return r;
}

unsigned
names_look(struct names *n, const struct live *devices, unsigned count,
    struct names_event *events, unsigned most)
{
	unsigned nevents = 0;
	bool     named[CATALOGUE_LIVE] = {false};

	n->looks++;
	for (unsigned i = 0; i < NAMES; i++)
		n->row[i].present = 0;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < count && i < CATALOGUE_LIVE; i++) {
			const struct live     *d = &devices[i];
			struct catalogue_name *r;

			if (named[i] || (round == 2 && d->saying))
				continue;
			r = round < 2 ? row_of(n, d, round == 0) : begin(n, d);
			if (r == NULL && round == 2)
				event(events, most, &nevents, "", "", d->path);
			if (r == NULL)
				continue;
			if (strcmp(r->path, d->path) != 0)
				event(events, most, &nevents, r->name, r->path,
				    d->path);
			bind(n, r, d);
			named[i] = true;
		}
	return nevents;
}

static bool
is_name(const char *name)
{
	size_t bytes = strlen(name);

	if (bytes == 0 || bytes > NAME_MOST || *name < 'a' || *name > 'z')
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == bytes;
}

enum status
names_choose(struct names *n, struct catalogue_name *row, const char *name)
{
	struct catalogue_name *other = names_find(n, name);

	if (!is_name(name))
		return RC_ARGUMENT;
	if (other != NULL && other != row && other->present)
		return RC_EXISTS;
	/* Of a device that is gone: it is given away. */
	if (other != NULL && other != row)
		memset(other, 0, sizeof(*other));
	memset(row->name, 0, sizeof(row->name));
	memcpy(row->name, name, strlen(name));
	row->chosen = 1;
	return RC_OK;
}

enum status
names_prefer(struct catalogue_name *row, const char *driver)
{
	if (driver[0] != '\0' && !record_name_ok(driver))
		return RC_ARGUMENT;
	memset(row->prefer, 0, sizeof(row->prefer));
	memcpy(row->prefer, driver, strlen(driver));
	return RC_OK;
}
