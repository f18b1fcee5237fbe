/* SPDX-License-Identifier: BSD-2-Clause */
/* What people ask. */
#include "devdb/catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "devdb/record/match.h"
#include "uldrv/class/catalogue.serve.h"
#include "uldrv/class/devdb.stub.h"

struct entry *
entry_find(const char *name)
{
	for (unsigned i = 0; i < PACKAGES; i++)
		if (catalogue.entry[i].about.state != PACKAGE_NONE &&
		    strncmp(catalogue.entry[i].about.name, name, DEVDB_NAME) ==
			0)
			return &catalogue.entry[i];
	return NULL;
}

enum status
catalogue_do_package(struct request *rq, uint64_t index, uint64_t *count)
{
	const struct entry *found = NULL;

	*count = 0;
	for (unsigned i = 0; i < PACKAGES; i++)
		if (catalogue.entry[i].about.state != PACKAGE_NONE &&
		    (*count)++ == index)
			found = &catalogue.entry[i];
	if (found == NULL)
		return RC_NOT_FOUND;
	memcpy(rq->out_string, &found->about, sizeof(found->about));
	rq->out_bytes = sizeof(found->about);
	return RC_OK;
}

enum status
catalogue_do_event(struct request *rq, uint64_t index, uint64_t *count)
{
	*count = catalogue.events < EVENTS ? catalogue.events : EVENTS;
	if (index >= *count)
		return RC_NOT_FOUND;
	memcpy(rq->out_string,
	    &catalogue.event[(catalogue.events - 1 - index) % EVENTS],
	    sizeof(struct catalogue_event));
	rq->out_bytes = sizeof(struct catalogue_event);
	return RC_OK;
}

static bool
find_device(const struct request *rq, struct devdb_device *d)
{
	uint64_t count = 1;
	char     name[DEVDB_NAME] = {0};

	memcpy(name, rq->string,
	    rq->string_bytes < DEVDB_NAME ? rq->string_bytes : 0);
	for (uint64_t i = 0; i < count; i++)
		if (devdb_device(REG_DEVDB, i, d, sizeof(*d), NULL, &count) ==
			RC_OK &&
		    strncmp(d->name, name, DEVDB_NAME) == 0)
			return true;
	return false;
}

/* The device as matching wants it. */
static struct board_device
board_of(const struct devdb_device *d, struct pci_function *f)
{
	struct board_device b = {.bus = CONTROL_BUS_ISA};

	memcpy(b.name, d->name, sizeof(b.name) - 1);
	if (d->vendor == 0) {
		snprintf(b.id, sizeof(b.id), "%.15s", d->title);
		return b;
	}
	*f = (struct pci_function){
	    .vendor = d->vendor,
	    .device = d->device,
	    .subvendor = d->subvendor,
	    .subdevice = d->subdevice,
	    .class = d->class,
	    .revision = d->revision,
	};
	b.bus = CONTROL_BUS_PCI;
	b.pci = f;
	return b;
}

static int
best_score(const struct entry *e, const struct board_device *b)
{
	int best = 0;

	for (unsigned i = 0; i < e->record.nmatch; i++) {
		int score = match_score(&e->record.match[i], b);

		best = score > best ? score : best;
	}
	return best;
}

static void
why_package(struct request *rq, const struct entry *e)
{
	const char *name = e->about.name;

	switch ((enum package_state)e->about.state) {
	case PACKAGE_HERE:
		catalogue_say(rq,
		    "package %s: it matches, but is not started; 'drv add "
		    "%s'\n",
		    name, name);
		break;
	case PACKAGE_REFUSED:
		catalogue_say(rq,
		    "package %s: it matches, but was refused: %s\n", name,
		    e->about.remark);
		break;
	case PACKAGE_TRYING:
		catalogue_say(rq, "package %s: it is being tried\n", name);
		break;
	case PACKAGE_ADDED:
		catalogue_say(
		    rq, "package %s: it matches, and is added\n", name);
		break;
	case PACKAGE_NONE:
	case PACKAGE_STATES:
		break;
	}
}

enum status
catalogue_do_why(struct request *rq)
{
	static struct pci_function f;
	struct devdb_device        d;
	struct board_device        b;
	unsigned                   n = 0;

	names_update();
	if (!find_device(rq, &d))
		return RC_NOT_FOUND;
	b = board_of(&d, &f);
	names_why(rq, d.name);
	for (unsigned i = 0; i < PACKAGES; i++) {
		const struct entry *e = &catalogue.entry[i];

		if (e->about.state == PACKAGE_NONE || best_score(e, &b) == 0)
			continue;
		why_package(rq, e);
		n++;
	}
	if (n == 0 && d.driver[0] == '\0')
		catalogue_say(rq,
		    "no package in the catalogue matches it; 'make push "
		    "DRV=NAME' sends one\n");
	return RC_OK;
}
