/* SPDX-License-Identifier: BSD-2-Clause */
/* The kill sequence, and what is due when. */
#include "devdb/server/server.h"

#include <stdio.h>

#include "kernel/abi/irq.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/block_client.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

enum { DESTROY_MOST = 64 };

/*
 * Order matters: the device falls silent first, interrupts and then DMA;
 * then nothing runs any more; then it is reset where it can be; then those who
 * wait for the driver's answers are told RC_RESTARTED (S6), and its memory is
 * taken back. Its DMA pages and ring are ours
 * and stay. Nothing here waits for the driver.
 */
void
instance_stop(struct instance *n)
{
	uint64_t remaining = 1;

	n->running = n->quiet = false;
	n->supplied = n->wanted = n->unbuilt = false;
	ignore_status(bus_silence(n));
	for (unsigned i = 0; i < n->plan.nirqs; i++)
		if (inst_get(n, INST_IRQ + i, REG_T0) == RC_OK)
			ignore_status(irq_mask(REG_T0, 1));
	if (inst_get(n, INST_PROCESS, REG_T0) == RC_OK)
		ignore_status(process_stop(REG_T0));
	ignore_status(bus_reset(n));
	if (inst_get(n, INST_SUBBANK, REG_T0) != RC_OK)
		return;
	for (unsigned i = 0; i < DESTROY_MOST && remaining != 0; i++)
		if (bank_kill(REG_T0, &remaining) != RC_OK)
			break;
	ignore_status(inst_put(n, INST_PROCESS, REG_VOID));
	ignore_status(inst_put(n, INST_SUBBANK, REG_VOID));
}

/* Another unit of the device is driven. */
static bool
sibling(const struct instance *n)
{
	for (unsigned i = 0; i < server.instances; i++) {
		const struct instance *o = &server.instance[i];

		if (o != n && o->device == n->device && o->running)
			return true;
	}
	return false;
}

/*
 * Another client has taken it over, and it is no death: nothing of the last one
 * is to be left in driver and device.
 */
static bool
renewed(const struct instance *n, const struct control_said *said)
{
	return n->taken_over && n->fault == 0 &&
	    said->state <= CONTROL_SUSPENDED;
}

static const char *
verdict(const struct control_said *said, bool refused, bool renew, bool asked)
{
	return said->state == CONTROL_NO_DEVICE ? "nothing to drive"
	    : refused                           ? "cannot drive it"
	    : renew                             ? "has another client"
	    : asked                             ? "killed on request"
						: "died";
}

static void
died(struct instance *n, uint64_t now)
{
	struct control_said said = server_said(n);
	bool asked = n->asked, renew = renewed(n, &said), refused;

	n->doomed = false;
	n->asked = false;
	n->cause = said.cause;
	instance_stop(n);
	if (n->taken_over)
		ring_renew(n);
	n->taken_over = false;
	if (renew)
		policy_renew(&n->policy);
	else
		policy_died(
		    &n->policy, driver_of(n), now, said.state, said.cause);
	refused = n->policy.run == DEVDB_RUN_STOPPED &&
	    said.state == CONTROL_FAILED && said.cause == RC_UNSUPPORTED;
	if (said.state == CONTROL_NO_DEVICE || refused) {
		if (!sibling(n))
			server.device[n->device].state = DEVDB_EMPTY;
		if (n->disk != NONE && system_get(SLOT_STORE, REG_T0) == RC_OK)
			ignore_status(
			    block_client_detach(REG_T0, n->disk, RC_NOT_FOUND));
	}
	log_printf("devdb: %s at %s: %s%s%s\n", driver_of(n)->name, n->name,
	    verdict(&said, refused, renew, asked),
	    said.remark[0] != '\0' ? ": " : "", said.remark);
}

/* Its program comes from outside: not yet there, or it could not be made. */
static void
ask(struct instance *n, uint64_t now)
{
	struct device *d = &server.device[n->device];
	enum status    st = instance_want(n);

	d->state = DEVDB_WAITING;
	snprintf(d->reason, sizeof(d->reason),
	    "the catalogue has not supplied the program yet");
	/* The next event is its answer. */
	n->policy.again = UINT64_MAX;
	if (st == RC_OK)
		return;
	log_printf("devdb: %s at %s: no room for its program, status %u\n",
	    driver_of(n)->name, n->name, (unsigned)st);
	n->cause = (uint32_t)st;
	policy_died(
	    &n->policy, driver_of(n), now, CONTROL_FAILED, (uint32_t)st);
}

static void
start(struct instance *n, uint64_t now)
{
	enum status st;

	if (driver_of(n)->added && !n->supplied) {
		ask(n, now);
		return;
	}
	n->plugs = 0;
	policy_started(&n->policy, driver_of(n), now);
	n->fault = 0;
	st = instance_start(n);
	if (st == RC_OK) {
		server.device[n->device].state = DEVDB_BOUND;
		server.device[n->device].reason[0] = '\0';
		if (n->policy.generation > 1)
			log_printf("devdb: %s at %s: started again, %u\n",
			    driver_of(n)->name, n->name, n->policy.generation);
		return;
	}
	log_printf("devdb: %s at %s: not started, status %u\n",
	    driver_of(n)->name, n->name, (unsigned)st);
	if (!sibling(n))
		server.device[n->device].state = DEVDB_WAITING;
	n->cause = (uint32_t)st;
	instance_stop(n);
	policy_died(
	    &n->policy, driver_of(n), now, CONTROL_FAILED, (uint32_t)st);
}

/* It says so: a disk is announced to the store, once for each instance. */
static void
up(struct instance *n)
{
	enum status st;

	policy_up(&n->policy);
	/* It has reset its device. */
	rings_release(n);
	if (driver_of(n)->class != DEVDB_BLOCK || n->attached || n->doomed)
		return;
	st = instance_attach(n);
	if (st == RC_OK)
		return;
	log_printf("devdb: %s at %s: the store refuses it, status %u\n",
	    driver_of(n)->name, n->name, (unsigned)st);
	n->doomed = true;
}

static void
tick(struct instance *n, uint64_t now)
{
	struct control_said said = {0};

	if (n->running)
		said = server_said(n);
	if (said.state == CONTROL_UP || said.state == CONTROL_SUSPENDED)
		up(n);
	if (n->running)
		power_look(n, &said);
	if (driver_of(n)->class == DEVDB_PLATFORM && n->running &&
	    said.plugs != n->plugs) {
		n->plugs = said.plugs;
		hotplug_look(n, &said);
	}
	if (said.state == CONTROL_NO_DEVICE || said.state == CONTROL_FAILED ||
	    n->unbuilt)
		n->doomed = true;
	if (n->doomed) {
		died(n, now);
		return;
	}
	switch (policy_tick(&n->policy, driver_of(n), now, said.beat)) {
	case POLICY_START:
		start(n, now);
		break;
	case POLICY_BEAT:
		store_watch(n);
		/* The bus domain answers calls; that is beat enough. */
		if (driver_of(n)->class == DEVDB_BUS)
			n->policy.missed = 0;
		else if (inst_get(n, INST_BEAT, REG_T0) == RC_OK)
			notice_set(REG_T0);
		break;
	case POLICY_KILL:
		log_printf("devdb: %s at %s: no heartbeat\n",
		    driver_of(n)->name, n->name);
		died(n, now);
		break;
	case POLICY_NOTHING:
		break;
	}
}

/* Who has added a driver waits for it to be up, or to fail. */
static void
tick_and_tell(struct instance *n, uint64_t now)
{
	uint8_t  run = n->policy.run;
	uint32_t restarts = n->policy.restarts;

	tick(n, now);
	if (n->used && driver_of(n)->added &&
	    (n->policy.run != run || n->policy.restarts != restarts))
		catalogue_ring();
}

uint64_t
instances_tick(void)
{
	uint64_t now = server_now();
	uint64_t next = rings_tick(now);

	for (unsigned i = 0; i < server.instances; i++) {
		uint64_t at;

		if (!server.instance[i].used)
			continue;
		tick_and_tell(&server.instance[i], now);
		at = policy_next(&server.instance[i].policy);
		next = at < next ? at : next;
	}
	return next;
}
