/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines for the records of devdb and the store. */
#include <stdio.h>
#include <string.h>

#include "userland/cmd/format.h"

const char format_device_head[] =
    "device   state      dma           irq     driver          what\n";

static void
device_lines(char *text, const struct devdb_device *r)
{
	int n = 0;

	text[0] = 0;
	for (unsigned i = 0; i < 2; i++)
		if (r->gsi[i] != 255)
			n += sprintf(
			    text + n, "%s%u", n > 0 ? "," : "", r->gsi[i]);
	if (r->messages > 0)
		n += sprintf(
		    text + n, "%s%u MSI", n > 0 ? "," : "", r->messages);
	if (n == 0)
		sprintf(text, "-");
}

void
format_device(char *line, const struct devdb_device *r)
{
	static const char *const states[DEVDB_STATE_COUNT] = {
	    [DEVDB_UNDRIVEN] = "no driver",
	    [DEVDB_WAITING] = "waiting",
	    [DEVDB_BOUND] = "bound",
	    [DEVDB_SKIPPED] = "kept",
	    [DEVDB_EMPTY] = "empty",
	    [DEVDB_SUSPENDED] = "suspended",
	    [DEVDB_SPOILT] = "bad ring",
	};
	static const char *const confinements[DEVDB_CONFINEMENT_COUNT] = {
	    [DEVDB_NO_DMA] = "none",
	    [DEVDB_MASTER_OFF] = "off",
	    [DEVDB_IOMMU] = "enforced",
	    [DEVDB_NOT_ENFORCED] = "not enforced",
	    [DEVDB_UNCONFINED] = "unconfined",
	};
	char name[DEVDB_NAME + 1], title[DEVDB_TEXT + 1];
	char driver[DEVDB_NAME + 1], lines[32];

	device_lines(lines, r);
	snprintf(line, FORMAT_BYTES, "%-7s  %-9s  %-12s  %-6s  %-14s  %s\n",
	    format_label(name, sizeof(name), r->name, sizeof(r->name)),
	    r->state < DEVDB_STATE_COUNT ? states[r->state] : "?",
	    r->confinement < DEVDB_CONFINEMENT_COUNT
		? confinements[r->confinement]
		: "?",
	    lines,
	    format_label(driver, sizeof(driver), r->driver, sizeof(r->driver)),
	    format_label(title, sizeof(title), r->title, sizeof(r->title)));
}

const char format_driver_head[] =
    "driver        device       state     restarts  interrupts  requests    "
    "errors  remark\n";

void
format_driver(char *line, const struct devdb_driver *r)
{
	static const char *const runs[DEVDB_RUN_COUNT] = {
	    [DEVDB_RUN_STARTING] = "starting",
	    [DEVDB_RUN_UP] = "up",
	    [DEVDB_RUN_BACK_OFF] = "back-off",
	    [DEVDB_RUN_STOPPED] = "stopped",
	    [DEVDB_RUN_SUSPENDED] = "asleep",
	};
	char name[DEVDB_NAME + 1], device[DEVDB_NAME + 1];
	char remark[sizeof(r->remark) + 1];

	snprintf(line, FORMAT_BYTES,
	    "%-12s  %-11s  %-8s  %-8u  %-10lu  %-10lu  %-6lu  %s\n",
	    format_label(name, sizeof(name), r->name, sizeof(r->name)),
	    format_label(device, sizeof(device), r->device, sizeof(r->device)),
	    r->run < DEVDB_RUN_COUNT ? runs[r->run] : "?", r->restarts,
	    r->interrupts, r->requests, r->errors,
	    format_label(remark, sizeof(remark), r->remark, sizeof(r->remark)));
}

/* Days since 1970 as year, month, day (Hinnant's civil_from_days). */
static void
civil(uint64_t days, unsigned *year, unsigned *month, unsigned *day)
{
	uint64_t z = days + 719468;
	uint64_t era = z / 146097;
	uint64_t doe = z % 146097;
	uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint64_t mp = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * mp + 2) / 5 + 1);
	*month = (unsigned)(mp < 10 ? mp + 3 : mp - 9);
	*year = (unsigned)(yoe + era * 400 + (*month <= 2));
}

void
format_wall(char *text, uint64_t nanoseconds)
{
	uint64_t s = nanoseconds / 1000000000;
	unsigned year, month, day;

	if (nanoseconds == 0) {
		sprintf(text, "-");
		return;
	}
	civil(s / 86400, &year, &month, &day);
	sprintf(text, "%04u-%02u-%02u %02u:%02u:%02u", year, month, day,
	    (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
	    (unsigned)(s % 60));
}

const char format_generation_head[] =
    "generation  boot    blocks      taken                flags\n";

void
format_generation(char *line, const struct store_generation *r)
{
	static const struct {
		enum store_generation_flags flag;
		const char                 *word;
	} words[] = {
	    {STORE_CURRENT, " current"},
	    {STORE_PINNED, " pinned"},
	    {STORE_BOOTED, " booted"},
	};
	char wall[32], flags[32] = "";

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if ((r->flags & words[i].flag) != 0)
			strcat(flags, words[i].word);
	format_wall(wall, r->wall);
	snprintf(line, FORMAT_BYTES, "%-10lu  %-6u  %-10lu  %-19s  %s\n",
	    r->number, r->boot, r->blocks, wall,
	    flags[0] != 0 ? flags + 1 : "-");
}
