/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * caps NAME: all that a domain holds. Its registers and fixed slots first,
 * then what it can reach through nodes: the devices that its address space
 * maps, the pages there as sums, and the slots of its data nodes.
 *
 * The kernel's records give no authority; what a domain could get by asking
 * others is theirs, and is seen by naming them, or in the graph of --dot.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/kinfo.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/cmd/graph.h"
#include "userland/cmd/processes.h"
#include "userland/rt/registers.h"

enum {
	NODES_MOST = 512, /* That one answer looks at. */
	DEVICES_MOST = 64,
	PLACE_BYTES = 24,
	RECORD_BYTES = 4096,
	SPAN_PAGE = 12,
	SLOT_BITS = 5,
};

/* A node to be looked at. */
struct step {
	uint64_t node;
	uint64_t base;  /* Address of its first byte, in a space. */
	uint8_t  span;  /* log2 of the bytes it covers; 0: it is data. */
	uint8_t  rights; /* That the way to it has taken away. */
	char     place[PLACE_BYTES];
};

/* Summed up for the last lines. */
struct sums {
	unsigned pages, writable, executable, nodes;
	unsigned ndevices;
	bool     more_devices;
	struct {
		uint64_t object;
		uint8_t  kind;
	} device[DEVICES_MOST];
};

struct walk {
	struct command_call *c;
	unsigned             first, steps;
	bool                 cut; /* More nodes than there is room for. */
	bool                 dot; /* For a graph, of all processes. */
	struct sums          sum;
	struct step          step[NODES_MOST];
	union {
		struct kinfo_node node;
		uint8_t           bytes[RECORD_BYTES];
	};
};

static struct walk walk;

static bool
known(uint64_t node)
{
	for (unsigned i = 0; i < walk.steps; i++)
		if (walk.step[i].node == node)
			return true;
	return false;
}

/*
 * A device is counted once, however many capabilities there are to it. Each
 * kind has numbers of its own.
 */
static void
count_device(const struct kinfo_cap *k)
{
	struct sums *s = &walk.sum;

	for (unsigned i = 0; i < s->ndevices; i++)
		if (s->device[i].kind == k->kind &&
		    s->device[i].object == k->object)
			return;
	if (s->ndevices == DEVICES_MOST) {
		s->more_devices = true;
		return;
	}
	s->device[s->ndevices].object = k->object;
	s->device[s->ndevices++].kind = k->kind;
}

static unsigned
devices_of(unsigned kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < walk.sum.ndevices; i++)
		n += walk.sum.device[i].kind == kind;
	return n;
}

static void
go_to(uint64_t node, uint64_t base, unsigned span, unsigned rights,
    const char *place)
{
	struct step *s = &walk.step[walk.steps];

	if (known(node))
		return;
	if (walk.steps == NODES_MOST) {
		walk.cut = true;
		return;
	}
	*s = (struct step){
	    .node = node,
	    .base = base,
	    .span = (uint8_t)span,
	    .rights = (uint8_t)rights,
	};
	snprintf(s->place, sizeof(s->place), "%s", place);
	walk.steps++;
}

static void
show(const char *place, const struct kinfo_cap *k, bool held)
{
	char line[FORMAT_BYTES];

	if (walk.dot) {
		graph_edge(k);
		return;
	}
	format_cap(line, place, k, held);
	term_text(walk.c->out, line);
	if (k->validity != KC_DEAD && (k->kind == CK_IRQ ||
	    k->kind == CK_PORTS || k->kind == CK_MMIO || k->kind == CK_DMA))
		count_device(k);
}

static void
count_page(unsigned rights)
{
	walk.sum.pages++;
	if ((rights & (CR_READ_ONLY | CR_WEAK)) == 0)
		walk.sum.writable++;
	else if ((rights & CR_NO_EXECUTE) == 0)
		walk.sum.executable++;
}

/* A slot of a node of an address space. */
static void
show_mapped(const struct step *s, const struct kinfo_cap *k)
{
	unsigned slot_span = s->span > SPAN_PAGE + SLOT_BITS
	    ? s->span - SLOT_BITS
	    : SPAN_PAGE;
	uint64_t base = s->base + ((uint64_t)k->slot << slot_span);
	unsigned rights = s->rights | k->rights;
	char     place[PLACE_BYTES];

	snprintf(place, sizeof(place), "@%lx", base);
	if (k->validity == KC_DEAD)
		show(place, k, false);
	else if (k->kind == CK_PAGE)
		count_page(rights);
	else if (k->kind == CK_NODE)
		go_to(k->object, base, (unsigned)k->size, rights, place);
	else
		show(place, k, false);
	if (k->kind == CK_GUARD && k->validity != KC_DEAD)
		go_to(k->object, base, (unsigned)k->size, rights, place);
}

/*
 * Slots of a data node from the i-th record on: one, or a run of pages alike.
 * Gives the number of records shown.
 */
static unsigned
show_slots(const struct step *s, const struct kinfo_cap *k, unsigned n)
{
	unsigned run = 1;
	char     place[PLACE_BYTES];

	while (k->kind == CK_PAGE && run < n && k[run].kind == CK_PAGE &&
	    k[run].slot == k->slot + run && k[run].rights == k->rights &&
	    k[run].validity == k->validity)
		run++;
	if (run > 1)
		snprintf(place, sizeof(place), "%.14s.%u-%u", s->place,
		    k->slot, k->slot + run - 1u);
	else
		snprintf(place, sizeof(place), "%.16s.%u", s->place, k->slot);
	show(place, k, false);
	if (k->kind == CK_NODE && k->validity != KC_DEAD)
		go_to(k->object, 0, 0, k->rights, place);
	return run;
}

static void
process_place(char *place, unsigned slot)
{
	static const char *const fixed[] = {
	    [SLOT_SPACE] = "space",
	    [SLOT_KEEPER] = "keeper",
	    [SLOT_SCHEDULE] = "schedule",
	    [SLOT_BRAND] = "brand",
	    [SLOT_IO] = "io",
	    [SLOT_STATE] = "state",
	};

	if (slot < CAP_REGISTERS)
		snprintf(place, PLACE_BYTES, "%u", slot);
	else if (slot < SLOT_PROCESS_COUNT)
		snprintf(place, PLACE_BYTES, "%s", fixed[slot]);
	else
		snprintf(place, PLACE_BYTES, "slot %u", slot);
}

/* A slot of the process itself. */
static void
show_register(const struct kinfo_cap *k)
{
	char place[PLACE_BYTES];

	process_place(place, k->slot);
	show(place, k, true);
	if (k->validity == KC_DEAD)
		return;
	if (k->slot == SLOT_SPACE && k->kind == CK_PAGE)
		count_page(k->rights);
	else if (k->slot == SLOT_SPACE)
		go_to(k->object, 0, (unsigned)k->size, k->rights, "@0");
	else if (k->kind == CK_NODE)
		go_to(k->object, 0, 0, k->rights, place);
}

static enum status
look(uint64_t node, unsigned *n)
{
	return node_slots(node, &walk.node, sizeof(walk.bytes), n);
}

/* Slot 0 is the space of the guard's own span, 1 its keeper (D11). */
static void
show_guard(const struct step *s)
{
	const struct kinfo_cap *k = walk.node.cap;

	if (k->slot != 0 || k->validity == KC_DEAD)
		return;
	if (k->kind == CK_PAGE)
		count_page(s->rights | k->rights);
	else if (k->kind == CK_NODE || k->kind == CK_GUARD)
		go_to(k->object, s->base, (unsigned)k->size,
		    s->rights | k->rights, s->place);
}

static void
show_node(const struct step *s)
{
	unsigned    n;
	enum status st = look(s->node, &n);

	if (st != RC_OK && walk.dot)
		return;
	if (st != RC_OK) {
		term_printf(walk.c->out, "%-14s  %s\n", s->place,
		    command_status(st));
		return;
	}
	walk.sum.nodes++;
	if (n > 0 && s->span != 0 && walk.node.role == ROLE_GUARD) {
		show_guard(s);
		return;
	}
	for (unsigned i = 0; i < n;)
		if (s->span != 0)
			show_mapped(s, &walk.node.cap[i++]);
		else
			i += show_slots(s, &walk.node.cap[i], n - i);
}

static void
show_sums(void)
{
	const struct sums *s = &walk.sum;

	term_printf(walk.c->out,
	    "%u pages mapped: %u writable, %u executable; %u nodes\n"
	    "%u IRQ, %u port ranges, %u MMIO ranges, %u DMA spaces\n",
	    s->pages, s->writable, s->executable, s->nodes,
	    devices_of(CK_IRQ), devices_of(CK_PORTS), devices_of(CK_MMIO),
	    devices_of(CK_DMA));
	if (s->more_devices)
		term_printf(walk.c->out,
		    "it has more than %u devices: the others were not "
		    "counted\n",
		    DEVICES_MOST);
	if (walk.cut)
		term_printf(walk.c->out,
		    "it has more than %u nodes: the others were not looked "
		    "at\n",
		    NODES_MOST);
}

/* Everything that one process holds. */
static bool
show_process(struct command_call *c, const struct kinfo_process *p)
{
	unsigned    n;
	enum status st;

	walk.c = c;
	walk.first = walk.steps = 0;
	walk.cut = false;
	memset(&walk.sum, 0, sizeof(walk.sum));
	st = look(p->oid, &n);
	if (st != RC_OK) {
		if (!walk.dot) /* Else it has ended meanwhile. */
			command_failed(c, st);
		return false;
	}
	if (walk.dot) {
		graph_process(p);
	} else {
		term_printf(c->out, "%s, process %010lx\n", c->argv[1],
		    p->oid);
		term_text(c->out, format_cap_head);
	}
	for (unsigned i = 0; i < n; i++)
		show_register(&walk.node.cap[i]);
	for (; walk.first < walk.steps; walk.first++)
		show_node(&walk.step[walk.first]);
	if (!walk.dot)
		show_sums();
	return true;
}

/* Who holds what, of all processes. */
static void
draw(struct command_call *c)
{
	static struct process_list list;
	struct kinfo_process       p;
	uint64_t                   node;
	unsigned                   n;

	memset(&list, 0, sizeof(list));
	walk.dot = true;
	graph_begin(c->out);
	while (process_next(&list, &p) == RC_OK)
		(void)show_process(c, &p);
	while (graph_forwarder(&node))
		if (look(node, &n) == RC_OK)
			for (unsigned i = 0; i < n; i++)
				graph_edge(&walk.node.cap[i]);
	graph_end();
	walk.dot = false;
}

void
cmd_caps(struct command_call *c)
{
	static struct process_list list;
	struct kinfo_process p;
	unsigned             shown = 0;
	enum status          st;

	if (c->argc != 2) {
		command_usage(c);
		return;
	}
	if (!command_fetch(c, SHELL_KINFO, REG_T0))
		return;
	if (strcmp(c->argv[1], "--dot") == 0) {
		draw(c);
		return;
	}
	memset(&list, 0, sizeof(list));
	for (;;) {
		st = process_named(&list, c->argv[1], &p);
		if (st != RC_OK)
			break;
		if (shown > 0)
			term_text(c->out, "\n");
		if (!show_process(c, &p))
			return;
		shown++;
	}
	if (st != RC_NOT_FOUND)
		command_failed(c, st);
	else if (shown == 0)
		term_printf(c->out, "caps: no process '%s'; ps lists them\n",
		    c->argv[1]);
}
