# SPDX-License-Identifier: BSD-2-Clause
# What was lent to be read is written to (D4).
s/\.write   = !fixed,/.write   = true,/
