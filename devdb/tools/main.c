/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devdb-gen header|manual SOURCE.dts BLOB ANNOTATED
 * devdb-gen package SOURCE.dts BLOB ANNOTATED IMAGE
 * devdb-gen catalogue (BLOB ANNOTATED)...
 *
 * Checks the sources and writes what was asked for to standard output. BLOB
 * and ANNOTATED are what dtc makes of a source, with -O dtb and with -O dts
 * --annotate.
 */
#include <stdlib.h>
#include <string.h>

#include "devdb/tools/check.h"
#include "devdb/tools/emit.h"

enum { DRIVERS_MAX = 64 };

static void
usage(void)
{
	fprintf(stderr,
	    "usage: devdb-gen header|manual SOURCE BLOB ANNOTATED\n"
	    "       devdb-gen package SOURCE BLOB ANNOTATED IMAGE\n"
	    "       devdb-gen catalogue (BLOB ANNOTATED)...\n");
	exit(2);
}

static void
checked(
    struct source *s, const char *file, const char *dtb, const char *annotated)
{
	source_read(s, file, dtb, annotated);
	check_driver(s);
	if (s->errors != 0)
		exit(1);
}

static void
package(const struct source *s, const char *file)
{
	size_t bytes;
	void  *image = source_file(file, &bytes);

	emit_package(s, image, bytes, stdout);
	free(image);
}

static void
catalogue(int count, char **file)
{
	static struct source all[DRIVERS_MAX];

	if (count < 2 || count % 2 != 0 || count / 2 > DRIVERS_MAX)
		usage();
	for (int i = 0; i < count / 2; i++)
		checked(&all[i], file[2 * i], file[2 * i], file[2 * i + 1]);
	emit_catalogue(all, count / 2, stdout);
}

int
main(int argc, char **argv)
{
	static struct source s;

	if (argc < 2)
		usage();
	if (strcmp(argv[1], "catalogue") == 0) {
		catalogue(argc - 2, argv + 2);
		return 0;
	}
	if (argc != (strcmp(argv[1], "package") == 0 ? 6 : 5))
		usage();
	checked(&s, argv[2], argv[3], argv[4]);
	if (strcmp(argv[1], "header") == 0)
		emit_header(&s, argv[2], stdout);
	else if (strcmp(argv[1], "manual") == 0)
		emit_manual(&s, stdout);
	else if (strcmp(argv[1], "package") == 0)
		package(&s, argv[5]);
	else
		usage();
	return 0;
}
