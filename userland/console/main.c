/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The raw console: clients on one side, on the other the rings of the serial
 * driver, and where there are any, of a terminal, a display and a keyboard. It
 * lives in the boot range and forgets all at power-off; clients of the last
 * boot are told so by RC_RESTARTED, or RC_STATE.
 *
 * A client is the data of its start capability. Rights to answer that have to
 * wait are kept in the node of REG_NODE: slot i for writer i, then the reader;
 * behind them the doorbells of drivers.
 */
#include "userland/console/console.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/console/seat.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/console.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_ALARM = REG_OWN + 1,
	RING_SLOT = 1, /* Of the address space; + line. */
	DISPLAY_RING_SLOT = RING_SLOT + LINES,
	KEYBOARD_RING_SLOT,
	SLOT_READER = WRITERS,
	SLOT_LINE, /* + line */
	SLOT_DISPLAY = SLOT_LINE + LINES,
	SLOT_KEYBOARD,
	LOG_STEP = 256,     /* Bytes of the log in one write. */
	LOG_AT_ONCE = 4096, /* As much as Log.read gives at once. */
	BIT_LINE = 0,       /* + line */
	BIT_ALARM = BIT_LINE + LINES,
	BIT_DISPLAY,
	BIT_KEYBOARD,
	BIT_VOLUME_GONE, /* From here on by devdb, as in system.dts. */
	BIT_STORE_SILENT,
	BIT_STORE_ANSWERS,
	BITS,
};

/* How soon a driver that is not there yet is asked for again. */
static const uint64_t again_ns = 100000000;

enum { LINE_SERIAL, LINE_TERMINAL, SCREEN, KEYBOARD };

static const struct {
	uint8_t     class; /* enum devdb_class */
	uint8_t     bit;   /* Of our doorbell. */
	const char *name;
} driver[] = {
    [LINE_SERIAL] = {DEVDB_CHAR, BIT_LINE, "the serial line"},
    [LINE_TERMINAL] = {DEVDB_TERMINAL, BIT_LINE + 1, "the terminal"},
    [SCREEN] = {DEVDB_DISPLAY, BIT_DISPLAY, "the screen"},
    [KEYBOARD] = {DEVDB_INPUT, BIT_KEYBOARD, "the keyboard"},
};

static struct console console;
static struct seat    seat;

/* Answer a right that is kept in a slot, with bytes or without. */
static void
answer_slot(unsigned slot, enum status st, const void *text, size_t bytes)
{
	if (node_get(REG_NODE, slot, REG_T0) != RC_OK)
		return;
	server_answer(REG_T0, st, NULL, text, bytes, REG_VOID);
	ignore_status(node_swap(REG_NODE, slot, REG_VOID, REG_VOID));
}

/* Does the reader still wait? He may have been stopped or destroyed. */
static bool
reader_waits(void)
{
	uint64_t kind = CK_VOID;

	if (console.reading && node_get(REG_NODE, SLOT_READER, REG_T0) == RC_OK)
		console.reading = discrim_classify(REG_DISCRIM, REG_T0, &kind,
				      NULL, NULL) != RC_OK ||
		    kind == CK_RESUME;
	return console.reading;
}

static void
answer_reader(void)
{
	uint8_t bytes[256];
	size_t  n;

	if (console.typed_count == 0 || !reader_waits())
		return;
	console.reading = false;
	n = console_take(&console, bytes, sizeof(bytes));
	answer_slot(SLOT_READER, RC_OK, bytes, n);
}

static void
ring_slot(unsigned slot)
{
	if (node_get(REG_NODE, slot, REG_T0) == RC_OK)
		notice_set(REG_T0);
}

/* Once for each instance: a far end that lags may never catch up. */
static void
tell_missed(void)
{
	static uint32_t told[LINES];

	for (unsigned i = 0; i < LINES; i++) {
		if (console.line[i].missed == 0 ||
		    told[i] == console.line[i].watch.generation)
			continue;
		told[i] = console.line[i].watch.generation;
		log_printf("console: %s does not keep up, and misses text\n",
		    driver[i].name);
	}
}

/*
 * What a driver has done to its ring: for people, and for `dev`, once of each
 * instance. If the server knows another one by now nothing is wrong.
 */
static void
accuse(unsigned which, uint64_t instance, const char *of)
{
	static uint64_t told[KEYBOARD + 1];

	if (told[which] == instance)
		return;
	told[which] = instance;
	if (process_make_notice(REG_PROCESS, driver[which].bit, REG_T2) !=
		RC_OK ||
	    devdb_accuse(REG_DEVDB, driver[which].class, 0, instance, REG_T2) ==
		RC_STATE)
		return;
	log_printf("console: the driver of %s, instance %lu, %s; it is left "
		   "alone until it is restarted\n",
	    driver[which].name, instance, of);
}

static void
look_at_breakers(void)
{
	const struct ring_watch *const watch[] = {
	    [LINE_SERIAL] = &console.line[LINE_SERIAL].watch,
	    [LINE_TERMINAL] = &console.line[LINE_TERMINAL].watch,
	    [SCREEN] = &seat.display.watch,
	    [KEYBOARD] = &seat.keyboard.watch,
	};

	for (unsigned i = 0; i <= KEYBOARD; i++)
		if (watch[i]->broken != 0)
			accuse(i, watch[i]->broken, "broke its ring");
}

static void
pump(void)
{
	unsigned              first = console.first_writer;
	struct console_events e = console_pump(&console);

	for (unsigned i = 0; i < LINES; i++)
		if ((e.bells >> i & 1) != 0)
			ring_slot(SLOT_LINE + i);
	for (unsigned i = 0; i < e.written; i++)
		answer_slot((first + i) % WRITERS, RC_OK, NULL, 0);
	tell_missed();
	if (seat_keys(&seat, &console))
		ring_slot(SLOT_KEYBOARD);
	if (seat_show(&seat, &console))
		ring_slot(SLOT_DISPLAY);
	look_at_breakers();
	answer_reader();
}

/* Text of the log that has been read but not yet shown. */
static struct {
	uint64_t position;
	size_t   at, bytes;
	char     text[LOG_AT_ONCE];
} pending;

/* The next piece of the log; false when there is no more. */
static bool
log_piece(const char **text, size_t *bytes)
{
	uint64_t next = 0;

	if (pending.at == pending.bytes) {
		pending.at = pending.bytes = 0;
		if (log_read(REG_LOG, pending.position, pending.text,
			sizeof(pending.text), &pending.bytes, &next) != RC_OK)
			return false;
		pending.position = next;
	}
	*text = pending.text + pending.at;
	*bytes = pending.bytes - pending.at;
	if (*bytes > LOG_STEP)
		*bytes = LOG_STEP;
	pending.at += *bytes;
	return *bytes > 0;
}

/*
 * Until somebody takes the keyboard the log is shown: what the kernel and the
 * boot range have to say of each stage. Nobody waits for these writes: the
 * slots of their places are void.
 */
static void
show_log(void)
{
	char        shown[2 * LOG_STEP];
	const char *text;
	size_t      n;
	unsigned    place;

	while (console.writers < WRITERS && log_piece(&text, &n)) {
		size_t bytes = 0;

		for (size_t i = 0; i < n; i++) {
			if (text[i] == '\n')
				shown[bytes++] = '\r';
			shown[bytes++] = text[i];
		}
		if (console_write(
			&console, CLIENT_NOBODY, shown, bytes, &place) != RC_OK)
			return;
	}
}

/*
 * What people must know though a client has the terminal: that it may not go
 * on, and why. What does not fit now is told when there is room.
 */
static void
tell_urgent(uint64_t bits)
{
	static const char *const text[BITS] = {
	    [BIT_VOLUME_GONE] =
		"\r\n*** The disk with the volume is gone. Nothing can be read "
		"from it or saved;\r\n*** who waits for it waits for ever. Put "
		"it back and reset the machine: it\r\n*** goes on from the "
		"last checkpoint.\r\n",
	    [BIT_STORE_SILENT] =
		"\r\n*** The store does not answer. Nothing is read or saved. "
		"If it stays so,\r\n*** reset the machine: it goes on from the "
		"last checkpoint.\r\n",
	    [BIT_STORE_ANSWERS] = "\r\n*** The store answers again.\r\n",
	};
	static uint64_t untold;
	unsigned        place;

	untold |= bits;
	/* Who shows the log shows it there. */
	if (console.owner == CLIENT_NOBODY)
		untold = 0;
	for (unsigned i = BIT_VOLUME_GONE; i < BITS; i++)
		if ((untold >> i & 1) != 0 &&
		    console_write(&console, CLIENT_NOBODY, text[i],
			strlen(text[i]), &place) == RC_OK)
			untold &= ~(UINT64_C(1) << i);
}

static void
ask_again(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + again_ns, REG_ALARM));
}

static void
put_off(unsigned which, uint64_t generation)
{
	accuse(which, generation, "shows another instance in its ring");
	ask_again();
}

/*
 * Become the client of the driver of a line, or of its successor. The serial
 * line is waited for; a terminal that is not there is looked for again when
 * something else happens.
 */
static void
connect(unsigned line)
{
	uint64_t    generation = 0;
	enum status st = process_make_notice(
	    REG_PROCESS, driver[line].bit, REG_T2);

	if (st == RC_OK)
		st = devdb_connect(REG_DEVDB, driver[line].class, 0, REG_T2,
		    REG_T0, REG_T1, &generation);
	if (st == RC_OK)
		st = node_swap(REG_NODE, SLOT_LINE + line, REG_T1, REG_VOID);
	if (st == RC_OK)
		st = space_map(RING_SLOT + line, REG_T0);
	if (st != RC_OK) {
		if (line == LINE_SERIAL || st != RC_NOT_FOUND)
			ask_again();
		return;
	}
	if (console_attach(&console, line, space_address(RING_SLOT + line),
		(uint32_t)generation))
		ring_slot(SLOT_LINE + line);
	else
		put_off(line, generation);
}

/* The ring of an instance is mapped, and what it holds counted. */
static void
join(unsigned which, unsigned slot, struct order_ring *ring,
    uint64_t generation, unsigned pages)
{
	enum seat_joined joined = which == SCREEN
	    ? seat_display(&seat, &console, ring, (uint32_t)generation, pages)
	    : seat_keyboard(&seat, ring, (uint32_t)generation);

	if (joined == SEAT_LATER) {
		put_off(which, generation);
		return;
	}
	if (joined == SEAT_BROKEN)
		accuse(which, generation,
		    "says that it shares more pages than there are");
	ring_slot(slot);
}

/*
 * Become the client of a display or keyboard. A machine without one is not
 * asked again: its drivers are there at the boot or not at all, and one that
 * is started again rings.
 */
static void
connect_seat(unsigned which, unsigned slot, unsigned space)
{
	struct order_ring *ring = space_address(space);
	unsigned           pages = 0;
	uint64_t           generation = 0;
	enum status        st = process_make_notice(
	    REG_PROCESS, driver[which].bit, REG_T2);

	if (st == RC_OK)
		st = devdb_connect(
		    REG_DEVDB, driver[which].class, 0, REG_T2, REG_T0, REG_T1,
		    &generation);
	if (st == RC_OK)
		st = node_swap(REG_NODE, slot, REG_T1, REG_VOID);
	if (st == RC_OK)
		st = space_map(space, REG_T0);
	if (st == RC_STATE)
		ask_again(); /* It is about to be started. */
	if (st != RC_OK)
		return;
	pages = space_pages(REG_T0, ORDER_DATA);
	join(which, slot, ring, generation, pages);
}

static void
look_at_seat(void)
{
	if (seat_stale(&seat.display))
		connect_seat(SCREEN, SLOT_DISPLAY, DISPLAY_RING_SLOT);
	if (seat_stale(&seat.keyboard))
		connect_seat(KEYBOARD, SLOT_KEYBOARD, KEYBOARD_RING_SLOT);
}

/* A doorbell rings for input, for room, and for a new driver instance. */
static void
look_at_lines(void)
{
	for (unsigned i = 0; i < LINES; i++)
		if (console_stale(&console, i))
			connect(i);
}

enum status
console_do_open(struct request *rq)
{
	if (rq->data >= CLIENTS)
		return RC_RIGHTS;
	/* The boot range's shell does not take it from the persistent one. */
	if (console.owner != CLIENT_NOBODY && console.owner > rq->data)
		return RC_TAKEN;
	if (console.owner == CLIENT_NOBODY)
		show_log();
	if (console.reading)
		answer_slot(SLOT_READER, RC_TAKEN, NULL, 0);
	console.reading = false;
	console.opened |= UINT64_C(1) << rq->data;
	console.owner = rq->data;
	return RC_OK;
}

/* Has this client opened the console in this boot? */
static bool
is_open(const struct request *rq)
{
	return rq->data < CLIENTS && (console.opened >> rq->data & 1) != 0;
}

enum status
console_do_write(struct request *rq)
{
	unsigned    place;
	enum status st;

	/* So a client of the last boot learns of the restart before it shows.
	 */
	if (!is_open(rq))
		return RC_STATE;
	st = console_write(
	    &console, rq->data, rq->string, rq->string_bytes, &place);
	if (st != RC_OK)
		return st;
	return request_keep_slot(rq, REG_NODE, place);
}

enum status
console_do_read(struct request *rq)
{
	enum status st;

	if (!is_open(rq))
		return RC_STATE;
	if (console.owner != rq->data)
		return RC_TAKEN;
	/* What was typed is not given to nobody. */
	if (!request_awaited(rq))
		return RC_OK;
	if (reader_waits())
		return RC_BUSY;
	if (console.typed_count > 0) {
		rq->out_bytes = console_take(
		    &console, rq->out_string, rq->out_limit);
		return RC_OK;
	}
	st = request_keep_slot(rq, REG_NODE, SLOT_READER);
	console.reading = st == RC_OK;
	return st;
}

enum status
console_do_state(struct request *rq, uint64_t *connected, uint64_t *lost)
{
	(void)rq;
	*connected = console_connected(&console);
	*lost = console.lost;
	return RC_OK;
}

static void
start(void)
{
	console_init(&console);
	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("console: no notices\n");
		ant_exit();
	}
	look_at_lines();
}

int
main(void)
{
	static uint8_t      received[WRITE_BYTES], reply[256];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	start();
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			rq.status = console_serve(&rq);
		} else {
			if ((rq.word[1] >> BIT_ALARM & 1) != 0) {
				console_again(&console);
				seat_again(&seat);
			}
			look_at_lines();
			look_at_seat();
		}
		tell_urgent(rq.source == FROM_CALL ? 0 : rq.word[1]);
		if (console.owner == CLIENT_NOBODY &&
		    console_connected(&console)) {
			show_log();
			ask_again();
		}
		pump();
		server_next(&sv, &rq);
	}
}
