/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From an interrupt to the first instruction of who waits for it, in another
 * address space: of a device (by MSI, and by an edge of a line), from the
 * store or OUT that raises it on; of an alarm, from the last instruction of
 * the program that it interrupts.
 */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/mmio_space.stub.h"
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

/*
 * QEMU's edu device (docs/specs/edu.txt) at 00:05.0, and its configuration
 * space, where q35's firmware puts that.
 */
enum {
	EDU_SOURCE = 5 << 3,
	EDU_RAISE = 0x60 / 4,
	EDU_CLEAR = 0x64 / 4,
	PCI_COMMAND = 0x04 / 4,
	PCI_BAR0 = 0x10 / 4,
	PCI_CAPS = 0x34,
	PCI_MASTER = 6, /* Bus master, memory. */
	CAP_MSI = 5,
	MSI_ENABLE = 1 << 16,
	MSI_64 = 1 << 23,
	WINDOW_PCI = 8,
	WINDOW_EDU = 9,
	CONFIG_BYTES = 0x1000,
};

static const uint64_t config_base = UINT64_C(0xb0000000) +
    ((uint64_t)EDU_SOURCE << 12);

static volatile uint32_t *
device_page(unsigned i, uint64_t address)
{
	extra(X_MMIO_SPACE, A);
	OK(mmio_space_alloc(A, address, CONFIG_BYTES, 0, "bench", 5, A));
	map_window(i, A);
	return window(i);
}

/* Have its message-signalled interrupt delivered to this address. */
static void
msi_enable(volatile uint32_t *config, uint64_t address, uint64_t data)
{
	unsigned at = config[PCI_CAPS / 4] & 0xfc;

	while (at != 0 && (config[at / 4] & 0xff) != CAP_MSI)
		at = config[at / 4] >> 8 & 0xfc;
	CHECK(at != 0);
	at /= 4;
	config[at + 1] = (uint32_t)address;
	if (config[at] & MSI_64) {
		config[at + 2] = (uint32_t)(address >> 32);
		config[at + 3] = (uint32_t)data;
	} else {
		config[at + 2] = (uint32_t)data;
	}
	config[at] |= MSI_ENABLE;
	config[PCI_COMMAND] |= PCI_MASTER;
}

static volatile uint32_t *edu;

static uint64_t
by_msi(void)
{
	edu[EDU_CLEAR] = 1;
	OK(irq_ack(D, 1));
	bench_arrived = 0;
	bench_store(&edu[EDU_RAISE], 1);
	CHECK(bench_arrived != 0);
	return bench_arrived - bench_start - BEFORE_STORE;
}

static void
message(void)
{
	volatile uint32_t *config = device_page(WINDOW_PCI, config_base);
	uint64_t           address = 0, data = 0;

	CHECK_IS(config[0], 0x11e81234);
	if (check_failed())
		return;
	edu = device_page(WINDOW_EDU, config[PCI_BAR0] & ~UINT32_C(15));
	extra(X_IRQ_SPACE, A);
	OK(irq_space_alloc_msi(A, EDU_SOURCE, "bench", 5, D, &address, &data));
	OK(irq_bind(D, C));
	msi_enable(config, address, data);
	if (check_failed())
		return;
	measure("msi_to_user", by_msi);
	OK(irq_release(D));
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
	measure("edge_to_user", by_device);
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
	message();
	device();
	peer_apart(A, bench_spin, 0, PRIORITY_LOW);
	peer_start(A);
	measure("alarm_to_user", by_alarm);
}
