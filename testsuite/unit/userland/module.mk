# SPDX-License-Identifier: BSD-2-Clause
userland-test := testsuite/unit/userland
shell-pure    := $(addprefix userland/shell/,edit.c keys.c) \
	$(addprefix userland/lib/,history.c term.c)

$(eval $(call unit-test,userland-edit,$(userland-test)/edit_test.c \
	$(userland-test)/screen.c $(shell-pure),))
$(eval $(call unit-test,userland-ledger,$(userland-test)/ledger_test.c \
	$(addprefix userland/bank/,ledger.c check.c),))
$(eval $(call unit-test,userland-elf,$(userland-test)/elf_test.c \
	userland/rt/elf.c,))
$(eval $(call unit-test,userland-copy,$(addprefix $(userland-test)/,\
	copy_test.c fake.c) userland/vcsk/copy.c,))

# Builds a process from a real domain's image.
$(eval $(call unit-test,userland-build,$(addprefix $(userland-test)/,\
	build_test.c fake.c) $(addprefix userland/rt/,build.c elf.c),))
ready-unit-userland-build: $(BUILD)/domain/shell.elf

commands-pure := userland/demo/note.c $(sort $(wildcard userland/cmd/*.c))
typed := $(userland-test)/typed.c
$(eval $(call unit-test,userland-format,$(userland-test)/format_test.c \
	$(addprefix userland/cmd/,format.c format_cap.c format_service.c),))
$(eval $(call unit-test,userland-command,$(addprefix $(userland-test)/,\
	command_test.c kinfo.c) \
	$(typed) $(shell-pure) $(commands-pure),))
$(eval $(call unit-test,userland-caps,$(addprefix $(userland-test)/,\
	caps_test.c kinfo.c) $(typed) $(shell-pure) $(commands-pure),))
$(eval $(call unit-test,userland-names,$(userland-test)/names_test.c \
	$(typed) $(shell-pure) $(commands-pure),))
$(eval $(call unit-test,userland-operands,$(userland-test)/operands_test.c \
	$(typed) $(shell-pure) $(commands-pure),))
$(eval $(call unit-test,userland-shell,$(addprefix $(userland-test)/,\
	shell_test.c screen.c) userland/shell/boot.c $(shell-pure) \
	$(commands-pure),))
$(eval $(call unit-test,userland-broker,$(userland-test)/broker_test.c \
	userland/broker/broker.c,))
$(eval $(call unit-test,userland-console,$(addprefix $(userland-test)/,\
	console_test.c seat_test.c) $(addprefix userland/console/,console.c \
	keymap.c screen.c seat.c),))
$(eval $(call unit-test,userland-constructor,$(addprefix $(userland-test)/,\
	constructor_test.c fake.c) $(addprefix userland/constructor/,\
	constructor.c template.c) userland/rt/elf.c,))
$(eval $(call unit-test,userland-push,testsuite/unit/userland/push_test.c \
	userland/push/frame.c userland/push/receive.c))
$(eval $(call unit-test,userland-line,$(userland-test)/line_test.c \
	$(addprefix userland/push/,frame.c line.c receive.c),))
$(eval $(call unit-test,userland-wait,$(userland-test)/wait_test.c \
	$(addprefix userland/rt/,server.c wait.c),))
$(eval $(call unit-test,userland-pipe,$(userland-test)/pipe_test.c \
	userland/pipe/pipe.c userland/timer/times.c,))
$(eval $(call unit-test,userland-table,$(addprefix $(userland-test)/,\
	table_test.c fake.c) $(addprefix userland/lib/,collection.c heap.c \
	shelf.c table.c) userland/rt/space.c,))
$(eval $(call unit-test,userland-books,$(addprefix $(userland-test)/,\
	books_test.c fake.c) $(addprefix userland/bank/,books.c ledger.c),))
$(eval $(call unit-test,userland-programs,$(userland-test)/programs_test.c \
	userland/programs/table.c $(typed) $(shell-pure) $(commands-pure),))
$(eval $(call unit-test,userland-grants,$(userland-test)/grant_test.c \
	userland/programs/grant.c,))
$(eval $(call unit-test,userland-foreign,$(addprefix $(userland-test)/,\
	foreign_test.c fake.c) userland/lib/foreign.c,))
$(eval $(call unit-test,userland-keep,$(userland-test)/keep_test.c \
	$(addprefix userland/programs/,furnish.c grant.c keep.c table.c),))
$(eval $(call unit-test,userland-disks,$(userland-test)/disks_test.c \
	userland/disks/disks.c,))
