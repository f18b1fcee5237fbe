/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiler of the confused deputy (N. Hardy, 1988): it may write its bill,
 * which its clients may not, and it writes output where its clients say.
 */
#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/rt/idl/deputy.serve.h"

enum {
	FILE_NAME = 16,
	FILE_NONE = NODE_SLOTS,
};

/* Files that the compiler can write, by the slot of REG_NODE. */
static const char *const files[] = {"bill", "listing"};
static const char        output[] = "compiled";

static unsigned
find(const char *name)
{
	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (strcmp(files[i], name) == 0)
			return i;
	return FILE_NONE;
}

static enum status
charge(void)
{
	static const char bill[] = "one compilation";
	enum status       st = node_get(REG_NODE, 0, REG_IN1);

	return st == RC_OK ? page_write(REG_IN1, 0, bill, sizeof(bill)) : st;
}

enum status
deputy_do_compile_named(struct request *rq)
{
	char        name[FILE_NAME] = {0};
	unsigned    file;
	enum status st;

	memcpy(name, rq->string, rq->string_bytes);
	file = find(name);
	if (file == FILE_NONE)
		return RC_NOT_FOUND;
	st = charge();
	if (st == RC_OK)
		st = node_get(REG_NODE, file, REG_IN2);
	return st == RC_OK ? page_write(REG_IN2, 0, output, sizeof(output))
			   : st;
}

enum status
deputy_do_compile(struct request *rq)
{
	uint64_t    kind;
	enum status st;

	(void)rq;
	/* A client's process is not called: it might not answer. */
	st = discrim_classify(REG_DISCRIM, REG_IN0, &kind, NULL, NULL);
	if (st == RC_OK && kind != CK_PAGE)
		st = RC_CAPABILITY;
	if (st == RC_OK)
		st = charge();
	return st == RC_OK ? page_write(REG_IN0, 0, output, sizeof(output))
			   : st;
}

int
main(void)
{
	static char         name[FILE_NAME];
	const struct server sv = {
	    .receive = name,
	    .receive_limit = sizeof(name),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = deputy_serve(&rq);
		server_next(&sv, &rq);
	}
}
