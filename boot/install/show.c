/* SPDX-License-Identifier: BSD-2-Clause */
/* install show: the table, the volumes and their slots, one line each. */
#include "boot/install/command.h"

#include "boot/bios/partition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
uuid_print(const uint8_t uuid[16])
{
	for (int i = 0; i < 16; i++)
		printf("%s%02x",
		    i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
}

static bool
volume_show(int fd, unsigned partition, struct install_error *error)
{
	struct install_place  p;
	struct install_status status[BOOT_SLOTS];

	if (!install_find(fd, partition, &p, error) ||
	    !install_status(fd, &p, status, error))
		return false;
	printf("  volume ");
	uuid_print(p.volume);
	printf("\n");
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		printf("  slot %c: blocks %llu to %llu, ", 'A' + (int)i,
		    (unsigned long long)p.area[i].block,
		    (unsigned long long)(p.area[i].block + p.area[i].blocks -
			1));
		if (status[i].state != SLOT_GOOD) {
			printf("%s\n", status[i].wrong);
			continue;
		}
		printf("serial %u, kernel %llu bytes, range %llu bytes, "
		       "formats %u to %u, \"%.64s\", %s\n",
		    status[i].slot.serial,
		    (unsigned long long)status[i].slot.kernel_bytes,
		    (unsigned long long)status[i].slot.range_bytes,
		    status[i].slot.format_least, status[i].slot.format_most,
		    status[i].slot.label,
		    status[i].wrong == NULL ? "verified" : status[i].wrong);
	}
	return true;
}

static bool
disk_show(int fd, unsigned only, struct install_error *error)
{
	struct mbr  mbr;
	const char *wrong;

	if (!install_read(fd, 0, &mbr, sizeof(mbr), error))
		return false;
	wrong = partition_table_check(&mbr);
	if (wrong != NULL)
		return install_fail(error, "partition table: %s", wrong);
	for (unsigned i = 0; i < PARTITIONS; i++) {
		if (mbr.entry[i].type == 0 || (only < PARTITIONS && only != i))
			continue;
		printf("partition %u: type %02X, sectors %u to %llu%s\n", i + 1,
		    mbr.entry[i].type, mbr.entry[i].first,
		    (unsigned long long)mbr.entry[i].first +
			mbr.entry[i].sectors - 1,
		    mbr.entry[i].status == ENTRY_ACTIVE ? ", active" : "");
		if (mbr.entry[i].type == PARTITION_TYPE &&
		    !volume_show(fd, i, error))
			return false;
	}
	return true;
}

bool
command_show(const struct command *c, struct install_error *error)
{
	bool done;
	int  fd = open(c->file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return install_fail(error, "%s", strerror(errno));
	done = disk_show(fd, c->partition, error);
	close(fd);
	return done;
}
