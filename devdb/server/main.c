/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resident device server. It starts the bus domain first, because nothing
 * else is known before the scan; then what the scan found.
 */
#include "devdb/server/server.h"

#include <string.h>

#include "boot/handoff/handoff.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.serve.h"
#include "userland/rt/exit.h"
#include "userland/rt/log.h"

enum { RECEIVE = 2048, REPLY = 2048 };

struct server_state server;

static uint8_t receive[RECEIVE], reply[REPLY];

/*
 * The firmware's tables: the reserved or ACPI region right above the RAM
 * below 4 GiB, where SeaBIOS puts them.
 */
static void
find_firmware(void)
{
	static union {
		struct handoff h;
		uint8_t        bytes[8192];
	} u;
	uint64_t top = 0;

	if (system_get(SLOT_KINFO, REG_T0) != RC_OK ||
	    kinfo_boot(REG_T0, &u, sizeof(u), NULL) != RC_OK ||
	    u.h.nregions > HANDOFF_REGIONS ||
	    system_get(SLOT_MMIO_SPACE, REG_T0) != RC_OK)
		return;
	for (unsigned i = 0; i < u.h.nregions; i++) {
		const struct handoff_region *r = &u.h.region[i];

		if (r->kind == REGION_RAM)
			top = r->first + r->bytes;
		else if ((r->kind == REGION_ACPI ||
			     r->kind == REGION_RESERVED) &&
		    r->first == top && top >= 0x100000 && top < UINT32_MAX &&
		    r->bytes <= 0x800000) {
			if (mmio_space_alloc(REG_T0, r->first, r->bytes, 2,
				"acpi tables", 11, REG_T1) == RC_OK &&
			    system_put(SLOT_FIRMWARE, REG_T1) == RC_OK)
				server.firmware_bytes = r->bytes;
			return;
		}
	}
}

static void
begin(void)
{
	uint64_t        enforced = 0, count;
	struct dma_info info;
	enum status     st = catalogue_read(&server.catalogue, boot_catalogue,
		(size_t)(boot_catalogue_end - boot_catalogue));

	ant_assert(st == RC_OK);
	for (unsigned i = 0; i < server.catalogue.count; i++)
		ant_assert(
		    server.catalogue.driver[i].image < driver_image_count);
	if (system_get(SLOT_DMA_SPACES, REG_T0) == RC_OK &&
	    dma_spaces_query(REG_T0, 0, &info, sizeof(info), NULL, &count,
		&enforced) == RC_OK)
		server.enforced = enforced != 0;
	find_firmware();
	devices_fixed();
	(void)devices_match();
	/* Instance 0 is the bus, because it stands first in the tree. */
	(void)instances_tick();
	devices_scan();
	(void)devices_match();
}

/* A driver has faulted, or said by faulting that it is done. */
static void
keeper(struct request *rq)
{
	unsigned         i = rq->data - DEVDB_KEEPER;
	struct instance *n;

	/* Nobody restarts it: the right to do so is lost here. */
	rq->kept = true;
	if (i >= server.instances || !server.instance[i].used)
		return;
	n = &server.instance[i];
	n->fault = (uint8_t)rq->word[1];
	n->fault_address = rq->word[2];
	n->fault_pc = rq->word[4];
	n->doomed = true;
}

static void
schedule(uint64_t next)
{
	if (next != UINT64_MAX &&
	    process_make_notice(REG_PROCESS, NOTICE_TICK, REG_T0) == RC_OK)
		ignore_status(clock_alarm(REG_CLOCK, next, REG_T0));
}

/* Something may be doomed only now: a second round is cheap. */
static void
tick(void)
{
	schedule(instances_tick());
}

static void
answer(struct request *rq)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_RESUME),
	};

	memcpy(m.word, rq->out, sizeof(m.word));
	m.word[0] = (uint64_t)rq->status;
	/* What stands in registers after a failure is nobody's. */
	if (rq->status == RC_OK) {
		m.control |= CONTROL_SEND(0, rq->out_cap[0]) |
		    CONTROL_SEND(1, rq->out_cap[1]);
		m.send = rq->out_string;
		m.send_bytes = message_bytes(rq->out_bytes);
	}
	ant_invoke(&m);
	rq->kept = true;
}

int main(void);

int
main(void)
{
	static const struct server sv = {
	    .receive = receive,
	    .receive_limit = sizeof(receive),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	begin();
	tick();
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.data >= DEVDB_KEEPER &&
		    rq.data < DEVDB_HOLDER) {
			keeper(&rq);
		} else if (rq.source == FROM_CALL) {
			/* A handle is for its driver only. */
			rq.status = rq.data >= DEVDB_HOLDER &&
				rq.word[0] != DEVDB_CONNECT &&
				rq.word[0] != DEVDB_ACCUSE
			    ? RC_RIGHTS
			    : devdb_serve(&rq);
			/* Starting a driver needs all registers: answer now. */
			answer(&rq);
		}
		tick();
		server_next(&sv, &rq);
	}
}
