# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,hello,userland/demo/hello.c))
$(eval $(call domain,count,userland/demo/count.c))
$(eval $(call domain,fill,userland/demo/fill.c))
$(eval $(call domain,demo,$(addprefix userland/demo/,confine.c confused.c \
	demo.c foreign.c)))
$(eval $(call domain,spy,$(addprefix userland/demo/,spy.c leak.c)))
$(eval $(call domain,fence,userland/demo/fence.c))
$(eval $(call domain,deputy,userland/demo/deputy.c))
