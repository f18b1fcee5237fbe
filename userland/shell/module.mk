# SPDX-License-Identifier: BSD-2-Clause
# The pure part: what the host's tests link too.
shell-srcs := $(addprefix userland/shell/,edit.c keys.c) \
	$(addprefix userland/lib/,history.c term.c)
$(eval $(call domain,shell,userland/shell/main.c \
	userland/shell/boot.c userland/demo/note.c \
	$(shell-srcs) $(cmd-srcs)))
