/* SPDX-License-Identifier: BSD-2-Clause */
/* What the shell and other clients ask. */
#include "devdb/server/server.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.serve.h"
#include "uldrv/class/platform.order.h"
#include "userland/rt/notice.h"

static uint8_t
confinement(const struct device *d)
{
	const struct instance *n = NULL;

	if (d->board.bus != CONTROL_BUS_PCI)
		return DEVDB_NO_DMA;
	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used && server.instance[i].running &&
		    &server.device[server.instance[i].device] == d)
			n = &server.instance[i];
	if (n == NULL || n->quiet || !driver_of(n)->bus_master)
		return DEVDB_MASTER_OFF;
	/* virtio passes the unit by unless it says otherwise (fact 3). */
	if (d->function.vendor == 0x1af4 &&
	    (server_said(n).features & CONTROL_CONFINED) == 0)
		return DEVDB_UNCONFINED;
	return server.enforced ? DEVDB_IOMMU : DEVDB_NOT_ENFORCED;
}

static void
add_line(struct devdb_device *r, const struct instance *n)
{
	for (unsigned i = 0; i < n->plan.nirqs; i++) {
		if (n->plan.irq[i].kind == PLAN_MESSAGE)
			r->messages++;
		else if (r->gsi[0] == NONE)
			r->gsi[0] = n->plan.irq[i].number;
		else
			r->gsi[1] = n->plan.irq[i].number;
	}
}

/* The index-th device that is there, or NULL; all of them are counted. */
static struct device *
find_device(uint64_t index, uint64_t *count)
{
	struct device *found = NULL;

	*count = 0;
	for (unsigned i = 0; i < server.devices; i++)
		if (server.device[i].board.name[0] != '\0' &&
		    (*count)++ == index)
			found = &server.device[i];
	return found;
}

/* The same for driver instances. */
static struct instance *
find_instance(uint64_t index, uint64_t *count)
{
	struct instance *found = NULL;

	*count = 0;
	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used && (*count)++ == index)
			found = &server.instance[i];
	return found;
}

/*
 * As it is told: it sleeps if all that drives it does, and is spoilt if one of
 * those has spoilt its ring.
 */
static uint8_t
state_of(const struct device *d)
{
	unsigned awake = 0, asleep = 0, spoilt = 0;

	for (unsigned i = 0; i < server.instances; i++) {
		const struct instance *n = &server.instance[i];

		if (n->used && &server.device[n->device] == d) {
			asleep += n->quiet;
			awake += !n->quiet;
			spoilt += instance_spoilt(n);
		}
	}
	return asleep != 0 && awake == 0 ? DEVDB_SUSPENDED
	    : spoilt != 0                ? DEVDB_SPOILT
					 : d->state;
}

enum status
devdb_do_device(struct request *rq, uint64_t index, uint64_t *count)
{
	const struct device *d;
	struct devdb_device  r = {.gsi = {NONE, NONE}};

	d = find_device(index, count);
	if (d == NULL)
		return RC_NOT_FOUND;
	memcpy(r.name, d->board.name, sizeof(r.name));
	if (d->driver != NONE)
		snprintf(r.driver, sizeof(r.driver), "%s",
		    server.catalogue.driver[d->driver].name);
	if (d->board.bus == CONTROL_BUS_PCI)
		snprintf(r.title, sizeof(r.title), "%04x:%04x %s",
		    d->function.vendor, d->function.device,
		    match_class_name(d->function.class));
	else
		snprintf(r.title, sizeof(r.title), "%s", d->board.id);
	r.vendor = d->function.vendor;
	r.device = d->function.device;
	r.subvendor = d->function.subvendor;
	r.subdevice = d->function.subdevice;
	r.class = d->function.class;
	r.revision = d->function.revision;
	r.source_id = d->function.id;
	r.state = state_of(d);
	r.confinement = confinement(d);
	/* Whoever masters the bus can write where messages go (fact 4). */
	r.can_forge = r.confinement == DEVDB_NOT_ENFORCED ||
	    r.confinement == DEVDB_UNCONFINED;
	for (unsigned i = 0; i < server.instances; i++)
		if (server.instance[i].used &&
		    &server.device[server.instance[i].device] == d)
			add_line(&r, &server.instance[i]);
	memcpy(rq->out_string, &r, sizeof(r));
	rq->out_bytes = sizeof(r);
	return RC_OK;
}

enum status
devdb_do_driver(struct request *rq, uint64_t index, uint64_t *count)
{
	const struct instance *n;
	struct devdb_driver    r = {0};
	struct control_said    said;

	n = find_instance(index, count);
	if (n == NULL)
		return RC_NOT_FOUND;
	said = server_said(n);
	memcpy(r.name, driver_of(n)->name, sizeof(r.name));
	memcpy(r.device, n->name, sizeof(r.device));
	r.class = driver_of(n)->class;
	r.run = n->policy.run;
	if (n->running && said.state == CONTROL_UP)
		r.run = DEVDB_RUN_UP;
	if (n->quiet)
		r.run = DEVDB_RUN_SUSPENDED;
	r.fault = n->fault;
	r.generation = n->policy.generation;
	r.restarts = n->policy.restarts;
	r.cause = n->cause;
	r.confined = said.features & CONTROL_CONFINED;
	r.fault_pc = n->fault_pc;
	r.fault_address = n->fault_address;
	r.interrupts = said.interrupts;
	r.requests = said.requests;
	r.errors = said.errors;
	r.timeouts = said.timeouts;
	r.resets = said.resets;
	r.bytes = said.bytes;
	r.up_since = n->policy.since;
	r.again = n->policy.again;
	memcpy(r.remark, said.remark, sizeof(r.remark));
	/* Whoever reads that it is stopped learns why. */
	if (r.run == DEVDB_RUN_STOPPED && r.remark[0] == '\0')
		snprintf(r.remark, sizeof(r.remark), "stopped: status %u",
		    (unsigned)n->cause);
	memcpy(rq->out_string, &r, sizeof(r));
	rq->out_bytes = sizeof(r);
	return RC_OK;
}

/* The name in a request's string, or NULL. */
static const char *
asked_name(const struct request *rq, char *out)
{
	memset(out, 0, DEVDB_NAME);
	if (rq->string_bytes >= DEVDB_NAME)
		return NULL;
	memcpy(out, rq->string, rq->string_bytes);
	return out;
}

static size_t
why_instance(const struct instance *n, char *out, size_t room, size_t at)
{
	int k;

	if (at >= room)
		return at;
	k = snprintf(out + at, room - at,
	    "%s: interrupts %u, port ranges %u, %s; instance %u, status %u, "
	    "%s%s\n",
	    n->name, n->plan.nirqs, n->plan.nports,
	    n->granted ? "granted" : "not granted", n->policy.generation,
	    n->cause,
	    instance_spoilt(n) ? "it broke its ring, says its client; " : "",
	    server_said(n).remark);
	return k > 0 ? at + (size_t)k : at;
}

enum status
devdb_do_why(struct request *rq)
{
	char   name[DEVDB_NAME], *out = rq->out_string;
	size_t room = rq->out_limit, at;

	if (asked_name(rq, name) == NULL)
		return RC_NOT_FOUND;
	for (unsigned i = 0; i < server.devices; i++) {
		const struct device *d = &server.device[i];

		if (strcmp(d->board.name, name) != 0)
			continue;
		match_why(&server.catalogue, &d->board, out, room);
		at = strlen(out);
		if (d->reason[0] != '\0' && at < room)
			at += (size_t)snprintf(
			    out + at, room - at, "plan: %s\n", d->reason);
		for (unsigned k = 0; k < server.instances; k++)
			if (server.instance[k].used &&
			    server.instance[k].device == i)
				at = why_instance(
				    &server.instance[k], out, room, at);
		rq->out_bytes = at < room ? at : room - 1;
		return RC_OK;
	}
	return RC_NOT_FOUND;
}

/*
 * By an instance's or a driver's name the first; by a device's all that drive it:
 * each channel of an IDE controller has one.
 */
enum status
devdb_do_restart(struct request *rq)
{
	enum status st = RC_NOT_FOUND;
	char        name[DEVDB_NAME];

	if (!facet_may(rq, DEVDB_CONTROL))
		return RC_RIGHTS;
	if (asked_name(rq, name) == NULL)
		return RC_NOT_FOUND;
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *n = &server.instance[i];
		const bool       itself = strcmp(n->name, name) == 0 ||
		    strcmp(driver_of(n)->name, name) == 0;

		if (!n->used || (!itself && !instance_drives(n, name)))
			continue;
		if (driver_of(n)->class == DEVDB_BUS)
			return RC_UNSUPPORTED;
		if (!n->running)
			policy_at_once(&n->policy);
		else
			n->asked = n->doomed = true;
		st = RC_OK;
		if (itself)
			break;
	}
	return st;
}

/* Sent, not called: we wait for no driver, whose keeper we are. */
enum status
devdb_do_power_off(struct request *rq)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_T0),
	    .word = {PLATFORM_POWER_OFF},
	};

	if (!facet_may(rq, DEVDB_CONTROL))
		return RC_RIGHTS;
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *n = &server.instance[i];

		if (n->used && driver_of(n)->class == DEVDB_PLATFORM &&
		    n->running && server_said(n).state == CONTROL_UP &&
		    inst_get(n, INST_START, REG_T0) == RC_OK) {
			ant_invoke_words(&m);
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}

/* Our lines stand in the console log among the others'. */
enum status
devdb_do_log(struct request *rq, uint64_t position, uint64_t *next)
{
	size_t bytes = 0;

	enum status st = log_read(
	    REG_LOG, position, rq->out_string, rq->out_limit, &bytes, next);

	rq->out_bytes = bytes;
	return st;
}
