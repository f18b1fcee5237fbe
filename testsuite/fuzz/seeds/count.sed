# SPDX-License-Identifier: BSD-2-Clause
# Rescinding a node does not raise its count.
s/^\t\th->count++;/\t\th->count += 0;/
