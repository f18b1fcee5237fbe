/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The graph of `caps --dot`. Processes are ellipses, named by their object
 * identifiers, for two may have the same name; devices are boxes. What an edge
 * is labelled with tells the kind of capability. For `dot -Tsvg`, on the host.
 */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "userland/cmd/format.h"
#include "userland/cmd/graph.h"

enum {
	SEEN_MOST = 256,       /* Edges from one place that are not repeated. */
	FORWARDERS_MOST = 256, /* Those beyond are drawn without a target. */
};

static struct {
	struct term *out;
	char         from; /* p: a process; f: a forwarder. */
	uint64_t     node;
	unsigned     n;
	struct {
		uint64_t object;
		uint16_t data;
		uint8_t  kind;
	} seen[SEEN_MOST];
	unsigned forwarders, done;
	uint64_t forwarder[FORWARDERS_MOST];
} graph;

void
graph_begin(struct term *out)
{
	graph.forwarders = graph.done = 0;
	graph.out = out;
	term_text(out, "digraph caps {\n\trankdir=LR;\n");
}

void
graph_end(void)
{
	term_text(graph.out, "}\n");
}

/* A string of dot: what would end it is left out. */
static void
quoted(char *text)
{
	char *to = text;

	for (const char *from = text; *from != 0; from++)
		if (*from != '"' && *from != '\\')
			*to++ = *from;
	*to = 0;
}

void
graph_process(const struct kinfo_process *p)
{
	char name[sizeof(p->name) + 1];

	format_label(name, sizeof(name), (const char *)p->name,
	    sizeof(p->name));
	quoted(name);
	graph.from = 'p';
	graph.node = p->oid;
	graph.n = 0;
	term_printf(
	    graph.out, "\tp%lx [label=\"%s\"];\n", p->oid, name);
}

bool
graph_forwarder(uint64_t *node)
{
	if (graph.done == graph.forwarders)
		return false;
	*node = graph.forwarder[graph.done++];
	graph.from = 'f';
	graph.node = *node;
	graph.n = 0;
	term_printf(graph.out,
	    "\tf%lx [shape=diamond, label=\"forwarder\"];\n", *node);
	return true;
}

static bool
leads_to_process(unsigned kind)
{
	return kind == CK_PROCESS || kind == CK_START || kind == CK_RESUME ||
	    kind == CK_RESTART || kind == CK_NOTICE;
}

static bool
is_device(unsigned kind)
{
	return kind == CK_IRQ || kind == CK_PORTS || kind == CK_MMIO ||
	    kind == CK_DMA;
}

/* Notes it, and says whether it had been. */
static bool
was_seen(const struct kinfo_cap *k)
{
	for (unsigned i = 0; i < graph.n; i++)
		if (graph.seen[i].object == k->object &&
		    graph.seen[i].kind == k->kind &&
		    graph.seen[i].data == k->data)
			return true;
	if (graph.n < SEEN_MOST) {
		graph.seen[graph.n].object = k->object;
		graph.seen[graph.n].kind = k->kind;
		graph.seen[graph.n++].data = k->data;
	}
	return false;
}

static void
device(const struct kinfo_cap *k)
{
	char label[LABEL_BYTES + 1], what[40];

	format_label(label, sizeof(label), k->label, sizeof(k->label));
	quoted(label);
	if (k->kind == CK_IRQ)
		snprintf(what, sizeof(what), "%lu", k->first);
	else if (k->kind == CK_PORTS)
		snprintf(what, sizeof(what), "%lx-%lx", k->first,
		    k->first + k->size - 1);
	else
		snprintf(what, sizeof(what), "%lx", k->first);
	term_printf(graph.out,
	    "\td%u_%lx [shape=box, label=\"%s %s\\n%s\"];\n"
	    "\t%c%lx -> d%u_%lx;\n",
	    k->kind, k->object, format_kind(k->kind), what, label,
	    graph.from, graph.node, k->kind, k->object);
}

/* To be looked at when all processes have been. */
static void
note_forwarder(uint64_t node)
{
	for (unsigned i = 0; i < graph.forwarders; i++)
		if (graph.forwarder[i] == node)
			return;
	if (graph.forwarders < FORWARDERS_MOST)
		graph.forwarder[graph.forwarders++] = node;
}

void
graph_edge(const struct kinfo_cap *k)
{
	if (k->validity == KC_DEAD || was_seen(k))
		return;
	if (is_device(k->kind))
		device(k);
	else if (k->kind == CK_START)
		term_printf(graph.out, "\t%c%lx -> p%lx [label=\"%u\"];\n",
		    graph.from, graph.node, k->object, k->data);
	else if (leads_to_process(k->kind))
		term_printf(graph.out, "\t%c%lx -> p%lx [label=\"%s\"];\n",
		    graph.from, graph.node, k->object,
		    format_kind(k->kind));
	if (k->kind != CK_FORWARDER)
		return;
	note_forwarder(k->object);
	term_printf(graph.out, "\t%c%lx -> f%lx;\n", graph.from, graph.node,
	    k->object);
}
