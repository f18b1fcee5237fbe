/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/cmd/format.h"

#include <stdio.h>
#include <string.h>

/* Records come from elsewhere: what is not printable is shown as ?. */
static char
printable(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

void
format_text(char *to, size_t size, const char *text, size_t bytes)
{
	size_t n = 0;

	while (n < bytes && n + 1 < size && text[n] != 0) {
		to[n] = printable(text[n]);
		n++;
	}
	to[n] = 0;
}

void
format_lines(char *text)
{
	for (; *text != 0; text++)
		if (*text != '\n')
			*text = printable(*text);
}

const char *
format_label(char *to, size_t size, const char *text, size_t bytes)
{
	format_text(to, size, text, bytes);
	return to[0] == 0 ? "-" : to;
}

void
format_source(char *text, uint32_t source_id)
{
	sprintf(text, "%02x:%02x.%x", source_id >> 8 & 0xff,
	    source_id >> 3 & 0x1f, source_id & 7);
}

const char format_irq_head[] =
    "irq    kind   owner                            deliveries  unhandled  "
    "masked\n";

void
format_irq(char *line, const struct irq_info *r)
{
	static const char *const kinds[] = {
	    [IRQ_EDGE] = "edge",
	    [IRQ_LEVEL] = "level",
	    [IRQ_MSI] = "MSI",
	};
	char        name[LABEL_BYTES + 1];
	const char *owner = format_label(
	    name, sizeof(name), r->label, sizeof(r->label));
	const char *masked = "no";

	if ((r->bits & (IRQ_ALLOCATED | IRQ_KERNEL)) == 0)
		owner = "free";
	else if ((r->bits & IRQ_KERNEL) != 0 && strcmp(owner, "-") == 0)
		owner = "kernel";
	if ((r->bits & IRQ_STORM) != 0)
		masked = "storm";
	else if ((r->bits & IRQ_MASKED) != 0)
		masked = "yes";
	snprintf(line, FORMAT_BYTES, "%-5u  %-5s  %-31s  %-10lu  %-9lu  %s\n",
	    r->line, r->kind <= IRQ_MSI ? kinds[r->kind] : "?", owner,
	    r->deliveries, r->unhandled, masked);
}

const char format_ports_head[] = "ports        mapped  accesses    owner\n";

void
format_ports(char *line, const struct port_info *r)
{
	char name[LABEL_BYTES + 1];

	snprintf(line, FORMAT_BYTES, "%04x-%04x    %-8u%-12lu%s\n", r->first,
	    (unsigned)r->first + r->count - 1, r->mapped, r->accesses,
	    format_label(name, sizeof(name), r->label, sizeof(r->label)));
}

const char format_mmio_head[] =
    "address                            bytes      cache  owner\n";

void
format_mmio(char *line, const struct mmio_info *r)
{
	static const char *const caches[] = {"off", "wc", "wb"};
	char                     name[LABEL_BYTES + 1];

	snprintf(line, FORMAT_BYTES, "%016lx-%016lx  %-9lx  %-5s  %s\n",
	    r->address, r->address + r->bytes - 1, r->bytes,
	    r->cache < 3 ? caches[r->cache] : "?",
	    format_label(name, sizeof(name), r->label, sizeof(r->label)));
}

const char format_dma_head[] =
    "source   pages  exposed  bits  bounces   flushes   owner\n";

void
format_dma(char *line, const struct dma_info *r)
{
	char name[LABEL_BYTES + 1];
	char source[16];

	format_source(source, r->source_id);
	snprintf(line, FORMAT_BYTES, "%-9s%-7u%-9u%-6u%-10lu%-10lu%s\n", source,
	    r->pages, r->exposed, r->limit, r->bounces, r->flushes,
	    format_label(name, sizeof(name), r->label, sizeof(r->label)));
}

const char format_process_head[] =
    "process     state      activity  prio  ms        pc                "
    "name\n";

void
format_process(char *line, const struct kinfo_process *r)
{
	static const char *const states[] = {
	    [PS_AVAILABLE] = "available",
	    [PS_RUNNING] = "running",
	    [PS_WAITING] = "waiting",
	};
	static const char *const activities[] = {
	    [KA_RUNNING] = "running",
	    [KA_READY] = "ready",
	    [KA_STALLED] = "stalled",
	    [KA_PAGING] = "paging",
	    [KA_CREDIT] = "credit",
	    [KA_RESERVED] = "-",
	    [KA_MEMORY] = "memory",
	    [KA_IDLE] = "-",
	};
	const char *state = "paged out";
	char        name[sizeof(r->name) + 1];
	char        priority[16];

	if (r->state <= PS_WAITING)
		state = r->fault != FAULT_NONE ? "faulted" : states[r->state];
	if (r->reserve != 0)
		snprintf(priority, sizeof(priority), "%u+r%u", r->priority,
		    r->reserve & 0xff);
	else
		snprintf(priority, sizeof(priority), "%u", r->priority);
	snprintf(line, FORMAT_BYTES,
	    "%010lx  %-9s  %-8s  %-4s  %-8lu  %016lx  %s\n", r->oid, state,
	    r->activity <= KA_IDLE ? activities[r->activity] : "?",
	    priority, r->ticks / 1000000, r->pc,
	    format_label(name, sizeof(name), r->name, sizeof(r->name)));
}

const char format_reserve_head[] =
    "reserve  period us   budget us   left us     used ms     exhausted\n";

void
format_reserve(char *line, const struct kinfo_reserve *r)
{
	snprintf(line, FORMAT_BYTES,
	    "r%-6u  %-10lu  %-10lu  %-10lu  %-10lu  %lu\n", r->id & 0xff,
	    r->period / 1000, r->budget / 1000, r->left / 1000,
	    r->used / 1000000, r->exhausted);
}
