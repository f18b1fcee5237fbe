/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receiver's side of frame.h: one thing at a time, handed on as it comes
 * to who knows what to do with it. Pure: the domain supplies the sink.
 *
 *            BEGIN          DATA: in order        END
 *     IDLE --------> OPEN --------------> OPEN --------> IDLE
 *
 * Any BEGIN starts anew; anything else in IDLE is answered with RC_STATE.
 */
#ifndef USERLAND_PUSH_RECEIVE_H
#define USERLAND_PUSH_RECEIVE_H

#include "kernel/abi/status.h"
#include "userland/push/frame.h"

enum { RECEIVE_TEXT = 256 };

/* Where things go: a kind's own functions. text has RECEIVE_TEXT bytes. */
struct sink {
	enum status (*data)(uint32_t offset, const void *bytes, size_t length);
	/* All is there; says what became of it. */
	enum status (*end)(const struct frame_begin *what, char *text);
};

struct receiver {
	struct frame_reader reader;
	struct frame        answer; /* The last one, to be given again. */
	bool                answered, open;
	uint8_t             type; /* Of the frame that was answered last. */
	struct frame_begin  what;
	uint32_t            offset;
	const struct sink  *sink;
};

/* NULL: nobody takes this kind. */
typedef const struct sink *(*sink_for)(uint32_t kind);

/*
 * One byte of the line; true: r->answer is to be sent. It may be the same as
 * before.
 */
bool receive_byte(struct receiver *r, uint8_t byte, sink_for find);

#endif
