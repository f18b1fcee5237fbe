/* SPDX-License-Identifier: BSD-2-Clause */
/* uldrv's back end in a domain: the kernel's capabilities. */
#include "uldrv/lib/backend.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/notice.order.h"
#include "kernel/abi/ports.stub.h"
#include "uldrv/lib/target/instructions.h"
#include "userland/rt/exit.h"

/*
 * Range 0 is in the I/O slot and reached by IN and OUT; the others by
 * invocation of their capability.
 */
static capreg
range_register(const struct region *r)
{
	return DRIVER_REG_PORTS + r->resource;
}

static uint16_t
port_of(struct dev *d, const struct region *r, uint32_t offset)
{
	return (
	    uint16_t)(dev_given(d)->port[r->resource].first + r->base + offset);
}

static uint8_t *
memory_of(struct dev *d, const struct region *r, uint32_t offset)
{
	return (uint8_t *)driver_address(DRIVER_SLOT_MMIO + r->resource) +
	    dev_given(d)->mmio[r->resource].skip + r->base + offset;
}

static uint32_t
port_read(
    struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	uint64_t value = UINT64_MAX;

	if (r->resource == 0)
		return port_in(port_of(d, r, offset), bytes);
	if (ports_in(range_register(r), r->base + offset, bytes, &value) !=
	    RC_OK)
		return UINT32_MAX >> (32 - 8 * bytes);
	return (uint32_t)value;
}

uint32_t
be_read(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes)
{
	const uint8_t *at;

	if (r->kind == REGION_PORTS)
		return port_read(d, r, offset, bytes);
	at = memory_of(d, r, offset);
	switch (bytes) {
	case 1:
		return *(const volatile uint8_t *)at;
	case 2:
		return *(const volatile uint16_t *)(const void *)at;
	default:
		return *(const volatile uint32_t *)(const void *)at;
	}
}

void
be_write(struct dev *d, const struct region *r, uint32_t offset, unsigned bytes,
    uint32_t value)
{
	uint8_t *at;

	if (r->kind == REGION_PORTS) {
		if (r->resource == 0)
			port_out(port_of(d, r, offset), bytes, value);
		else
			ignore_status(ports_out(
			    range_register(r), r->base + offset, bytes, value));
		return;
	}
	at = memory_of(d, r, offset);
	switch (bytes) {
	case 1:
		*(volatile uint8_t *)at = (uint8_t)value;
		break;
	case 2:
		*(volatile uint16_t *)(void *)at = (uint16_t)value;
		break;
	default:
		*(volatile uint32_t *)(void *)at = value;
		break;
	}
}

void
be_read_words(struct dev *d, const struct region *r, uint32_t offset, void *to,
    unsigned words)
{
	if (r->kind == REGION_PORTS && r->resource == 0)
		port_in_words(port_of(d, r, offset), to, words);
}

void
be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words)
{
	if (r->kind == REGION_PORTS && r->resource == 0)
		port_out_words(port_of(d, r, offset), from, words);
}

uint64_t
be_now(struct dev *d)
{
	(void)d;
	return target_now();
}

void
be_alarm(struct dev *d, uint64_t when)
{
	(void)d;
	ignore_status(target_alarm(when));
}

/*
 * Available for notices and, in classes that are called, for calls. A call
 * that comes while the driver waits for its device is refused.
 */
uint64_t
target_wait(struct message *m, capreg reply, enum status st)
{
	*m = (struct message){
	    .control = control_make(INVOKE_RETURN, reply) |
		CONTROL_RECEIVE(3, DRIVER_REG_RESUME),
	    .word = {(uint64_t)st},
	};
	ant_invoke_words(m);
	return message_source(m) == FROM_NOTICE ? m->word[1] : 0;
}

uint64_t
be_wait(struct dev *d)
{
	struct message m;
	uint64_t       bits = target_wait(&m, 0, RC_OK);

	(void)d;
	while (bits == 0)
		bits = target_wait(&m, target_reply(&m), RC_BUSY);
	return bits;
}

void
be_irq_ack(struct dev *d, unsigned irq, bool handled)
{
	(void)d;
	ignore_status(irq_ack(DRIVER_REG_IRQ + irq, handled ? 1 : 0));
}

void
be_client(struct dev *d)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, DRIVER_REG_CLIENT),
	};

	(void)d;
	ant_invoke_words(&m);
}

/*
 * Nothing is owed to a caller during a turn, so the register is free. A client
 * that is gone has left nothing there, and hears nothing.
 */
void
be_bell(struct dev *d, unsigned k)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, DRIVER_REG_RESUME),
	};

	(void)d;
	if (node_get(DRIVER_REG_BELLS, k, DRIVER_REG_RESUME) == RC_OK)
		ant_invoke_words(&m);
}

/*
 * Before it is up a driver's doorbell is the server's: it rings and waits to
 * be taken down. Later it faults, and its keeper, the server, reads
 * control.said.
 */
void
be_stop(struct dev *d)
{
	struct message m;

	if (d->begun)
		__builtin_trap();
	be_client(d);
	for (;;)
		(void)target_wait(&m, 0, RC_OK);
}
