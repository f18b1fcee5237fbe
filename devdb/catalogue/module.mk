# SPDX-License-Identifier: BSD-2-Clause
fdt-domains += catalogue
$(eval $(call domain,catalogue,$(addprefix devdb/catalogue/,main.c look.c handle.c names.c called.c \
	install.c stage.c supply.c segment.c tree.c package.c walk.c hash.c) \
	$(addprefix devdb/record/,read.c match.c check.c) \
	devdb/schema/grammar.c))
