/* SPDX-License-Identifier: BSD-2-Clause */
/* disk: disks, their partitions, who uses them, and what stands there. */
#include <string.h>

#include "uldrv/class/devdb.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/idl/disks.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"

/* The bytes before it are counted in 64 bits. */
static const uint64_t sector_most = UINT64_MAX / 512;

enum {
	PARTS = 4,
	SECTOR = 512,
	IN_A_LINE = 16,
};

/* What keeps an order from being done, where a status says too little. */
static void
failed(struct command_call *c, enum status st)
{
	static const struct {
		enum status st;
		const char *text;
	} known[] = {
	    {RC_NOT_FOUND, "no such disk; disk lists them"},
	    {RC_VOID, "no such partition; disk lists them"},
	    {RC_ARGUMENT, "beyond the end; disk shows how many sectors"},
	    {RC_STATE, "its driver is not up; drv shows why"},
	    {RC_LIMIT, "it has as many clients as it can have"},
	};

	for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].st != st)
			continue;
		term_printf(c->out, "disk: %s\n", known[i].text);
		return;
	}
	command_failed(c, st);
}

static const char *
user_of(const struct devdb_disk *d, uint64_t first, uint64_t sectors)
{
	if (d->decided == 0)
		return "? (the store has not looked yet)";
	return first < d->claim_first + d->claim_sectors &&
		d->claim_first < first + sectors
	    ? "store: the volume"
	    : "-";
}

static bool
list_parts(struct command_call *c, uint64_t disk, const struct devdb_disk *d)
{
	for (uint64_t part = 1; part <= PARTS; part++) {
		uint64_t    first = 0, sectors = 0, type = 0;
		enum status st;

		retry(&st,
		    disks_partition(
			REG_T0, disk, part, &first, &sectors, &type));
		if (st == RC_VOID)
			continue;
		if (st != RC_OK) {
			failed(c, st);
			return false;
		}
		term_printf(c->out, "%lu.%lu   %-11lu %-11lu %02lx    %s\n",
		    (unsigned long)disk, (unsigned long)part,
		    (unsigned long)first, (unsigned long)sectors,
		    (unsigned long)type, user_of(d, first, sectors));
	}
	return true;
}

static void
list_clients(struct command_call *c, const struct devdb_disk *d)
{
	for (unsigned k = 0; k < DEVDB_CLIENTS; k++) {
		const struct devdb_client *r = &d->client[k];
		char                       label[DEVDB_LABEL + 1];

		if (r->label[0] == '\0')
			continue;
		term_printf(c->out,
		    "      raw client %s: from %lu, may %s, %lu requests, "
		    "%lu errors%s\n",
		    format_label(label, sizeof(label), r->label,
			sizeof(r->label)),
		    (unsigned long)r->first,
		    r->writes ? "write" : "read", (unsigned long)r->requests,
		    (unsigned long)r->errors,
		    r->broken        ? ", broke its ring"
			: !r->served ? ", not connected"
				     : "");
	}
}

static void
list(struct command_call *c)
{
	struct devdb_disk d = {.sectors = 0};
	uint64_t          count = 1;
	enum status       st;

	for (uint64_t i = 0; i < count; i++) {
		retry(&st, disks_disk(REG_T0, i, &d, sizeof(d), NULL, &count));
		if (st == RC_NOT_FOUND && i == 0)
			term_text(c->out, "disk: there is none\n");
		else if (st != RC_OK && st != RC_NOT_FOUND)
			command_failed(c, st);
		if (st != RC_OK)
			return;
		if (i == 0)
			term_text(c->out,
			    "disk  first       sectors     type  used by\n");
		d.device[DEVDB_NAME - 1] = d.driver[DEVDB_NAME - 1] = '\0';
		if (d.device[0] == '\0') {
			term_printf(c->out, "%lu     gone\n", (unsigned long)i);
			continue;
		}
		term_printf(c->out, "%-5lu %-11u %-11lu -     %s at %s%s\n",
		    (unsigned long)i, 0u, (unsigned long)d.sectors, d.driver,
		    d.device, d.up ? "" : ", not up");
		if (d.up && !list_parts(c, i, &d))
			return;
		list_clients(c, &d);
	}
}

/* DISK or DISK.PART */
static bool
place(const char *text, uint64_t *disk, uint64_t *part)
{
	const char *dot = strchr(text, '.');
	char        number[4];
	size_t      n = dot != NULL ? (size_t)(dot - text) : strlen(text);

	*part = 0;
	if (n >= sizeof(number))
		return false;
	memcpy(number, text, n);
	number[n] = '\0';
	return command_number(number, 99, disk) &&
	    (dot == NULL ||
		(command_number(dot + 1, PARTS, part) && *part != 0));
}

static void
dump_line(struct command_call *c, unsigned at, const uint8_t *b)
{
	char text[IN_A_LINE + 1];

	term_printf(c->out, "%03x ", at);
	for (unsigned i = 0; i < IN_A_LINE; i++) {
		term_printf(c->out, " %02x", b[i]);
		text[i] = b[i] >= ' ' && b[i] < 0x7f ? (char)b[i] : '.';
	}
	text[IN_A_LINE] = '\0';
	term_printf(c->out, "  %s\n", text);
}

static void
dump(struct command_call *c, uint64_t disk, uint64_t part, uint64_t sector)
{
	static uint8_t bytes[SECTOR];
	size_t         n = 0;
	enum status    st;

	retry(&st,
	    disks_read(
		REG_T0, disk, part, sector, 1, bytes, sizeof(bytes), &n));
	if (st == RC_OK && n != sizeof(bytes))
		st = RC_DEVICE;
	if (st != RC_OK) {
		failed(c, st);
		return;
	}
	for (unsigned at = 0; at < SECTOR; at += IN_A_LINE)
		dump_line(c, at, bytes + at);
}

void
cmd_disk(struct command_call *c)
{
	uint64_t disk, part, sector;
	bool     reads = c->argc == 4 && strcmp(c->argv[1], "read") == 0;

	if (c->argc != 1 && !reads) {
		command_usage(c);
		return;
	}
	if (reads && !place(c->argv[2], &disk, &part)) {
		term_printf(c->out,
		    "disk: '%s' is neither a DISK, a number that disk lists, "
		    "nor DISK.PART, PART 1 to %d\n",
		    c->argv[2], PARTS);
		return;
	}
	if (reads &&
	    !command_operand(c, "SECTOR", c->argv[3], 0, sector_most, &sector))
		return;
	if (!command_fetch(c, SHELL_DISKS, REG_T0))
		return;
	if (reads)
		dump(c, disk, part, sector);
	else
		list(c);
}
