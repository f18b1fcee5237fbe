/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands in which capability register of a domain.
 *
 * 1-7 are the same in every domain (void where system.dts gives none), 8-11
 * are the domain's own. 12-15 are scratch: a request's capabilities arrive
 * there, and a stub's user may receive into them between two requests. A
 * domain that holds more than fits keeps it in the node of register 6.
 */
#ifndef USERLAND_RT_REGISTERS_H
#define USERLAND_RT_REGISTERS_H

enum capability_register {
	REG_VOID = 0,
	REG_LOG = 1,  /* The console log. */
	REG_BANK = 2, /* The space bank that pays for this domain. */
	REG_CLOCK = 3,
	REG_PROCESS = 4, /* This domain's own process. */
	REG_DISCRIM = 5,
	REG_NODE = 6, /* A node with further capabilities. */
	REG_RT = 7,   /* The runtime library's, between two calls of it. */
	REG_OWN = 8,  /* 8-11: the domain's own. */

	REG_IN0 = 12, /* A request's capabilities. */
	REG_IN1 = 13,
	REG_IN2 = 14,
	REG_RESUME = 15, /* The right to answer the request. */

	REG_T0 = 12, /* The same registers, between two requests. */
	REG_T1 = 13,
	REG_T2 = 14,
	REG_T3 = 15,
};

#endif
