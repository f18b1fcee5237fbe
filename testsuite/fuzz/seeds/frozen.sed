# SPDX-License-Identifier: BSD-2-Clause
# A frozen object is written in place (F4).
s/^\treturn copy_out(f);/\t(void)copy_out;\n\tframe_list_remove(epoch_frozen(), f);\n\treturn RC_OK;/
