/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory: a domain for each, made by a constructor. */
#include <string.h>

#include "kernel/abi/process.stub.h"
#include "userland/lib/collection.h"
#include "userland/rt/idl/directory.serve.h"

enum {
	DATA_VIEWER = 1,
	MEMORY_SLOT = 1, /* Of the address space. */
};

static struct collection names;
static uint8_t           reply[KEY_BYTES];

static enum status
find(const struct request *rq, unsigned *at)
{
	return table_find(&names.table, rq->string, rq->string_bytes, at);
}

static enum status
may_change(const struct request *rq)
{
	return rq->data == DATA_VIEWER ? RC_RIGHTS : RC_OK;
}

enum status
directory_do_bind(struct request *rq)
{
	unsigned    at;
	enum status st = may_change(rq);

	if (st == RC_OK && find(rq, &at) == RC_OK)
		st = RC_EXISTS;
	if (st == RC_OK)
		st = collection_have(
		    &names, rq->string, rq->string_bytes, &at);
	return st == RC_OK ? collection_set_cap(&names, at, REG_IN0) : st;
}

enum status
directory_do_rebind(struct request *rq)
{
	unsigned    at;
	enum status st = may_change(rq);

	if (st == RC_OK)
		st = find(rq, &at);
	return st == RC_OK ? collection_set_cap(&names, at, REG_IN0) : st;
}

enum status
directory_do_unbind(struct request *rq)
{
	unsigned    at;
	enum status st = may_change(rq);

	if (st == RC_OK)
		st = find(rq, &at);
	return st == RC_OK ? collection_remove(&names, at) : st;
}

enum status
directory_do_lookup(struct request *rq)
{
	unsigned    at;
	enum status st = find(rq, &at);

	rq->out_cap[0] = REG_IN1;
	return st == RC_OK ? collection_cap(&names, at, REG_IN1) : st;
}

enum status
directory_do_name(struct request *rq, uint64_t index)
{
	const struct record *r;

	if (index >= names.table.count)
		return RC_NOT_FOUND;
	r = table_record(&names.table, (unsigned)index);
	memcpy(rq->out_string, r->key, r->key_bytes);
	rq->out_bytes = r->key_bytes;
	return RC_OK;
}

enum status
directory_do_viewer(struct request *rq)
{
	rq->out_cap[0] = REG_IN1;
	return process_make_start(REG_PROCESS, DATA_VIEWER, REG_IN1);
}

int
main(void)
{
	static uint8_t      received[KEY_BYTES];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	collection_init(&names, MEMORY_SLOT);
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = directory_serve(&rq);
		server_next(&sv, &rq);
	}
}
