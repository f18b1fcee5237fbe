/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timer: one domain for all. Who sleeps, and the notices, are in the
 * shelf, each in the place of its entry's number.
 *
 * Whoever asks by a handle (clients.c) is a client of his own, whose number is
 * the data of what is invoked; all others are client 0.
 *
 * An alarm may be lost to a restart, and may come without cause (M10): each
 * notice makes it look at the clock and set the alarm anew. Times are those
 * of running, so that a restart takes nothing from them and adds nothing.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/timer.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/timer/clients.h"

enum {
	REG_ALARM = REG_OWN,
	BIT_ALARM = 0,
	AT_ONCE = 64, /* Told between two requests. */
};

static const uint64_t least_period = 1000000;

struct times times;
struct shelf shelf = {
    .top = REG_OWN + 1,
    .scratch = {REG_OWN + 2, REG_OWN + 3},
};

static void
now(uint64_t *boot, uint64_t *running)
{
	*boot = *running = 0;
	ignore_status(clock_now(REG_CLOCK, boot, running, NULL));
}

/* Have the alarm go off when the first is due, but not sooner than that. */
static void
arm(uint64_t soonest)
{
	uint64_t boot, running, due;
	unsigned number;

	if (!times_first(&times, &number, &due)) {
		ignore_status(clock_cancel(REG_CLOCK, REG_ALARM));
		return;
	}
	now(&boot, &running);
	due = due > running ? due - running : 0;
	if (due < soonest)
		due = soonest;
	if (boot + due < boot)
		due = UINT64_MAX - boot;
	ignore_status(clock_alarm(REG_CLOCK, boot + due, REG_ALARM));
}

static void
forget(unsigned number)
{
	times_remove(&times, number);
	ignore_status(shelf_put(&shelf, number, REG_VOID));
}

void
forget_client(unsigned client)
{
	for (unsigned i = 0; i < TIMES; i++) {
		if (!times_uses(&times, i) || times.entry[i].client != client)
			continue;
		if (!times.entry[i].notice &&
		    shelf_get(&shelf, i, REG_RT) == RC_OK)
			server_answer(REG_RT, RC_VOID, NULL, NULL, 0, REG_VOID);
		forget(i);
	}
	arm(0);
}

/* Who sleeps is answered; false if nobody hears the notice any more. */
static bool
tell_one(const struct time_entry *e)
{
	struct message m = {.control = control_make(INVOKE_SEND, REG_RT)};

	if (!e->notice) {
		server_answer(REG_RT, RC_OK, NULL, NULL, 0, REG_VOID);
		return true;
	}
	ant_invoke_words(&m);
	return message_status(&m) != RC_VOID &&
	    message_status(&m) != RC_RESTARTED;
}

static void
tell(unsigned number, uint64_t running)
{
	const struct time_entry *e = &times.entry[number];
	bool heard = shelf_get(&shelf, number, REG_RT) == RC_OK &&
	    tell_one(e);

	if (e->period != 0 && heard)
		times_again(&times, number, running);
	else
		forget(number);
}

/*
 * Tell those who are due, but not for ever: others may want something, and
 * some not to us. Who has a thousand short periods is told late.
 */
static void
tick(void)
{
	uint64_t boot, running, due;
	unsigned number, told;

	now(&boot, &running);
	for (told = 0; told < AT_ONCE; told++) {
		if (!times_first(&times, &number, &due) || due > running)
			break;
		tell(number, running);
	}
	arm(told < AT_ONCE ? 0 : least_period);
}

/* Is there somebody yet who would be told? */
static bool
is_there(unsigned number)
{
	uint64_t kind = CK_VOID;

	return shelf_get(&shelf, number, REG_RT) == RC_OK &&
	    discrim_classify(REG_DISCRIM, REG_RT, &kind, NULL, NULL) ==
	    RC_OK &&
	    (kind == CK_RESUME || kind == CK_NOTICE);
}

/* The client's places are taken: those of the dead are free. */
static void
forget_dead(void)
{
	for (unsigned i = 0; i < TIMES; i++)
		if (times_uses(&times, i) && !is_there(i))
			forget(i);
}

/* An entry for what is to be kept, which is put into the shelf next. */
static enum status
have_entry(unsigned client, unsigned *number)
{
	enum status st = times_room(&times, client, number);

	if (st == RC_LIMIT) {
		forget_dead();
		st = times_room(&times, client, number);
	}
	return st == RC_OK ? shelf_room(&shelf, *number) : st;
}

static void
add(unsigned client, uint64_t nanoseconds, uint64_t period, bool notice,
    uint64_t bit)
{
	uint64_t boot, running;

	now(&boot, &running);
	if (nanoseconds > UINT64_MAX / 2)
		nanoseconds = UINT64_MAX / 2; /* 292 years. */
	times_add(&times,
	    &(struct time_entry){
		.due = running + nanoseconds,
		.period = period,
		.notice = notice,
		.bit = (uint8_t)bit,
		.client = (uint8_t)client,
	    });
	arm(0);
}

enum status
timer_do_sleep(struct request *rq, uint64_t nanoseconds)
{
	unsigned    number;
	enum status st;

	if (!request_awaited(rq)) /* Nobody to be woken. */
		return RC_STATE;
	st = have_entry(rq->data, &number);
	if (st == RC_OK)
		st = shelf_put(&shelf, number, REG_RESUME);
	if (st != RC_OK)
		return st;
	rq->kept = true;
	add(rq->data, nanoseconds, 0, false, 0);
	return RC_OK;
}

/* The entry of a notice of that bit, which is REG_IN0. */
static bool
find(uint64_t bit, unsigned *number)
{
	uint64_t same = 0;

	for (unsigned i = 0; i < times.count; i++) {
		*number = times.heap[i];
		if (times.entry[*number].notice &&
		    times.entry[*number].bit == bit &&
		    shelf_get(&shelf, *number, REG_RT) == RC_OK &&
		    discrim_compare(REG_DISCRIM, REG_IN0, REG_RT, &same) ==
			RC_OK &&
		    same == 1)
			return true;
	}
	return false;
}

enum status
timer_do_notify(struct request *rq, uint64_t nanoseconds, uint64_t period)
{
	uint64_t    kind, bit;
	unsigned    number, old;
	enum status st = RC_OK;
	bool        again;

	if (period != 0 && period < least_period)
		return RC_ARGUMENT;
	/* All else might have to be waited for. */
	st = discrim_classify(REG_DISCRIM, REG_IN0, &kind, NULL, &bit);
	if (st != RC_OK || kind != CK_NOTICE)
		return st != RC_OK ? st : RC_CAPABILITY;
	again = find(bit, &old);
	/* One of another client's makes no room for this one. */
	if (!again || times.entry[old].client != rq->data)
		st = have_entry(rq->data, &number);
	if (st != RC_OK)
		return st;
	/* The dead may have gone meanwhile, but the notice is not dead. */
	if (again)
		forget(old);
	st = have_entry(rq->data, &number);
	if (st == RC_OK)
		st = shelf_put(&shelf, number, REG_IN0);
	if (st == RC_OK)
		add(rq->data, nanoseconds, period, true, bit);
	return st;
}

enum status
timer_do_cancel(struct request *rq)
{
	uint64_t bit = 0;
	unsigned number;

	(void)rq;
	if (discrim_classify(REG_DISCRIM, REG_IN0, NULL, NULL, &bit) != RC_OK ||
	    !find(bit, &number))
		return RC_NOT_FOUND;
	forget(number);
	arm(0);
	return RC_OK;
}

enum status
timer_do_waiting(struct request *rq, uint64_t *count)
{
	*count = rq->data == 0 ? times.count : times.held[rq->data];
	return RC_OK;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	times_init(&times);
	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("timer: no notice\n");
		ant_exit();
	}
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = client_is(rq.data) ? timer_serve(&rq)
						       : RC_RIGHTS;
		else
			tick();
		server_next(&sv, &rq);
	}
}
