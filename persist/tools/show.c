/* SPDX-License-Identifier: BSD-2-Clause */
/* OIDs and capabilities in readable form. */
#include "persist/tools/show.h"
#include "persist/format/frame.h"

#include <stdio.h>

static const char *const source_names[] = {
    "boot", "ephemeral", "physical", "persistent"};

static const char *const cap_names[CK_COUNT] = {[CK_VOID] = "void",
    [CK_NUMBER] = "number",
    [CK_PAGE] = "page",
    [CK_NODE] = "node",
    [CK_GUARD] = "guard",
    [CK_PROCESS] = "process",
    [CK_START] = "start",
    [CK_RESUME] = "resume",
    [CK_RESTART] = "restart",
    [CK_FORWARDER] = "forwarder",
    [CK_NOTICE] = "notice",
    [CK_SCHEDULE] = "schedule",
    [CK_RANGE] = "range",
    [CK_SNAPSHOT] = "snapshot",
    [CK_CLOCK] = "clock",
    [CK_DISCRIM] = "discrim",
    [CK_LOG] = "log",
    [CK_KINFO] = "kinfo",
    [CK_BOOTSVC] = "boot-service",
    [CK_RESTARTED] = "restarted",
    [CK_IRQ_SPACE] = "irq-space",
    [CK_IRQ] = "irq",
    [CK_PORT_SPACE] = "port-space",
    [CK_PORTS] = "ports",
    [CK_MMIO_SPACE] = "mmio-space",
    [CK_MMIO] = "mmio",
    [CK_DMA_SPACES] = "dma-spaces",
    [CK_DMA] = "dma",
    [CK_ISA_DMA] = "isa-dma",
    [CK_CACHE] = "cache",
    [CK_PAGER] = "pager",
    [CK_WINDOW] = "window",
    [CK_RESET] = "reset"};

const char *
show_kind(unsigned kind)
{
	static const char *const names[FK_COUNT] = {
	    "free", "page", "node", "state", "zero"};

	return kind < FK_COUNT ? names[kind] : "unknown";
}

void
show_oid(oid o, char text[SHOW_OID_BYTES])
{
	uint64_t frame = oid_frame(o);
	int      n = snprintf(text, SHOW_OID_BYTES, "%s:%lu",
		 source_names[frame_source(frame)], frame_position(frame));

	if (oid_index(o) != OID_INDEX_FRAME)
		snprintf(text + n, (size_t)(SHOW_OID_BYTES - n), ".%u",
		    oid_index(o));
}

static void
rights_print(const struct cap *c, char *to, size_t room)
{
	static const char *const names[] = {
	    " read-only", " no-execute", " weak", " no-call", " opaque"};

	for (unsigned i = 0; i < 5 && room > 12; i++) {
		int n;

		if ((c->rights >> i & 1) == 0)
			continue;
		n = snprintf(to, room, "%s", names[i]);
		to += n;
		room -= (size_t)n;
	}
}

void
show_cap(const struct cap *c, char text[SHOW_BYTES])
{
	char        o[SHOW_OID_BYTES];
	const char *name = c->type < CK_COUNT ? cap_names[c->type] : NULL;
	int         n;

	show_oid(cap_oid(c), o);
	if (name == NULL) {
		snprintf(text, SHOW_BYTES, "unknown kind %u", c->type);
	} else if (c->type == CK_NUMBER) {
		snprintf(
		    text, SHOW_BYTES, "number %#x:%016lx", c->count, c->word);
	} else if (c->type == CK_RANGE) {
		show_oid(oid_make(cap_range_first(c), OID_INDEX_FRAME), o);
		snprintf(
		    text, SHOW_BYTES, "range %s + %lu", o, cap_range_length(c));
	} else if (c->type == CK_RESUME || c->type == CK_RESTART) {
		snprintf(text, SHOW_BYTES, "%s %s call %lu", name, o,
		    cap_call_number(c));
	} else if ((c->type >= CK_PAGE && c->type <= CK_START) ||
	    c->type == CK_FORWARDER || c->type == CK_NOTICE) {
		n = snprintf(
		    text, SHOW_BYTES, "%s %s count %u", name, o, c->count);
		if (c->type != CK_PAGE)
			n += snprintf(text + n, (size_t)(SHOW_BYTES - n),
			    c->type == CK_NODE || c->type == CK_GUARD
				? " span %u"
				: " data %u",
			    c->type == CK_NODE || c->type == CK_GUARD
				? cap_span(c)
				: c->data);
		rights_print(c, text + n, (size_t)(SHOW_BYTES - n));
	} else {
		snprintf(text, SHOW_BYTES, "%s %u", name, c->data);
	}
}
