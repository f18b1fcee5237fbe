/* SPDX-License-Identifier: BSD-2-Clause */
/* One line for what a slot holds. */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "userland/cmd/format.h"

const char format_cap_head[] =
    "place           kind           rights       what                       "
    "             origin\n";

static const char *const kinds[CK_COUNT] = {
    [CK_NUMBER] = "number",
    [CK_PAGE] = "page",
    [CK_NODE] = "node",
    [CK_GUARD] = "guarded node",
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
    [CK_LOG] = "console log",
    [CK_KINFO] = "kernel info",
    [CK_BOOTSVC] = "boot service",
    [CK_RESTARTED] = "restarted",
    [CK_IRQ_SPACE] = "IRQ space",
    [CK_IRQ] = "IRQ",
    [CK_PORT_SPACE] = "port space",
    [CK_PORTS] = "ports",
    [CK_MMIO_SPACE] = "MMIO space",
    [CK_MMIO] = "MMIO",
    [CK_DMA_SPACES] = "DMA spaces",
    [CK_DMA] = "DMA space",
    [CK_ISA_DMA] = "ISA DMA",
    [CK_CACHE] = "object cache",
    [CK_PAGER] = "pager",
    [CK_WINDOW] = "window",
    [CK_RESET] = "reset",
};

const char *
format_kind(unsigned kind)
{
	return kind < CK_COUNT && kinds[kind] != NULL ? kinds[kind] : "?";
}

/* "ro,nx"; a dash for a capability that nothing was taken from. */
static void
rights(char *text, unsigned bits)
{
	static const char *const words[] = {
	    "ro", "nx", "weak", "nocall", "opaque"};
	size_t n = 0;

	text[0] = 0;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((bits & 1u << i) != 0)
			n += (size_t)sprintf(text + n, "%s%s",
			    n > 0 ? "," : "", words[i]);
	if (n == 0)
		strcpy(text, "-");
}

static const char *
object_source(uint64_t frame)
{
	static const char *const sources[] = {
	    "boot", "ephemeral", "physical", "persistent"};

	return sources[frame_source(frame)];
}

/* What it leads to, in words of its kind. */
static void
what(char *text, size_t size, const struct kinfo_cap *k, const char *label)
{
	char source[16];

	switch (k->kind) {
	case CK_NUMBER:
		if (k->size == 0)
			snprintf(text, size, "%lu", k->first);
		else
			snprintf(text, size, "%lx%016lx", k->size, k->first);
		break;
	case CK_RANGE:
		snprintf(text, size, "%s %lx, %lu frames",
		    object_source(k->first), k->first & (OID_FRAMES - 1),
		    k->size);
		break;
	case CK_SCHEDULE:
		snprintf(text, size, "priority %u", k->data & 15u);
		break;
	case CK_NODE:
	case CK_GUARD:
		snprintf(text, size, "%010lx, 2^%lu bytes", k->object, k->size);
		break;
	case CK_PAGE:
		snprintf(text, size, "%010lx", k->object);
		break;
	case CK_START:
		snprintf(text, size, "%010lx %s, data %u", k->object, label,
		    k->data);
		break;
	case CK_NOTICE:
		snprintf(text, size, "%010lx %s, bit %u", k->object, label,
		    k->data);
		break;
	case CK_BOOTSVC:
		snprintf(text, size, "number %u", k->data);
		break;
	case CK_RESTARTED:
		snprintf(text, size, "was: %s", format_kind(k->data));
		break;
	case CK_IRQ:
		snprintf(text, size, "%s %lu, %s",
		    k->size == IRQ_MSI ? "MSI" : "line", k->first, label);
		break;
	case CK_PORTS:
		snprintf(text, size, "%04lx-%04lx, %s", k->first,
		    k->first + k->size - 1, label);
		break;
	case CK_MMIO:
		snprintf(text, size, "%lx, %lx bytes, %s", k->first, k->size,
		    label);
		break;
	case CK_DMA:
		format_source(source, (uint32_t)k->first);
		snprintf(text, size, "of %s, %lu pages, %s", source, k->size,
		    label);
		break;
	case CK_PROCESS:
	case CK_RESUME:
	case CK_RESTART:
	case CK_FORWARDER:
		snprintf(text, size, "%010lx %s", k->object, label);
		break;
	default:
		snprintf(text, size, "-");
		break;
	}
}

void
format_cap(char *line, const char *place, const struct kinfo_cap *k, bool held)
{
	static const char *const origins[] = {
	    [ORIGIN_MESSAGE] = "received",
	    [ORIGIN_BUILT] = "built in",
	    [ORIGIN_PLACED] = "placed",
	    [ORIGIN_KERNEL] = "kernel",
	};
	char name[LABEL_BYTES + 1], right[40], object[96];

	format_label(name, sizeof(name), k->label, sizeof(k->label));
	rights(right, k->rights);
	if (k->validity == KC_DEAD)
		snprintf(object, sizeof(object), "dead");
	else
		what(object, sizeof(object), k, name);
	snprintf(line, FORMAT_BYTES, "%-14s  %-13s  %-11s  %-38s  %s\n", place,
	    format_kind(k->kind), right, object,
	    held ? origins[k->origin & 3] : "-");
}
