/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The confused deputy shown: a client wants the compiler's bill overwritten,
 * for which it has no authority.
 */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/demo/demo.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/deputy.stub.h"

enum {
	REG_DEPUTY = REG_OWN,
	REG_BILL = REG_OWN + 1,
	REG_OUTPUT = REG_OWN + 2,
	TEXT = 32,
};

static bool
says(capreg page, const char *want)
{
	char text[TEXT] = {0};

	return page_read(page, 0, sizeof(text) - 1, text, sizeof(text), NULL) ==
	    RC_OK &&
	    strcmp(text, want) == 0;
}

static void
report_bill(const char *after)
{
	char text[TEXT] = {0};

	ignore_status(page_read(
	    REG_BILL, 0, sizeof(text) - 1, text, sizeof(text), NULL));
	report("  the bill after %s: '%s'\n", after, text);
}

/* By name: the compiler's authority does what its client asks. */
static bool
by_name(void)
{
	bool overwritten;

	report("by name:\n");
	if (deputy_compile_named(REG_DEPUTY, "listing", 7) != RC_OK ||
	    !says(REG_BILL, "one compilation"))
		return false;
	report_bill("output to 'listing'");
	if (deputy_compile_named(REG_DEPUTY, "bill", 4) != RC_OK)
		return false;
	overwritten = says(REG_BILL, "compiled");
	report_bill("output to 'bill'");
	return overwritten;
}

/* By capability: what the client cannot write, the compiler will not. */
static bool
by_capability(void)
{
	enum status own, bill, self;

	report("by capability:\n");
	if (bank_page(REG_BANK, REG_OUTPUT) != RC_OK)
		return false;
	own = deputy_compile(REG_DEPUTY, REG_OUTPUT);
	if (own == RC_OK && !says(REG_OUTPUT, "compiled"))
		own = RC_STATE;
	report_bill("output to the client's page");
	bill = deputy_compile(REG_DEPUTY, REG_BILL);
	report("  output to the bill: %s\n",
	    bill == RC_RIGHTS ? "refused, the client may only read it" : "?");
	self = page_write(REG_BILL, 0, "free", 5);
	report_bill("that");
	ignore_status(bank_free(REG_BANK, REG_OUTPUT));
	return own == RC_OK && bill == RC_RIGHTS && self == RC_RIGHTS &&
	    says(REG_BILL, "one compilation");
}

bool
show_deputy(void)
{
	bool shown;

	if (node_get(REG_NODE, HAS_DEPUTY, REG_DEPUTY) != RC_OK ||
	    node_get(REG_NODE, HAS_BILL, REG_BILL) != RC_OK) {
		report("there is no compiler here\n");
		return false;
	}
	shown = by_name();
	shown &= by_capability();
	report(shown ? "not confused: who asks needs the authority\n"
		     : "NOT SHOWN\n");
	return shown;
}
