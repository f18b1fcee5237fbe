/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adding and removing, and what is done again after a restart.
 *
 *           add                    up, in the same boot
 *   HERE ---------> TRYING (durable) ------------------> ADDED
 *    ^               |  |  a crash: entry_again             |
 *    |    refused    |  +-------------------> REFUSED --+   |
 *    +---------------+                         add      |   |
 *    +--------------------------------------------------+   |
 *    +----------------------------- remove ------------------+
 */
#include "devdb/catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "uldrv/class/catalogue.serve.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/wait.h"

/* How long who adds a driver waits for it to come up. */
static const uint64_t settle_ns = UINT64_C(5000000000);

/* What the server says of the drivers of a package. */
struct report {
	unsigned bound, starting, failed;
	char     first[DEVDB_NAME]; /* The device of one that is bound, */
	char     remark[96];        /* and of one that failed. */
};

static struct report
ask_server(const char *name)
{
	struct report       r = {0};
	struct devdb_driver d;
	uint64_t            count = 1;

	for (uint64_t i = 0; i < count; i++) {
		if (devdb_driver(REG_DEVDB, i, &d, sizeof(d), NULL, &count) !=
			RC_OK ||
		    strncmp(d.name, name, DEVDB_NAME) != 0)
			continue;
		if (d.run == DEVDB_RUN_UP) {
			r.bound++;
			memcpy(r.first, d.device, sizeof(r.first) - 1);
		} else if (d.run == DEVDB_RUN_STOPPED || d.restarts > 0) {
			r.failed++;
			memcpy(r.remark, d.remark, sizeof(r.remark) - 1);
		} else {
			r.starting++;
		}
	}
	return r;
}

/* The mark, on the platter. False: the machine went down meanwhile. */
static bool
mark(struct entry *e, enum package_state state, uint64_t boot)
{
	enum status st;

	e->about.state = (uint8_t)state;
	st = store_checkpoint(REG_STORE, NULL);
	/* A checkpoint that fails leaves the mark in memory: better than none.
	 */
	return st != RC_RESTARTED && catalogue_boot() == boot;
}

static void
refuse(struct entry *e, const char *why)
{
	e->about.state = PACKAGE_REFUSED;
	snprintf(e->about.remark, CATALOGUE_REMARK, "%.119s", why);
	ignore_status(tree_remove(&catalogue.tree, e->about.name));
	ignore_status(
	    devdb_drop(REG_DEVDB, e->about.name, strlen(e->about.name)));
	catalogue_note("%s is refused: %s", e->about.name, why);
}

/* TRYING was found after a crash: of the machine, or of this domain. */
static void
entry_again(struct entry *e)
{
	if (e->about.state == PACKAGE_TRYING)
		refuse(e, "the system went down while it was being tried");
}

/* The server's part of adding; nothing is left of it if that fails. */
static enum status
push(struct entry *e, uint64_t *waiting)
{
	enum status st = devdb_add(
	    REG_DEVDB, &e->record, sizeof(e->record), waiting);

	if (st == RC_OK)
		supply();
	return st;
}

static const char *
push_failed(enum status st)
{
	switch ((int)st) {
	case RC_EXISTS:
		return "the boot range has a driver of this name";
	case RC_LIMIT:
		return "the server's quota of added drivers is used up";
	case RC_UNSUPPORTED:
		return "the server is of another version";
	case RC_ARGUMENT:
		return "the server refuses its record";
	default:
		return "the server does not answer";
	}
}

/*
 * Waits until its drivers are up or have failed, for each of which the server
 * rings, and for the programs that it wants.
 */
static struct report
settle(const char *name)
{
	struct report r = ask_server(name);
	uint64_t      now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	while (r.starting > 0 &&
	    wait_rung(1u << BIT_DOORBELL, now + settle_ns) == WAIT_RUNG) {
		supply();
		r = ask_server(name);
	}
	return r;
}

static void
say_report(struct request *rq, const char *name, const struct report *r)
{
	if (r->bound > 0)
		catalogue_say(rq, "%s: bound to %s%s", name, r->first,
		    r->bound > 1 ? " and others" : "");
	else if (r->failed > 0)
		catalogue_say(rq, "%s: its driver failed: %s", name,
		    r->remark[0] != '\0' ? r->remark : "see 'log'");
	else if (r->starting > 0)
		catalogue_say(rq, "%s: its driver is still starting", name);
	else
		catalogue_say(rq,
		    "%s: added; no device waits for it ('dev' lists them)",
		    name);
}

/* From HERE or REFUSED to ADDED; the old tree stays if anything fails. */
static enum status
install(struct request *rq, struct entry *e)
{
	static _Alignas(8) uint8_t overlay[OVERLAY_BYTES];
	const char                *name = e->about.name;
	uint64_t                   waiting = 0, boot = catalogue_boot();
	struct report              r;
	enum status                st;

	e->about.remark[0] = '\0';
	if (!mark(e, PACKAGE_TRYING, boot)) {
		entry_again(e);
		catalogue_say(rq, "%s: %s", name, e->about.remark);
		return RC_RESTARTED;
	}
	/* Applying destroys the overlay. */
	memcpy(overlay, e->overlay, sizeof(overlay));
	st = tree_apply(&catalogue.tree, name, overlay);
	if (st != RC_OK) {
		refuse(e,
		    st == RC_FULL ? "the tree of drivers is full"
				  : "its overlay cannot be applied");
		catalogue_say(rq, "%s: %s", name, e->about.remark);
		return st;
	}
	st = push(e, &waiting);
	if (st != RC_OK && st != RC_RESTARTED) {
		refuse(e, push_failed(st));
		catalogue_say(rq, "%s: %s", name, e->about.remark);
		return st;
	}
	r = settle(name);
	if (st == RC_RESTARTED || catalogue_boot() != boot) {
		entry_again(e);
		catalogue_say(rq, "%s: %s", name, e->about.remark);
		return RC_RESTARTED;
	}
	say_report(rq, name, &r);
	catalogue_note(
	    "%s was added; %u of its devices are bound", name, r.bound);
	if (!mark(e, PACKAGE_ADDED, boot))
		install_again();
	return RC_OK;
}

/* The package that an order names; says so if there is none. */
static struct entry *
named(struct request *rq, uint64_t *result)
{
	char          name[DEVDB_NAME] = {0};
	struct entry *e;

	memcpy(name, rq->string,
	    rq->string_bytes < DEVDB_NAME ? rq->string_bytes : 0);
	e = entry_find(name);
	if (e != NULL)
		return e;
	catalogue_say(rq,
	    "no package '%s'; 'drv' lists them, 'make push' sends one", name);
	*result = RC_NOT_FOUND;
	return NULL;
}

enum status
catalogue_do_add(struct request *rq, uint64_t *result)
{
	struct entry *e;

	if (rq->data != PACKAGES_CONTROL)
		return RC_RIGHTS;
	e = named(rq, result);
	if (e == NULL)
		return RC_OK;
	if (e->about.state == PACKAGE_ADDED) {
		struct report r = ask_server(e->about.name);

		say_report(rq, e->about.name, &r);
		*result = RC_EXISTS;
		return RC_OK;
	}
	*result = (uint64_t)install(rq, e);
	return RC_OK;
}

enum status
catalogue_do_remove(struct request *rq, uint64_t *result)
{
	struct entry *e;
	enum status   st;

	if (rq->data != PACKAGES_CONTROL)
		return RC_RIGHTS;
	e = named(rq, result);
	if (e == NULL)
		return RC_OK;
	if (e->about.state != PACKAGE_ADDED) {
		catalogue_say(rq,
		    "%s is not added; 'drv forget %s' deletes the package",
		    e->about.name, e->about.name);
		*result = RC_STATE;
		return RC_OK;
	}
	st = devdb_drop(REG_DEVDB, e->about.name, strlen(e->about.name));
	ignore_status(tree_remove(&catalogue.tree, e->about.name));
	e->about.state = PACKAGE_HERE;
	catalogue_note("%s was removed", e->about.name);
	catalogue_say(
	    rq, "%s: unbound, and all that it had is revoked", e->about.name);
	/* One that the server did not know is removed all the same. */
	*result = st == RC_NOT_FOUND ? RC_OK : (uint64_t)st;
	return RC_OK;
}

enum status
catalogue_do_forget(struct request *rq, uint64_t *result)
{
	struct entry *e;
	unsigned      i;

	if (rq->data != PACKAGES_CONTROL)
		return RC_RIGHTS;
	e = named(rq, result);
	if (e == NULL)
		return RC_OK;
	if (e->about.state == PACKAGE_ADDED) {
		catalogue_say(rq, "%s is in use; 'drv remove %s' first",
		    e->about.name, e->about.name);
		*result = RC_STATE;
		return RC_OK;
	}
	i = entry_index(e);
	if (held_get(SLOT_BANKS, i, REG_T0) == RC_OK)
		segment_free(REG_T0);
	ignore_status(held_put(SLOT_BANKS, i, REG_VOID));
	ignore_status(held_put(SLOT_SEGMENTS, i, REG_VOID));
	catalogue_note("%s was deleted", e->about.name);
	catalogue_say(rq, "%s: the package is deleted", e->about.name);
	memset(e, 0, sizeof(*e));
	*result = RC_OK;
	return RC_OK;
}

void
install_again(void)
{
	uint64_t waiting = 0;

	catalogue.boot = catalogue_boot();
	ignore_status(devdb_adopt(REG_DEVDB, REG_DOORBELL));
	/* Preferences first: who comes later finds them. */
	names_update();
	for (unsigned i = 0; i < PACKAGES; i++) {
		struct entry *e = &catalogue.entry[i];
		enum status   st;

		entry_again(e);
		if (e->about.state != PACKAGE_ADDED)
			continue;
		st = push(e, &waiting);
		if (st != RC_OK && st != RC_EXISTS)
			catalogue_note("%s is not started: %s", e->about.name,
			    push_failed(st));
	}
	supply();
}
