/* SPDX-License-Identifier: BSD-2-Clause */
/* dev and drv where devices have names. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/node.order.h"
#include "testsuite/runner/runner.h"
#include "uldrv/class/catalogue.h"
#include "uldrv/class/catalogue.order.h"
#include "uldrv/class/devdb.order.h"
#include "testsuite/unit/userland/typed.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"
#include "userland/shell/edit.h"


/* What was asked last of each, and whether there is a catalogue. */
static struct {
	enum shell_slot at;
	char            device[64], packages[80];
	bool            absent;
} asked;

static struct {
	enum status suspending;     /* What Devdb.suspend and resume answer, */
	bool        sleeps, asleep; /* and whether it then sleeps. */
	bool        spoilt;         /* Its driver broke its ring. */
	uint64_t    waited;
} power;

static const struct catalogue_name rows[] = {
    {.name = "net0",
	.path = "00:03.0",
	.id = "52:54:00:00:00:01",
	.vendor = 0x8086,
	.device = 0x100e,
	.present = 1},
    {.name = "lan",
	.path = "00:09.0",
	.prefer = "e1000",
	.vendor = 0x8086,
	.device = 0x100e},
};

static void
reply(struct message *m, const void *bytes, size_t n)
{
	if (n > m->receive_limit)
		n = m->receive_limit;
	memcpy(m->receive, bytes, n);
	m->control = (uint64_t)n << RESULT_LENGTH_SHIFT;
}

static enum status
catalogue(struct message *m)
{
	uint64_t i = m->word[1];

	if (asked.absent)
		return RC_VOID;
	m->word[1] = m->word[0] == CATALOGUE_CALLED ? 2 : RC_OK;
	switch (m->word[0]) {
	case CATALOGUE_CALLED:
		if (i >= 2)
			return RC_NOT_FOUND;
		reply(m, &rows[i], sizeof(rows[i]));
		return RC_OK;
	case CATALOGUE_RENAME:
	case CATALOGUE_PREFER:
		snprintf(asked.packages, sizeof(asked.packages), "%.*s",
		    (int)m->send_bytes, (const char *)m->send);
		reply(m, "so be it\r", 9);
		return RC_OK;
	default:
		return RC_NOT_FOUND;
	}
}

static enum status
devdb(struct message *m)
{
	struct devdb_device d = {.name = "00:03.0",
	    .state = power.asleep ? DEVDB_SUSPENDED
		: power.spoilt     ? DEVDB_SPOILT
				   : DEVDB_BOUND};

	if (m->word[0] == DEVDB_DEVICE && m->word[1] == 0) {
		m->word[1] = 1;
		reply(m, &d, sizeof(d));
		return RC_OK;
	}
	if (m->word[0] == DEVDB_SUSPEND || m->word[0] == DEVDB_RESUME) {
		snprintf(asked.device, sizeof(asked.device), "%.*s",
		    (int)m->send_bytes, (const char *)m->send);
		power.asleep = m->word[0] == DEVDB_SUSPEND && power.sleeps;
		return power.suspending;
	}
	if (m->word[0] != DEVDB_WHY && m->word[0] != DEVDB_RESTART)
		return RC_NOT_FOUND;
	snprintf(asked.device, sizeof(asked.device), "%.*s", (int)m->send_bytes,
	    (const char *)m->send);
	if (m->word[0] == DEVDB_WHY)
		reply(m, "because\n", 8);
	return RC_OK;
}

void
ant_invoke(struct message *m)
{
	if ((m->control >> CONTROL_CAP_SHIFT & 31) == REG_NODE) {
		asked.at = (enum shell_slot)m->word[1];
		m->word[0] = RC_OK;
		m->control = 1 << RESULT_RECEIVED_SHIFT;
		return;
	}
	m->word[0] = (uint64_t)(asked.at == SHELL_DEVDB ? devdb(m)
		: asked.at == SHELL_CATALOGUE           ? catalogue(m)
							: RC_VOID);
}

bool
wait_for(uint64_t nanoseconds)
{
	power.waited += nanoseconds;
	return true;
}

/* Runs a line, and notes only what that asks. */
static const char *
asked_by(const char *line)
{
	memset(&asked, 0, sizeof(asked));
	return run(line);
}

/* cmd.dev.2: names stand below the devices, those that are not there too. */
static void
dev_lists_names(void)
{
	(void)asked_by("dev");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "net0             00:03.0      8086:100e 52:54:00:00:00:01\r\n"));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "lan              -            8086:100e, last at 00:09.0, "
	    "prefers e1000\r\n"));
}

/* cmd.dev.3: a name stands for the place where its device is now. */
static void
names_are_places(void)
{
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev why net0"), "because"));
	CU_ASSERT_STRING_EQUAL(asked.device, "00:03.0");
	(void)asked_by("drv restart net0");
	CU_ASSERT_STRING_EQUAL(asked.device, "00:03.0");
	(void)asked_by("dev 00:1f.0");
	CU_ASSERT_STRING_EQUAL(asked.device, "00:1f.0");
	CU_ASSERT_STRING_EQUAL(
	    asked_by("dev why lan"), "lan is not there; it was last at 00:09.0\r\n");
	CU_ASSERT_STRING_EQUAL(asked.device, "");
}

/* cmd.dev.4, cmd.drv.1: both words go to the catalogue, and what it says comes
 * back without what a terminal would obey. */
static void
changes(void)
{
	(void)asked_by("dev name net0 wan");
	CU_ASSERT_STRING_EQUAL(asked.packages, "net0 wan");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "so be it"));
	(void)asked_by("drv prefer rival net0");
	CU_ASSERT_STRING_EQUAL(asked.packages, "rival net0");
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("drv prefer rival"), "expected: "));
	CU_ASSERT_STRING_EQUAL(asked.packages, "");
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev name net0"), "expected: "));
	CU_ASSERT_STRING_EQUAL(asked.packages, "");
}

/* cmd.dev.5: dev shows which driver has broken its ring. */
static void
dev_shows_a_spoilt_ring(void)
{
	power.spoilt = true;
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev"), "00:03.0  bad ring   "));
	power.spoilt = false;
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev"), "00:03.0  bound      "));
}

/* cmd.dev.4: a driver is put to sleep, and waked; or why that cannot be. */
static void
dev_suspends_and_resumes(void)
{
	static const struct {
		enum status st;
		const char *suspend, *resume;
	} refused[] = {
	    {RC_NOT_FOUND, "no device 'net0'; dev lists them",
		"no device 'net0'; dev lists them"},
	    {RC_STATE, "no driver of net0 is up; drv lists them",
		"net0 is not suspended"},
	    {RC_EXISTS,
		"net0 is suspended already; 'dev resume net0' wakes it", NULL},
	    {RC_TAKEN, "the volume is on net0: nothing would run without it",
		NULL},
	    {RC_UNSUPPORTED, "the driver of net0 cannot be suspended", NULL},
	};

	power.sleeps = true;
	CU_ASSERT_STRING_EQUAL(asked_by("dev suspend net0"), "");
	CU_ASSERT_STRING_EQUAL(asked.device, "00:03.0");
	CU_ASSERT(power.asleep);
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev"), "00:03.0  suspended  "));
	CU_ASSERT_STRING_EQUAL(asked_by("dev resume net0"), "");
	CU_ASSERT_FALSE(power.asleep);
	CU_ASSERT_EQUAL(power.waited, 0);
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		power.suspending = refused[i].st;
		CU_ASSERT_PTR_NOT_NULL(
		    strstr(asked_by("dev suspend net0"), refused[i].suspend));
		if (refused[i].resume != NULL)
			CU_ASSERT_PTR_NOT_NULL(
			    strstr(asked_by("dev resume net0"), refused[i].resume));
	}
	/* It does not fall asleep: nobody waits for ever. */
	power.suspending = RC_OK;
	power.sleeps = false;
	CU_ASSERT_PTR_NOT_NULL(strstr(asked_by("dev suspend net0"),
	    "net0 is still busy; it sleeps when that has ended"));
	CU_ASSERT(power.waited >= UINT64_C(5000000000));
	(void)asked_by("dev suspend");
	CU_ASSERT_STRING_NOT_EQUAL(asked.device, "00:03.0");
}

static const struct runner_test tests[] = {
    RUNNER_TEST(dev_lists_names),
    RUNNER_TEST(names_are_places),
    RUNNER_TEST(changes),
    RUNNER_TEST(dev_shows_a_spoilt_ring),
    RUNNER_TEST(dev_suspends_and_resumes),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "names", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
