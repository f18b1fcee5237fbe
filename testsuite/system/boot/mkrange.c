/* SPDX-License-Identifier: BSD-2-Clause */
/* mkrange KIB FILE: a valid boot range of noise, for the tests. */
#include "boot/bios/crc32c.h"
#include "boot/handoff/handoff.h"

#include <stdio.h>
#include <stdlib.h>

int
main(int argc, char **argv)
{
	uint32_t           frames, first, noise = 1;
	size_t             bytes;
	uint8_t           *image;
	struct boot_range *range;
	FILE              *f;

	if (argc != 3) {
		fputs("usage: mkrange KiB FILE\n", stderr);
		return 2;
	}
	frames = (uint32_t)strtoul(argv[1], NULL, 10) / 4;
	first = (uint32_t)(sizeof(*range) +
	    frames * sizeof(struct boot_range_entry));
	first = (first + PAGE_SIZE - 1) & ~(uint32_t)(PAGE_SIZE - 1);
	bytes = first + (size_t)frames * PAGE_SIZE;
	image = calloc(1, bytes);
	f = fopen(argv[2], "wb");
	if (image == NULL || f == NULL) {
		perror(argv[2]);
		return 1;
	}
	for (size_t i = first; i < bytes; i++) {
		noise = noise * 1664525 + 1013904223;
		image[i] = (uint8_t)(noise >> 24);
	}
	range = (struct boot_range *)(void *)image;
	*range = (struct boot_range){
	    .magic = BOOT_RANGE_MAGIC,
	    .version = BOOT_RANGE_VERSION,
	    .nframes = frames,
	    .first_frame = first,
	};
	range->checksum = boot_crc(0, image, bytes);
	if (fwrite(image, bytes, 1, f) != 1 || fclose(f) != 0) {
		perror(argv[2]);
		return 1;
	}
	free(image);
	return 0;
}
