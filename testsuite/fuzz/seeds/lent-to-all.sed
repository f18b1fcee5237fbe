# SPDX-License-Identifier: BSD-2-Clause
# A page that is lent stands in tables that others share (D4).
s/return copy(table_of_entry(\*pte), pte);/return table_entries(table_of_entry(*pte));/
