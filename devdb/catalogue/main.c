/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalogue's domain. It serves, and it hears the server's doorbell. The
 * right to answer a request stands in the node meanwhile: building needs all
 * registers. If this domain dies and is started again by its keeper, with its
 * memory as it is, it finds there whom it owes an answer.
 */
#include "devdb/catalogue/catalogue.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.serve.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"

enum { REPLY_BYTES = 1024 };

struct catalogue_state catalogue;

static uint8_t receive[CATALOGUE_CHUNK], reply[REPLY_BYTES];

uint64_t
catalogue_boot(void)
{
	uint64_t boot = 0;

	if (node_get(REG_NODE, SLOT_KINFO, REG_T0) == RC_OK)
		ignore_status(kinfo_features(REG_T0, NULL, &boot, NULL, NULL));
	return boot;
}

static struct catalogue_event *
remember(const char *format, va_list args)
{
	struct catalogue_event *e;

	e = &catalogue.event[catalogue.events++ % EVENTS];
	memset(e, 0, sizeof(*e));
	ignore_status(clock_now(REG_CLOCK, NULL, NULL, &e->wall));
	vsnprintf(e->text, sizeof(e->text), format, args);
	return e;
}

void
catalogue_note(const char *format, ...)
{
	const struct catalogue_event *e;
	va_list                       args;

	va_start(args, format);
	e = remember(format, args);
	va_end(args);
	log_printf("catalogue: %s\n", e->text);
}

void
catalogue_remember(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)remember(format, args);
	va_end(args);
}

void
catalogue_say(struct request *rq, const char *format, ...)
{
	char   *out = rq->out_string;
	size_t  room = rq->out_limit - rq->out_bytes;
	va_list args;
	int     n;

	if (room <= 1)
		return;
	va_start(args, format);
	n = vsnprintf(out + rq->out_bytes, room, format, args);
	va_end(args);
	if (n > 0)
		rq->out_bytes += (size_t)n < room ? (size_t)n : room - 1;
}

static enum status
begin(void)
{
	enum status st = bank_node(REG_BANK, REG_T0);

	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_BANKS, REG_T0, REG_VOID);
	if (st == RC_OK)
		st = bank_node(REG_BANK, REG_T0);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_SEGMENTS, REG_T0, REG_VOID);
	tree_begin(&catalogue.tree);
	return st;
}

static enum status
registers(void)
{
	enum status st = node_get(REG_NODE, SLOT_DEVDB, REG_DEVDB);

	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_STORE, REG_STORE);
	return st != RC_OK
	    ? st
	    : process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_DOORBELL);
}

/* Somebody waited when this domain died: RC_STATE tells that it did. */
static void
answer_owed(void)
{
	if (node_get(REG_NODE, SLOT_CALLER, REG_T0) != RC_OK)
		return;
	server_answer(REG_T0, RC_STATE, NULL, NULL, 0, REG_VOID);
	ignore_status(node_swap(REG_NODE, SLOT_CALLER, REG_VOID, REG_VOID));
}

static void
start(void)
{
	enum status st = registers();

	if (st == RC_OK && !catalogue.begun)
		st = begin();
	if (st != RC_OK) {
		log_printf(
		    "catalogue: cannot begin, status %u\n", (unsigned)st);
		ant_exit();
	}
	if (catalogue.begun)
		catalogue_note("the catalogue was started again");
	catalogue.begun = true;
	answer_owed();
	stage_drop();
	install_again();
}

static void
serve(struct request *rq)
{
	bool holder = rq->data >= PACKAGES_HOLDER;

	rq->status = node_swap(REG_NODE, SLOT_CALLER, REG_RESUME, REG_VOID);
	if (rq->status == RC_OK && holder)
		rq->status = handle_keep();
	/* Whatever woke us: the server of a new boot knows nothing. */
	if (rq->status == RC_OK && catalogue_boot() != catalogue.boot)
		install_again();
	if (rq->status == RC_OK)
		rq->status = holder ? handle_serve(rq) : catalogue_serve(rq);
	ignore_status(node_get(REG_NODE, SLOT_CALLER, REG_RESUME));
	ignore_status(node_swap(REG_NODE, SLOT_CALLER, REG_VOID, REG_VOID));
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

	start();
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			serve(&rq);
		} else if (catalogue_boot() != catalogue.boot) {
			install_again();
		} else {
			supply();
		}
		server_next(&sv, &rq);
	}
}
