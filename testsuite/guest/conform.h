/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of all that an order may answer, made from the .idl files, and what
 * of it the tests have seen.
 *
 * An entry is seen when a test's call, through the generated stub, of a
 * capability of the right kind was answered so. The run fails for each entry
 * that nobody has seen, unless testsuite/guest/elsewhere.def says who does, and
 * for each answer that the .idl does not declare.
 */
#ifndef TESTSUITE_GUEST_CONFORM_H
#define TESTSUITE_GUEST_CONFORM_H

#include "testsuite/guest/guest.h"

struct conform_order {
	const char *name; /* As its stub: node_swap. */
	uint8_t     kind; /* enum cap_kind */
	uint8_t     number;
	uint8_t     forbidden; /* Rights that must not be taken away. */
	uint8_t     ncaps;
	uint32_t    string_min, string_max;
	uint64_t    caps[3]; /* Masks of the kinds that each may be. */
};

/* The i-th order of all kinds; NULL beyond the last. */
const struct conform_order *conform_order(unsigned i);

/* A kind's name, and the first number beyond its orders. */
struct conform_kind {
	const char *name;
	uint8_t     kind, limit;
};
const struct conform_kind *conform_kind(unsigned i);

/* A test that calls without a stub has seen this. */
void conform_seen(const struct conform_order *o, enum status st);

/*
 * Print `seen NAME CODE` for each entry and `undeclared NAME CODE` for each
 * answer that nobody declares, by this function.
 */
void conform_print(void (*say)(const char *line));

#endif
