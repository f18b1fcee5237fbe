/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power is cut at a hundred points of one recorded run, three ways each.
 * POWER_BOOTS says how many of the 300 states are booted (0: all), POWER_SEED
 * repeats a run's choice of points.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"
#include "testsuite/system/power/points.h"
#include "testsuite/system/power/record.h"

enum {
	DEADLINE = 600,
	VOLUME_MB = 192,
	BOOTS = 30,        /* In make check. */
	BOOT_SECONDS = 10, /* What one may take of the deadline. */
};

struct campaign {
	struct log     log;
	struct rebuild r;
	struct judge   judge;
	size_t         point[POINTS], points;
	char           image[300];
	uint64_t       seed;
};

static struct campaign campaign;

static uint64_t
number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* Records a run over `volume`, and sets the stage for the cuts. */
static void
campaign_begin(struct campaign *c, const char *volume)
{
	const char *log = work_path("log");

	*c = (struct campaign){0};
	c->seed = number_of("POWER_SEED", (uint64_t)time(NULL));
	CU_ASSERT_EQUAL_FATAL(
	    work_shell("cp --sparse=always %s $W/cut", volume), 0);
	snprintf(c->image, sizeof(c->image), "%s", work_path("cut"));
	record_run(volume, log, &c->judge);
	CU_ASSERT_FATAL(log_open(&c->log, log));
	CU_ASSERT_FATAL(rebuild_open(&c->r, c->image, &c->log, c->seed));
	CU_ASSERT_FATAL(judge_learn(&c->judge, &c->r));
	c->points = points_choose(c->point, &c->judge, &c->r);
	printf("power: seed %lu, %zu writes and flushes, %zu superblocks, "
	       "%zu acknowledged, %zu points\n",
	    c->seed, c->log.entries, c->judge.supers, c->judge.acks, c->points);
	CU_ASSERT_EQUAL_FATAL(c->points, POINTS);
}

static void
campaign_end(struct campaign *c)
{
	rebuild_close(&c->r);
	log_close(&c->log);
}

/* Boots what the cut has left; it must open that very generation. */
static bool
boots(const char *image, uint64_t generation)
{
	struct vm *vm = vm_start(&(struct vm_config){
	    .image = image,
	    .snapshot = true,
	});
	char       opened[80];
	char      *answer = NULL;
	bool       ok;

	snprintf(opened, sizeof(opened), "store: opened at generation %lu ",
	    generation);
	ok = vm != NULL && vm_expect(vm, opened, SHELL_BOOT_SECONDS) &&
	    vm_expect(vm, "anteros> ", SHELL_BOOT_SECONDS) && shell_clear(vm) &&
	    (answer = shell_run(vm, "fill")) != NULL &&
	    text_matches(answer, " 0 wrong$");
	free(answer);
	vm_free(vm);
	return ok;
}

/* power.cut.1: 300 states, each one committed generation; some are booted. */
static void
every_state_is_committed(void)
{
	struct campaign *c = &campaign;
	uint64_t         wanted = number_of("POWER_BOOTS", BOOTS);
	uint64_t         states = 0, bad = 0, booted = 0, total;

	CU_ASSERT_PTR_NOT_NULL_FATAL(work_volume("v", VOLUME_MB));
	campaign_begin(c, work_path("v"));
	total = c->points * CUT_KINDS;
	for (size_t i = 0; i < c->points; i++) {
		for (int kind = 0; kind < CUT_KINDS; kind++, states++) {
			uint64_t generation;

			rebuild_cut(&c->r, c->point[i], (enum cut_kind)kind);
			generation = judge_state(&c->judge, &c->r, c->point[i]);
			bad += generation == 0;
			if (generation != 0 &&
			    (wanted == 0 ||
				states * wanted / total !=
				    (states + 1) * wanted / total)) {
				CU_ASSERT(boots(c->image, generation));
				booted++;
			}
			rebuild_undo(&c->r);
		}
	}
	printf("power: %lu states checked, %lu bad, %lu booted\n", states, bad,
	    booted);
	CU_ASSERT_EQUAL(bad, 0);
	CU_ASSERT(booted > 0);
	campaign_end(c);
}

/* Makes a volume whose store has a seeded bug, and records a run over it. */
static void
mutant_is_caught(const char *mutant)
{
	struct campaign *c = &campaign;
	size_t           bad = 0, states = 0;

	CU_ASSERT_EQUAL_FATAL(
	    work_shell("rm -rf $W/parts; mkdir -p $W/parts/domain;"
		       "ln -s $B/domain/*.elf $W/parts/domain;"
		       "ln -sf $B/power/%s.elf $W/parts/domain/store.elf;"
		       "cd $W/parts; for f in $B/*; do "
		       "[ -e ${f##*/} ] || ln -s $f .; done;"
		       "$T/mkvolume --system $B/system.dtb --build $W/parts "
		       "--kernel $B/kernel.elf --size %d --out $W/v",
		mutant, VOLUME_MB),
	    0);
	campaign_begin(c, work_path("v"));
	c->judge.quiet = true;
	for (size_t i = 0; i < c->points && bad == 0; i++) {
		for (int kind = 0; kind < CUT_KINDS && bad == 0; kind++) {
			rebuild_cut(&c->r, c->point[i], (enum cut_kind)kind);
			bad += judge_state(&c->judge, &c->r, c->point[i]) == 0;
			rebuild_undo(&c->r);
			states++;
		}
	}
	printf("power: %s caught in state %zu\n", mutant, states);
	CU_ASSERT_EQUAL(bad, 1);
	campaign_end(c);
}

/* power.mutant.1, 2: a store without either flush makes this test fail. */
static void
without_first_flush(void)
{
	mutant_is_caught("no_first_flush");
}

static void
without_second_flush(void)
{
	mutant_is_caught("no_second_flush");
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(every_state_is_committed),
	    RUNNER_TEST(without_first_flush),
	    RUNNER_TEST(without_second_flush),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"power", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE +
	    (number_of("POWER_BOOTS", BOOTS) == 0
		    ? POINTS * CUT_KINDS * BOOT_SECONDS
		    : 0));
	return runner_main(argc, argv, suites);
}
