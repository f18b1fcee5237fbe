# SPDX-License-Identifier: BSD-2-Clause
$(eval $(call domain,bank,$(addprefix userland/bank/,main.c books.c ledger.c)))
