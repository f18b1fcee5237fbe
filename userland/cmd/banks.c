/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last part of ps: the space banks that processes hold, what has been
 * bought from each, and who holds it.
 *
 * The kernel says who has a start capability to the bank's service, and with
 * which data: that is the bank's number. The figures are that service's, for
 * the shell's own bank and those below it.
 */
#include "userland/cmd/banks.h"

#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "userland/cmd/format.h"
#include "userland/cmd/processes.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"

enum {
	BANKS_MOST = 64,
	HOLDERS_BYTES = 64, /* Names, and "..." where there are more. */
	RECORD_BYTES = 4096,
};

struct row {
	uint16_t number;
	bool     more;
	uint64_t last; /* Process that was added. */
	char     holders[HOLDERS_BYTES];
};

static struct {
	uint64_t   service; /* OID of its process; 0: not known. */
	unsigned   n;
	bool       cut;
	struct row row[BANKS_MOST];
	union {
		struct kinfo_node node;
		uint8_t           bytes[RECORD_BYTES];
	};
} banks;

/* How many slots of a node there is something to say of: in banks.node. */
static unsigned
look(uint64_t node)
{
	unsigned n = 0;

	return node_slots(node, &banks.node, sizeof(banks.bytes), &n) == RC_OK
	    ? n
	    : 0;
}

void
banks_begin(void)
{
	banks.service = 0;
	banks.n = 0;
	banks.cut = false;
}

/* The one that runs while the kernel answers is the shell. */
void
banks_find(const struct kinfo_process *p)
{
	unsigned n;

	if (p->activity != KA_RUNNING)
		return;
	n = look(p->oid);
	for (unsigned i = 0; i < n; i++) {
		const struct kinfo_cap *k = &banks.node.cap[i];

		if (k->slot == REG_BANK && k->kind == CK_START &&
		    k->validity != KC_DEAD)
			banks.service = k->object;
	}
}

static struct row *
row_of(uint16_t number)
{
	unsigned i = 0;

	while (i < banks.n && banks.row[i].number < number)
		i++;
	if (i < banks.n && banks.row[i].number == number)
		return &banks.row[i];
	if (banks.n == BANKS_MOST) {
		banks.cut = true;
		return NULL;
	}
	memmove(&banks.row[i + 1], &banks.row[i],
	    (banks.n++ - i) * sizeof(banks.row[0]));
	banks.row[i] = (struct row){.number = number};
	return &banks.row[i];
}

static void
add_holder(struct row *r, const struct kinfo_process *p)
{
	char   name[sizeof(p->name) + 1];
	size_t used = strlen(r->holders);

	format_label(name, sizeof(name), p->name, sizeof(p->name));
	if (used + 2 + strlen(name) >= sizeof(r->holders))
		r->more = true;
	else
		snprintf(r->holders + used, sizeof(r->holders) - used, "%s%s",
		    used > 0 ? " " : "", name);
}

void
banks_note(const struct kinfo_process *p)
{
	unsigned n = banks.service != 0 ? look(p->oid) : 0;

	for (unsigned i = 0; i < n; i++) {
		const struct kinfo_cap *k = &banks.node.cap[i];
		struct row             *r;

		if (k->kind != CK_START || k->validity == KC_DEAD ||
		    k->object != banks.service)
			continue;
		r = row_of(k->data);
		if (r == NULL || (r->holders[0] != '\0' && r->last == p->oid))
			continue;
		r->last = p->oid;
		add_holder(r, p);
	}
}

static void
show(struct command_call *c, const struct row *r)
{
	uint64_t    used = 0, limit = 0, above = 0;
	char        most[24] = "-";
	enum status st;

	st = bank_below(REG_BANK, r->number, &used, &limit, &above);
	if (st != RC_OK && st != RC_NOT_FOUND)
		command_failed(c, st);
	if (st != RC_OK)
		return; /* Another's, or it has died meanwhile. */
	if (limit != UINT64_MAX)
		snprintf(most, sizeof(most), "%lu", limit);
	term_printf(c->out, "%-5u  %-8lu  %-8s  %s%s\n", r->number, used, most,
	    r->holders, r->more ? " ..." : "");
}

void
banks_show(struct command_call *c)
{
	if (banks.n == 0)
		return;
	term_text(c->out, "\nbank   frames    limit     held by\n");
	for (unsigned i = 0; i < banks.n; i++)
		show(c, &banks.row[i]);
	if (banks.cut)
		term_printf(c->out, "and more than %u others\n", BANKS_MOST);
}
