/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power is cut, and all is there again. The schedule
 * alone takes the checkpoint; the test only watches the disk's flushes.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/system/journey/journey.h"

enum {
	COMMIT_SECONDS = 60,
	CUTS = 10,
	FILL_MIB = 8,
	QUIET_MOMENTS = 200, /* Four seconds: two intervals of the schedule. */
};

static const char half[] = "count and half a line";

static void
count_on(struct vm *vm, long long least, long long restarts)
{
	char *answer = shell_run(vm, "count");
	long  seconds = -1, seen = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT_EQUAL_FATAL(
	    sscanf(answer, "%ld seconds, counting, %ld", &seconds, &seen), 2);
	CU_ASSERT(seconds >= least);
	CU_ASSERT_EQUAL(seen, restarts);
	free(answer);
}

/* Counts for a while, types half a line, and lets the schedule commit it. */
static long long
half_typed(struct vm *vm)
{
	char     *answer;
	long long seconds;

	journey_answers(vm, "count start", "counting");
	answer = shell_until(vm, "count", "^[2-9][0-9]* seconds", 30);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	seconds = strtoll(answer, NULL, 10);
	free(answer);
	CU_ASSERT_FATAL(vm_send(vm, half));
	CU_ASSERT_FATAL(vm_expect(vm, half, SHELL_SECONDS));
	CU_ASSERT_FATAL(disk_commits(vm, COMMIT_SECONDS));
	return seconds;
}

/* The prompt and the half-typed line come unasked, with the state's age. */
static void
redrawn(struct vm *vm)
{
	CU_ASSERT(vm_expect_re(vm,
	    "^restarted from generation [0-9]+, taken [0-9]+ s ago$",
	    SHELL_BOOT_SECONDS));
	CU_ASSERT(vm_expect(vm, "anteros> count and half a line\x1b[K", 10));
}

/* History: the line before the half-typed one is `count`. */
static void
history_there(struct vm *vm)
{
	CU_ASSERT(vm_send(vm, "\x1b[A"));
	CU_ASSERT(vm_expect(vm, "anteros> count\x1b[K", 10));
	CU_ASSERT(vm_send(vm, "\x1b[A\x1b[A\x1b[B\x1b[B\x1b[B"));
	CU_ASSERT(vm_expect(vm, half, 10));
	CU_ASSERT(shell_clear(vm));
}

static void
cut_and_back(struct vm_config first, struct vm_config then)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm;
	long long   seconds;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	first.image = then.image = image;
	vm = journey_boot(first);
	seconds = half_typed(vm);
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(image));

	vm = vm_start(&then);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	redrawn(vm);
	history_there(vm);
	count_on(vm, seconds, 1);
	CU_ASSERT_PTR_NOT_NULL(
	    shell_until(vm, "count", "^([3-9]|[1-9][0-9]+) seconds", 30));
	vm_free(vm);
}

/* journey.restart.1: as make run boots it. */
static void
virtio(void)
{
	cut_and_back((struct vm_config){.iommu = true},
	    (struct vm_config){.iommu = true});
}

/* journey.restart.2: the other machine, and the other disk driver. */
static void
ide(void)
{
	cut_and_back((struct vm_config){.machine = "pc", .disk = "ide"},
	    (struct vm_config){.machine = "pc", .disk = "ide"});
}

/* journey.restart.3: the volume moves to another machine, and back. */
static void
moves(void)
{
	cut_and_back((struct vm_config){.machine = "q35"},
	    (struct vm_config){.machine = "pc", .disk = "ide"});
	cut_and_back((struct vm_config){.machine = "pc", .disk = "ide"},
	    (struct vm_config){.machine = "q35"});
}

/* journey.restart.4: neither XSAVE nor RDRAND nor SMEP. */
static void
default_cpu(void)
{
	cut_and_back((struct vm_config){.machine = "pc", .cpu = ""},
	    (struct vm_config){.machine = "q35", .cpu = ""});
}

/*
 * Lets the guest run until the disk has had some more requests: from none, so
 * that a cut may fall into the recovery, to a few commits' worth.
 */
static void
run_a_while(struct vm *vm, unsigned *seed)
{
	uint64_t          more = (uint64_t)(rand_r(seed) % 400);
	struct disk_stats first = {.reads = 0}, now = {.reads = 0};
	int               tries = 1000;

	disk_stats(vm, &first);
	do {
		vm_wait_moment(vm);
		disk_stats(vm, &now);
	} while (now.reads + now.writes < first.reads + first.writes + more &&
	    --tries > 0);
}

/* One life of the machine: it works, its driver may die, the power goes. */
static void
live_and_die(const char *image, unsigned *seed)
{
	static const struct vm_config config[] = {
	    {.machine = "q35"},
	    {.machine = "pc", .disk = "ide"},
	    {.machine = "q35", .iommu = true},
	};
	struct vm_config c = config[rand_r(seed) % 3];
	char             line[40];
	struct vm       *vm;

	c.image = image;
	c.memory_mb = 64;
	vm = vm_start(&c);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	if (rand_r(seed) % 4 != 0) {
		CU_ASSERT_FATAL(shell_ready(vm));
		CU_ASSERT_FATAL(shell_clear(vm));
		/* Nobody waits for the answers: they may be cut off. */
		snprintf(line, sizeof(line), "fill %u 100\r",
		    FILL_MIB << rand_r(seed) % 4);
		CU_ASSERT(vm_send(vm, line));
		if (rand_r(seed) % 4 == 0)
			CU_ASSERT(vm_send(vm, "ckpt now\r"));
	}
	run_a_while(vm, seed);
	vm_kill9(vm);
	vm_free(vm);
}

/*
 * journey.restart.5: a smoke test; QEMU is killed at random moments. More of
 * them, JOURNEY_CUTS, in make soak.
 */
static void
ten_cuts(void)
{
	const char *image = work_volume("v", 0);
	const char *text = getenv("JOURNEY_CUTS");
	unsigned    seed = (unsigned)time(NULL);
	int         cuts = text != NULL ? atoi(text) : CUTS;
	uint64_t    last = 0;
	struct vm  *vm;

	text = getenv("JOURNEY_SEED");
	if (text != NULL)
		seed = (unsigned)strtoul(text, NULL, 10);
	printf("journey: %d cuts, seed %u\n", cuts, seed);
	for (int i = 0; i < cuts; i++) {
		live_and_die(image, &seed);
		CU_ASSERT_FATAL(work_check(image));
		CU_ASSERT(work_generation() >= last);
		last = work_generation();
	}
	vm = journey_boot((struct vm_config){.image = image});
	CU_ASSERT(shell_clear(vm));
	journey_answers(vm, "fill", " 0 wrong$");
	vm_free(vm);
}

/* Nothing is written for so long; typing would change something. */
static bool
stays_quiet(struct vm *vm, unsigned moments)
{
	struct disk_stats before, now;

	if (!disk_stats(vm, &before))
		return false;
	while (moments-- > 0)
		if (!vm_wait_moment(vm))
			return false;
	return disk_stats(vm, &now) && now.writes == before.writes;
}

/* journey.schedule.1: no checkpoint while nothing changes. */
static void
quiet(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});
	int        tries = 20;

	/* The shell's own start is a change: one checkpoint comes. */
	while (!stays_quiet(vm, QUIET_MOMENTS) && --tries > 0)
		;
	CU_ASSERT(tries > 0);
	vm_free(vm);
}

/* journey.schedule.2: turned off and on again. */
static void
schedule(void)
{
	struct vm *vm = journey_boot((struct vm_config){
	    .image = work_volume("v", 0),
	});

	journey_answers(vm, "ckpt every 0", "^schedule +only when asked$");
	journey_answers(vm, "count start", "counting");
	journey_answers(vm, "ckpt now", "^generation ");
	CU_ASSERT(stays_quiet(vm, QUIET_MOMENTS));
	journey_answers(vm, "ckpt every 1", "^before +only when asked$");
	CU_ASSERT(disk_commits(vm, COMMIT_SECONDS));
	vm_free(vm);
}

/* journey.restart.6: a note is just memory. */
static void
note_kept(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm = journey_boot((struct vm_config){.image = image});

	CU_ASSERT(vm_send(vm, "note\rbuy milk\rmend roof\r.\r"));
	CU_ASSERT(vm_expect(vm, ".\nanteros> ", SHELL_SECONDS));
	journey_answers(vm, "ckpt now", "^generation [0-9]+$");
	vm_kill9(vm);
	vm_free(vm);
	vm = journey_boot((struct vm_config){.image = image});
	CU_ASSERT(vm_send(vm, "note\r"));
	CU_ASSERT(vm_expect(vm, "  1  buy milk\n  2  mend roof\n", 30));
	vm_free(vm);
}

const struct runner_test journey_restart_tests[] = {
    RUNNER_TEST(virtio),
    RUNNER_TEST(ide),
    RUNNER_TEST(moves),
    RUNNER_TEST(default_cpu),
    RUNNER_TEST(note_kept),
    RUNNER_TEST(quiet),
    RUNNER_TEST(schedule),
    RUNNER_TEST(ten_cuts),
    {NULL, NULL},
};
