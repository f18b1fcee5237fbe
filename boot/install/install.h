/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Puts the bootstrap, kernels and boot ranges on a disk or its image. The
 * command `install` and the volume builder both stand on these.
 *
 * Every function that can fail returns false and leaves a sentence in the
 * error. Whatever is interrupted leaves the disk bootable if it was before,
 * install_boot excepted.
 */
#ifndef BOOT_INSTALL_INSTALL_H
#define BOOT_INSTALL_INSTALL_H

#include "boot/bios/bootrecord.h"
#include "boot/bios/slot.h"
#include "boot/handoff/handoff.h"

enum {
	INSTALL_ANY = PARTITIONS, /* The only partition of ours. */
};

struct install_error {
	char text[240];
};

/* Where a volume goes and who it is. */
struct install_place {
	unsigned         partition; /* 0 to 3. */
	uint64_t         first;     /* First sector of the partition. */
	uint64_t         sectors;
	uint8_t          volume[16];       /* UUID. */
	struct boot_area area[BOOT_SLOTS]; /* See install_default_areas. */
	bool             inactive; /* Another partition stays the active one. */
	bool             keep_mbr; /* Its code, that is; never its table. */
};

struct install_slot {
	const void *kernel; /* As install_kernel makes it. */
	size_t      kernel_bytes;
	const void *range;
	size_t      range_bytes;
	uint32_t    format_least;
	uint32_t    format_most;
	const char *label;
};

/* What a slot of a volume holds. */
struct install_status {
	struct boot_slot slot;
	enum slot_state  state;
	const char      *wrong; /* With its images; NULL: it can be booted. */
};

void install_default_areas(struct boot_area area[BOOT_SLOTS]);

/*
 * Writes bootstrap, partition boot record, two empty slot headers and last
 * the partition table, other entries of which are kept. With `refresh` the
 * slots stay as they are. The file must be large enough already.
 */
must_check bool install_boot(int fd, const struct install_place *place,
    bool refresh, struct install_error *error);

/* Finds an installation by its partition's number or INSTALL_ANY. */
must_check bool install_find(int fd, unsigned partition,
    struct install_place *place, struct install_error *error);

/*
 * Writes the slot that the bootstrap would not take now, with a serial above
 * both: images, flush, header, flush. *number is the slot written.
 */
must_check bool install_slot(int fd, const struct install_place *place,
    const struct install_slot *slot, unsigned *number,
    struct install_error *error);

/* Reads and verifies both slots. */
must_check bool install_status(int fd, const struct install_place *place,
    struct install_status status[BOOT_SLOTS], struct install_error *error);

/*
 * Makes the image that a boot slot holds from an ELF executable. The result
 * is to be freed. Nothing in the file is believed unchecked.
 */
must_check bool install_kernel(const void *elf, size_t bytes, void **image,
    size_t *image_bytes, struct install_error *error);

/* Sets the error and returns false. */
bool install_fail(struct install_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whole transfers at a byte offset. */
must_check bool install_read(
    int fd, uint64_t at, void *to, size_t bytes, struct install_error *error);
must_check bool install_write(int fd, uint64_t at, const void *from,
    size_t bytes, struct install_error *error);
must_check bool install_flush(int fd, struct install_error *error);

#endif
