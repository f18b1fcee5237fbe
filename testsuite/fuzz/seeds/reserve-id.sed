# SPDX-License-Identifier: BSD-2-Clause
# The id of a reserve that was given back is forgotten by a restart (M4).
s/^\treturn at(number)->generation != 0;/\treturn at(number)->period != 0;/
