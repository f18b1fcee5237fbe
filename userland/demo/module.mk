# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,hello,userland/demo/hello.c))
$(eval $(call domain,count,userland/demo/count.c))
$(eval $(call domain,fill,userland/demo/fill.c))
