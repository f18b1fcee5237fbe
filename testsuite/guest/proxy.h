/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A transparent proxy in front of every capability that a test holds.
 *
 * In the second run the worker is given no capability but start capabilities
 * of proxy processes: each message to one goes on to what it stands for, and
 * each capability that comes back is wrapped likewise (a membrane). The data
 * of such a start capability is an index into one table of what is stood for.
 *
 * Two sorts of process, because a proxy must not wait for what it serves. The
 * first (instance 0) stands for what the kernel answers: it calls and passes
 * the answer on, which takes no time that anybody could wait for. The others
 * stand for domains: they send the message on together with the caller's own
 * resume capability, so the answer goes past them, and one that waits for a
 * busy server keeps up only those who wait for the same server. Each is used
 * for a few start capabilities; only instance 0 changes the table.
 *
 * proxy.def says where the kernel looks into a capability itself, so that the
 * real one has to be there, and what a proxy cannot imitate.
 */
#ifndef TESTSUITE_GUEST_PROXY_H
#define TESTSUITE_GUEST_PROXY_H

#include "testsuite/guest/guest.h"

enum {
	PROXY_SERVERS = 16,   /* In front of domains. */
	PROXY_MOST = 1 << 14, /* Capabilities stood for, in one test. */
	PROXY_WRAP = 0xffff,  /* Data of instance 0's own service. */
	POOL_SCRATCH = 31,    /* A slot of P_POOL; below are the processes. */
};

/* Is this the second run? For the supervisor. */
bool proxy_wanted(void);

/* Is this test known to wait, behind a proxy, for what never comes? */
bool proxy_hangs(const char *test);

/* Make the table, once. */
void proxy_open(void);

/* Make the proxies of one test, and destroy all that was made for them. */
void proxy_begin(void);
void proxy_end(void);

/* For the supervisor: `to` becomes a proxy of `from`, void one of void. */
void proxy_wrap(capreg from, capreg to);

/* --- Between proxy.c and proxy_table.c ------------------------------------ */

/* Registers of every proxy; what it has not is void. */
enum proxy_register {
	P_TABLE = 1,           /* The root of the table: 16 x 32 x 32 slots. */
	P_SERVICE,             /* Of the others: the start capability of 0. */
	P_POOL,                /* Of 0: the proxies' process capabilities. */
	P_DISCRIM = R_DISCRIM, /* Where conform.c looks for it. */
	P_BRAND,               /* Of 0: of all that it made. */
	P_TEMPORARY,
	P_TARGET = P_TEMPORARY, /* Fetched last. */
	P_OUT,                  /* 8-11: what is sent on. */
	P_IN = P_OUT + 4,       /* 12-15: what was received. */
};

struct proxied {
	uint8_t kind, rights;
	uint8_t server; /* Which proxy: an instance. */
};

/* What an entry is, as it was when it was wrapped. */
const struct proxied *proxied(unsigned index);

/* Fetch what an entry stands for. */
void proxy_fetch(unsigned index, capreg to);

/* By instance 0 alone, and by the supervisor when there is none yet. */
void proxy_table_reset(void);

/*
 * Put a proxy of `from` into `to`, or what stands in `from` if that is one, or
 * void. RC_NO_MEMORY: the table is full, and `to` is void.
 */
enum status proxy_wrap_here(capreg from, capreg to);

/*
 * The opposite: what a proxy stands for, or what is no proxy. False, and
 * nothing done, if it stands for one of the kinds in `but`.
 */
bool proxy_unwrap_here(capreg from, uint64_t but, capreg to);

/* Run as a proxy. */
void proxy_run(uint64_t instance);

#endif
