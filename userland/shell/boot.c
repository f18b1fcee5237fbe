/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/shell/boot.h"

#include "kernel/abi/node.stub.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"

enum {
	TICKS = 60,       /* For a volume to open. */
	TICKS_OPEN = 150, /* For its shell to come. */
	CLASS_STORAGE = 0x01, /* PCI Code and ID Assignment, base class. */
};

static const uint64_t tick_ns = 100000000;

/* What the store is; false: there is none that answers. */
static bool
look(struct store_status *s)
{
	*s = (struct store_status){0};
	return node_get(REG_NODE, SHELL_STORE, REG_T0) == RC_OK &&
	    store_status(REG_T0, s, sizeof(*s), NULL) == RC_OK;
}

static bool
is_open(const struct store_status *s)
{
	return s->state == STORE_OPEN || s->state == STORE_COMMITTING;
}

void
boot_wait(void)
{
	struct store_status s;

	for (unsigned i = 0; look(&s) && s.state != STORE_NO_VOLUME &&
	     i < (is_open(&s) ? TICKS_OPEN : TICKS);
	     i++)
		(void)wait_for(tick_ns);
}

static void
name_undriven(struct term *out)
{
	uint64_t count = 1;

	if (node_get(REG_NODE, SHELL_DEVDB, REG_T0) != RC_OK)
		return;
	for (uint64_t i = 0; i < count; i++) {
		struct devdb_device d = {0};
		char                title[DEVDB_TEXT + 1], name[DEVDB_NAME + 1];

		if (devdb_device(REG_T0, i, &d, sizeof(d), NULL, &count) !=
		    RC_OK)
			return;
		if (d.state != DEVDB_UNDRIVEN || d.class >> 16 != CLASS_STORAGE)
			continue;
		format_text(title, sizeof(title), d.title, sizeof(d.title));
		format_text(name, sizeof(name), d.name, sizeof(d.name));
		term_printf(out, "no driver for %s at %s\n", title, name);
	}
}

void
boot_explain(struct term *out)
{
	struct store_status s;

	if (look(&s) && is_open(&s)) {
		term_text(out,
		    "the volume is open, but its shell has not come: this is "
		    "the boot range's;\nlog and ps say more, and the other "
		    "takes over when it comes\n");
		return;
	}
	name_undriven(out);
	term_text(out, "no volume is open: this is the boot range alone\n");
}
