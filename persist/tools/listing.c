/* SPDX-License-Identifier: BSD-2-Clause */
/* --list: what was built, one line for each object and each capability. */
#include "persist/tools/build.h"
#include "persist/tools/show.h"

#include <stdio.h>

static const char *const type_names[] = {"domain", "segment", "node"};

static void
slots_print(const struct object *o)
{
	char text[SHOW_BYTES];

	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		const struct cap *c = range_slot(o->range, o->node, i);

		if (c->type == CK_VOID)
			continue;
		show_cap(c, text);
		printf("    %2u  %s\n", i, text);
	}
}

void
listing_print(const struct build *b)
{
	char text[SHOW_BYTES];

	for (unsigned i = 0; i < b->nobjects; i++) {
		const struct object *o = &b->object[i];

		show_oid(o->type == OBJ_SEGMENT ? o->page[0] : o->node, text);
		printf("%s %s %s%s%s\n", type_names[o->type], o->name, text,
		    (o->flags & PF_RESIDENT) != 0 ? " resident" : "",
		    o->type == OBJ_DOMAIN && !o->running ? " available" : "");
		if (o->type != OBJ_SEGMENT)
			slots_print(o);
	}
	for (unsigned i = 0; i < b->nservices; i++) {
		show_cap(&b->service[i], text);
		printf("service %u %s\n", i, text);
	}
	printf("boot range: %u frames; persistent: %u frames of %lu\n",
	    b->boot.nframes, b->persistent.nframes, b->positions);
}
