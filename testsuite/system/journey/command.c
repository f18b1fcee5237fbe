/* SPDX-License-Identifier: BSD-2-Clause */
/* The first boot, and every command once. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/journey/journey.h"

/* Lines of the boot log, one for each stage, in this order. */
static const char *const stages[] = {
    "anteros boot: partition 1 at sector 2048",
    "MiB of RAM, map of",
    "anteros boot: slot A serial 1, kernel",
    "store: waiting for a disk",
    "devdb: ",
    "store: volume ",
    "store: opened at generation ",
};

static void
stages_in_order(struct vm *vm)
{
	const char *at = vm_transcript(vm, 0);

	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		const char *found = strstr(at, stages[i]);

		if (found == NULL)
			fprintf(stderr, "not in order: %s\n", stages[i]);
		CU_ASSERT_PTR_NOT_NULL_FATAL(found);
		at = found;
	}
}

/* journey.boot.1: a line for each stage, then the prompt. */
static void
boots(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	    .iommu = true,
	});

	stages_in_order(vm);
	vm_free(vm);
}

/* journey.boot.2: the line a visitor types by hand, on any CPU and machine. */
static void
default_cpu(void)
{
	vm_free(journey_boot((struct vm_config){
	    .machine = "pc",
	    .cpu = "",
	    .image = work_volume("v", 0),
	}));
}

/* journey.command.1: every command that lists has its header and a line. */
static void
listings(void)
{
	static const struct {
		const char *line, *expression;
	} command[] = {
	    {"help", "^ps +processes, reserves, space banks$"},
	    {"ps", "^process +state +activity +prio +ms +pc +name$"},
	    {"ps", "^[0-9a-f]{10}  (running|waiting|available) .* shell$"},
	    {"ps", "  (paged out|running|waiting|available) .* count$"},
	    {"irq", "^irq +kind +owner +deliveries +unhandled +masked$"},
	    {"irq", "^4 +edge +uart com1 +[1-9][0-9]* +[0-9]+ +no$"},
	    {"irq", "^[0-9]+ +MSI +virtio-blk [^ ]+ +[1-9][0-9]* +0 +no$"},
	    {"ports", "^ports +mapped +accesses +owner$"},
	    {"ports", "^03f8-03ff +"},
	    {"mmio", "^address +bytes +cache +owner$"},
	    {"mmio", "^[0-9a-f]{16}-[0-9a-f]{16}  [0-9a-f]+ +(off|wc|wb) +"},
	    {"dma", "^source +pages +exposed +bits +bounces +flushes +owner$"},
	    {"dma", "^DMA is not enforced: no IOMMU in use$"},
	    {"dev", "^device +state +dma +irq +driver +what$"},
	    {"dev", "^[^ ]+ +bound .* virtio-blk +1af4:10(01|42)"},
	    {"drv",
		"^driver +device +state +restarts +interrupts +requests "
		"+errors +remark$"},
	    {"drv", "^virtio-blk +[^ ]+ +up +0 +[1-9]"},
	    {"mem",
		"^frames +[0-9]+ of 4 KiB: [0-9]+ free, [0-9]+ cache, "
		"[0-9]+ tables$"},
	    {"mem", "^bank +[0-9]+ of [0-9]+ frames: "},
	    {"ckpt", "^state +(open|committing)$"},
	    {"ckpt", "^schedule +2000 ms after a change$"},
	    {"gen", "^generation +boot +blocks +taken +flags$"},
	    {"gen", "^[0-9]+ +[0-9]+ +[0-9]+ +20[0-9-]+ [0-9:]+ +current"},
	    {"ckpt now", "^generation [0-9]+$"},
	    {"count", "^0 seconds, stopped, 0 restarts$"},
	    {"demo confine", "^confined: without holes nothing came out$"},
	    {"demo deputy", "^not confused: who asks needs the authority$"},
	    {"demo linux",
		"^it ended with code 0; its keeper, a domain, answered 2 calls$"},
	    {"log", "^store: opened at generation "},
	};
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});

	for (size_t i = 0; i < sizeof(command) / sizeof(command[0]); i++)
		journey_answers(vm, command[i].line, command[i].expression);
	vm_free(vm);
}

/* journey.command.2: what is mistyped is answered by one line. */
static void
mistyped(void)
{
	static const struct {
		const char *line, *answer;
	} wrong[] = {
	    {"irq now", "expected: irq, without an argument\n"},
	    {"ckpt often", "expected: ckpt [now | every SECONDS]\n"},
	    {"ckpt every day", "expected: ckpt every SECONDS, 0 to 86400\n"},
	    {"dev 77:00.0", "dev: no device '77:00.0'; dev lists them\n"},
	    {"count up", "expected: count [start | stop | reset]\n"},
	};
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});
	char      *answer;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		answer = shell_run(vm, wrong[i].line);
		CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
		CU_ASSERT_STRING_EQUAL(answer, wrong[i].answer);
		free(answer);
	}
	journey_answers(
	    vm, "sl", "^sl: unknown command; expected one of help ps ");
	vm_free(vm);
}

/* journey.command.3: halt keeps all and turns the machine off. */
static void
halts(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm = journey_boot((struct vm_config){.image = image});
	int         status = -1;

	CU_ASSERT(vm_send(vm, "halt\r"));
	CU_ASSERT(vm_expect_re(
	    vm, "^generation [0-9]+ is on the volume$", SHELL_SECONDS));
	CU_ASSERT(vm_wait_end(vm, SHELL_SECONDS, &status));
	CU_ASSERT_EQUAL(status, 0);
	vm_free(vm);
	CU_ASSERT(work_check(image));
	vm = journey_boot((struct vm_config){.image = image});
	CU_ASSERT(text_matches(
	    vm_transcript(vm, 0), "^restarted from generation [0-9]+, taken"));
	vm_free(vm);
}

/* journey.command.4: reboot comes back by itself, where it was. */
static void
reboots(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});

	CU_ASSERT(vm_send(vm, "reboot\r"));
	CU_ASSERT(vm_expect(vm, "is on the volume", SHELL_SECONDS));
	CU_ASSERT(shell_ready(vm));
	journey_answers(vm, "gen", " booted$");
	vm_free(vm);
}

const struct runner_test journey_command_tests[] = {
    RUNNER_TEST(boots),
    RUNNER_TEST(default_cpu),
    RUNNER_TEST(listings),
    RUNNER_TEST(mistyped),
    RUNNER_TEST(halts),
    RUNNER_TEST(reboots),
    {NULL, NULL},
};
