/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver package: a device tree overlay (version 17) with one fragment,
 * whose target is /drivers, and in it the driver's node with the ELF image as
 * a property. No phandles, no fix-ups, no symbols.
 */
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "devdb/tools/copy.h"
#include "devdb/tools/emit.h"

enum { PACKAGE_MORE = 1 << 16 }; /* Than the image. */

void
emit_package(const struct source *s, const void *image, size_t bytes, FILE *out)
{
	static const char target[] = "/drivers";
	size_t            room = bytes + PACKAGE_MORE;
	void             *to = calloc(1, room);

	copy_need(to == NULL || bytes > INT32_MAX ? -FDT_ERR_NOSPACE : 0);
	copy_need(fdt_create(to, (int)room));
	copy_need(fdt_finish_reservemap(to));
	copy_need(fdt_begin_node(to, ""));
	copy_need(fdt_begin_node(to, "fragment@0"));
	copy_need(fdt_property(to, "target-path", target, sizeof(target)));
	copy_need(fdt_begin_node(to, "__overlay__"));
	copy_driver(s, image, bytes, to);
	for (int i = 0; i < 3; i++)
		copy_need(fdt_end_node(to));
	copy_need(fdt_finish(to));
	fwrite(to, 1, fdt_totalsize(to), out);
	free(to);
}
