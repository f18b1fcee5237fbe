# SPDX-License-Identifier: BSD-2-Clause
# Who is loaded anew is not charged to its reserve.
s/^\treserves.running = number;/\treserves.running = reserves.since == now ? number : 0;/
