/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports, interrupts, device memory, DMA: who owns what. */
#include <string.h>

#include "kernel/abi/dma.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/ports.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

enum { FREE_PORTS = 0x2000, CMOS = 0x70 };

void
test_ports_alloc(void)
{
	uint64_t first = 0, count = 0;

	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, FREE_PORTS, 8, "ours", 4, B));
	OK(ports_extent(B, &first, &count));
	CHECK_IS(first, FREE_PORTS);
	CHECK_IS(count, 8);
	CHECK_IS(port_space_alloc(A, FREE_PORTS + 7, 2, "x", 1, C), RC_TAKEN);
	CHECK_IS(port_space_alloc(A, FREE_PORTS - 1, 2, "x", 1, C), RC_TAKEN);
	CHECK_IS(port_space_alloc(A, 0x20, 1, "x", 1, C), RC_TAKEN);
	CHECK_IS(port_space_alloc(A, 0x3f8, 1, "x", 1, C), RC_TAKEN);
	CHECK_IS(port_space_alloc(A, 0x10000, 1, "x", 1, C), RC_ARGUMENT);
	CHECK_IS(port_space_alloc(A, 0xffff, 2, "x", 1, C), RC_ARGUMENT);
	CHECK_IS(port_space_alloc(A, 1, UINT64_MAX, "x", 1, C), RC_ARGUMENT);
	CHECK_IS(port_space_alloc(A, 0x3000, 0, "x", 1, C), RC_ARGUMENT);
	CHECK_IS(port_space_alloc(A, 0x3000, 1, "x", 0, C), RC_STRING);
	CHECK_IS(port_space_alloc(A, 0x3000, 1, echo_buffer, 33, C), RC_STRING);
	CHECK_IS(kind_of(C), CK_VOID);
	cap_copy(B, C);
	OK(ports_release(B));
	CHECK_IS(ports_extent(B, NULL, NULL), RC_VOID);
	CHECK_IS(ports_extent(C, NULL, NULL), RC_VOID);
	OK(port_space_alloc(A, FREE_PORTS, 8, "again", 5, B));
	CHECK_IS(ports_extent(C, NULL, NULL), RC_VOID);
	OK(ports_release(B));
}

void
test_ports_query(void)
{
	struct port_info info;
	uint64_t         count = 0, kernel = 0, ours = 0;

	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, FREE_PORTS, 8, "ours", 4, B));
	OK(port_space_query(A, 0, &info, sizeof(info), NULL, &count));
	CHECK(count > 2 && count < 1000);
	for (uint64_t i = 0; i < count; i++) {
		OK(port_space_query(A, i, &info, sizeof(info), NULL, NULL));
		kernel += strncmp(info.label, "kernel", 6) == 0;
		ours += info.first == FREE_PORTS && info.count == 8 &&
		    strcmp(info.label, "ours") == 0;
	}
	CHECK(kernel > 0);
	CHECK_IS(ours, 1);
	CHECK_IS(port_space_query(A, count, &info, sizeof(info), NULL, NULL),
	    RC_NOT_FOUND);
	CHECK_IS(
	    port_space_query(A, UINT64_MAX, &info, sizeof(info), NULL, NULL),
	    RC_NOT_FOUND);
	OK(ports_release(B));
}

/* In and out by invocation: a register of the real-time clock. */
void
test_ports_in_out(void)
{
	uint64_t value = 0;

	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, CMOS, 2, "cmos", 4, B));
	OK(ports_out(B, 0, 1, 0x32)); /* The century. */
	OK(ports_in(B, 1, 1, &value));
	CHECK(value == 0x20 || value == 20);
	CHECK_IS(ports_in(B, 2, 1, &value), RC_ARGUMENT);
	CHECK_IS(ports_in(B, 1, 2, &value), RC_ARGUMENT);
	CHECK_IS(ports_in(B, 0, 3, &value), RC_ARGUMENT);
	CHECK_IS(ports_in(B, UINT64_MAX, 1, &value), RC_ARGUMENT);
	CHECK_IS(ports_in(B, 0, 0, &value), RC_ARGUMENT);
	CHECK_IS(ports_out(B, 2, 1, 0), RC_ARGUMENT);
	CHECK_IS(ports_out(B, 0, 8, 0), RC_ARGUMENT);
	OK(ports_release(B));
}

static void
read_port(uint64_t port)
{
	uint8_t v;

	__asm__ volatile("inb %1, %0" : "=a"(v) : "d"((uint16_t)port));
	board[0] = 1;
	board[1] = v;
}

/* M9: the I/O slot opens just its ports; release closes them. */
void
test_ports_io_slot_M9(void)
{
	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, CMOS, 2, "cmos", 4, B));
	peer_new(C, read_port, CMOS + 1, PRIORITY_HIGH);
	peer_start(C);
	CHECK_IS(peer_fault(C), FAULT_PROTECTION);
	peer_give(C, SLOT_IO, B);
	peer_rerun(C, read_port, CMOS + 1);
	CHECK_IS(peer_fault(C), FAULT_NONE);
	CHECK_IS(board[0], 1);
	board[0] = 0;
	peer_rerun(C, read_port, CMOS + 2);
	CHECK_IS(peer_fault(C), FAULT_PROTECTION);
	CHECK_IS(board[0], 0);
	/* Another process has nothing of it. */
	peer_spawn(D, read_port, CMOS, PRIORITY_HIGH);
	CHECK_IS(peer_fault(D), FAULT_PROTECTION);
	peer_rerun(C, read_port, CMOS);
	CHECK_IS(board[0], 1);
	board[0] = 0;
	OK(ports_release(B));
	peer_rerun(C, read_port, CMOS);
	CHECK_IS(peer_fault(C), FAULT_PROTECTION);
	CHECK_IS(board[0], 0);
}

void
test_irq_lines(void)
{
	uint64_t line = 0, deliveries = 9, unhandled = 9, masked = 9;

	extra(X_IRQ_SPACE, A);
	CHECK_IS(irq_space_alloc_line(A, 100000, 0, 0, "x", 1, B), RC_ARGUMENT);
	OK(irq_space_alloc_line(A, 12, 0, 0, "edge", 4, B));
	CHECK_IS(irq_space_alloc_line(A, 12, 0, 0, "x", 1, C), RC_TAKEN);
	CHECK_IS(irq_space_alloc_line(A, 12, 1, 0, "x", 1, C), RC_TAKEN);
	OK(irq_info(B, &deliveries, &unhandled, &masked, &line));
	CHECK_IS(line, 12);
	CHECK_IS(deliveries, 0);
	CHECK_IS(masked, 1); /* Until it is bound. */
	CHECK_IS(irq_bind(B, R_LOG), RC_CAPABILITY);
	OK(process_make_notice(R_SELF, 1, C));
	OK(irq_bind(B, C));
	OK(irq_release(B));
	CHECK_IS(irq_info(B, NULL, NULL, NULL, NULL), RC_VOID);
	/* A level line may be shared. */
	OK(irq_space_alloc_line(A, 11, 1, 1, "one", 3, B));
	OK(irq_space_alloc_line(A, 11, 1, 1, "two", 3, C));
	OK(irq_release(B));
	OK(irq_release(C));
}

void
test_irq_query(void)
{
	struct irq_info info;
	uint64_t        count = 0, ours = 0;
	uint64_t        address = 0, data = 0;

	extra(X_IRQ_SPACE, A);
	OK(irq_space_alloc_msi(A, 0x00f8, "guest msi", 9, B, &address, &data));
	CHECK(address >> 20 == 0xfee);
	OK(irq_space_query(A, 0, &info, sizeof(info), NULL, &count));
	CHECK(count >= 24);
	for (uint64_t i = 0; i < count; i++) {
		OK(irq_space_query(A, i, &info, sizeof(info), NULL, NULL));
		ours += strcmp(info.label, "guest msi") == 0 &&
		    info.kind == IRQ_MSI && info.source_id == 0x00f8;
	}
	CHECK_IS(ours, 1);
	CHECK_IS(irq_space_query(A, count, &info, sizeof(info), NULL, NULL),
	    RC_NOT_FOUND);
	OK(irq_release(B));
}

void
test_irq_isa(void)
{
	uint64_t gsi = 99, trigger = 99, polarity = 99;

	extra(X_IRQ_SPACE, A);
	OK(irq_space_isa_gsi(A, 4, &gsi, &trigger, &polarity));
	CHECK_IS(gsi, 4);
	CHECK_IS(trigger, 0);
	CHECK_IS(irq_space_isa_gsi(A, 16, &gsi, NULL, NULL), RC_ARGUMENT);
	CHECK_IS(
	    irq_space_isa_gsi(A, UINT64_MAX, &gsi, NULL, NULL), RC_ARGUMENT);
}

/* The whole way of an interrupt: the serial port's, raised by its own test. */
void
test_irq_delivery(void)
{
	struct message m;
	uint64_t       deliveries = 0;

	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, 0x2f8, 8, "uart", 4, B));
	extra(X_IRQ_SPACE, A);
	OK(irq_space_alloc_line(A, 3, 0, 0, "uart", 4, C));
	OK(process_make_notice(R_SELF, 2, D));
	OK(irq_bind(C, D));
	OK(ports_out(B, 4, 1, 0x08)); /* MCR: OUT2 lets interrupts out. */
	OK(ports_out(B, 1, 1, 0x02)); /* IER: transmitter empty. */
	wait_message(&m);
	CHECK_IS(message_source(&m), FROM_NOTICE);
	CHECK_IS(m.word[1], 1u << 2);
	OK(ports_out(B, 1, 1, 0));
	OK(irq_info(C, &deliveries, NULL, NULL, NULL));
	CHECK(deliveries >= 1);
	OK(irq_ack(C, 1));
	OK(irq_release(C));
	OK(ports_release(B));
}

void
test_mmio(void)
{
	uint64_t address = 0, bytes = 0;

	extra(X_MMIO_SPACE, A);
	CHECK_IS(
	    mmio_space_alloc(A, 0x100000, 4096, 0, "ram", 3, B), RC_ARGUMENT);
	CHECK_IS(mmio_space_alloc(A, 0xb8001, 4096, 0, "x", 1, B), RC_ARGUMENT);
	CHECK_IS(mmio_space_alloc(A, 0xb8000, 0, 0, "x", 1, B), RC_ARGUMENT);
	CHECK_IS(mmio_space_alloc(A, 0xb8000, UINT64_MAX, 0, "x", 1, B),
	    RC_ARGUMENT);
	CHECK_IS(mmio_space_alloc(A, 0xfee00000, 4096, 0, "x", 1, B), RC_TAKEN);
	OK(mmio_space_alloc(A, 0xb8000, 0x8000, 0, "text", 4, B));
	OK(mmio_extent(B, &address, &bytes));
	CHECK_IS(address, 0xb8000);
	CHECK_IS(bytes, 0x8000);
	CHECK_IS(mmio_space_alloc(A, 0xb9000, 4096, 0, "x", 1, C), RC_TAKEN);
	map_window(0, B);
	((volatile uint16_t *)window(0))[1999] = 0x0741;
	CHECK_IS(((volatile uint16_t *)window(0))[1999], 0x0741);
	CHECK_IS(
	    probe((uint8_t *)window(0) + 0x8000, ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(window(0), ACCESS_EXECUTE), FAULT_ACCESS);
	OK(mmio_part(B, 0x1000, 0x1000, C));
	CHECK_IS(mmio_part(B, 0x1000, 0x8000, E), RC_ARGUMENT);
	CHECK_IS(mmio_part(B, 1, 0x1000, E), RC_ARGUMENT);
	map_window(1, C);
	OK(mmio_restrict(B, CR_READ_ONLY, F));
	map_window(2, F);
	CHECK_IS(probe(window(1), ACCESS_WRITE), FAULT_NONE);
	CHECK_IS(probe(window(2), ACCESS_WRITE), FAULT_ACCESS);
	OK(mmio_release(B));
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(window(1), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(mmio_extent(C, NULL, NULL), RC_VOID);
}

/* A string into device memory: it is no place to receive. */
void
test_mmio_no_string(void)
{
	struct message m;

	extra(X_MMIO_SPACE, A);
	OK(mmio_space_alloc(A, 0xb8000, 0x1000, 0, "text", 4, B));
	map_window(0, B);
	new_page(C);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, C),
	    .word = {PAGE_READ, 0, 16},
	    .receive = window(0),
	    .receive_limit = 4096,
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_OK);
	CHECK_IS(message_received(&m), 0);
	CHECK(message_truncated(&m));
	OK(mmio_release(B));
}

void
test_dma(void)
{
	uint64_t        address = 0, count = 0, enforced = 0;
	uint64_t        source = 0, limit = 0, pages = 0;
	struct dma_info info;

	extra(X_DMA_SPACES, A);
	CHECK_IS(dma_spaces_alloc(A, 0x00f8, 33, "x", 1, B), RC_ARGUMENT);
	OK(dma_spaces_alloc(A, 0x00f8, 64, "disk", 4, B));
	CHECK_IS(dma_spaces_alloc(A, 0x00f8, 64, "x", 1, C), RC_TAKEN);
	new_page(C);
	OK(dma_map(B, C, &address));
	CHECK_IS(address & 4095, 0);
	CHECK_IS(page_zero(C), RC_OK);
	/* F9: as long as it is mapped its frame stays. */
	new_node(D);
	{
		struct message m = {
		    .control = control_make(INVOKE_CALL, D) |
			CONTROL_SEND(0, C),
		    .word = {8}, /* node.make_process */
		};

		ant_invoke(&m);
		CHECK_IS(m.word[0], RC_BUSY);
	}
	OK(dma_spaces_query(
	    A, 0, &info, sizeof(info), NULL, &count, &enforced));
	CHECK_IS(count, 1);
	CHECK_IS(info.pages, 1);
	OK(dma_restrict(B, CR_READ_ONLY, D));
	OK(dma_figures(D, &source, &limit, &pages, &enforced));
	CHECK_IS(source, 0x00f8);
	CHECK_IS(limit, 64);
	CHECK_IS(pages, 1);
	CHECK_IS(dma_unmap(D, address), RC_RIGHTS);
	CHECK_IS(dma_release(D), RC_RIGHTS);
	CHECK_IS(dma_restrict(D, 0, C), RC_OK);
	CHECK_IS(dma_unmap(C, address), RC_RIGHTS);
	CHECK_IS(dma_restrict(D, CR_ALL + 1, C), RC_ARGUMENT);
	OK(dma_unmap(B, address));
	CHECK_IS(dma_unmap(B, address), RC_NOT_FOUND);
	OK(dma_release(B));
	CHECK_IS(dma_map(B, C, &address), RC_VOID);
}
