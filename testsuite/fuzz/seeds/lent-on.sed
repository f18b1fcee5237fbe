# SPDX-License-Identifier: BSD-2-Clause
# A loan outlives its instruction (D4).
s/^\tif (done)$/\tif (done \&\& own)/
