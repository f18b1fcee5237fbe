/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server's side of an invocation: wait, look, answer.
 *
 *     struct server  sv = {.receive = buffer, .receive_limit = sizeof(buffer)};
 *     struct request rq;
 *
 *     server_wait(&sv, &rq);
 *     for (;;) {
 *         if (rq.source == FROM_NOTICE)
 *             ... rq.word[1] holds the notice bits ...
 *         else
 *             rq.status = bank_serve(&rq);
 *         server_next(&sv, &rq);
 *     }
 *
 * Invariants:
 *  1. Between server_wait or server_next and the next one, REG_RESUME is the
 *     right to answer rq, unless request_keep moved it away, or void, if an
 *     answer by it could wait: nobody can hold a server up by that.
 *  2. What a server does not set in the answer is 0, void or empty; with a
 *     status other than RC_OK all of it is, unless the request is `whole`: then
 *     the status is an order to a restart capability, and goes with its string.
 */
#ifndef USERLAND_RT_SERVER_H
#define USERLAND_RT_SERVER_H

#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	REQUEST_CAPS = 3, /* The fourth is the resume capability. */
};

struct request {
	/* What came. */
	enum invoke_source source;
	uint16_t           data; /* Of the start capability invoked. */
	uint64_t           word[MESSAGE_WORDS];
	const void        *string;
	size_t             string_bytes;
	bool               truncated; /* More was sent than was received. */
	unsigned           caps;      /* Bit i: REG_IN0 + i is not void. */

	/* The answer. */
	enum status status;
	uint64_t    out[MESSAGE_WORDS]; /* 1-4; 0 is the status. */
	void       *out_string;
	size_t      out_limit; /* What the order and the buffer allow. */
	size_t      out_bytes;
	capreg      out_cap[REQUEST_CAPS];
	bool        kept; /* Somebody answers later; see request_keep. */
	bool        whole; /* With another status, too: see 2. */

	void  *reply_buffer; /* The server's, lent to each request. */
	size_t reply_buffer_bytes;
};

struct server {
	void  *receive; /* Where strings arrive. */
	size_t receive_limit;
	void  *reply; /* Where orders put the string of their answer. */
	size_t reply_bytes;
};

/* Become available; returns with the first request or notice. */
void server_wait(const struct server *sv, struct request *rq);

/*
 * Answer rq (not if it was kept, or is a notice), and wait for the next one,
 * in one invocation.
 */
void server_next(const struct server *sv, struct request *rq);

/*
 * Keep the right to answer in another register, to answer later with
 * server_answer; server_next will not answer.
 */
enum status request_keep(struct request *rq, capreg where) must_check;

/* The same, in a slot of a node. */
enum status request_keep_slot(
    struct request *rq, capreg node, unsigned slot) must_check;

/*
 * Answer what was kept, without waiting for anything. words, if not NULL, are
 * the MESSAGE_WORDS of the answer, 1-4 as in request.out; st is word 0.
 */
void server_answer(capreg resume, enum status st, const uint64_t *words,
    const void *string, size_t bytes, capreg cap);

/* Is the request's string whole and of an allowed length? */
static inline bool
request_string(const struct request *rq, size_t least, size_t most)
{
	return !rq->truncated && rq->string_bytes >= least &&
	    rq->string_bytes <= most;
}

static inline bool
request_has_cap(const struct request *rq, unsigned i)
{
	return (rq->caps >> i & 1) != 0;
}

/* Does somebody wait for the answer? Not if it was only sent. */
static inline bool
request_awaited(const struct request *rq)
{
	return !rq->kept;
}

/* Give the order a place for the string of its answer. */
static inline void
request_out_string(struct request *rq, size_t most)
{
	rq->out_string = rq->reply_buffer;
	rq->out_limit = rq->reply_buffer_bytes < most ? rq->reply_buffer_bytes
						      : most;
}

#endif
