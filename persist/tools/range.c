/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames of one source, handed out in order; nodes packed seven to a frame. */
#include "persist/tools/build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
die(const char *format, ...)
{
	va_list ap;

	fputs("mkvolume: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *
must_alloc(size_t n, size_t size)
{
	void *p = calloc(n == 0 ? 1 : n, size);

	if (p == NULL)
		die("out of memory");
	return p;
}

void
range_init(struct range *r, enum oid_source source)
{
	*r = (struct range){
	    .source = source,
	    .limit = 65536, /* 256 MiB: a bound, not an aim. */
	    .node_index = FRAME_NODES,
	};
	/* One array for good: slots are pointed to while it fills. */
	r->frame = must_alloc(r->limit, PAGE_SIZE);
	r->kind = must_alloc(r->limit, 1);
}

oid
range_frame(struct range *r, enum frame_kind kind)
{
	unsigned n = r->nframes;

	if (n == r->limit)
		die("more than %u frames", r->limit);
	r->nframes++;
	r->kind[n] = (uint8_t)kind;
	return oid_make(frame_of(r->source, n), OID_INDEX_FRAME);
}

static void
node_frame_init(struct range *r)
{
	oid                o = range_frame(r, FK_NODE);
	struct node_frame *f = range_page(r, o);

	f->header.magic = NODE_FRAME_MAGIC;
	f->header.oid = o.v;
	f->header.kind = FK_NODE;
	for (unsigned i = 0; i < FRAME_NODES; i++)
		f->node[i].count = FIRST_COUNT;
	r->node_frame = r->nframes - 1;
	r->node_index = 0;
}

oid
range_node(struct range *r, enum node_role role)
{
	oid o;

	if (r->node_index == FRAME_NODES)
		node_frame_init(r);
	o = oid_make(frame_of(r->source, r->node_frame), r->node_index++);
	range_header(r, o)->role = (uint8_t)role;
	return o;
}

void *
range_page(struct range *r, oid o)
{
	return r->frame[frame_position(oid_frame(o))];
}

struct node_header *
range_header(struct range *r, oid node)
{
	struct node_frame *f = range_page(r, node);

	return &f->node[oid_index(node)];
}

struct cap *
range_slot(struct range *r, oid node, unsigned slot)
{
	struct node_frame *f = range_page(r, node);

	return &f->slot[oid_index(node)][slot];
}
