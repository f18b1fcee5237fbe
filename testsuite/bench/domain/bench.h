/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting instructions from within: RDTSC, which under QEMU's -icount shift=0
 * counts executed instructions as long as nothing waits.
 *
 * A figure is the least of REPEAT runs after WARM_UP others, less what the
 * measuring itself takes. It begins with the instruction that enters the
 * kernel (counted) and ends before the first one behind it.
 */
#ifndef TESTSUITE_BENCH_DOMAIN_BENCH_H
#define TESTSUITE_BENCH_DOMAIN_BENCH_H

#include "testsuite/guest/guest.h"

enum {
	WARM_UP = 16,
	REPEAT = 48,

	/* Instructions behind an RDTSC that is the start, timed.S. */
	BEFORE_SYSCALL = 5,
	BEFORE_OUT = 5,
	BEFORE_STORE = 3,

	/* From RDTSC to RDTSC with nothing in between. */
	READ_TSC = 3,
};

/* Invoke; gives the time it took. bench_untimed: the same but invoking. */
uint64_t ant_invoke_timed(struct message *m);
uint64_t bench_untimed(struct message *m);

/* Peers: answer all calls; wait for ever and say when something came. */
void ant_invoke_serve(uint64_t first, uint64_t all);
void ant_invoke_wait(uint64_t control);
void ant_invoke_keep(
    uint64_t first, uint64_t order, uint64_t number, uint64_t answer);
void ant_invoke_program_keeper(uint64_t first, uint64_t answer, uint64_t order,
    void *told, uint64_t rax);
void ant_invoke_program(uint64_t unused);
void bench_spin(uint64_t unused);
void bench_born(uint64_t unused);
void ant_invoke_sweep(void);

/* Read a byte; gives the time. */
uint64_t bench_touch(const volatile void *address);
void     bench_out(uint16_t port, uint8_t value);
void     bench_store(volatile uint32_t *address, uint32_t value);

/* For the profiler: a span begins, ends. */
void bench_mark_start(void);
void bench_mark_stop(void);

/* When bench_wait's last message came, and what bench_spun was then. */
extern volatile uint64_t bench_start, bench_arrived, bench_spun, bench_caught;
extern volatile uint64_t bench_serve_buffer, bench_serve_limit;

/* Prints one line. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Run it WARM_UP + REPEAT times; run gives the time of one. The last but one
 * run is between the profiler's markers.
 */
void measure(const char *name, uint64_t (*run)(void));

/* One figure, and the same span for the profiler. */
void figure(const char *name, uint64_t value);

/* A server in its own address space, of the same content; in `to`. */
void peer_apart(
    capreg to, void (*fn)(uint64_t), uint64_t argument, unsigned priority);

/*
 * The time of each piece of an invocation that is done in several, so many of
 * which do next to nothing. R_RT: kinfo.
 */
uint64_t bench_piece(void (*invoke)(void), unsigned empty);

void bench_invoke(void);
void bench_fault(void);
void bench_process(void);
void bench_irq(void);
void bench_services(void);
void bench_longest(void);
void bench_sharing(void);
void bench_pager(void);

#endif
