/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pipe: a domain for each, made by a constructor. Who waits has his resume
 * capability in a slot of the node in REG_WAIT: readers in the lower half.
 *
 * A writer's bytes are not kept while he waits: he is told when there is
 * room, and sends them again. So a waiting writer costs a slot, not a page.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/pipe/pipe.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/pipe.serve.h"
#include "userland/rt/slot.h"

enum {
	REG_WAIT = REG_OWN,
	REG_WHO = REG_OWN + 1,
	DATA_READER = 1,
	DATA_WRITER = 2,
};

static struct pipe pipe;
static uint8_t     received[PIPE_BYTES], reply[PIPE_BYTES];

static unsigned
slot_of(enum pipe_end end, unsigned place)
{
	return end * PIPE_WAITERS + place;
}

/* Does he still wait? He may have been stopped or destroyed meanwhile. */
static bool
is_there(void)
{
	uint64_t kind = CK_VOID;

	return discrim_classify(REG_DISCRIM, REG_WHO, &kind, NULL, NULL) ==
	    RC_OK &&
	    kind == CK_RESUME;
}

/* A full queue: who does not wait any more makes room, the order stays. */
static void
forget_dead(enum pipe_end end)
{
	const struct waiters *w = &pipe.wait[end];

	for (unsigned n = w->count; n > 0; n--) {
		unsigned place = w->first;
		size_t   most = w->most[place];

		pipe_served(&pipe, end);
		if (node_swap(REG_WAIT, slot_of(end, place), REG_VOID,
			REG_WHO) == RC_OK &&
		    is_there() &&
		    pipe_queue(&pipe, end, most, &place) == RC_OK)
			ignore_status(node_swap(REG_WAIT, slot_of(end, place),
			    REG_WHO, REG_VOID));
	}
}

/* Keep who asks at an end. */
static enum status
queue(struct request *rq, enum pipe_end end, size_t most)
{
	static bool begun;
	unsigned    place;
	enum status st = RC_OK;

	if (!begun)
		st = bank_node(REG_BANK, REG_WAIT);
	begun |= st == RC_OK;
	if (st == RC_OK)
		st = pipe_queue(&pipe, end, most, &place);
	if (st == RC_BUSY) {
		forget_dead(end);
		st = pipe_queue(&pipe, end, most, &place);
	}
	return st == RC_OK
	    ? request_keep_slot(rq, REG_WAIT, slot_of(end, place))
	    : st;
}

static void
serve_reader(size_t most)
{
	size_t n = pipe_take(&pipe, reply, most);

	server_answer(REG_WHO, pipe.closed[END_READER] ? RC_STATE : RC_OK,
	    NULL, reply, n, REG_VOID);
}

static void
serve_writer(void)
{
	const uint64_t taken[MESSAGE_WORDS] = {0};
	bool closed = pipe.closed[END_READER] || pipe.closed[END_WRITER];

	server_answer(
	    REG_WHO, closed ? RC_STATE : RC_OK, taken, NULL, 0, REG_VOID);
}

/* Tell those who can go on, one of each end after the other, from one on. */
static void
serve_waiters(enum pipe_end from)
{
	unsigned place;
	size_t   most;

	for (unsigned end = from; end < END_COUNT; end++) {
		while (pipe_next(&pipe, end, &place, &most)) {
			pipe_served(&pipe, end);
			if (node_swap(REG_WAIT, slot_of(end, place), REG_VOID,
				REG_WHO) != RC_OK ||
			    !is_there())
				continue;
			if (end == END_READER)
				serve_reader(most);
			else
				serve_writer();
		}
	}
}

enum status
pipe_do_ends(struct request *rq)
{
	enum status st;

	if (rq->data != 0)
		return RC_RIGHTS;
	rq->out_cap[0] = REG_IN1;
	rq->out_cap[1] = REG_IN2;
	st = process_make_start(REG_PROCESS, DATA_READER, REG_IN1);
	return st == RC_OK
	    ? process_make_start(REG_PROCESS, DATA_WRITER, REG_IN2)
	    : st;
}

enum status
pipe_do_read(struct request *rq, uint64_t most)
{
	if (rq->data == DATA_WRITER)
		return RC_RIGHTS;
	if (most == 0)
		return RC_ARGUMENT;
	if (pipe.closed[END_READER])
		return RC_STATE;
	if (most > rq->out_limit)
		most = rq->out_limit;
	if (pipe.used == 0 && !pipe.closed[END_WRITER])
		return queue(rq, END_READER, most);
	rq->out_bytes = pipe_take(&pipe, rq->out_string, most);
	return RC_OK;
}

enum status
pipe_do_write(struct request *rq, uint64_t *taken)
{
	if (rq->data == DATA_READER)
		return RC_RIGHTS;
	if (pipe.closed[END_READER] || pipe.closed[END_WRITER])
		return RC_STATE;
	if (pipe.used == PIPE_BYTES)
		return queue(rq, END_WRITER, 0);
	*taken = pipe_put(&pipe, rq->string, rq->string_bytes);
	return RC_OK;
}

enum status
pipe_do_hang_up(struct request *rq)
{
	if (rq->data != DATA_WRITER)
		pipe.closed[END_READER] = true;
	if (rq->data != DATA_READER)
		pipe.closed[END_WRITER] = true;
	return RC_OK;
}

enum status
pipe_do_state(struct request *rq, uint64_t *bytes, uint64_t *readers,
    uint64_t *writers, uint64_t *closed)
{
	(void)rq;
	*bytes = pipe.used;
	*readers = pipe.wait[END_READER].count;
	*writers = pipe.wait[END_WRITER].count;
	*closed = (pipe.closed[END_READER] ? DATA_READER : 0u) |
	    (pipe.closed[END_WRITER] ? DATA_WRITER : 0u);
	return RC_OK;
}

int
main(void)
{
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			rq.status = pipe_serve(&rq);
			/* What this one did may let others go on. Where one
			 * gets bytes no other reader waits, and the buffer
			 * of its answer is in use. */
			serve_waiters(
			    rq.out_bytes == 0 ? END_READER : END_WRITER);
		}
		server_next(&sv, &rq);
	}
}
