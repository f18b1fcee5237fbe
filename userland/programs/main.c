/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of one's own. What is pushed is believed only as far as
 * userland/rt/elf.h goes: it runs with what it is given, and that is all that
 * protects the rest.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "userland/programs/programs.h"
#include "userland/rt/elf.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/programs.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/server.h"

/* IEEE 802.3, 3.2.9. */
#define CRC_POLYNOMIAL UINT32_C(0xedb88320)

struct program_table programs;

static uint8_t receive[PROGRAMS_CHUNK], reply[PROGRAMS_TEXT];

static void say(struct request *rq, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct request *rq, const char *format, ...)
{
	va_list args;
	int     n;

	request_out_string(rq, PROGRAMS_TEXT);
	if (rq->out_limit == 0)
		return;
	va_start(args, format);
	n = vsnprintf(rq->out_string, rq->out_limit, format, args);
	va_end(args);
	if (n > 0)
		rq->out_bytes = (size_t)n < rq->out_limit ? (size_t)n
							  : rq->out_limit - 1;
}

/* A name that was sent, as a string. */
static void
take_name(const char *from, size_t n, char *name)
{
	memset(name, 0, PROGRAMS_NAME);
	memcpy(name, from, n < PROGRAMS_NAME ? n : PROGRAMS_NAME - 1);
}

static const char no_words[] = "it cannot be done";

/* What is refused goes into the answer; the order itself was understood. */
static void
refused(struct request *rq, const char *name, enum status st, const char *why)
{
	if (why != no_words)
		say(rq, "%s: %s", name, why);
	else
		say(rq, "%s: %s (status %u)", name, why, (unsigned)st);
}

static const char *
bank_words(enum status st)
{
	return st == RC_LIMIT || st == RC_FULL ? "there is no room for it"
					       : no_words;
}

/* ------------------------------------------------------------ what comes */

static uint32_t
checksum(const uint8_t *at, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= at[i];
		for (unsigned k = 0; k < 8; k++)
			crc = crc >> 1 ^ (CRC_POLYNOMIAL & -(crc & 1));
	}
	return ~crc;
}

enum status
programs_do_stage(struct request *rq, uint64_t offset)
{
	return rq->data == PROGRAMS_PUSH
	    ? stage_put(offset, rq->string, rq->string_bytes)
	    : RC_RIGHTS;
}

/* Is what is staged what was sent, and a program? */
static const char *
look(uint64_t bytes, uint64_t crc)
{
	struct elf_image elf;
	size_t           n = 0;
	const void      *image = stage_image(&n);

	if (n == 0 || n != bytes || checksum(image, n) != crc)
		return "it was damaged on its way; send it again";
	return elf_read(image, n, &elf) == RC_OK
	    ? NULL
	    : "it is no program that can run: a static x86-64 ELF, linked "
	      "as userland/rt/domain.ld says";
}

/* Entry `fresh` is made; it takes the place of `old`, unless that is -1. */
static enum status
keep(int fresh, int old, const char *name)
{
	struct program *p = &programs.program[fresh];
	size_t          bytes = 0;
	enum status     st;

	(void)stage_image(&bytes);
	memset(p, 0, sizeof(*p));
	grants_default(&p->given);
	st = keep_program((unsigned)fresh, name, &p->given);
	if (st == RC_OK && old >= 0)
		st = hand_down((unsigned)old, (unsigned)fresh);
	if (st == RC_OK && old >= 0)
		st = forget_program((unsigned)old);
	if (st != RC_OK)
		return st;
	if (old >= 0)
		programs.program[old].state = PROGRAMS_NONE;
	memcpy(p->name, name, strlen(name));
	p->bytes = (uint32_t)bytes;
	p->state = PROGRAMS_KEPT;
	return RC_OK;
}

enum status
programs_do_receive(
    struct request *rq, uint64_t bytes, uint64_t crc, uint64_t *result)
{
	char        name[PROGRAMS_NAME];
	const char *why = NULL;
	int         old = -1;
	enum status st;

	if (rq->data != PROGRAMS_PUSH)
		return RC_RIGHTS;
	take_name(rq->string, rq->string_bytes, name);
	st = program_may(&programs, PROGRAM_PUSH, (const char *)rq->string,
	    rq->string_bytes, &old, &why);
	if (st == RC_OK) {
		why = look(bytes, crc);
		st = why != NULL ? RC_CORRUPT : RC_OK;
	}
	if (st == RC_OK) {
		st = keep(program_free(&programs), old, name);
		why = st == RC_LIMIT
		    ? "there is no room for it, or it reaches beyond 4 MiB"
		    : bank_words(st);
	}
	stage_drop();
	*result = st;
	if (st != RC_OK)
		refused(rq, name, st, why);
	else
		say(rq, "%s: kept, %lu bytes; 'run %s' starts it", name, bytes,
		    name);
	return RC_OK;
}

/* ------------------------------------------------------- what is asked for */

enum status
programs_do_program(struct request *rq, uint64_t index, uint64_t *count)
{
	struct programs_program r = {0};
	const struct program   *p;
	int                     i = program_at(&programs, index);

	if (rq->data != PROGRAMS_USE)
		return RC_RIGHTS;
	if (i < 0)
		return RC_NOT_FOUND;
	p = &programs.program[i];
	memcpy(r.name, p->name, sizeof(r.name));
	r.state = p->state;
	r.bytes = p->bytes;
	r.frames = program_frames((unsigned)i);
	r.fault = p->fault;
	r.address = p->address;
	r.pc = p->pc;
	r.runs = p->runs;
	request_out_string(rq, sizeof(r));
	rq->out_bytes = rq->out_limit;
	memcpy(rq->out_string, &r, rq->out_limit);
	*count = program_count(&programs);
	return RC_OK;
}

static enum status
end(struct program *p, unsigned i)
{
	enum status st = end_program(i);

	if (st == RC_OK)
		p->state = PROGRAMS_KEPT;
	return st;
}

static enum status
forget(struct program *p, unsigned i)
{
	enum status st = forget_program(i);

	if (st == RC_OK)
		p->state = PROGRAMS_NONE;
	return st;
}

/* Does what may be done, and says what became of it. */
static enum status
act(struct request *rq, enum program_verb verb, uint64_t *result,
    enum status (*work)(struct program *p, unsigned i), const char *done)
{
	char        name[PROGRAMS_NAME];
	const char *why = NULL;
	int         i = -1;
	enum status st;

	if (rq->data != PROGRAMS_USE)
		return RC_RIGHTS;
	take_name(rq->string, rq->string_bytes, name);
	st = program_may(&programs, verb, (const char *)rq->string,
	    rq->string_bytes, &i, &why);
	if (st == RC_OK) {
		st = work(&programs.program[i], (unsigned)i);
		why = bank_words(st);
	}
	*result = st;
	if (st != RC_OK)
		refused(rq, name, st, why);
	else
		say(rq, "%s: %s", name, done);
	return RC_OK;
}

static enum status
start(unsigned i, const struct grants *g)
{
	struct program *p = &programs.program[i];
	enum status     st = run_program(i, g);

	if (st != RC_OK)
		return st;
	p->state = PROGRAMS_RUNNING;
	p->runs++;
	p->fault = FAULT_NONE;
	return RC_OK;
}

/* The string is a name, and what that program is given. */
enum status
programs_do_run(struct request *rq, uint64_t *result)
{
	const char   *words = rq->string, *why = NULL;
	const void   *end = memchr(rq->string, ' ', rq->string_bytes);
	size_t        n = end != NULL ? (size_t)((const char *)end - words)
				      : rq->string_bytes;
	char          name[PROGRAMS_NAME], text[PROGRAMS_TEXT];
	struct grants g;
	int           i = -1;
	enum status   st;

	if (rq->data != PROGRAMS_USE)
		return RC_RIGHTS;
	take_name(words, n, name);
	st = program_may(&programs, PROGRAM_RUN, words, n, &i, &why);
	if (st == RC_OK) {
		st = grants_read(&g, words + n, rq->string_bytes - n, text,
		    sizeof(text) - sizeof(name) - 16);
		why = text;
	}
	if (st == RC_OK) {
		st = start((unsigned)i, &g);
		why = st == RC_NOT_FOUND
		    ? "no program of that name has one; run it with one first"
		    : bank_words(st);
	}
	*result = st;
	if (st != RC_OK) {
		refused(rq, name, st, why);
		return RC_OK;
	}
	grants_say(&g, text, sizeof(text));
	say(rq, "%s: runs; it holds %s", name, text);
	return RC_OK;
}

enum status
programs_do_kill(struct request *rq, uint64_t *result)
{
	return act(rq, PROGRAM_KILL, result, end, "ended; its bank is void");
}

enum status
programs_do_forget(struct request *rq, uint64_t *result)
{
	return act(rq, PROGRAM_FORGET, result, forget, "deleted");
}

enum status
programs_do_hole(struct request *rq, uint64_t index, uint64_t *register_number,
    uint64_t *kind, uint64_t *rights)
{
	int i = program_find(
	    &programs, (const char *)rq->string, rq->string_bytes);
	enum status st = i < 0 ? RC_NOT_FOUND : RC_OK;

	if (rq->data != PROGRAMS_USE)
		return RC_RIGHTS;
	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_PROGRAM + (unsigned)i, REG_THIS);
	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_CONSTRUCTOR, REG_IN1);
	return st == RC_OK
	    ? constructor_hole(REG_IN1, index, register_number, kind, rights)
	    : st;
}

/* ---------------------------------------------------------------- its loop */

/*
 * Is it a product of this program, of which REG_IN0 is the process? A product can
 * get at the capability to its keeper, tell us what it likes, and hand it on.
 */
static bool
is_product(unsigned i)
{
	uint64_t    yes = 0;
	enum status st = i < PROGRAMS_MOST
	    ? node_get(REG_NODE, SLOT_PROGRAM + i, REG_THIS)
	    : RC_NOT_FOUND;

	if (st == RC_OK)
		st = node_get(REG_THIS, HAS_CONSTRUCTOR, REG_IN1);
	if (st == RC_OK)
		st = constructor_branded(REG_IN1, REG_IN0, &yes);
	return st == RC_OK && yes == 1;
}

/* A program has faulted: it stays as it is, to be looked at and ended. */
static void
fault(struct request *rq)
{
	unsigned i = rq->data - PROGRAMS_KEEPER;

	if (is_product(i) &&
	    program_fault(
		&programs, i, rq->word[1], rq->word[2], rq->word[4]))
		log_printf("programs: %s: fault %lu at %lx, pc %lx\n",
		    programs.program[i].name, rq->word[1], rq->word[2],
		    rq->word[4]);
	/* The right to resume it is not used. */
	rq->kept = true;
}

int main(void);

int
main(void)
{
	static const struct server sv = {
	    receive, sizeof(receive), reply, sizeof(reply)};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			if (rq.data < PROGRAMS_KEEPER)
				rq.status = programs_serve(&rq);
			else if (rq.word[0] == KEEPER_PROCESS)
				fault(&rq);
			else
				rq.status = RC_ORDER;
		}
		server_next(&sv, &rq);
	}
}
