# SPDX-License-Identifier: BSD-2-Clause
# A weak fetch gives a start capability (S15).
s/case CK_DISCRIM:/case CK_DISCRIM: case CK_START:/
