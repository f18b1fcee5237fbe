/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uldrv's back end over a trace: a read gives what it gave then, a write must
 * be the one that was made then, memory changes as it changed then. Time is
 * simulated; an interrupt comes when the driver waits and the trace has one.
 */
#include "uldrv/lib/backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/far.h"
#include "testsuite/harness/replay/replay.h"

#define BUS_BASE UINT64_C(0x00100000)

enum { ABOUT = 8 };

const char *const backend_name = "replay";

unsigned long harness_complaints;

static struct harness *
of(struct dev *d)
{
	return d->backend;
}

uint64_t
harness_bus(const struct harness *h, uint32_t offset)
{
	(void)h;
	return BUS_BASE + offset;
}

bool
harness_ram(const struct harness *h, uint64_t bus, uint32_t *offset)
{
	(void)h;
	*offset = (uint32_t)(bus - BUS_BASE);
	return bus >= BUS_BASE && bus - BUS_BASE < RAM_PAGES * PAGE_SIZE;
}

/* Nobody is at the other end of the line; what came in stands in the trace. */
struct far_sent far_sent;

void
far_look(struct harness *h)
{
	(void)h;
}

void
far_receive(struct harness *h, uint8_t byte)
{
	(void)h;
	(void)byte;
}

/* --------------------------------------------------------- the trace */

static bool
starts(const char *line, const char *with)
{
	return line != NULL && strncmp(line, with, strlen(with)) == 0;
}

/* If the next line changes memory in this way, changes it. */
static bool
took_memory(struct harness *h, const char *how)
{
	struct replay *p = h->model;
	const char    *line = p->at < p->t->count ? p->t->line[p->at] : NULL;
	unsigned       offset;

	if (!starts(line, how) || sscanf(line + 4, "%x", &offset) != 1)
		return false;
	if (offset < RAM_PAGES * PAGE_SIZE)
		(void)trace_bytes(strchr(line, '=') + 1, h->ram + offset,
		    RAM_PAGES * PAGE_SIZE - offset);
	p->at++;
	return true;
}

/* Memory becomes what it was then before this event. */
static const char *
next_event(struct harness *h)
{
	struct replay *p = h->model;

	if (p->diverged && h->running)
		longjmp(h->dead, 4);
	for (; p->at < p->t->count; p->at++) {
		while (took_memory(h, "put "))
			;
		if (p->at < p->t->count && !starts(p->t->line[p->at], "given "))
			return p->t->line[p->at];
	}
	return NULL;
}

static void
took_event(struct harness *h)
{
	((struct replay *)h->model)->at++;
	while (took_memory(h, "mem "))
		; /* The event brought it. */
}

/* The driver is left where it is; nothing it does counts any more. */
static void
diverge(struct harness *h, const char *what)
{
	struct replay *p = h->model;
	size_t         from = p->at > ABOUT ? p->at - ABOUT : 0;

	if (!p->diverged) {
		harness_complaints++;
		printf(
		    "  first divergence, line %zu of the trace:\n", p->at + 1);
		for (size_t i = from; i < p->at; i++)
			printf("       %.100s\n", p->t->line[i]);
		printf("    trace   %.100s\n    driver  %.100s\n",
		    p->at < p->t->count ? p->t->line[p->at] : "(the end)",
		    what);
	}
	p->diverged = true;
	if (h->running)
		longjmp(h->dead, 4);
}

static void
name_place(char *out, size_t room, struct dev *d, char how,
    const struct region *r, uint32_t offset, unsigned bits)
{
	(void)d;
	snprintf(out, room, "%c%u %s%u+0x%llx = ", how, bits,
	    r->kind == REGION_PORTS ? "port" : "mmio", r->resource,
	    (unsigned long long)(r->base + offset));
}

/* ----------------------------------------------------- for harness.c */

static void
noted(struct harness *h, const char *line)
{
	const char *next = next_event(h);

	if (((struct replay *)h->model)->diverged)
		return;
	/* QEMU's trace knows nothing of the script. */
	if (!starts(next, "note ") && h->implied)
		return;
	if (next == NULL || strcmp(next, line) != 0)
		diverge(h, line);
	else
		took_event(h);
}

void
backend_open(struct harness *h)
{
	const char    *path = getenv("TRACE");
	struct replay *p = calloc(1, sizeof(*p));

	if (p == NULL || path == NULL || (p->t = trace_load(path)) == NULL) {
		fprintf(stderr, "TRACE=%s is no trace to play\n",
		    path != NULL ? path : "");
		exit(1);
	}
	h->implied = true;
	for (size_t i = 0; i < p->t->count; i++) {
		h->implied &= !starts(p->t->line[i], "irq ");
		p->writes += starts(p->t->line[i], "w");
	}
	h->model = p;
	h->ram = aligned_alloc(PAGE_SIZE, RAM_PAGES * PAGE_SIZE);
	if (h->ram == NULL)
		abort();
	memset(h->ram, 0, RAM_PAGES * PAGE_SIZE);
	h->on_note = noted;
	h->replays = true;
}

void
backend_close(struct harness *h)
{
	struct replay *p = h->model;

	trace_free(p->t);
	free(p);
	free(h->ram);
}

void
replay_spoil(struct harness *h, size_t n)
{
	struct replay *p = h->model;

	for (size_t i = 0; i < p->t->count && n > 0; i++) {
		char *line = p->t->line[i];
		char *last = line + strlen(line) - 1;

		if (*line == 'w' && --n == 0)
			*last = *last == '0' ? '1' : '0';
	}
}

size_t
replay_writes(const struct harness *h)
{
	return ((struct replay *)h->model)->writes;
}

bool
replay_ended(struct harness *h)
{
	struct replay *p = h->model;

	if (!p->diverged && next_event(h) != NULL)
		diverge(h, "(has ended)");
	return !p->diverged;
}

void
backend_describe(struct harness *h, struct control_given *g)
{
	const struct replay *p = h->model;
	unsigned             irqs = 1, message = 0;

	memcpy(g->port, p->t->port, sizeof(g->port));
	memcpy(g->mmio, p->t->mmio, sizeof(g->mmio));
	for (size_t i = 0; i < p->t->count; i++) {
		const char *line = p->t->line[i];

		(void)!sscanf(
		    line, "given irqs %u message %u", &irqs, &message);
		if (starts(line, "given config "))
			(void)trace_bytes(
			    line + 13, g->config, sizeof(g->config));
	}
	g->irqs = (uint8_t)irqs;
	g->message = (uint8_t)message;
}

void
backend_silence(struct harness *h)
{
	(void)h;
}

void
backend_enable(struct harness *h)
{
	(void)h;
}

void
backend_look(struct harness *h)
{
	const struct replay *p = h->model;
	const char          *next = p->diverged ? NULL : next_event(h);
	unsigned             irq;

	if (next == NULL || sscanf(next, "irq %u", &irq) != 1)
		return;
	h->pending |= UINT64_C(1) << (irq % CONTROL_IRQS);
	h->interrupts++;
	took_event(h);
}

void
backend_over(struct harness *h)
{
	(void)h;
}

bool
backend_cut(struct harness *h)
{
	struct replay *p = h->model;
	const char    *next = next_event(h);

	return p->diverged || next == NULL || starts(next, "note ");
}

void
backend_advance(struct harness *h, uint64_t until)
{
	struct replay *p = h->model;
	const char    *next = next_event(h);

	if (p->diverged) {
		h->now = until;
		return;
	}
	h->now += 10 * MICROSECOND;
	if (starts(next, "irq "))
		return; /* backend_look brings it. */
	/* The watchdog is no reason to hurry where interrupts are implied. */
	if (h->alarm != 0 && (!h->implied || h->alarm != h->dev.alarm_at)) {
		if (h->now < h->alarm)
			h->now = h->alarm;
		h->alarm = 0;
		h->pending |= UINT64_C(1) << NOTICE_ALARM;
		return;
	}
	if (h->implied && next != NULL)
		h->pending |= 1;
	else
		diverge(h, "(waits)");
}

/* ------------------------------------------------------ for uldrv/lib */

uint32_t
be_read(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	struct harness *h = of(d);
	const char     *next = next_event(h);
	char            place[64];
	uint32_t        value;

	name_place(place, sizeof(place), d, 'r', r, offset, 8 * bytes);
	if (!starts(next, place)) {
		diverge(h, place);
		return UINT32_MAX >> (32 - 8 * bytes);
	}
	value = (uint32_t)strtoul(next + strlen(place), NULL, 0);
	took_event(h);
	talk_access(h, 'r', r, r->base + offset, bytes, value);
	return value;
}

/* The value that a line of a write tells. */
static uint32_t
told(struct harness *h, const char *text)
{
	if (*text == '@')
		return (uint32_t)harness_bus(
		    h, (uint32_t)strtoul(text + 1, NULL, 0));
	return (uint32_t)strtoul(text, NULL, 0);
}

void
be_write(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes,
    uint32_t value)
{
	struct harness *h = of(d);
	const char     *next = next_event(h);
	char            place[96];
	size_t          n;

	name_place(place, sizeof(place), d, 'w', r, offset, 8 * bytes);
	n = strlen(place);
	talk_access(h, 'w', r, r->base + offset, bytes, value);
	if (!starts(next, place) || told(h, next + n) != value) {
		snprintf(place + n, sizeof(place) - n, "0x%x", value);
		diverge(h, place);
		return;
	}
	took_event(h);
}

/* One line for the string, or in QEMU's trace one for each word. */
void
be_read_words(struct dev *d, const struct region *r, uint32_t offset, void *to,
    unsigned words)
{
	struct harness *h = of(d);
	const char     *next = next_event(h);
	uint8_t        *bytes = to;
	char            place[64];

	name_place(place, sizeof(place), d, 'R', r, offset, 16);
	memset(to, 0xff, 2 * (size_t)words);
	if (starts(next, place)) {
		if (trace_bytes(next + strlen(place), to, 2 * (size_t)words) !=
		    2 * (size_t)words)
			diverge(h, "(another number of words)");
		took_event(h);
		return;
	}
	for (unsigned i = 0; i < words; i++) {
		uint32_t v = be_read(d, r, offset, 2);

		bytes[2 * i] = (uint8_t)v;
		bytes[2 * i + 1] = (uint8_t)(v >> 8);
	}
}

void
be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words)
{
	struct harness *h = of(d);
	const char     *next = next_event(h);
	const uint8_t  *bytes = from;
	char            place[64];
	char           *text;

	name_place(place, sizeof(place), d, 'W', r, offset, 16);
	if (starts(next, place)) {
		text = trace_text(from, 2 * (size_t)words);
		if (strcmp(next + strlen(place), text) != 0) {
			free(text);
			diverge(h, place);
			return;
		}
		free(text);
		took_event(h);
		return;
	}
	for (unsigned i = 0; i < words; i++)
		be_write(d, r, offset, 2,
		    bytes[2 * i] | (uint32_t)bytes[2 * i + 1] << 8);
}

uint64_t
be_now(struct dev *d)
{
	return of(d)->now;
}

void
be_alarm(struct dev *d, uint64_t when)
{
	of(d)->alarm = when;
}

uint64_t
be_wait(struct dev *d)
{
	struct harness *h = of(d);
	uint64_t        bits;

	while ((bits = harness_take(h)) == 0)
		backend_advance(h, h->now + SECOND);
	return bits;
}

void
be_irq_ack(struct dev *d, unsigned irq, bool handled)
{
	(void)irq;
	(void)handled;
	of(d)->acks++;
}

void
be_client(struct dev *d)
{
	of(d)->notices++;
}

void
be_bell(struct dev *d, unsigned k)
{
	of(d)->bells |= 1u << k;
}

void
be_stop(struct dev *d)
{
	if (of(d)->verbose)
		printf(
		    "    driver: stopped, %s\n", of(d)->control->said.remark);
}
