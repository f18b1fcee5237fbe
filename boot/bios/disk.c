/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls and structures are those of the BIOS Enhanced Disk Drive
 * specification (T13 D1572, EDD-3), section 4.
 */
#include "boot/bios/disk.h"

#include "boot/bios/bios.h"
#include "boot/bios/bootrecord.h"
#include "boot/bios/format.h"
#include "boot/bios/say.h"
#include "boot/bios/string.h"

enum {
	INT_DISK = 0x13,
	DISK_RESET = 0x0000,
	DISK_EXTENDED = 0x4100, /* Are there extensions? */
	DISK_READ = 0x4200,
	DISK_PARAMETER = 0x4800,
	MAGIC_ASK = 0x55aa,
	MAGIC_ANSWER = 0xaa55,
	HAS_PACKETS = 1,
	PATH_SIGNATURE = 0xbedd,
	TRIES = 3,
	STATUS_UNKNOWN = 0xff,
};

/* Table 7: disk address packet. */
struct packet {
	uint8_t  bytes;
	uint8_t  zero;
	uint16_t count;
	uint16_t offset;
	uint16_t segment;
	uint64_t lba;
};

/* Table 10: result of "get drive parameters". */
struct parameters {
	uint16_t bytes;
	uint16_t flags;
	uint32_t cylinders, heads, sectors_per_track;
	uint64_t sectors;
	uint16_t sector_bytes;
	uint32_t table;
	uint16_t path_signature;
	uint8_t  path_bytes;
	uint8_t  reserved[3];
	uint8_t  bus[4];
	uint8_t  type[8];
	uint64_t interface;
	uint8_t  device[16];
	uint8_t  tail[2];
} __attribute__((packed));

_Static_assert(sizeof(struct packet) == 16, "as the BIOS reads it");
_Static_assert(sizeof(struct parameters) == 74, "as the BIOS writes it");

static struct packet     packet;
static struct parameters parameters;
static uint8_t           drive;

static uint16_t
segment_of(const void *p)
{
	return (uint16_t)((uintptr_t)p >> 4);
}

static uint16_t
offset_of(const void *p)
{
	return (uint16_t)((uintptr_t)p & 15);
}

static bool
disk_call(uint32_t function, const void *argument, struct bios_regs *r)
{
	*r = (struct bios_regs){
	    .eax = function,
	    .ebx = MAGIC_ASK,
	    .edx = drive,
	    .ds = segment_of(argument),
	    .esi = offset_of(argument),
	};
	bios_call(INT_DISK, r);
	return !(r->flags & FLAG_CARRY);
}

static bool
path_ok(void)
{
	/* The path's own checksum: bytes 30 to 65 or 73 sum to zero. */
	const uint8_t *p = (const uint8_t *)&parameters;
	size_t         end = offsetof(struct parameters, path_signature);
	uint8_t        sum = 0;

	if (parameters.path_signature != PATH_SIGNATURE)
		return false;
	end += parameters.path_bytes;
	if (end > sizeof(parameters))
		return false;
	for (size_t i = offsetof(struct parameters, path_signature); i < end;
	     i++)
		sum = (uint8_t)(sum + p[i]);
	return sum == 0;
}

const char *
disk_open(struct handoff *h, uint8_t number)
{
	struct bios_regs r;

	drive = number;
	h->bios_drive = number;
	if (!disk_call(DISK_EXTENDED, NULL, &r) ||
	    (r.ebx & 0xffff) != MAGIC_ANSWER || !(r.ecx & HAS_PACKETS))
		return "the BIOS has no INT 13h extensions for this drive";
	parameters = (struct parameters){.bytes = sizeof(parameters)};
	if (!disk_call(DISK_PARAMETER, &parameters, &r))
		return "the BIOS does not describe the drive (INT 13h, AH=48)";
	if (parameters.sector_bytes != SECTOR_SIZE)
		return "the drive's sectors are not of 512 bytes";
	if (path_ok()) {
		memcpy(h->edd_bus, parameters.bus, sizeof(h->edd_bus));
		memcpy(h->edd_type, parameters.type, sizeof(h->edd_type));
		h->edd_interface = parameters.interface;
	}
	return NULL;
}

/*
 * Reads `count` sectors into the bounce buffer from `offset` on. Returns 0, or
 * the status of the last of the tries.
 */
static uint8_t
bounce_read(uint64_t lba, uint32_t offset, uint32_t count)
{
	struct bios_regs r;
	uint8_t          status = 0;

	for (int try = 0; try < TRIES; try++) {
		packet = (struct packet){
		    .bytes = sizeof(packet),
		    .count = (uint16_t)count,
		    .segment = segment_of((void *)(BOUNCE_ADDRESS + offset)),
		    .lba = lba,
		};
		if (disk_call(DISK_READ, &packet, &r))
			return 0;
		status = (uint8_t)(r.eax >> 8);
		disk_call(DISK_RESET, NULL, &r);
	}
	return status != 0 ? status : STATUS_UNKNOWN;
}

/*
 * What failed in one piece is read sector by sector: either it comes, or the
 * message names the sector that does not.
 */
static bool
chunk_read(uint64_t lba, uint32_t count)
{
	uint8_t status;

	if (bounce_read(lba, 0, count) == 0)
		return true;
	for (uint32_t i = 0; i < count; i++) {
		status = bounce_read(lba + i, i * SECTOR_SIZE, 1);
		if (status == 0)
			continue;
		say("cannot read sector %u of drive %2xh: BIOS status %2xh",
		    (uint32_t)lba + i, drive, status);
		return false;
	}
	return true;
}

bool
disk_read(uint64_t lba, void *to, uint32_t bytes)
{
	uint8_t *at = to;
	uint32_t sectors, take;

	while (bytes > 0) {
		sectors = (bytes + SECTOR_SIZE - 1) / SECTOR_SIZE;
		if (sectors > BOUNCE_SECTORS)
			sectors = BOUNCE_SECTORS;
		take = sectors * SECTOR_SIZE < bytes ? sectors * SECTOR_SIZE
						     : bytes;
		if (!chunk_read(lba, sectors))
			return false;
		memcpy(at, (const void *)BOUNCE_ADDRESS, take);
		lba += sectors;
		at += take;
		bytes -= take;
	}
	return true;
}

static void
text_format(char *to, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	format_text(to, size, format, args);
	va_end(args);
}

void
disk_place(const struct handoff *h, char *to, size_t size)
{
	char     type[sizeof(h->edd_type) + 1] = "";
	uint32_t path = (uint32_t)h->edd_interface;

	if (h->edd_bus[0] == 0) {
		text_format(to, size, "place not told by the BIOS");
		return;
	}
	/* Padded with spaces, of which one is enough. */
	for (size_t i = 0; i < sizeof(h->edd_type) && h->edd_type[i] != ' ';
	     i++)
		type[i] = (char)h->edd_type[i];
	text_format(to, size, "%s at PCI %2x:%2x.%u", type, path & 0xff,
	    path >> 8 & 0xff, path >> 16 & 0xff);
}
