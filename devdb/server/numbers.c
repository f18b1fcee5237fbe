/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The numbers by which the store and people know disks. One that is free is the
 * next disk's: the store has said that it has forgotten the last one that had
 * it, and whoever must not take the one for the other asks for the serial.
 */
#include "devdb/server/server.h"

enum status
disk_number(struct instance *n)
{
	unsigned i = 0;

	if (n->disk != NONE)
		return RC_OK;
	while (i < SERVER_DISKS && server.disk[i] != 0)
		i++;
	if (i == SERVER_DISKS)
		return RC_LIMIT;
	server.disk[i] = ++server.disk_serials;
	if (server.disks <= i)
		server.disks = i + 1;
	n->disk = (uint8_t)i;
	return RC_OK;
}

void
disk_number_back(const struct instance *n, enum status said)
{
	if (said == RC_OK || said == RC_NOT_FOUND)
		server.disk[n->disk] = 0;
}
