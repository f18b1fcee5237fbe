/* SPDX-License-Identifier: BSD-2-Clause */
/* OIDs and capabilities in readable form, for listing and dumper. */
#ifndef PERSIST_TOOLS_SHOW_H
#define PERSIST_TOOLS_SHOW_H

#include "kernel/abi/cap.h"

enum { SHOW_BYTES = 192, SHOW_OID_BYTES = 48 };

void        show_oid(oid o, char text[SHOW_OID_BYTES]);
void        show_cap(const struct cap *c, char text[SHOW_BYTES]);
const char *show_kind(unsigned frame_kind);

#endif
