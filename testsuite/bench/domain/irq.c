/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an interrupt to the first instruction of who waits for it, in another
 * address space: of a device (the second serial port's, edge-triggered), from
 * the OUT that raises it on; of an alarm, from the last instruction of the
 * program that it interrupts.
 */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/bench/domain/bench.h"

enum {
	COM2 = 0x2f8,
	COM2_IRQ = 3,
	IER = 1,
	MCR = 4,
	MCR_OUT2 = 8,
	IER_THRE = 2,
};

/* A driver in B that waits, and a notice for it in C. */
static void
driver(void)
{
	peer_apart(
	    B, ant_invoke_wait, control_make(INVOKE_RETURN, 0), PRIORITY_MOST);
	peer_start(B);
	OK(process_make_notice(B, 1, C));
}

static uint64_t
by_device(void)
{
	OK(irq_ack(D, 1));
	bench_out(COM2 + IER, 0);
	bench_arrived = 0;
	bench_out(COM2 + IER, IER_THRE);
	CHECK(bench_arrived != 0);
	return bench_arrived - bench_start - BEFORE_OUT;
}

static void
device(void)
{
	extra(X_IRQ_SPACE, A);
	OK(irq_space_alloc_line(A, COM2_IRQ, 0, 0, "bench", 5, D));
	OK(irq_bind(D, C));
	bench_out(COM2 + MCR, MCR_OUT2); /* Lets interrupts out. */
	measure("irq_to_user", by_device);
	bench_out(COM2 + IER, 0);
	OK(irq_release(D));
}

/* A less urgent peer runs while we wait, and is interrupted. */
static uint64_t
by_alarm(void)
{
	const uint64_t when = 300000, least_spin = 2;
	struct message m;

	OK(clock_alarm(R_CLOCK, now_ns() + when, C));
	CHECK(wait_ns(2 * when, &m));
	return (uint32_t)(bench_arrived - bench_caught) - least_spin;
}

void
bench_irq(void)
{
	driver();
	device();
	peer_apart(A, bench_spin, 0, PRIORITY_LOW);
	peer_start(A);
	measure("alarm_to_user", by_alarm);
}
