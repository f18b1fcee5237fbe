/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of devices and preferences: what the server sees is held against the
 * rows of names.c, and what people decide is put there. A decision is on the
 * platter before it is answered.
 */
#include "devdb/catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.serve.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/idl/store.stub.h"

enum { EVENTS_OF_ONE = 8, LATER_NS = 1000000000, BRIDGE = 6 };

static struct live live[CATALOGUE_LIVE];

/* PCI functions but bridges; other devices have names that never change. */
static unsigned
find_devices(void)
{
	struct devdb_device d;
	uint64_t            count = 1;
	unsigned            n = 0;

	for (uint64_t i = 0; i < count && n < CATALOGUE_LIVE; i++) {
		if (devdb_device(REG_DEVDB, i, &d, sizeof(d), NULL, &count) !=
			RC_OK ||
		    d.vendor == 0 || d.class >> 16 == BRIDGE)
			continue;
		live[n] = (struct live){
		    .vendor = d.vendor,
		    .device = d.device,
		    .subvendor = d.subvendor,
		    .subdevice = d.subdevice,
		    .class = d.class,
		};
		memcpy(live[n].path, d.name, DEVDB_NAME - 1);
		n++;
	}
	return n;
}

/* Six bytes in hexadecimal, with colons between: as net drivers tell it. */
static bool
is_station(const char *text)
{
	for (unsigned i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':'
			       : text[i] == '\0' ||
			    strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	return text[17] == '\0';
}

/* What a network card's driver says of it, once it is up. */
static bool
find_stations(unsigned n)
{
	struct devdb_driver d;
	uint64_t            count = 1;
	bool                more = false;

	for (uint64_t i = 0; i < count; i++) {
		if (devdb_driver(REG_DEVDB, i, &d, sizeof(d), NULL, &count) !=
			RC_OK ||
		    d.class != DEVDB_NET)
			continue;
		for (unsigned k = 0; k < n; k++) {
			if (strncmp(live[k].path, d.device, DEVDB_NAME) != 0)
				continue;
			if (is_station(d.remark))
				memcpy(live[k].id, d.remark, 17);
			else if (d.run != DEVDB_RUN_STOPPED)
				more = live[k].saying = true;
		}
	}
	return more;
}

static void
tell(const struct names_event *e)
{
	if (e->name[0] == '\0')
		catalogue_note("no room for a name of %s", e->to);
	else if (e->from[0] != '\0')
		catalogue_note(
		    "%s has moved from %s to %s", e->name, e->from, e->to);
	else
		catalogue_remember("%s is called %s", e->to, e->name);
}

static void
push_preference(const struct catalogue_name *r)
{
	struct devdb_preference p = {.device = ""};

	memcpy(p.device, r->path, sizeof(p.device));
	memcpy(p.driver, r->prefer, sizeof(p.driver));
	ignore_status(devdb_prefer(REG_DEVDB, &p, sizeof(p)));
}

void
names_update(void)
{
	struct names_event events[EVENTS_OF_ONE];
	unsigned           n = find_devices(), told;
	bool               more = find_stations(n);
	uint64_t           now = 0;

	told = names_look(&catalogue.names, live, n, events, EVENTS_OF_ONE);
	for (unsigned i = 0; i < told; i++)
		tell(&events[i]);
	for (unsigned i = 0; i < NAMES; i++)
		if (catalogue.names.row[i].present &&
		    catalogue.names.row[i].prefer[0] != '\0')
			push_preference(&catalogue.names.row[i]);
	if (!more || clock_now(REG_CLOCK, &now, NULL, NULL) != RC_OK ||
	    process_make_notice(REG_PROCESS, BIT_ALARM, REG_T0) != RC_OK)
		return;
	ignore_status(clock_alarm(REG_CLOCK, now + LATER_NS, REG_T0));
}

const char *
names_path(const char *name)
{
	const struct catalogue_name *r;

	names_update();
	r = names_find(&catalogue.names, name);
	if (r == NULL)
		return name;
	return r->present ? r->path : NULL;
}

enum status
catalogue_do_called(struct request *rq, uint64_t index, uint64_t *count)
{
	const struct catalogue_name *found = NULL;

	if (index == 0)
		names_update();
	*count = 0;
	for (unsigned i = 0; i < NAMES; i++)
		if (catalogue.names.row[i].name[0] != '\0' &&
		    (*count)++ == index)
			found = &catalogue.names.row[i];
	if (found == NULL)
		return RC_NOT_FOUND;
	memcpy(rq->out_string, found, sizeof(*found));
	rq->out_bytes = sizeof(*found);
	return RC_OK;
}

/* The two words of a request's string; false if it is not two. */
static bool
two_words(const struct request *rq, char *first, char *second)
{
	const char *text = rq->string, *blank;
	size_t      at, rest;

	blank = memchr(text, ' ', rq->string_bytes);
	if (blank == NULL)
		return false;
	at = (size_t)(blank - text);
	rest = rq->string_bytes - at - 1;
	if (at == 0 || at >= DEVDB_NAME || rest == 0 || rest >= DEVDB_NAME ||
	    memchr(text, '\0', rq->string_bytes) != NULL)
		return false;
	memset(first, 0, DEVDB_NAME);
	memset(second, 0, DEVDB_NAME);
	memcpy(first, text, at);
	memcpy(second, blank + 1, rest);
	return true;
}

/* The row of the device that is meant; says so if there is none. */
static struct catalogue_name *
meant(struct request *rq, const char *device, uint64_t *result)
{
	struct catalogue_name *r;

	names_update();
	r = names_find(&catalogue.names, device);
	if (r != NULL)
		return r;
	catalogue_say(
	    rq, "no device '%s' that can be named; 'dev' lists them", device);
	*result = RC_NOT_FOUND;
	return NULL;
}

enum status
catalogue_do_rename(struct request *rq, uint64_t *result)
{
	char                   device[DEVDB_NAME], name[DEVDB_NAME];
	struct catalogue_name *r;

	if (rq->data != PACKAGES_CONTROL)
		return RC_RIGHTS;
	if (!two_words(rq, device, name))
		return RC_ARGUMENT;
	r = meant(rq, device, result);
	if (r == NULL)
		return RC_OK;
	/* Not com1 either: names and places are asked for alike. */
	*result = handle_device(name)
	    ? RC_EXISTS
	    : (uint64_t)names_choose(&catalogue.names, r, name);
	if (*result == RC_ARGUMENT)
		catalogue_say(rq,
		    "'%s' is no name: 1 to 15 of a-z, 0-9 and -, a letter "
		    "first",
		    name);
	else if (*result == RC_EXISTS)
		catalogue_say(
		    rq, "another device that is there is called %s", name);
	if (*result != RC_OK)
		return RC_OK;
	catalogue_remember("%s is called %s", r->path, name);
	ignore_status(store_checkpoint(REG_STORE, NULL));
	catalogue_say(rq, "%s is called %s from now on", r->path, name);
	return RC_OK;
}

enum status
catalogue_do_prefer(struct request *rq, uint64_t *result)
{
	char                   driver[DEVDB_NAME], device[DEVDB_NAME];
	struct catalogue_name *r;
	bool                   none;

	if (rq->data != PACKAGES_CONTROL)
		return RC_RIGHTS;
	if (!two_words(rq, driver, device))
		return RC_ARGUMENT;
	r = meant(rq, device, result);
	if (r == NULL)
		return RC_OK;
	none = strcmp(driver, "-") == 0;
	*result = names_prefer(r, none ? "" : driver);
	if (*result != RC_OK) {
		catalogue_say(rq,
		    "that is no driver's name: 1 to 15 of a-z, 0-9, -, _ and "
		    "+; - alone prefers nobody");
		return RC_OK;
	}
	if (r->present)
		push_preference(r);
	supply();
	catalogue_note("%s prefers %s", r->name, none ? "nobody" : driver);
	ignore_status(store_checkpoint(REG_STORE, NULL));
	if (none)
		catalogue_say(rq, "%s: a tie of drivers binds nobody", r->name);
	else
		catalogue_say(rq,
		    "%s: of drivers that match equally well, %s gets it%s",
		    r->name, driver,
		    entry_find(driver) != NULL
			? ""
			: "; no package of this name is here");
	return RC_OK;
}

void
names_why(struct request *rq, const char *device)
{
	const struct catalogue_name *r = names_find(&catalogue.names, device);

	if (r == NULL)
		return;
	catalogue_say(rq, "name: %s%s%s%s%s\n", r->name,
	    r->id[0] != '\0' ? ", known by " : ", known by its place", r->id,
	    r->prefer[0] != '\0' ? "; prefers " : "", r->prefer);
}
