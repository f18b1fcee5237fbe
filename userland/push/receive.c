/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/push/receive.h"

#include <string.h>

static void
answer(
    struct receiver *r, const struct frame *f, enum status st, const char *text)
{
	size_t   n = strnlen(text, RECEIVE_TEXT - 1);
	uint32_t code = (uint32_t)st;

	r->answer.type = FRAME_ANSWER;
	r->answer.number = f->number;
	r->answer.length = (uint16_t)(4 + n);
	memcpy(r->answer.payload, &code, 4);
	memcpy(r->answer.payload + 4, text, n);
	r->answered = true;
	r->type = f->type;
}

static enum status
begin(struct receiver *r, const struct frame *f, sink_for find)
{
	r->open = false;
	if (f->length != sizeof(r->what))
		return RC_ARGUMENT;
	memcpy(&r->what, f->payload, sizeof(r->what));
	if (r->what.version != FRAME_VERSION || r->what.bytes == 0 ||
	    memchr(r->what.name, 0, FRAME_NAME) == NULL)
		return RC_ARGUMENT;
	r->sink = find(r->what.kind);
	if (r->sink == NULL)
		return RC_UNSUPPORTED;
	r->offset = 0;
	r->open = true;
	return RC_OK;
}

static enum status
data(struct receiver *r, const struct frame *f)
{
	uint32_t    offset;
	size_t      bytes;
	enum status st;

	if (!r->open)
		return RC_STATE;
	if (f->length <= 4)
		return RC_ARGUMENT;
	memcpy(&offset, f->payload, 4);
	bytes = f->length - 4u;
	if (offset != r->offset || bytes > r->what.bytes - offset)
		return RC_ARGUMENT;
	st = r->sink->data(offset, f->payload + 4, bytes);
	if (st == RC_OK)
		r->offset += (uint32_t)bytes;
	else
		r->open = false;
	return st;
}

static enum status
end(struct receiver *r, char *text)
{
	if (!r->open || r->offset != r->what.bytes)
		return RC_STATE;
	r->open = false;
	return r->sink->end(&r->what, text);
}

/* Its sender has not heard our answer, and sends again. */
static bool
repeated(const struct receiver *r, const struct frame *f)
{
	return r->answered && f->number == r->answer.number &&
	    f->type == r->type && f->type != FRAME_BEGIN;
}

bool
receive_byte(struct receiver *r, uint8_t byte, sink_for find)
{
	struct frame f;
	char         text[RECEIVE_TEXT] = "";
	enum status  st;

	if (!frame_read(&r->reader, byte, &f))
		return false;
	if (repeated(r, &f))
		return true;
	switch (f.type) {
	case FRAME_BEGIN:
		st = begin(r, &f, find);
		break;
	case FRAME_DATA:
		st = data(r, &f);
		break;
	case FRAME_END:
		st = end(r, text);
		break;
	default:
		st = RC_ORDER;
		break;
	}
	answer(r, &f, st, text);
	return true;
}
