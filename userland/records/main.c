/* SPDX-License-Identifier: BSD-2-Clause */
/* A record collection: a domain for each, made by a constructor. */
#include <string.h>

#include "kernel/abi/process.stub.h"
#include "userland/lib/collection.h"
#include "userland/rt/idl/records.serve.h"

enum {
	DATA_VIEWER = 1,
	MEMORY_SLOT = 1, /* Of the address space. */
};

static struct collection collection;
static uint8_t           reply[DATA_BYTES];

static enum status
find(const struct request *rq, unsigned *at)
{
	return table_find(
	    &collection.table, rq->string, rq->string_bytes, at);
}

static enum status
may_change(const struct request *rq)
{
	return rq->data == DATA_VIEWER ? RC_RIGHTS : RC_OK;
}

enum status
records_do_put(struct request *rq, uint64_t key_bytes)
{
	const uint8_t *key = rq->string;
	unsigned       at;
	enum status    st = may_change(rq);

	if (st != RC_OK)
		return st;
	if (key_bytes == 0 || key_bytes > KEY_BYTES ||
	    key_bytes > rq->string_bytes ||
	    rq->string_bytes - key_bytes > DATA_BYTES)
		return RC_ARGUMENT;
	st = collection_have(&collection, key, key_bytes, &at);
	return st == RC_OK
	    ? collection_set_data(&collection, at, key + key_bytes,
		  rq->string_bytes - key_bytes)
	    : st;
}

enum status
records_do_put_cap(struct request *rq)
{
	unsigned    at;
	enum status st = may_change(rq);

	if (st == RC_OK)
		st = collection_have(
		    &collection, rq->string, rq->string_bytes, &at);
	return st == RC_OK ? collection_set_cap(&collection, at, REG_IN0) : st;
}

enum status
records_do_get(struct request *rq, uint64_t *is_capability)
{
	const struct record *r;
	unsigned             at;
	enum status          st = find(rq, &at);

	if (st != RC_OK)
		return st;
	r = table_record(&collection.table, at);
	*is_capability = r->is_cap;
	if (r->is_cap) {
		rq->out_cap[0] = REG_IN1;
		return collection_cap(&collection, at, REG_IN1);
	}
	memcpy(rq->out_string, r->data, r->data_bytes);
	rq->out_bytes = r->data_bytes;
	return RC_OK;
}

enum status
records_do_next(struct request *rq, uint64_t *is_capability)
{
	const struct record *r;
	unsigned             at;

	if (find(rq, &at) == RC_OK)
		at++;
	if (at >= collection.table.count)
		return RC_NOT_FOUND;
	r = table_record(&collection.table, at);
	*is_capability = r->is_cap;
	memcpy(rq->out_string, r->key, r->key_bytes);
	rq->out_bytes = r->key_bytes;
	return RC_OK;
}

enum status
records_do_remove(struct request *rq)
{
	unsigned    at;
	enum status st = may_change(rq);

	if (st == RC_OK)
		st = find(rq, &at);
	return st == RC_OK ? collection_remove(&collection, at) : st;
}

enum status
records_do_count(struct request *rq, uint64_t *count)
{
	(void)rq;
	*count = collection.table.count;
	return RC_OK;
}

enum status
records_do_viewer(struct request *rq)
{
	rq->out_cap[0] = REG_IN1;
	return process_make_start(REG_PROCESS, DATA_VIEWER, REG_IN1);
}

int
main(void)
{
	static uint8_t      received[KEY_BYTES + DATA_BYTES];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	collection_init(&collection, MEMORY_SLOT);
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = records_serve(&rq);
		server_next(&sv, &rq);
	}
}
