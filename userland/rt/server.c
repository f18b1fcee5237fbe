/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/server.h"

#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"

static uint64_t
wait_control(capreg to)
{
	return control_make(INVOKE_RETURN, to) | CONTROL_RECEIVE(0, REG_IN0) |
	    CONTROL_RECEIVE(1, REG_IN1) | CONTROL_RECEIVE(2, REG_IN2) |
	    CONTROL_RECEIVE(3, REG_RESUME);
}

/*
 * Who sends a request can put anything where the right to answer should be: a
 * start capability of a process that is never available would hold us up for
 * ever. Then nobody is answered, now or later.
 */
static void
nobody_waits(struct request *rq)
{
	ignore_status(process_swap(REG_PROCESS, REG_RESUME, REG_VOID, REG_VOID));
	rq->kept = true;
}

/* Send m and take what comes next apart. */
static void
exchange(const struct server *sv, struct request *rq, struct message *m)
{
	m->receive = sv->receive;
	m->receive_limit = message_bytes(sv->receive_limit);
	ant_invoke(m);
	*rq = (struct request){
	    .source = message_source(m),
	    .data = message_data(m),
	    .string = sv->receive,
	    .string_bytes = message_received(m),
	    .truncated = message_truncated(m),
	    .status = RC_OK,
	    .reply_buffer = sv->reply,
	    .reply_buffer_bytes = sv->reply_bytes,
	};
	memcpy(rq->word, m->word, sizeof(rq->word));
	for (unsigned i = 0; i < REQUEST_CAPS; i++)
		if (message_has_cap(m, i))
			rq->caps |= 1u << i;
	if (rq->source == FROM_CALL && !message_awaited(m))
		nobody_waits(rq);
}

void
server_wait(const struct server *sv, struct request *rq)
{
	struct message m = {.control = wait_control(REG_VOID)};

	exchange(sv, rq, &m);
}

void
server_next(const struct server *sv, struct request *rq)
{
	struct message m = {.control = wait_control(REG_VOID)};

	if (rq->source != FROM_CALL || rq->kept) {
		exchange(sv, rq, &m);
		return;
	}
	m.control = wait_control(REG_RESUME);
	m.word[0] = (uint64_t)rq->status;
	if (rq->status == RC_OK || rq->whole) {
		/* An order that failed gives nothing away. */
		for (unsigned i = 0; i < REQUEST_CAPS; i++)
			m.control |= CONTROL_SEND(i, rq->out_cap[i]);
		memcpy(&m.word[1], &rq->out[1],
		    (MESSAGE_WORDS - 1) * sizeof(m.word[0]));
		m.send = rq->out_string;
		m.send_bytes = message_bytes(rq->out_bytes);
	}
	exchange(sv, rq, &m);
}

enum status
request_keep(struct request *rq, capreg where)
{
	enum status st;

	st = process_swap(REG_PROCESS, where, REG_RESUME, REG_VOID);
	if (st == RC_OK)
		rq->kept = true;
	return st;
}

enum status
request_keep_slot(struct request *rq, capreg node, unsigned slot)
{
	enum status st;

	st = node_swap(node, slot, REG_RESUME, REG_VOID);
	if (st == RC_OK)
		rq->kept = true;
	return st;
}

void
server_answer(capreg resume, enum status st, const uint64_t *words,
    const void *string, size_t bytes, capreg cap)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, resume) | CONTROL_SEND(0, cap),
	    .word = {(uint64_t)st},
	    .send = string,
	    .send_bytes = message_bytes(bytes),
	};

	if (words != NULL)
		memcpy(&m.word[1], &words[1],
		    (MESSAGE_WORDS - 1) * sizeof(*words));
	ant_invoke(&m);
}
