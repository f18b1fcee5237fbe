/* SPDX-License-Identifier: BSD-2-Clause */
/* Persistent names of devices. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "devdb/catalogue/names.h"
#include "testsuite/runner/runner.h"

enum { EVENTS = 8 };

static struct names       names;
static struct names_event events[EVENTS];

static struct live
card(const char *path, const char *id)
{
	struct live d = {.vendor = 0x8086, .device = 0x100e, .class = 0x020000};

	snprintf(d.path, sizeof(d.path), "%s", path);
	snprintf(d.id, sizeof(d.id), "%s", id);
	return d;
}

static unsigned
look(const struct live *d, unsigned n)
{
	memset(events, 0, sizeof(events));
	return names_look(&names, d, n, events, EVENTS);
}

static const char *
name_at(const char *path)
{
	const struct catalogue_name *r = names_find(&names, path);

	return r != NULL ? r->name : "";
}

/* names.1: by what it says of itself, wherever it stands. */
static void
follows_the_card(void)
{
	struct live two[2] = {card("00:04.0", "52:54:00:00:00:01"),
	    card("00:05.0", "52:54:00:00:00:02")};

	memset(&names, 0, sizeof(names));
	CU_ASSERT_EQUAL(look(two, 2), 2);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "net0");
	CU_ASSERT_STRING_EQUAL(name_at("00:05.0"), "net1");
	CU_ASSERT_STRING_EQUAL(events[0].from, "");
	/* A look that finds nothing new says nothing. */
	CU_ASSERT_EQUAL(look(two, 2), 0);
	/* The first is pulled, the second moves into its place. */
	two[0] = card("00:04.0", "52:54:00:00:00:02");
	CU_ASSERT_EQUAL(look(two, 1), 1);
	CU_ASSERT_STRING_EQUAL(events[0].name, "net1");
	CU_ASSERT_STRING_EQUAL(events[0].from, "00:05.0");
	CU_ASSERT_STRING_EQUAL(events[0].to, "00:04.0");
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "net1");
	CU_ASSERT_PTR_NOT_NULL(names_find(&names, "net0"));
	CU_ASSERT_FALSE(names_find(&names, "net0")->present);
	/* It comes back elsewhere. */
	two[1] = card("00:07.0", "52:54:00:00:00:01");
	CU_ASSERT_EQUAL(look(two, 2), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:07.0"), "net0");
}

/* names.2: one that says nothing is known by its numbers and its place. */
static void
knows_the_place(void)
{
	struct live d = card("00:04.0", ""), other = d;

	memset(&names, 0, sizeof(names));
	d.class = 0x010802;
	d.vendor = 0x1b36;
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "disk0");
	CU_ASSERT_EQUAL(look(&d, 0), 0);
	/* Another device in its place. */
	CU_ASSERT_EQUAL(look(&other, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "net0");
	CU_ASSERT_EQUAL(look(&d, 1), 0);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "disk0");
	/* The same in another place is another, as far as anybody knows. */
	snprintf(d.path, sizeof(d.path), "00:08.0");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:08.0"), "disk1");
}

/* names.3: who may yet say who he is waits for a name, or has that of before.
 */
static void
waits_for_an_answer(void)
{
	struct live d = card("00:04.0", "52:54:00:00:00:01");

	memset(&names, 0, sizeof(names));
	(void)look(&d, 1);
	/* The next boot: its driver is not up yet, and it stands elsewhere. */
	d = card("00:06.0", "");
	d.saying = true;
	CU_ASSERT_EQUAL(look(&d, 1), 0);
	CU_ASSERT_STRING_EQUAL(name_at("00:06.0"), "");
	d = card("00:06.0", "52:54:00:00:00:01");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:06.0"), "net0");
	/* In its place it has its name at once, until it is another. */
	d = card("00:06.0", "");
	d.saying = true;
	CU_ASSERT_EQUAL(look(&d, 1), 0);
	CU_ASSERT_STRING_EQUAL(name_at("00:06.0"), "net0");
	d = card("00:06.0", "52:54:00:00:00:09");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:06.0"), "net1");
	/* Nobody drives it: it is named by its place. */
	d = card("00:0a.0", "");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(name_at("00:0a.0"), "net2");
}

/* names.4: a name that is chosen stays; nobody else's is taken. */
static void
chosen(void)
{
	struct live two[2] = {card("00:04.0", "a"), card("00:05.0", "b")};
	struct catalogue_name *r;

	memset(&names, 0, sizeof(names));
	(void)look(two, 2);
	r = names_find(&names, "00:04.0");
	CU_ASSERT_EQUAL(names_choose(&names, r, "net1"), RC_EXISTS);
	CU_ASSERT_EQUAL(names_choose(&names, r, ""), RC_ARGUMENT);
	CU_ASSERT_EQUAL(names_choose(&names, r, "1lan"), RC_ARGUMENT);
	CU_ASSERT_EQUAL(names_choose(&names, r, "00:05.0"), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    names_choose(&names, r, "abcdefghijklmnop"), RC_ARGUMENT);
	CU_ASSERT_EQUAL(names_choose(&names, r, "lan"), RC_OK);
	CU_ASSERT_EQUAL(names_choose(&names, r, "lan"), RC_OK);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "lan");
	CU_ASSERT_PTR_NULL(names_find(&names, "net0"));
	/* That of one which is gone can be had. */
	(void)look(two, 1);
	CU_ASSERT_EQUAL(names_choose(&names, r, "net1"), RC_OK);
	(void)look(two, 2);
	CU_ASSERT_STRING_EQUAL(name_at("00:04.0"), "net1");
	CU_ASSERT_STRING_EQUAL(name_at("00:05.0"), "net0");
}

/* names.6: who is preferred has a driver's name; nothing else is kept, nor
 * written to the log. */
static void
preferred(void)
{
	static const char *const wrong[] = {"\033[2J", "a\nb", "A", "a b",
	    "a\x7f", "\xff", "-\t", "abcdefghijklmnop"};
	struct catalogue_name r = {.present = 1};

	CU_ASSERT_EQUAL(names_prefer(&r, "virtio-net"), RC_OK);
	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_EQUAL(names_prefer(&r, wrong[i]), RC_ARGUMENT);
	CU_ASSERT_STRING_EQUAL(r.prefer, "virtio-net");
	CU_ASSERT_EQUAL(names_prefer(&r, "a"), RC_OK);
	CU_ASSERT_STRING_EQUAL(r.prefer, "a");
	CU_ASSERT_EQUAL(names_prefer(&r, ""), RC_OK);
	CU_ASSERT_STRING_EQUAL(r.prefer, "");
}

/* names.5: with all rows taken the longest gone gives way, if nobody chose it.
 */
static void
full(void)
{
	struct live d;
	char        path[16];

	memset(&names, 0, sizeof(names));
	for (unsigned i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "01:%02x.0", i);
		d = card(path, "");
		CU_ASSERT_EQUAL(look(&d, 1), 1);
		if (i == 0)
			CU_ASSERT_EQUAL(names_choose(&names,
					    names_find(&names, path), "mine"),
			    RC_OK);
		if (i == 1)
			strcpy(names_find(&names, path)->prefer, "e1000");
	}
	d = card("02:00.0", "");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	/* Rows 0 and 1 are kept; the name of row 2 is free again. */
	CU_ASSERT_PTR_NOT_NULL(names_find(&names, "mine"));
	CU_ASSERT_PTR_NOT_NULL(names_find(&names, "net0"));
	CU_ASSERT_STRING_EQUAL(name_at("02:00.0"), "net1");
	for (unsigned i = 0; i < NAMES; i++)
		names.row[i].chosen = 1;
	d = card("03:00.0", "");
	CU_ASSERT_EQUAL(look(&d, 1), 1);
	CU_ASSERT_STRING_EQUAL(events[0].name, "");
	CU_ASSERT_STRING_EQUAL(events[0].to, "03:00.0");
	CU_ASSERT_STRING_EQUAL(name_at("03:00.0"), "");
}

/* names.6: more events than there is room for are dropped, not the names. */
static void
many(void)
{
	struct live d[NAMES];

	memset(&names, 0, sizeof(names));
	for (unsigned i = 0; i < NAMES; i++) {
		char path[16];

		snprintf(path, sizeof(path), "01:%02x.0", i);
		d[i] = card(path, "");
	}
	CU_ASSERT_EQUAL(look(d, NAMES), EVENTS);
	CU_ASSERT_STRING_EQUAL(name_at("01:3f.0"), "net63");
}

static const struct runner_test tests[] = {
    RUNNER_TEST(follows_the_card),
    RUNNER_TEST(knows_the_place),
    RUNNER_TEST(waits_for_an_answer),
    RUNNER_TEST(chosen),
    RUNNER_TEST(full),
    RUNNER_TEST(preferred),
    RUNNER_TEST(many),
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
