/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds a volume, or only its boot range, from a compiled system.dts. */
#include "persist/tools/volume.h"

#include <getopt.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char usage[] =
    "usage: mkvolume --system FILE.dtb [--build DIR] [--list]\n"
    "       --range FILE                      the boot range image alone\n"
    "       --out FILE --kernel FILE [--size MiB] [--uuid HEX]\n"
    "       [--label TEXT]                    of the boot slot\n";

struct options {
	const char *system, *images, *range, *out, *kernel, *uuid, *label;
	uint64_t    mib;
	bool        list;
};

static const struct option option_names[] = {
    {"system", required_argument, NULL, 's'},
    {"build", required_argument, NULL, 'b'},
    {"range", required_argument, NULL, 'r'},
    {"out", required_argument, NULL, 'o'},
    {"kernel", required_argument, NULL, 'k'},
    {"uuid", required_argument, NULL, 'u'},
    {"label", required_argument, NULL, 'L'},
    {"size", required_argument, NULL, 'm'},
    {"list", no_argument, NULL, 'l'},
    {NULL, 0, NULL, 0},
};

static struct options
options_read(int argc, char **argv)
{
	struct options o = {.images = "build", .label = "mkvolume", .mib = 256};
	int            c;

	while ((c = getopt_long(argc, argv, "", option_names, NULL)) != -1) {
		switch (c) {
		case 's':
			o.system = optarg;
			break;
		case 'b':
			o.images = optarg;
			break;
		case 'r':
			o.range = optarg;
			break;
		case 'o':
			o.out = optarg;
			break;
		case 'k':
			o.kernel = optarg;
			break;
		case 'u':
			o.uuid = optarg;
			break;
		case 'L':
			o.label = optarg;
			break;
		case 'm':
			o.mib = strtoull(optarg, NULL, 10);
			break;
		case 'l':
			o.list = true;
			break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	if (o.system == NULL || optind != argc) {
		fputs(usage, stderr);
		exit(2);
	}
	return o;
}

static void
file_write(const char *path, const void *data, size_t bytes)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(data, 1, bytes, f) != bytes || fclose(f) != 0)
		die("%s: cannot be written", path);
}

static void
system_build(struct build *b, const char *path)
{
	size_t bytes;
	void  *fdt = file_read(path, &bytes);
	int    boot;

	if (fdt_check_full(fdt, bytes) != 0)
		die("%s: no device tree", path);
	b->fdt = fdt;
	range_init(&b->boot, SOURCE_BOOT);
	range_init(&b->persistent, SOURCE_PERSISTENT);
	boot = fdt_path_offset(fdt, "/boot");
	if (boot < 0)
		die("%s: /boot is missing", path);
	objects_declare(b, boot, &b->boot);
	objects_declare(b, fdt_path_offset(fdt, "/persistent"), &b->persistent);
	objects_fill(b);
	services_read(b, fdt_path_offset(fdt, "/boot/services"));
	closure_check(b);
	capability_patch(b);
}

static void
volume_write(
    struct build *b, const struct options *o, const void *range, size_t bytes)
{
	static struct volume_file v;
	uint8_t                   uuid[16];

	if (o->kernel == NULL)
		die("say which --kernel");
	volume_uuid(o->uuid, uuid);
	v.label = o->label;
	volume_make(&v, o->out, o->mib, uuid, o->kernel, range, bytes);
	generation_write(&v, b);
	printf("%s: %lu MiB, %u persistent frames\n", o->out, o->mib,
	    b->persistent.nframes);
	if (fsync(v.fd) != 0 || close(v.fd) != 0)
		die("%s: cannot be written", o->out);
}

int
main(int argc, char **argv)
{
	static struct build b;
	struct options      o = options_read(argc, argv);
	size_t              bytes;
	void               *image;

	b.images = o.images;
	b.positions = volume_positions(o.mib);
	system_build(&b, o.system);
	image = image_make(&b, &bytes);
	if (o.list)
		listing_print(&b);
	if (o.range != NULL)
		file_write(o.range, image, bytes);
	if (o.out != NULL)
		volume_write(&b, &o, image, bytes);
	free(image);
	return 0;
}
