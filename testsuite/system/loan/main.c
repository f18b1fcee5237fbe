/* SPDX-License-Identifier: BSD-2-Clause */
/* The power is cut while a keeper stands in for memory, load by load. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"

enum {
	DEADLINE = 600,
	SECONDS = 30,
	CUTS = 40,      /* At most: two of three or so hit a loan. */
	HITS = 4,       /* As many as must. */
	BEFORE = 64, /* Accesses before the first cut, none told again. */
};

/* What the program says of itself, see loans.c. */
struct said {
	unsigned long done, wrong, told, again;
};

static char image[160];

static struct vm *
boot(void)
{
	return boots_with_line2(&(struct vm_config){.image = image});
}

/* The last such line of the log, when it has two since the machine started. */
static struct said
listen(struct vm *vm)
{
	char *answer = shell_until(
	    vm, "log", "^loans: [0-9]+ acc.*\nloans: [0-9]+ acc", SECONDS);
	struct said s = {.wrong = 1}, next;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	for (const char *at = answer; (at = strstr(at, "loans: ")) != NULL;
	     at++)
		if (sscanf(at,
			"loans: %lu accesses, %lu wrong, %lu told, %lu again",
			&next.done, &next.wrong, &next.told, &next.again) == 4)
			s = next;
	free(answer);
	return s;
}

/* The same, when so many accesses are done. */
static struct said
listen_until(struct vm *vm, unsigned long done)
{
	long long   deadline = vm_deadline(SECONDS);
	struct said s = listen(vm);

	while (s.done < done && vm_look_again(vm, deadline))
		s = listen(vm);
	CU_ASSERT_FATAL(s.done >= done);
	return s;
}

/*
 * loan.cut.1 (D4): after each cut the keeper and its client go on from the last
 * checkpoint, and each value is right: also of accesses whose pages had been
 * lent when the checkpoint was taken. Enough cuts hit such a loan; without a
 * cut no loan is lost. The checkpoints are those that come by themselves: one
 * that is asked for at the shell finds the two kept from running, by the shell.
 */
static void
cut_in_the_middle_of_a_loan(void)
{
	const char *volume = work_volume("v", 0);
	struct vm  *vm;
	struct said before, after;
	unsigned    cuts = 0, hits = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(volume);
	snprintf(image, sizeof(image), "%s", volume);
	vm = boot();
	CU_ASSERT_EQUAL_FATAL(
	    work_shell("objcopy -S $B/domain/loans.elf $W/p && $T/push %s "
		       "program loans $W/p",
		line2_path()),
	    0);
	free(shell_run(vm, "ckpt every 1"));
	free(shell_run(vm, "run loans with log clock"));
	before = listen_until(vm, BEFORE);
	CU_ASSERT_EQUAL(before.again, 0);
	CU_ASSERT(before.told > before.done);
	for (; cuts < CUTS && hits < HITS; cuts++) {
		CU_ASSERT(disk_commits(vm, SECONDS));
		vm_kill9(vm);
		vm_free(vm);
		vm = boot();
		after = listen(vm);
		CU_ASSERT_EQUAL(after.wrong, 0);
		CU_ASSERT(after.done >= before.done);
		CU_ASSERT(after.again >= before.again);
		hits += after.again > before.again;
		before = listen_until(vm, after.done + 1);
		CU_ASSERT_EQUAL(before.again, after.again);
	}
	printf("loan: %u of %u cuts hit an outstanding loan, %lu loans lost; "
	       "%lu accesses, %lu wrong\n",
	    hits, cuts, before.again, before.done, before.wrong);
	CU_ASSERT(hits >= HITS);
	CU_ASSERT_EQUAL(before.wrong, 0);
	vm_free(vm);
	CU_ASSERT(work_check(image));
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(cut_in_the_middle_of_a_loan),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"loan", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
