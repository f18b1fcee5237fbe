/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's loop.
 */
#include "boot/handoff/handoff.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "persist/format/check.h"
#include "persist/store/guest/guest.h"
#include "uldrv/class/block_client.serve.h"
#include "userland/rt/idl/store.serve.h"
#include "userland/rt/log.h"

enum {
	FACET_CLIENT  = 0x100, /* Data of the start capability devdb holds. */
	DEFAULT_MS    = 2000,
	STRING_BYTES  = 4096,
};

struct guest guest = {
    .volume      = -1,
    .selected    = DISKS,
    .schedule_ms = DEFAULT_MS,
};

/* Drive everything until nothing moves any more. */
static void
pump(void)
{
	bool moved;

	do {
		moved = pager_pump();
		schedule_events();
		schedule_pump();
		moved |= disk_submit();
	} while (moved);
}

static void
on_notice(uint64_t bits)
{
	if (bits >> NOTE_ALARM & 1 && guest.due != 0 &&
	    clock_ns() >= guest.due)
		guest.snapshot_wanted = true;
	for (unsigned i = 0; i < DISKS; i++) {
		if (bits >> (NOTE_DISK + i) & 1)
			disk_pump(i);
	}
}

/* Which volume was booted: the loader's word for it. */
static void
learn_volume(void)
{
	static union {
		struct handoff h;
		uint8_t        bytes[8192];
	} u;
	size_t got = 0;

	if (node_get(REG_NODE, NODE_KINFO, REG_T0) == RC_OK &&
	    kinfo_boot(REG_T0, u.bytes, sizeof(u.bytes), &got) == RC_OK &&
	    got >= sizeof(u.h))
		__builtin_memcpy(guest.uuid, u.h.volume, sizeof(guest.uuid));
	else
		log_printf("store: the hand-off cannot be read");
}

static void
begin(void)
{
	guest.crc = crc_cpu();
	learn_volume();
	if (process_make_notice(REG_PROCESS, NOTE_ALARM, REG_T0) == RC_OK)
		ignore_status(
		    node_swap(REG_NODE, NODE_ALARM, REG_T0, REG_VOID));
	pager_begin();
}

int
main(void)
{
	static uint8_t      receive[STRING_BYTES], reply[STRING_BYTES];
	const struct server sv = {
	    .receive       = receive,
	    .receive_limit = sizeof(receive),
	    .reply         = reply,
	    .reply_bytes   = sizeof(reply),
	};
	struct request rq;

	begin();
	log_printf("store: waiting for a disk");
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_NOTICE)
			on_notice(rq.word[1]);
		else if (rq.data == FACET_CLIENT)
			rq.status = block_client_serve(&rq);
		else
			rq.status = store_serve(&rq);
		if (rq.source == FROM_NOTICE || rq.kept)
			pump();
		server_next(&sv, &rq);
	}
}
