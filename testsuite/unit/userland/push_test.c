/* SPDX-License-Identifier: BSD-2-Clause */
/* The pushed line: frames, and a receiver that believes nothing. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/push/receive.h"

enum { BYTES = 3000, ROOM = 8192 };

/* What the sink got. */
static struct {
	uint8_t  bytes[BYTES];
	size_t   got;
	unsigned calls, ends;
	uint32_t crc;
} taken;

static struct receiver receiver;

static enum status
take_data(uint32_t offset, const void *bytes, size_t length)
{
	CU_ASSERT_FATAL(offset + length <= BYTES);
	memcpy(taken.bytes + offset, bytes, length);
	taken.got = offset + length;
	taken.calls++;
	return RC_OK;
}

static enum status
take_end(const struct frame_begin *what, char *text)
{
	taken.ends++;
	taken.crc = what->crc;
	strcpy(text, "thanks");
	return RC_OK;
}

static const struct sink *
find(uint32_t kind)
{
	static const struct sink sink = {take_data, take_end};

	return kind == FRAME_DRIVER ? &sink : NULL;
}

/* Feeds bytes; how many answers there were. */
static unsigned
feed(const uint8_t *at, size_t n)
{
	unsigned answers = 0;

	for (size_t i = 0; i < n; i++)
		answers += receive_byte(&receiver, at[i], find);
	return answers;
}

static uint32_t
status(void)
{
	uint32_t st;

	memcpy(&st, receiver.answer.payload, 4);
	return st;
}

static size_t
begin_frame(uint8_t *out, uint32_t bytes, uint32_t kind)
{
	struct frame       f = {.type = FRAME_BEGIN, .number = 1};
	struct frame_begin b = {.version = FRAME_VERSION,
	    .bytes = bytes,
	    .crc = 77,
	    .kind = kind,
	    .name = "edu"};

	memcpy(f.payload, &b, sizeof(b));
	f.length = sizeof(b);
	return frame_write(&f, out);
}

static size_t
data_frame(uint8_t *out, uint8_t number, uint32_t offset, uint16_t n)
{
	struct frame f = {.type = FRAME_DATA, .number = number};

	memcpy(f.payload, &offset, 4);
	for (unsigned i = 0; i < n; i++)
		f.payload[4 + i] = (uint8_t)((offset + i) * 7);
	f.length = (uint16_t)(4 + n);
	return frame_write(&f, out);
}

static size_t
end_frame(uint8_t *out, uint8_t number)
{
	struct frame f = {.type = FRAME_END, .number = number};

	return frame_write(&f, out);
}

static void
start(void)
{
	memset(&receiver, 0, sizeof(receiver));
	memset(&taken, 0, sizeof(taken));
}

/* push.1: a whole transfer; each frame is answered once. */
static void
whole_transfer(void)
{
	uint8_t  out[FRAME_MOST];
	uint8_t  number = 1;
	uint32_t at = 0;

	start();
	CU_ASSERT_EQUAL(feed(out, begin_frame(out, BYTES, FRAME_DRIVER)), 1);
	while (at < BYTES) {
		uint16_t n = BYTES - at < 500 ? (uint16_t)(BYTES - at) : 500;

		CU_ASSERT_EQUAL(feed(out, data_frame(out, ++number, at, n)), 1);
		CU_ASSERT_EQUAL(status(), RC_OK);
		at += n;
	}
	CU_ASSERT_EQUAL(feed(out, end_frame(out, ++number)), 1);
	CU_ASSERT_EQUAL(status(), RC_OK);
	CU_ASSERT_EQUAL(taken.got, BYTES);
	CU_ASSERT_EQUAL(taken.ends, 1);
	CU_ASSERT_EQUAL(taken.crc, 77);
	for (unsigned i = 0; i < BYTES; i++)
		CU_ASSERT_EQUAL(taken.bytes[i], (uint8_t)(i * 7));
}

/* push.2: what is sent twice is served once, and answered twice. */
static void
served_once(void)
{
	uint8_t out[FRAME_MOST];
	size_t  n;

	start();
	(void)feed(out, begin_frame(out, 100, FRAME_DRIVER));
	n = data_frame(out, 2, 0, 100);
	CU_ASSERT_EQUAL(feed(out, n), 1);
	CU_ASSERT_EQUAL(feed(out, n), 1);
	CU_ASSERT_EQUAL(status(), RC_OK);
	CU_ASSERT_EQUAL(taken.calls, 1);
	n = end_frame(out, 3);
	CU_ASSERT_EQUAL(feed(out, n), 1);
	CU_ASSERT_EQUAL(feed(out, n), 1);
	CU_ASSERT_EQUAL(taken.ends, 1);
}

/* push.3: out of order, too much, too early, of an unknown kind. */
static void
refusals(void)
{
	uint8_t out[FRAME_MOST];

	start();
	(void)feed(out, data_frame(out, 5, 0, 10));
	CU_ASSERT_EQUAL(status(), RC_STATE);
	(void)feed(out, begin_frame(out, 100, 'X'));
	CU_ASSERT_EQUAL(status(), RC_UNSUPPORTED);
	(void)feed(out, begin_frame(out, 0, FRAME_DRIVER));
	CU_ASSERT_EQUAL(status(), RC_ARGUMENT);
	(void)feed(out, begin_frame(out, 100, FRAME_DRIVER));
	CU_ASSERT_EQUAL(status(), RC_OK);
	(void)feed(out, data_frame(out, 2, 10, 10));
	CU_ASSERT_EQUAL(status(), RC_ARGUMENT);
	(void)feed(out, data_frame(out, 3, 0, 101));
	CU_ASSERT_EQUAL(status(), RC_ARGUMENT);
	(void)feed(out, end_frame(out, 4));
	CU_ASSERT_EQUAL(status(), RC_STATE);
	CU_ASSERT_EQUAL(taken.calls, 0);
}

/* push.4: a frame is found behind any garbage, half frames, and false heads. */
static void
found_in_garbage(void)
{
	uint8_t out[ROOM];

	for (unsigned seed = 0; seed < 300; seed++) {
		size_t n = 0;

		start();
		srand(seed);
		for (unsigned i = 0; i < seed; i++)
			out[n++] = (uint8_t)(rand() % 4 == 0 ? 0xa5
				: rand() % 3 == 0            ? 0x5a
							     : rand());
		n += begin_frame(out + n, 100, FRAME_DRIVER);
		/* Behind a false head its own bytes may have been waited for.
		 */
		memset(out + n, 0, FRAME_MOST);
		n += FRAME_MOST;
		CU_ASSERT(feed(out, n) >= 1);
		CU_ASSERT_EQUAL(status(), RC_OK);
		CU_ASSERT(receiver.open);
	}
}

/* push.5: a flipped bit anywhere is no frame. */
static void
damage_is_seen(void)
{
	uint8_t out[FRAME_MOST], bad[FRAME_MOST];
	size_t  n = begin_frame(out, 100, FRAME_DRIVER);

	for (size_t bit = 0; bit < 8 * n; bit++) {
		start();
		memcpy(bad, out, n);
		bad[bit / 8] ^= (uint8_t)(1u << bit % 8);
		CU_ASSERT_EQUAL(feed(bad, n), 0);
	}
}

/* push.6: no sequence of bytes makes it read or write outside. */
static void
noise(void)
{
	uint8_t out[FRAME_MOST];

	start();
	srand(7);
	for (unsigned k = 0; k < 20000; k++) {
		size_t n = rand() % 3 == 0
		    ? begin_frame(out, (uint32_t)rand() % BYTES, FRAME_DRIVER)
		    : data_frame(out, (uint8_t)rand(),
			  rand() % 2 == 0 ? receiver.offset : (uint32_t)rand(),
			  (uint16_t)(rand() % 500));

		if (rand() % 4 == 0)
			out[(size_t)rand() % n] ^= (uint8_t)rand();
		if (rand() % 4 == 0)
			n = (size_t)rand() % n;
		(void)feed(out, n);
		CU_ASSERT(receiver.reader.used < FRAME_MOST);
	}
	CU_ASSERT(taken.calls > 0);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(whole_transfer),
	    RUNNER_TEST(served_once),
	    RUNNER_TEST(refusals),
	    RUNNER_TEST(found_in_garbage),
	    RUNNER_TEST(damage_is_seen),
	    RUNNER_TEST(noise),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {.name = "push", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
