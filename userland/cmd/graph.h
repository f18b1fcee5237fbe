/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds what, as a graph in the language of graphviz's dot. */
#ifndef USERLAND_CMD_GRAPH_H
#define USERLAND_CMD_GRAPH_H

#include "kernel/abi/kinfo.h"
#include "userland/lib/term.h"

void graph_begin(struct term *out);

/* From here on the edges are those of this process. */
void graph_process(const struct kinfo_process *p);

/* An edge, if this leads to a process or a device; each once for a process. */
void graph_edge(const struct kinfo_cap *k);

/*
 * Of the forwarders that edges have led to, the next: the edges are its own from
 * here on. False: there is no other.
 */
bool graph_forwarder(uint64_t *node);

void graph_end(void);

#endif
