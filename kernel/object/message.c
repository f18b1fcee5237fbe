/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivering a message to a process.
 *
 * The string is copied over the frames of both sides in the direct map. All of
 * them are found and held first, so the copy itself can neither wait nor fail
 * (S12). A page of the receiver that would need its keeper truncates.
 */
#include "kernel/object/message.h"
#include "kernel/object/cpu.h"
#include "kernel/object/loan.h"

/* Where a process wants its message: saved registers of its invocation. */
static unsigned
receive_register(const struct process *p, unsigned i)
{
	return (unsigned)(p->state->regs.rax >>
		   (CONTROL_RECEIVE_SHIFT + CONTROL_REG_BITS * i)) &
	    31;
}

static uint32_t
receive_limit(const struct process *p)
{
	uint64_t limit = p->state->regs.r12 >> 32;

	return limit < STRING_MAX ? (uint32_t)limit : STRING_MAX;
}

/*
 * Find the frames behind [v, v + bytes) of a process. Gives how many bytes of
 * it could be had before a fault; *fault is that one's.
 */
static enum status
find_frames(const struct process *p, uint64_t v, uint32_t bytes,
    enum fault_access access, struct frame **frames, uint32_t *got,
    struct map_fault *fault)
{
	struct map_space space = process_space(p);
	uint32_t         done  = 0;
	bool             walked = false;

	for (unsigned i = 0; done < bytes; i++) {
		uint64_t     at   = v + done;
		uint32_t     room = (uint32_t)(PAGE_SIZE - at % PAGE_SIZE);
		enum status  st;

		st = !walked
		    ? map_page(&space, at, access, &frames[i], fault)
		    : map_page_next(&space, at, access, &frames[i], fault);
		walked = st == RC_OK;
		if (unlikely(st == ST_FAULT) && access == ACCESS_READ)
			st = loan_string(p, at, &frames[i]);
		if (st == ST_FAULT) {
			cpu.string_fault = at;
			break;
		}
		if (st != RC_OK)
			return st;
		frame_hold(frames[i]);
		done += room;
	}
	*got = done < bytes ? done : bytes;
	return RC_OK;
}

/* Is [v, v + bytes) within user space? */
static bool
user_extent(uint64_t v, uint32_t bytes)
{
	const uint64_t end = UINT64_C(1) << USER_SPAN;

	return v < end && bytes <= end - v;
}

enum status
message_prepare(
    struct message *m, struct process *to, struct map_fault *fault)
{
	uint32_t         limit, got;
	struct map_fault ignored;
	enum status      st;

	st = process_prepare_write(to);
	if (st != RC_OK)
		return st;
	m->fits      = 0;
	m->truncated = false;
	if (m->bytes == 0)
		return RC_OK;
	limit   = receive_limit(to);
	m->into = to->state->regs.r13;
	m->fits = m->bytes < limit ? m->bytes : limit;
	if (!user_extent(m->into, m->fits))
		m->fits = 0;
	if (m->sender != NULL) {
		if (!user_extent(m->address, m->bytes)) {
			cpu.string_fault = m->address;
			*fault = (struct map_fault){.code = FAULT_UNMAPPED};
			return ST_FAULT;
		}
		st = find_frames(m->sender, m->address, m->fits, ACCESS_READ,
		    cpu.from, &got, fault);
		if (st != RC_OK)
			return st;
		if (got < m->fits)
			return ST_FAULT;
	}
	st = find_frames(to, m->into, m->fits, ACCESS_WRITE, cpu.to, &got,
	    &ignored);
	if (st != RC_OK)
		return st;
	m->fits      = got;
	m->truncated = got < m->bytes;
	if (m->sender != NULL)
		loan_end(m->sender);
	return RC_OK;
}

/* Bytes until the next page border of either address. */
static uint32_t
chunk(uint64_t a, uint64_t b, uint32_t left)
{
	uint32_t n = (uint32_t)(PAGE_SIZE - a % PAGE_SIZE);
	uint32_t o = (uint32_t)(PAGE_SIZE - b % PAGE_SIZE);

	n = n < o ? n : o;
	return n < left ? n : left;
}

static uint8_t *
byte_at(struct frame *const *frames, uint64_t base, uint32_t offset)
{
	uint64_t page = base % PAGE_SIZE + offset;

	return (uint8_t *)frame_data(frames[page / PAGE_SIZE]) +
	    page % PAGE_SIZE;
}

static void
copy_string(const struct message *m)
{
	uint32_t done = 0;

	while (done < m->fits) {
		uint64_t from = m->sender ? m->address + done : m->into + done;
		uint32_t n    = chunk(from, m->into + done, m->fits - done);
		uint8_t *to   = byte_at(cpu.to, m->into, done);

		if (m->sender != NULL)
			memmove(to, byte_at(cpu.from, m->address, done), n);
		else
			memcpy(to, m->kernel_string + done, n);
		done += n;
	}
}

enum status
message_fetch(const struct message *m, uint8_t *to, struct map_fault *fault)
{
	uint32_t    got;
	enum status st;

	if (!user_extent(m->address, m->bytes)) {
		cpu.string_fault = m->address;
		*fault           = (struct map_fault){.code = FAULT_UNMAPPED};
		return ST_FAULT;
	}
	st = find_frames(m->sender, m->address, m->bytes, ACCESS_READ,
	    cpu.from, &got, fault);
	if (st != RC_OK)
		return st;
	if (got < m->bytes)
		return ST_FAULT;
	loan_end(m->sender);
	for (uint32_t done = 0, n; done < m->bytes; done += n) {
		n = chunk(m->address + done, 0, m->bytes - done);
		memcpy(to + done, byte_at(cpu.from, m->address, done), n);
	}
	return RC_OK;
}

/*
 * Do the two strings share a frame, the receiver's part behind (S12)? The first
 * that they share decides: what is shared in another order comes mixed.
 */
static bool
overlaps_behind(const struct message *m)
{
	const uint32_t from = (uint32_t)(m->address % PAGE_SIZE);
	const uint32_t into = (uint32_t)(m->into % PAGE_SIZE);
	const uint32_t nfrom = (from + m->fits + PAGE_SIZE - 1) / PAGE_SIZE;
	const uint32_t ninto = (into + m->fits + PAGE_SIZE - 1) / PAGE_SIZE;

	if (m->sender == NULL)
		return false;
	/* Behind the sender's first page nothing is: from 1 then. */
	for (uint32_t j = 0; j < ninto; j++)
		for (uint32_t i = j != 0; i < nfrom; i++)
			if (unlikely(cpu.to[j] == cpu.from[i]))
				return i * PAGE_SIZE + into >
				    j * PAGE_SIZE + from;
	return false;
}

/* The same from the end, byte runs that never cross a page on either side. */
static void
copy_string_backward(const struct message *m)
{
	uint32_t left = m->fits;

	while (left > 0) {
		uint64_t from = (m->address + left - 1) % PAGE_SIZE + 1;
		uint64_t to   = (m->into + left - 1) % PAGE_SIZE + 1;
		uint32_t n    = (uint32_t)(from < to ? from : to);

		n = n < left ? n : left;
		left -= n;
		memmove(byte_at(cpu.to, m->into, left),
		    byte_at(cpu.from, m->address, left), n);
	}
}

void
message_copy(const struct message *m)
{
	if (overlaps_behind(m))
		copy_string_backward(m);
	else
		copy_string(m);
}

/* A request that somebody waits for: its answer never waits (D5). */
static uint64_t
awaited(const struct message *m)
{
	const unsigned kind = m->cap[MESSAGE_CAPS - 1].type;

	return m->source == FROM_CALL &&
		(kind == CK_RESUME || kind == CK_RESTART)
	    ? RESULT_AWAITED
	    : 0;
}

void
message_deliver(const struct message *m, struct process *to)
{
	struct registers *r = &to->state->regs;
	uint64_t          received = 0;

	if (m->fits > 0)
		message_copy(m);
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		unsigned reg = receive_register(to, i);

		if (m->cap[i].type != CK_VOID)
			received |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		if (reg == 0 || reg >= CAP_REGISTERS)
			continue;
		to->slot[reg] = m->cap[i];
		process_note_received(to, UINT32_C(1) << reg);
	}
	r->rax = (uint64_t)m->source |
	    (m->truncated ? (uint64_t)RESULT_TRUNCATED : 0) | received |
	    awaited(m) |
	    (uint64_t)m->fits << RESULT_LENGTH_SHIFT |
	    (uint64_t)m->data << RESULT_DATA_SHIFT;
	r->rdi = m->word[0];
	r->rsi = m->word[1];
	r->rdx = m->word[2];
	r->r10 = m->word[3];
	r->r8  = m->word[4];
}
