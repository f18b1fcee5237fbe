/* SPDX-License-Identifier: BSD-2-Clause */
/* The two boot slots of an installation. */
#include "boot/install/install.h"

#include "boot/bios/crc32c.h"

#include <stdlib.h>
#include <string.h>

static uint64_t
byte_of(const struct install_place *p, uint64_t block)
{
	return p->first * SECTOR_SIZE + block * BLOCK_SIZE;
}

/* Why this is not a kernel image that the bootstrap takes, or NULL. */
static const char *
kernel_wrong(const void *image, size_t bytes)
{
	struct kernel_image k;
	const char         *wrong;

	if (bytes < sizeof(k))
		return "not a kernel image";
	memcpy(&k, image, sizeof(k));
	wrong = kernel_check(&k, bytes);
	if (wrong == NULL &&
	    boot_crc_without(image, bytes,
		offsetof(struct kernel_image, checksum)) != k.checksum)
		wrong = "kernel's checksum is wrong";
	return wrong;
}

/* Verifies the images of a slot whose header is good. */
static bool
images_verify(int fd, const struct install_place *p,
    struct install_status *status, struct install_error *error)
{
	const struct boot_slot *s = &status->slot;
	size_t                  bytes;
	void                   *image;
	bool                    done = false;

	bytes = s->kernel_bytes > s->range_bytes ? s->kernel_bytes
						 : s->range_bytes;
	image = malloc(bytes + 1);
	if (image == NULL)
		return install_fail(error, "out of memory");
	if (!install_read(
		fd, byte_of(p, s->kernel_block), image, s->kernel_bytes, error))
		goto free_image;
	status->wrong = kernel_wrong(image, s->kernel_bytes);
	if (status->wrong == NULL) {
		if (!install_read(fd, byte_of(p, s->range_block), image,
			s->range_bytes, error))
			goto free_image;
		status->wrong = range_check(image, s->range_bytes);
	}
	done = true;
free_image:
	free(image);
	return done;
}

bool
install_status(int fd, const struct install_place *p,
    struct install_status status[BOOT_SLOTS], struct install_error *error)
{
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		if (!install_read(fd, byte_of(p, BLOCK_SLOT + i),
			&status[i].slot, sizeof(status[i].slot), error))
			return false;
		status[i].state = slot_check(
		    &status[i].slot, p->volume, &p->area[i]);
		status[i].wrong = slot_state_name(status[i].state);
		if (status[i].state == SLOT_GOOD &&
		    !images_verify(fd, p, &status[i], error))
			return false;
	}
	return true;
}

/* The slot to write: never the only one that can be booted. */
static bool
slot_choose(const struct install_status status[BOOT_SLOTS], unsigned *number,
    uint32_t *serial, struct install_error *error)
{
	const bool a = status[0].wrong == NULL;
	const bool b = status[1].wrong == NULL;
	uint32_t   most = 0;

	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		if (status[i].state == SLOT_GOOD &&
		    status[i].slot.serial > most)
			most = status[i].slot.serial;
	}
	if (most == UINT32_MAX)
		return install_fail(error, "serials are used up");
	*serial = most + 1;
	if (a && b)
		*number = status[0].slot.serial >= status[1].slot.serial;
	else
		*number = a;
	return true;
}

static bool
images_check(const struct install_place *p, unsigned number,
    const struct install_slot *s, struct install_error *error)
{
	const uint64_t room = p->area[number].blocks * BLOCK_SIZE;
	uint64_t       kernel_room;
	const char    *wrong;

	wrong = kernel_wrong(s->kernel, s->kernel_bytes);
	if (wrong == NULL)
		wrong = range_check(s->range, s->range_bytes);
	if (wrong != NULL)
		return install_fail(error, "cannot be installed: %s", wrong);
	kernel_room = (s->kernel_bytes + BLOCK_SIZE - 1) &
	    -(uint64_t)BLOCK_SIZE;
	if (kernel_room > room || s->range_bytes > room - kernel_room)
		return install_fail(error,
		    "kernel (%zu KiB) and boot range (%zu KiB) do not fit into "
		    "slot %c (%llu KiB)",
		    (s->kernel_bytes + 1023) / 1024,
		    (s->range_bytes + 1023) / 1024, 'A' + (int)number,
		    (unsigned long long)room / 1024);
	return true;
}

bool
install_slot(int fd, const struct install_place *p,
    const struct install_slot *s, unsigned *number, struct install_error *error)
{
	struct install_status status[BOOT_SLOTS];
	struct boot_slot      head = {
		 .magic = BOOT_SLOT_MAGIC,
		 .version = BOOT_SLOT_VERSION,
		 .kernel_bytes = s->kernel_bytes,
		 .range_bytes = s->range_bytes,
		 .format_least = s->format_least,
		 .format_most = s->format_most,
        };
	uint8_t  block[BLOCK_SIZE] = {0};
	unsigned n = 0;

	if (!install_status(fd, p, status, error) ||
	    !slot_choose(status, &n, &head.serial, error) ||
	    !images_check(p, n, s, error))
		return false;
	head.kernel_block = p->area[n].block;
	head.range_block = head.kernel_block +
	    (s->kernel_bytes + BLOCK_SIZE - 1) / BLOCK_SIZE;
	memcpy(head.volume, p->volume, sizeof(head.volume));
	strncpy(head.label, s->label, sizeof(head.label) - 1);
	head.checksum = boot_crc(0, &head, sizeof(head));
	memcpy(block, &head, sizeof(head));

	/*
	 * The images are on the disk before the header that names them. Until
	 * then the slot's old header, of a lower serial or of images that did
	 * not verify, is not preferred to the other slot's.
	 */
	if (!install_write(fd, byte_of(p, head.kernel_block), s->kernel,
		s->kernel_bytes, error) ||
	    !install_write(fd, byte_of(p, head.range_block), s->range,
		s->range_bytes, error) ||
	    !install_flush(fd, error) ||
	    !install_write(
		fd, byte_of(p, BLOCK_SLOT + n), block, sizeof(block), error) ||
	    !install_flush(fd, error))
		return false;
	*number = n;
	return true;
}
