# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,broker,userland/broker/main.c userland/broker/broker.c))
