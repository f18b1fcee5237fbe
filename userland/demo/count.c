/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counts seconds in the background. The count is a variable; that it goes on
 * after a power cut is the system's doing, not this program's.
 *
 * An alarm may be lost to a restart and a notice may come without cause (M10),
 * so each wake-up looks at the clock.
 */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/count.serve.h"
#include "userland/rt/log.h"

enum {
	REG_ALARM = REG_OWN,
	BIT_ALARM = 0,
};

static const uint64_t second = 1000000000;

static struct {
	bool     running;
	uint64_t seconds, restarts;
	uint64_t due; /* Time since boot of the next one. */
} count;

static uint64_t
now(void)
{
	uint64_t t = 0;

	ignore_status(clock_now(REG_CLOCK, &t, NULL, NULL));
	return t;
}

static void
arm(void)
{
	ignore_status(clock_alarm(REG_CLOCK, count.due, REG_ALARM));
}

/* Count what is due; a due time of another boot's clock is set afresh. */
static void
tick(void)
{
	uint64_t t = now();

	if (!count.running)
		return;
	if (t >= count.due && t < count.due + 60 * second) {
		count.seconds++;
		count.due += second;
	} else if (t >= count.due || count.due > t + second) {
		count.due = t + second;
	}
	arm();
}

enum status
count_do_start(struct request *rq)
{
	(void)rq;
	if (!count.running)
		count.due = now() + second;
	count.running = true;
	arm();
	return RC_OK;
}

enum status
count_do_stop(struct request *rq)
{
	(void)rq;
	count.running = false;
	return RC_OK;
}

enum status
count_do_get(struct request *rq, uint64_t *seconds, uint64_t *running,
    uint64_t *restarts)
{
	(void)rq;
	tick();
	*seconds = count.seconds;
	*running = count.running;
	*restarts = count.restarts;
	return RC_OK;
}

enum status
count_do_reset(struct request *rq)
{
	(void)rq;
	count.seconds = 0;
	return RC_OK;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("count: no notice\n");
		ant_exit();
	}
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			rq.status = count_serve(&rq);
		} else {
			if ((rq.word[1] >> NOTICE_BIT_RESTARTED & 1) != 0)
				count.restarts++;
			tick();
		}
		server_next(&sv, &rq);
	}
}
