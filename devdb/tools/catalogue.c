/* SPDX-License-Identifier: BSD-2-Clause */
#include <libfdt.h>
#include <stdlib.h>

#include "devdb/tools/copy.h"
#include "devdb/tools/emit.h"

enum { CATALOGUE_BYTES = 1 << 17 };

void
emit_catalogue(const struct source *s, int count, FILE *out)
{
	void *to = calloc(1, CATALOGUE_BYTES);

	copy_need(to == NULL ? -FDT_ERR_NOSPACE : 0);
	copy_need(fdt_create(to, CATALOGUE_BYTES));
	copy_need(fdt_finish_reservemap(to));
	copy_need(fdt_begin_node(to, ""));
	copy_need(fdt_begin_node(to, "drivers"));
	for (int i = 0; i < count; i++) {
		fdt32_t index = cpu_to_fdt32((uint32_t)i);

		copy_driver(&s[i], &index, sizeof(index), to);
	}
	copy_need(fdt_end_node(to));
	copy_need(fdt_end_node(to));
	copy_need(fdt_finish(to));
	fwrite(to, 1, fdt_totalsize(to), out);
	free(to);
}
