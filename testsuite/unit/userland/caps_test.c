/* SPDX-License-Identifier: BSD-2-Clause */
/* What processes hold, as a list and as a graph, before a kernel by rote. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/kinfo.h"
#include "testsuite/unit/userland/typed.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"

static enum status refusal; /* The kernel's, of all orders. */

/* The shell's node has all; what it has answers as the kernel's information. */
void
ant_invoke(struct message *m)
{
	const void *record = NULL;
	size_t      bytes = 0;

	if ((m->control >> CONTROL_CAP_SHIFT & 31) == REG_NODE) {
		m->word[0] = RC_OK;
		m->control = 1 << RESULT_RECEIVED_SHIFT;
		return;
	}
	m->control = 0;
	m->word[0] = refusal != RC_OK ? refusal
				      : kinfo_answer(m, &record, &bytes);
	if (m->word[0] != RC_OK || record == NULL)
		return;
	if (bytes > m->receive_limit)
		bytes = m->receive_limit;
	memcpy(m->receive, record, bytes);
	m->control = (uint64_t)bytes << RESULT_LENGTH_SHIFT;
}

bool
wait_for(uint64_t nanoseconds)
{
	(void)nanoseconds;
	return false;
}

/* cmd.caps.1: registers, then what space and nodes lead to, then the sum. */
static void
caps_shows_all_that_is_held(void)
{
	static const char *const expected[] = {
	    "edu, process 0000000040\r\n",
	    "1               console log    -            -",
	    "5               IRQ            -            MSI 34, edu 00:04.0",
	    "9               page           -            dead",
	    "@28000000       MMIO           nx           fe000000, 100000 byte",
	    "6.0-2           page           -            0000000207",
	    "6.4             DMA space      -            of 00:04.0, 3 pages",
	    "\r\n2 pages mapped: 1 writable, 0 executable; 4 nodes\r\n",
	    "\r\n1 IRQ, 0 port ranges, 1 MMIO ranges, 1 DMA spaces\r\n",
	};

	refusal = RC_OK;
	(void)run("caps edu");
	for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(shown, expected[i]));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "  placed\r\n"));
	CU_ASSERT_STRING_EQUAL(
	    run("caps ed"), "caps: no process 'ed'; ps lists them\r\n");
	refusal = RC_RIGHTS;
	CU_ASSERT_PTR_EQUAL(strchr(run("caps edu"), '\n'),
	    shown + strlen(shown) - 1);
}

/*
 * cmd.caps.2: the graph: each process and what it leads to, once, with the
 * device's numbers; a forwarder's target after all processes.
 */
static void
caps_draws_a_graph(void)
{
	static const char *const expected[] = {
	    "digraph caps {\r\n",
	    "\r\n\tp40 [label=\"edu\"];\r\n",
	    " [shape=box, label=\"IRQ 34\\nedu 00:04.0\"];\r\n",
	    " [shape=box, label=\"MMIO fe000000\\nedu 00:04.0\"];\r\n",
	    "\r\n\tp40 -> f70;\r\n",
	    "\r\n\tf70 [shape=diamond, label=\"forwarder\"];\r\n",
	    "\r\n\tf70 -> p80 [label=\"3\"];\r\n",
	};
	const char *at, *irq;

	refusal = RC_OK;
	at = run("caps --dot");
	for (unsigned i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(at, expected[i]));
	irq = strstr(at, "label=\"IRQ 34");
	CU_ASSERT_PTR_NOT_NULL_FATAL(irq);
	CU_ASSERT_PTR_NULL(strstr(irq + 1, "label=\"IRQ 34"));
	CU_ASSERT_PTR_NULL(strstr(at, "dead"));
	CU_ASSERT_STRING_EQUAL(at + strlen(at) - 4, "\n}\r\n");
	/* It leaves the other form as it was. */
	CU_ASSERT_PTR_NOT_NULL(strstr(run("caps edu"), "1 IRQ, 0 port"));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(caps_shows_all_that_is_held),
    RUNNER_TEST(caps_draws_a_graph),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	const struct runner_suite suites[] = {
	    {.name = "caps", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
