/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dump-volume FILE                        identity and generations
 * dump-volume FILE map [GENERATION]       every object
 * dump-volume FILE record [GENERATION]    the running list
 * dump-volume FILE object FRAME [GENERATION]   one persistent frame
 */
#include "persist/tools/reader.h"
#include "persist/tools/show.h"

#include "kernel/abi/process.h"
#include "persist/format/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
time_print(uint64_t seconds)
{
	char      text[32] = "-";
	time_t    t = (time_t)seconds;
	struct tm tm;

	if (seconds != 0 && gmtime_r(&t, &tm) != NULL)
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s", text);
}

static void
generations_print(const struct reader *r)
{
	char uuid[40];

	reader_uuid(r->header->uuid, uuid);
	printf("volume %s \"%.64s\", %lu blocks, data %lu + %lu\n", uuid,
	    r->header->label, r->header->blocks, r->header->data_block,
	    r->header->data_blocks);
	for (unsigned i = 0; i < SUPER_SLOTS; i++)
		if (r->super[i] == NULL)
			printf("superblock %u %s\n", i, r->why[i]);
		else
			printf("superblock %u generation %lu%s\n", i,
			    r->super[i]->number,
			    r->super[i] == r->now ? ", the newest" : "");
	for (unsigned i = 0; i < r->now->generations; i++) {
		const struct generation *g = &r->now->generation[i];

		printf("generation %lu commit %016lx parent %016lx boot %lu "
		       "call %lu frames %lu blocks %lu dead %lu%s%s ",
		    g->number, g->commit, g->parent, g->boot, g->call_number,
		    g->frames, g->blocks, g->dead_entries,
		    (g->flags & GEN_PINNED) != 0 ? " pinned" : "",
		    (g->flags & GEN_CONDEMNED) != 0 ? " condemned" : "");
		time_print(g->time);
		putchar('\n');
	}
	printf("used %lu of %lu\n", r->now->used, r->header->data_blocks);
}

static void
entry_print(uint64_t frame, const struct map_leaf *e)
{
	char text[SHOW_OID_BYTES];

	show_oid(oid_make(frame, OID_INDEX_FRAME), text);
	printf("%s %s count %u block %lu birth %lu check %016lx\n", text,
	    show_kind(e->kind), e->count, map_get48(e->block),
	    map_get48(e->birth), e->check);
}

static void
map_print(const struct reader *r, const struct generation *g)
{
	for (uint64_t i = 0; i < r->header->positions; i++) {
		struct map_leaf e = reader_leaf(r, &g->objects, i);

		if (e.kind != FK_FREE || e.count != 0)
			entry_print(frame_of(MAP_SOURCE_OBJECTS, i), &e);
	}
}

static void
node_print(uint64_t frame, const struct node_frame *f)
{
	static const char *const roles[ROLE_COUNT] = {
	    "data", "process", "forwarder", "guard"};
	char text[SHOW_BYTES], o[SHOW_OID_BYTES];

	printf("written in boot %u\n", f->header.boot);
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		show_oid(oid_make(frame, i), o);
		printf("node %s %s count %u flags %#x\n", o,
		    f->node[i].role < ROLE_COUNT ? roles[f->node[i].role] : "?",
		    f->node[i].count, f->node[i].flags);
		for (unsigned k = 0; k < NODE_SLOTS; k++) {
			if (f->slot[i][k].type == CK_VOID)
				continue;
			show_cap(&f->slot[i][k], text);
			printf("    %2u  %s\n", k, text);
		}
	}
}

static void
state_print(const struct state_page *s)
{
	static const char *const states[] = {"available", "running", "waiting"};
	char                     o[SHOW_OID_BYTES];

	show_oid((oid){s->node_oid}, o);
	printf("process %.16s of node %s count %u, %s, fault %u, call %lu\n",
	    (const char *)s->name, o, s->node_count,
	    s->state <= PS_WAITING ? states[s->state] : "?", s->fault,
	    s->call_number);
	printf("rip %016lx rsp %016lx rflags %lx notices %016lx\n", s->regs.rip,
	    s->regs.rsp, s->regs.rflags, s->notices);
}

static void
bytes_print(const uint8_t *p)
{
	for (unsigned i = 0; i < BLOCK_SIZE; i += 16) {
		if (i >= 16 && memcmp(p + i, p + i - 16, 16) == 0)
			continue;
		printf("%03x ", i);
		for (unsigned k = 0; k < 16; k++)
			printf(" %02x", p[i + k]);
		putchar('\n');
	}
}

static int
object_print(
    const struct reader *r, const struct generation *g, uint64_t position)
{
	uint64_t        frame = frame_of(MAP_SOURCE_OBJECTS, position);
	struct map_leaf e = reader_leaf(r, &g->objects, position);
	const void     *data = reader_block(r, map_get48(e.block));

	entry_print(frame, &e);
	if (map_get48(e.block) == 0 || data == NULL)
		return 0;
	if (e.kind == FK_NODE)
		node_print(frame, data);
	else if (e.kind == FK_STATE)
		state_print(data);
	else
		bytes_print(data);
	return 0;
}

static void
record_print(const struct reader *r, const struct generation *g)
{
	static const char *const kinds[] = {
	    "", "header", "running", "outside", "idle", "reserve"};

	for (uint32_t p = 0; p < g->record_pages; p++) {
		struct map_leaf            e = reader_leaf(r, &g->record, p);
		const struct record_entry *n = reader_block(
		    r, map_get48(e.block));

		for (unsigned i = 0; n != NULL && i < RECORD_ENTRIES; i++) {
			char o[SHOW_OID_BYTES];

			if (n[i].kind == RECORD_NONE || n[i].kind > RECORD_RESERVE)
				continue;
			show_oid((oid){n[i].oid}, o);
			printf("%s %s count %u flags %#x %lu %lu\n",
			    kinds[n[i].kind],
			    n[i].kind == RECORD_HEADER ? "" : o, n[i].count,
			    n[i].flags, n[i].a, n[i].b);
		}
	}
}

int
main(int argc, char **argv)
{
	static struct reader     r;
	const struct generation *g;
	const char              *why, *what = argc > 2 ? argv[2] : "";
	int                      arg = strcmp(what, "object") == 0 ? 4 : 3;

	if (argc < 2 || (arg == 4 && argc < 4)) {
		fputs("usage: dump-volume FILE [map|record|object FRAME] "
		      "[GENERATION]\n",
		    stderr);
		return 2;
	}
	if (!reader_open(&r, argv[1], &why)) {
		printf("%s: %s\n", argv[1], why);
		return 2;
	}
	if (r.now == NULL) {
		printf("%s: no superblock can be used\n", argv[1]);
		return 1;
	}
	g = argc > arg ? reader_generation(&r, strtoull(argv[arg], NULL, 0))
		       : reader_newest(&r);
	if (g == NULL) {
		printf("%s: there is no generation %s\n", argv[1], argv[arg]);
		return 1;
	}
	if (strcmp(what, "map") == 0)
		map_print(&r, g);
	else if (strcmp(what, "record") == 0)
		record_print(&r, g);
	else if (strcmp(what, "object") == 0)
		return object_print(&r, g, strtoull(argv[3], NULL, 0));
	else
		generations_print(&r);
	return 0;
}
