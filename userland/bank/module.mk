# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,bank,userland/bank/main.c userland/bank/ledger.c))
