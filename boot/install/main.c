/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line of `install`. */
#include "boot/install/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: install create --volume FILE --size MiB [--partition N]\n"
    "           [--first SECTOR] [--part-size MiB] [--uuid UUID]\n"
    "           [--inactive] [--keep-mbr]\n"
    "       install boot --image FILE [--partition N] [--keep-mbr]\n"
    "       install slot --image FILE [--partition N] --kernel ELF\n"
    "           --range FILE [--label TEXT] [--formats LEAST-MOST]\n"
    "       install activate --image FILE --partition N\n"
    "       install show FILE [--partition N]\n"
    "\n"
    "create    makes or extends a disk image and puts a bootable, empty\n"
    "          volume into partition N (1 to 4)\n"
    "boot      writes the bootstrap again\n"
    "slot      writes kernel and boot range into the older boot slot\n"
    "activate  makes N the partition that the master boot record starts\n"
    "show      prints the table, the volumes and their boot slots\n";

enum {
	OPTION_FILE = 256,
	OPTION_SIZE,
	OPTION_PARTITION,
	OPTION_FIRST,
	OPTION_PART_SIZE,
	OPTION_UUID,
	OPTION_INACTIVE,
	OPTION_KEEP_MBR,
	OPTION_KERNEL,
	OPTION_RANGE,
	OPTION_LABEL,
	OPTION_FORMATS,
};

static const struct option options[] = {
    {"volume", required_argument, NULL, OPTION_FILE},
    {"image", required_argument, NULL, OPTION_FILE},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"partition", required_argument, NULL, OPTION_PARTITION},
    {"first", required_argument, NULL, OPTION_FIRST},
    {"part-size", required_argument, NULL, OPTION_PART_SIZE},
    {"uuid", required_argument, NULL, OPTION_UUID},
    {"inactive", no_argument, NULL, OPTION_INACTIVE},
    {"keep-mbr", no_argument, NULL, OPTION_KEEP_MBR},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"range", required_argument, NULL, OPTION_RANGE},
    {"label", required_argument, NULL, OPTION_LABEL},
    {"formats", required_argument, NULL, OPTION_FORMATS},
    {NULL, 0, NULL, 0},
};

static const struct {
	const char *name;
	bool (*run)(const struct command *, struct install_error *);
} commands[] = {
    {"create", command_create},
    {"boot", command_boot},
    {"slot", command_slot},
    {"activate", command_activate},
    {"show", command_show},
};

static void
complain(void)
{
	fputs(usage, stderr);
	exit(2);
}

static uint64_t
number(const char *text, uint64_t least, uint64_t most, char **end)
{
	char              *stop;
	unsigned long long value = strtoull(text, &stop, 10);

	if (stop == text || (end == NULL && *stop != '\0') || value < least ||
	    value > most) {
		fprintf(stderr,
		    "install: `%s' is not a number from %llu to %llu\n", text,
		    (unsigned long long)least, (unsigned long long)most);
		exit(2);
	}
	if (end != NULL)
		*end = stop;
	return value;
}

static void
formats_parse(struct command *c, const char *text)
{
	char *end;

	c->format_least = (uint32_t)number(text, 1, UINT32_MAX, &end);
	if (*end != '-')
		complain();
	c->format_most = (uint32_t)number(
	    end + 1, c->format_least, UINT32_MAX, NULL);
}

static void
option_take(struct command *c, int option)
{
	const uint64_t mib_max = UINT32_MAX / 2048;

	switch (option) {
	case OPTION_FILE:
		c->file = optarg;
		break;
	case OPTION_SIZE:
		c->mib = number(optarg, 1, mib_max, NULL);
		break;
	case OPTION_PARTITION:
		c->partition = (unsigned)number(optarg, 1, PARTITIONS, NULL) -
		    1;
		break;
	case OPTION_FIRST:
		c->first = number(optarg, 1, UINT32_MAX, NULL);
		break;
	case OPTION_PART_SIZE:
		c->part_mib = number(optarg, 1, mib_max, NULL);
		break;
	case OPTION_UUID:
		c->uuid = optarg;
		break;
	case OPTION_INACTIVE:
		c->inactive = true;
		break;
	case OPTION_KEEP_MBR:
		c->keep_mbr = true;
		break;
	case OPTION_KERNEL:
		c->kernel = optarg;
		break;
	case OPTION_RANGE:
		c->range = optarg;
		break;
	case OPTION_LABEL:
		c->label = optarg;
		break;
	case OPTION_FORMATS:
		formats_parse(c, optarg);
		break;
	default:
		complain();
	}
}

int
main(int argc, char **argv)
{
	struct command       c = {.partition = INSTALL_ANY,
		  .format_least = 1,
		  .format_most = 1,
		  .label = ""};
	struct install_error error = {""};
	int                  option;

	if (argc < 2)
		complain();
	while (
	    (option = getopt_long(argc - 1, argv + 1, "", options, NULL)) != -1)
		option_take(&c, option);
	if (c.file == NULL && optind + 1 < argc)
		c.file = argv[1 + optind++];
	if (c.file == NULL || optind + 1 < argc)
		complain();
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		if (commands[i].run(&c, &error))
			return 0;
		fprintf(stderr, "install: %s: %s\n", c.file, error.text);
		return 1;
	}
	complain();
}
