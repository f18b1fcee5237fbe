/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Suspending a driver, and waking it.
 *
 *            suspend           it says SUSPENDED        resume
 *     awake ---------> asked -------------------> quiet -------> awake
 *                        +---------- resume -------------------> awake
 *
 * The wish stands in the driver's page, is a level and not an event, and
 * outlives the driver: an instance that is started meanwhile goes to sleep as
 * soon as its device has been reset. It does not outlive the machine's run, nor
 * the device. When the driver says that it sleeps, the device is silenced as
 * that of a dead driver is, so that nobody has to believe it.
 *
 * Clients keep ring and doorbell, and hear nothing: what they ask waits in the
 * ring. While the driver is asked its bell is ours, so that nothing polls.
 */
#include "devdb/server/server.h"

#include <string.h>

#include "kernel/abi/irq.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/block.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

bool
instance_drives(const struct instance *n, const char *device)
{
	return strcmp(server.device[n->device].board.name, device) == 0;
}

/* The instance of this name, or the first that drives the device of it. */
static struct instance *
find(const char *name, bool *device)
{
	*device = false;
	for (unsigned i = 0; i < server.devices; i++)
		*device |= server.device[i].board.name[0] != '\0' &&
		    strcmp(server.device[i].board.name, name) == 0;
	for (unsigned i = 0; i < server.instances; i++) {
		struct instance *n = &server.instance[i];

		if (n->used &&
		    (strcmp(n->name, name) == 0 ||
			instance_drives(n, name)))
			return n;
	}
	return NULL;
}

static struct instance *
asked(const struct request *rq, enum status *st)
{
	char             name[DEVDB_NAME] = {0};
	struct instance *n;
	bool             device;

	*st = RC_RIGHTS;
	if (!facet_may(rq, DEVDB_CONTROL))
		return NULL;
	*st = RC_NOT_FOUND;
	if (rq->string_bytes >= DEVDB_NAME)
		return NULL;
	memcpy(name, rq->string, rq->string_bytes);
	n = find(name, &device);
	if (n == NULL && device)
		*st = RC_STATE;
	return n;
}

/* The store has its volume there, or has not looked yet. */
static bool
carries_volume(const struct instance *n)
{
	struct block_claim claim = {0};

	if (driver_of(n)->class != DEVDB_BLOCK)
		return false;
	return inst_get(n, INST_RING_NODE, REG_T0) != RC_OK ||
	    node_get(REG_T0, 0, REG_T0) != RC_OK ||
	    page_read(REG_T0, offsetof(struct block_control, claim),
		sizeof(claim), &claim, sizeof(claim), NULL) != RC_OK ||
	    claim.decided == 0 || claim.sectors != 0;
}

/* The driver looks at the wish when it is rung. */
static enum status
tell(const struct instance *n)
{
	const uint32_t wish = n->suspend;
	enum status    st = inst_get(n, INST_CONTROL, REG_T0);

	if (st == RC_OK)
		st = page_write(REG_T0,
		    offsetof(struct driver_control, given.suspended), &wish,
		    sizeof(wish));
	if (st == RC_OK)
		st = inst_get(n, INST_PROCESS, REG_DRIVER);
	if (st == RC_OK)
		st = process_make_notice(REG_DRIVER, NOTICE_POWER, REG_T0);
	if (st == RC_OK)
		notice_set(REG_T0);
	return st;
}

/* Its bell is the client's again; what it said meanwhile went to us. */
static void
give_bell_back(const struct instance *n)
{
	if ((!n->client && !n->attached) ||
	    inst_get(n, INST_PROCESS, REG_DRIVER) != RC_OK ||
	    inst_get(n, INST_CLIENT, REG_T0) != RC_OK ||
	    process_swap(REG_DRIVER, DRIVER_REG_CLIENT, REG_T0, REG_VOID) !=
		RC_OK)
		return;
	notice_set(REG_T0);
}

static void
mask_all(const struct instance *n, bool masked)
{
	for (unsigned i = 0; i < n->plan.nirqs; i++)
		if (inst_get(n, INST_IRQ + i, REG_T0) == RC_OK)
			ignore_status(irq_mask(REG_T0, masked));
}

void
power_look(struct instance *n, const struct control_said *said)
{
	if (!n->suspend || n->quiet || said->state != CONTROL_SUSPENDED)
		return;
	ignore_status(bus_silence(n));
	mask_all(n, true);
	n->quiet = true;
	give_bell_back(n);
	log_printf("devdb: %s at %s: suspended\n", driver_of(n)->name, n->name);
}

enum status
devdb_do_suspend(struct request *rq)
{
	enum status         st;
	struct instance    *n = asked(rq, &st);
	struct control_said said;

	if (n == NULL)
		return st;
	said = server_said(n);
	if (n->suspend)
		return RC_EXISTS;
	if (driver_of(n)->class == DEVDB_BUS)
		return RC_UNSUPPORTED;
	if (!n->running || n->doomed || said.state != CONTROL_UP)
		return RC_STATE;
	if ((said.features & CONTROL_SUSPENDS) == 0)
		return RC_UNSUPPORTED;
	if (carries_volume(n))
		return RC_TAKEN;
	st = inst_get(n, INST_PROCESS, REG_DRIVER);
	if (st == RC_OK)
		st = power_hear();
	n->suspend = st == RC_OK;
	if (st == RC_OK)
		st = tell(n);
	if (st != RC_OK) {
		n->suspend = false;
		give_bell_back(n);
	}
	return st;
}

enum status
devdb_do_resume(struct request *rq)
{
	enum status      st;
	struct instance *n = asked(rq, &st);

	if (n == NULL)
		return st;
	if (!n->suspend)
		return RC_STATE;
	n->suspend = false;
	/* What does not run begins awake. */
	if (!n->running || n->doomed)
		return RC_OK;
	st = RC_OK;
	if (n->quiet) {
		mask_all(n, false);
		st = bus_enable(n);
	} else {
		give_bell_back(n);
	}
	n->quiet = false;
	if (st == RC_OK)
		st = tell(n);
	/* A device that cannot be woken is started afresh. */
	if (st != RC_OK)
		n->doomed = true;
	log_printf("devdb: %s at %s: resumed\n", driver_of(n)->name, n->name);
	return RC_OK;
}
