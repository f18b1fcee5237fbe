/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocation as C sees it: the one way out of a domain.
 *
 * A SYSCALL instruction stands in userland/rt/invoke.S and nowhere else; the
 * build checks that. The generated stubs fill a struct message and call it.
 */
#ifndef USERLAND_RT_INVOKE_H
#define USERLAND_RT_INVOKE_H

#include "kernel/abi/invoke.h"
#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

/* The number of a capability register, 0 to 15; 0 always holds void. */
typedef unsigned capreg;

/*
 * Both directions of an invocation. The offsets are known to invoke.S.
 */
struct message {
	uint64_t    control; /* In: see kernel/abi/invoke.h. Out: the result. */
	uint64_t    word[MESSAGE_WORDS]; /* 0: order, then result code. */
	const void *send;
	uint32_t    send_bytes;    /* At most STRING_MAX. */
	uint32_t    receive_limit; /* What is longer is truncated. */
	void       *receive;
};

_Static_assert(offsetof(struct message, word) == 8, "invoke.S");
_Static_assert(offsetof(struct message, send) == 48, "invoke.S");
_Static_assert(offsetof(struct message, send_bytes) == 56, "invoke.S");
_Static_assert(offsetof(struct message, receive_limit) == 60, "invoke.S");
_Static_assert(offsetof(struct message, receive) == 64, "invoke.S");

/* Invoke; on return m holds what came back, and control the result. */
void ant_invoke(struct message *m);

/* The same without a string in either direction: fewer instructions. */
void ant_invoke_words(struct message *m);

/*
 * A result code is word 0, whose upper bits a server must not use to pass
 * for success.
 */
static inline enum status
message_status(const struct message *m)
{
	return m->word[0] <= INT32_MAX ? (enum status)m->word[0] : RC_ARGUMENT;
}

static inline enum status
ant_call(struct message *m)
{
	ant_invoke(m);
	return message_status(m);
}

static inline enum status
ant_call_words(struct message *m)
{
	ant_invoke_words(m);
	return message_status(m);
}

/* A size as a message carries it; too large stays too large. */
static inline uint32_t
message_bytes(size_t bytes)
{
	return bytes <= UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

/* Bytes of the string that came back. */
static inline size_t
message_received(const struct message *m)
{
	return m->control >> RESULT_LENGTH_SHIFT & RESULT_LENGTH_MASK;
}

static inline bool
message_truncated(const struct message *m)
{
	return (m->control & RESULT_TRUNCATED) != 0;
}

/* Did the i-th received capability hold something other than void? */
static inline bool
message_has_cap(const struct message *m, unsigned i)
{
	return (m->control >> (RESULT_RECEIVED_SHIFT + i) & 1) != 0;
}

/* Does an answer by the fourth capability never wait? */
static inline bool
message_awaited(const struct message *m)
{
	return (m->control & RESULT_AWAITED) != 0;
}

static inline enum invoke_source
message_source(const struct message *m)
{
	return (enum invoke_source)(m->control & RESULT_SOURCE_MASK);
}

/* The data of the start capability that was invoked. */
static inline uint16_t
message_data(const struct message *m)
{
	return (uint16_t)(m->control >> RESULT_DATA_SHIFT);
}

/* For the few places where a failure changes nothing. */
static inline void
ignore_status(enum status st)
{
	(void)st;
}

#endif
