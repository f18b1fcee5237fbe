/* SPDX-License-Identifier: BSD-2-Clause */
/* IN and OUT, open to this domain by the port range in its I/O slot. */
#ifndef ULDRV_LIB_TARGET_INSTRUCTIONS_H
#define ULDRV_LIB_TARGET_INSTRUCTIONS_H

#include "kernel/abi/clock.stub.h"
#include "uldrv/lib/uldrv.h"
#include "userland/rt/invoke.h"

static inline uint32_t
port_in(uint16_t port, unsigned bytes)
{
	uint32_t v = 0;

	if (bytes == 1)
		__asm__ volatile("inb %w1, %b0" : "+a"(v) : "Nd"(port));
	else if (bytes == 2)
		__asm__ volatile("inw %w1, %w0" : "+a"(v) : "Nd"(port));
	else
		__asm__ volatile("inl %w1, %0" : "+a"(v) : "Nd"(port));
	return v;
}

static inline void
port_out(uint16_t port, unsigned bytes, uint32_t v)
{
	if (bytes == 1)
		__asm__ volatile("outb %b0, %w1" : : "a"(v), "Nd"(port));
	else if (bytes == 2)
		__asm__ volatile("outw %w0, %w1" : : "a"(v), "Nd"(port));
	else
		__asm__ volatile("outl %0, %w1" : : "a"(v), "Nd"(port));
}

static inline void
port_in_words(uint16_t port, void *to, unsigned words)
{
	uint64_t n = words;

	__asm__ volatile("rep insw" : "+D"(to), "+c"(n) : "d"(port) : "memory");
}

static inline void
port_out_words(uint16_t port, const void *from, unsigned words)
{
	uint64_t n = words;

	__asm__ volatile("rep outsw"
			 : "+S"(from), "+c"(n)
			 : "d"(port)
			 : "memory");
}

/* Nanoseconds since boot. */
static inline uint64_t
target_now(void)
{
	uint64_t now = 0;

	ignore_status(clock_now(DRIVER_REG_CLOCK, &now, NULL, NULL));
	return now;
}

/* NOTICE_ALARM at that time; a new one replaces the old. */
static inline must_check enum status
target_alarm(uint64_t when)
{
	return clock_alarm(DRIVER_REG_CLOCK, when, DRIVER_REG_ALARM);
}

/*
 * Answers `reply` (0: nobody) and waits; returns notice bits, or 0 if it was a
 * call, which m then holds and DRIVER_REG_RESUME answers.
 */
uint64_t target_wait(struct message *m, capreg reply, enum status st);

/* By what m is answered: nothing, if that could wait for somebody. */
static inline capreg
target_reply(const struct message *m)
{
	return message_awaited(m) ? DRIVER_REG_RESUME : 0;
}

#endif
