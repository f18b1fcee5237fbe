/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct trace *
trace_new(void)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (t == NULL)
		abort();
	return t;
}

void
trace_free(struct trace *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->line[i]);
	free(t->line);
	free(t);
}

void
trace_add(struct trace *t, const char *line)
{
	if (t->count == t->room) {
		t->room = t->room == 0 ? 256 : 2 * t->room;
		t->line = realloc(t->line, t->room * sizeof(*t->line));
		if (t->line == NULL)
			abort();
	}
	t->line[t->count] = strdup(line);
	if (t->line[t->count] == NULL)
		abort();
	t->count++;
}

bool
trace_save(const struct trace *t, const char *path)
{
	FILE *f = fopen(path, "w");
	bool  good = f != NULL;

	if (f == NULL) {
		perror(path);
		return false;
	}
	for (size_t i = 0; i < t->count; i++)
		good &= fprintf(f, "%s\n", t->line[i]) > 0;
	good &= fclose(f) == 0;
	return good;
}

/* The resource that a physical address or port lies in. */
static bool
locate(const struct control_range *range, unsigned n, uint64_t at, unsigned *i,
    uint64_t *offset)
{
	for (*i = 0; *i < n; ++*i)
		if (at >= range[*i].first &&
		    at - range[*i].first < range[*i].bytes) {
			*offset = at - range[*i].first;
			return true;
		}
	return false;
}

/* A line of QEMU's trace; false if it is none, or none of ours. */
static bool
from_qemu(const struct trace *t, const char *line, char *out, size_t room)
{
	const char   *at = strstr(line, "memory_region_ops_");
	char          how[8], region[64];
	unsigned long address, value;
	unsigned      bytes, i;
	uint64_t      offset;
	bool          port;

	if (at == NULL ||
	    sscanf(at,
		"memory_region_ops_%7s cpu %*d mr %*s addr %lx value %lx size "
		"%u name '%63[^']'",
		how, &address, &value, &bytes, region) != 5)
		return false;
	port = locate(t->port, CONTROL_PORTS, address, &i, &offset);
	if (!port && !locate(t->mmio, CONTROL_MMIO, address, &i, &offset))
		return false;
	snprintf(out, room, "%c%u %s%u+0x%llx = 0x%lx", how[0], 8 * bytes,
	    port ? "port" : "mmio", i, (unsigned long long)offset, value);
	return true;
}

static void
take_line(struct trace *t, char *line)
{
	unsigned           i;
	unsigned long long first, bytes;
	char               made[128];

	line[strcspn(line, "\n")] = '\0';
	if (*line == '\0' || *line == '#')
		return;
	if (sscanf(line, "given port%u %llx %llx", &i, &first, &bytes) == 3 &&
	    i < CONTROL_PORTS)
		t->port[i] = (struct control_range){
		    .first = first, .bytes = bytes};
	if (sscanf(line, "given mmio%u %llx %llx", &i, &first, &bytes) == 3 &&
	    i < CONTROL_MMIO)
		t->mmio[i] = (struct control_range){
		    .first = first, .bytes = bytes};
	if (from_qemu(t, line, made, sizeof(made)))
		trace_add(t, made);
	else if (strstr(line, "memory_region_ops_") == NULL)
		trace_add(t, line);
}

struct trace *
trace_load(const char *path)
{
	FILE         *f = fopen(path, "r");
	struct trace *t;
	char         *line = NULL;
	size_t        room = 0;

	if (f == NULL) {
		perror(path);
		return NULL;
	}
	t = trace_new();
	while (getline(&line, &room, f) > 0)
		take_line(t, line);
	free(line);
	fclose(f);
	if (t->count == 0) {
		fprintf(stderr, "%s: holds no event of the device\n", path);
		trace_free(t);
		return NULL;
	}
	return t;
}

char *
trace_text(const void *bytes, size_t n)
{
	const uint8_t *b = bytes;
	char          *text = malloc(n * 4 + 24);
	size_t         at = 0;

	if (text == NULL)
		abort();
	text[0] = '\0';
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && b[i + run] == b[i]; run++)
			;
		if (run < 3)
			run = 1;
		at += (size_t)sprintf(
		    text + at, "%s%02x", i == 0 ? "" : " ", b[i]);
		if (run > 1)
			at += (size_t)sprintf(text + at, "*%zu", run);
	}
	return text;
}

size_t
trace_bytes(const char *text, uint8_t *to, size_t most)
{
	size_t n = 0;

	for (;;) {
		char         *end;
		unsigned long byte = strtoul(text, &end, 16), run = 1;

		if (end == text)
			return n;
		if (*end == '*')
			run = strtoul(end + 1, &end, 10);
		if (run > most - n)
			run = most - n;
		memset(to + n, (int)byte, run);
		n += run;
		text = end;
	}
}

/* ------------------------------------------------------------ talking */

static void
say(struct harness *h, const char *line)
{
	if (h->verbose)
		printf("    %.120s\n", line); /* Data is of no use here. */
	if (h->trace != NULL)
		trace_add(h->trace, line);
}

static void
say_range(struct harness *h, const char *kind, unsigned i,
    const struct control_range *r)
{
	char line[96];

	if (r->bytes == 0)
		return;
	snprintf(line, sizeof(line), "given %s%u 0x%llx 0x%llx", kind, i,
	    (unsigned long long)r->first, (unsigned long long)r->bytes);
	say(h, line);
}

void
talk_given(struct harness *h, const struct control_given *g)
{
	char  line[4 * CONTROL_CONFIG + 64];
	char *text;

	if (!talk_wanted(h))
		return;
	for (unsigned i = 0; i < CONTROL_PORTS; i++)
		say_range(h, "port", i, &g->port[i]);
	for (unsigned i = 0; i < CONTROL_MMIO; i++)
		say_range(h, "mmio", i, &g->mmio[i]);
	snprintf(line, sizeof(line), "given irqs %u message %u", g->irqs,
	    g->message);
	say(h, line);
	text = trace_text(g->config, CONTROL_CONFIG);
	snprintf(line, sizeof(line), "given config %s", text);
	free(text);
	say(h, line);
}

static void
name_place(char *out, size_t room, char how, const struct region *r,
    uint64_t offset, unsigned bits)
{
	snprintf(out, room, "%c%u %s%u+0x%llx", how, bits,
	    r->kind == REGION_PORTS ? "port" : "mmio", r->resource,
	    (unsigned long long)offset);
}

void
talk_access(struct harness *h, char how, const struct region *r,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	char     place[64], line[128];
	uint32_t ram;

	if (!talk_wanted(h))
		return;
	name_place(place, sizeof(place), how, r, offset, 8 * bytes);
	/* Back ends have their memory at different addresses. */
	if (how == 'w' && bytes == 4 && harness_ram(h, value, &ram))
		snprintf(line, sizeof(line), "%s = @0x%x", place, ram);
	else
		snprintf(line, sizeof(line), "%s = 0x%x", place, value);
	say(h, line);
}

static void
say_bytes(struct harness *h, const char *place, const void *data, size_t n)
{
	char  *text = trace_text(data, n);
	size_t room = strlen(text) + 80;
	char  *line = malloc(room);

	if (line == NULL)
		abort();
	snprintf(line, room, "%s = %s", place, text);
	say(h, line);
	free(line);
	free(text);
}

void
talk_words(struct harness *h, char how, const struct region *r, uint64_t offset,
    const void *data, unsigned words)
{
	char place[64];

	if (!talk_wanted(h))
		return;
	name_place(place, sizeof(place), how, r, offset, 16);
	say_bytes(h, place, data, 2 * (size_t)words);
}

void
talk_irq(struct harness *h, unsigned irq)
{
	char line[16];

	if (!talk_wanted(h))
		return;
	snprintf(line, sizeof(line), "irq %u", irq);
	say(h, line);
}

void
talk_memory(struct harness *h, const char *how, uint32_t offset,
    const void *data, size_t n)
{
	char place[32];

	if (h->trace == NULL)
		return;
	snprintf(place, sizeof(place), "%s 0x%x", how, offset);
	say_bytes(h, place, data, n);
}

void
talk_note(struct harness *h, const char *format, ...)
{
	char    line[512] = "note ";
	va_list args;

	if (!talk_wanted(h))
		return;
	va_start(args, format);
	vsnprintf(line + 5, sizeof(line) - 5, format, args);
	va_end(args);
	say(h, line);
	if (h->on_note != NULL)
		h->on_note(h, line);
}
