/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Result codes: word 0 of a reply.
 *
 * 0 is success, 1 to 255 are the kernel's, others belong to the server that
 * answers. The kernel's own functions return the same codes, and three that
 * never reach a domain: ST_WAIT, ST_FAULT and ST_AGAIN.
 */
#ifndef KERNEL_ABI_STATUS_H
#define KERNEL_ABI_STATUS_H

enum status {
	RC_OK = 0,
	RC_VOID,         /* The capability is void: empty or rescinded. */
	RC_RESTARTED,    /* It named an object of an earlier boot. */
	RC_ORDER,        /* The kind does not have this order. */
	RC_CONTROL,      /* Malformed control word. */
	RC_ARGUMENT,     /* A word is out of its range. */
	RC_CAPABILITY,   /* A sent capability has the wrong kind or rights. */
	RC_RIGHTS,       /* The invoked capability lacks the right. */
	RC_STRING,       /* The string has a wrong length. */
	RC_NO_MEMORY,    /* No frame, table entry or kernel object is left. */
	RC_NOT_RESIDENT, /* A resident process may not wait for this (F5). */
	RC_BUSY,         /* The object is in use; the reason is the order's. */
	RC_STATE,        /* The object is in the wrong state. */
	RC_TAKEN,        /* The resource has an owner already. */
	RC_MEDIA,        /* The disk could not deliver the object intact. */
	RC_EXISTS,       /* There is one already. */
	RC_NOT_FOUND,    /* There is none. */
	RC_LIMIT,        /* A quota or limit would be exceeded. */
	RC_UNSUPPORTED,  /* This machine cannot do it. */
	RC_TIMEOUT,      /* A device or peer did not answer in time. */
	RC_DEVICE,       /* A device reported an error. */
	RC_CORRUPT,      /* Content failed its check. */
	RC_FULL,         /* The volume is full. */
	RC_KERNEL_COUNT,
	RC_KERNEL_LAST = 255,
	RC_SERVER      = 256, /* The first code of a server's own. */

	/* Inside the kernel only. */
	ST_WAIT  = 0x10000, /* Queued; the instruction will run again. */
	ST_FAULT = 0x10001, /* A fault was recorded in the state page. */
	ST_AGAIN = 0x10002, /* A piece is done: the instruction is run again. */
};

#endif
