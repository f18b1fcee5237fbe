# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,hello,userland/demo/hello.c))
