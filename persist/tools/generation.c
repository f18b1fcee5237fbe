/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first generation, written by the store itself: the builder plays the
 * kernel, cleans every frame of the persistent range, takes a snapshot.
 */
#include "persist/format/check.h"
#include "persist/format/map.h"
#include "persist/format/record.h"
#include "persist/store/store.h"
#include "persist/tools/volume.h"

#include <stdlib.h>
#include <string.h>

struct writer {
	struct volume_file *v;
	struct store       *s;
	struct range       *r;
	uint32_t            open;
	enum status         status;
};

static void
io_do(struct writer *w, const struct store_io *io)
{
	for (uint32_t i = 0; i < io->count; i++) {
		void *p = io->buffer != NULL
		    ? io->buffer
		    : (void *)w->r->frame[io->frame[i]];

		if (io->op == STORE_WRITE)
			volume_block_write(w->v, io->block + i, p);
		else if (io->op == STORE_READ)
			volume_block_read(w->v, io->block + i, p);
	}
	store_io_done(w->s, io->tag, RC_OK);
}

static void
serve(struct writer *w)
{
	struct store_io         io;
	struct pager_completion c;

	while (store_next_io(w->s, &io))
		io_do(w, &io);
	while (store_next_completion(w->s, &c)) {
		w->open -= c.tag != 0;
		if (c.status != RC_OK)
			w->status = (enum status)c.status;
	}
	if (w->status != RC_OK)
		die("%s: the store answers %d", w->v->path, w->status);
}

static void
send(struct writer *w, struct pager_request r)
{
	static uint64_t tag;

	r.tag = ++tag;
	r.epoch = 1;
	if (store_request(w->s, &r) != RC_OK)
		die("%s: the store refuses order %d", w->v->path, r.op);
	w->open++;
	serve(w);
}

static bool
zero(const void *page)
{
	const uint8_t *p = page;

	return p[0] == 0 && memcmp(p, p + 1, PAGE_SIZE - 1) == 0;
}

/* The running list: a header and an entry for each process that runs. */
static uint32_t
record_make(struct build *b)
{
	struct range        *r = &b->persistent;
	struct record_entry *e = (struct record_entry *)r->frame[r->nframes];
	uint32_t             n = 0;

	if (r->nframes + OBJECTS_MAX / RECORD_ENTRIES + 1 > r->limit)
		die("no room for the running list");
	e[n++] = (struct record_entry){
	    .oid = RECORD_MAGIC, .kind = RECORD_HEADER};
	for (unsigned i = 0; i < b->nobjects; i++) {
		const struct object *o = &b->object[i];

		if (o->type == OBJ_DOMAIN && o->range == r && o->running)
			e[n++] = (struct record_entry){.oid = o->node.v,
			    .count = FIRST_COUNT,
			    .kind = RECORD_RUNNING};
	}
	return (n + RECORD_ENTRIES - 1) / RECORD_ENTRIES;
}

static struct store *
store_open(struct writer *w)
{
	struct store_config c = {
	    .frames = w->r->frame[0],
	    .crc_cpu = crc_cpu(),
	    .blocks = w->v->header.data_blocks,
	    .credits = w->r->nframes + 64,
	    .floor = 512,
	    .cache = 256,
	    .requests = PAGER_OUTSTANDING,
	    .record = PAGER_RECORD_MAX,
	    .retain = 8,
	};
	uint64_t seed;
	size_t bytes = (store_bytes(&c) + PAGE_SIZE) & ~(size_t)(PAGE_SIZE - 1);
	void  *memory = aligned_alloc(PAGE_SIZE, bytes);

	if (memory == NULL)
		die("out of memory");
	w->s = store_init(&c, memory);
	/* D13: the volume's identity is what is different each time. */
	memcpy(&seed, w->v->header.uuid, sizeof(seed));
	store_mount(w->s, seed ^ w->v->header.made);
	serve(w);
	if (store_mounted(w->s) != RC_OK)
		die("%s: the new volume does not open", w->v->path);
	return memory;
}

void
generation_write(struct volume_file *v, struct build *b)
{
	struct range        *r = &b->persistent;
	struct writer        w = {.v = v, .r = r};
	uint32_t             pages = record_make(b);
	void                *memory = store_open(&w);
	struct store_figures f;

	store_figures(w.s, &f);
	if (r->nframes > f.sellable)
		die("%s: too small for %u frames", v->path, r->nframes);
	for (uint32_t i = 0; i < r->nframes; i++)
		send(&w,
		    (struct pager_request){.op = PAGER_CLEAN,
			.oid = oid_make(
			    frame_of(SOURCE_PERSISTENT, i), OID_INDEX_FRAME)
				   .v,
			.kind = r->kind[i] == FK_PAGE && zero(r->frame[i])
			    ? FK_ZERO
			    : r->kind[i],
			.count = FIRST_COUNT,
			.frame = i});
	send(&w,
	    (struct pager_request){
		.op = PAGER_SNAPSHOT, .word = {0, pages, volume_now()}});
	for (uint32_t i = 0; i < pages; i++)
		send(&w,
		    (struct pager_request){.op = PAGER_CLEAN,
			.kind = FK_META,
			.oid = pager_record_oid(i).v,
			.frame = r->nframes + i});
	send(&w, (struct pager_request){.op = PAGER_BARRIER});
	if (w.open != 0)
		die("%s: the store did not finish", v->path);
	free(memory);
}
