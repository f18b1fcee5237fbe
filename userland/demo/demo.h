/* SPDX-License-Identifier: BSD-2-Clause */
/* What the demonstrations share; demo.c serves them. */
#ifndef USERLAND_DEMO_DEMO_H
#define USERLAND_DEMO_DEMO_H

#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

/* Slots of REG_NODE, filled by system.dts. */
enum demo_slot {
	HAS_SPY,   /* Requestor's capability of the spy's constructor. */
	HAS_LEAKY, /* And of its leaky twin's. */
	HAS_SCHEDULE,
	HAS_WALL,  /* A page to which only the author of the spy can write. */
	HAS_FENCE, /* To ask what came through. */
	HAS_DEPUTY,
	HAS_BILL, /* As a client of the compiler sees it: read-only. */
	HAS_LINUX, /* To run a program for Linux. */
};

/* Adds a line to the report. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* True if it showed what it is to show. */
bool show_confine(void);
bool show_deputy(void);
bool show_linux(void);

#endif
