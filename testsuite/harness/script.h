/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of a class supply to the programs: loops.c (model), live.c
 * (qtest) and replayed.c (replay) are the same for all drivers.
 */
#ifndef TESTSUITE_HARNESS_SCRIPT_H
#define TESTSUITE_HARNESS_SCRIPT_H

#include "testsuite/harness/harness.h"
#include "testsuite/runner/runner.h"

struct script_result {
	bool          ended;  /* All that was asked was answered. */
	unsigned long wrong;  /* Answers or content that must not be. */
	unsigned long strays; /* DMA beyond what was lent. */
	unsigned long fired;
	unsigned long restarts;
	unsigned      width; /* Of the access where it fired. */
	unsigned long
	    seen[FAULT_CLASSES]; /* Events before the fault is over. */
};

struct class_script {
	/*
	 * Opens a device with this fault, uses all of the class's protocol,
	 * and if the fault fired, lets it be over (harness_over) and does all
	 * of it again with a fresh instance, which must then find everything
	 * in order.
	 */
	struct script_result (*run)(const struct fault *fault);

	/*
	 * One request at a time, on a device just opened, so that the same
	 * accesses follow in the same order on every back end; what comes back
	 * is told by talk_note. False if anything is not as it must be.
	 */
	bool (*converse)(struct harness *h);

	/* Tests of the class that want a model; NULL-ended, or NULL. */
	const struct runner_test *more;

	/* What comes in while it sleeps is lost: it has a test of its own. */
	bool loses;

	/* Over qtest: at how many places to die; NULL or 0: at forty. */
	const unsigned *deaths;
};

extern const struct class_script class_script;

#endif
