/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bus domain: configuration space by ports 0xcf8 and 0xcfc (PCI 3.2.2.3.2),
 * which stand in its I/O slot, and the logic behind pci.idl. MSI-X tables
 * are mapped for it by the server, one page at a time.
 */
#include <string.h>

#include "uldrv/bus/pci/pci.h"
#include "uldrv/class/control.h"
#include "uldrv/class/pci.serve.h"
#include "uldrv/lib/target/instructions.h"

enum {
	CONFIG_ADDRESS = 0xcf8,
	CONFIG_DATA = 0xcfc,
	RECEIVE_BYTES = 16,
	REPLY_BYTES = 512,
};

#define CONFIG_ENABLE 0x80000000u

static struct pci bus;

static uint8_t receive[RECEIVE_BYTES], reply[REPLY_BYTES];

static void
address(uint16_t id, unsigned offset)
{
	port_out(CONFIG_ADDRESS, 4,
	    CONFIG_ENABLE | (uint32_t)id << 8 | (offset & 0xfc));
}

static uint32_t
port_config_read(void *space, uint16_t id, unsigned offset, unsigned bytes)
{
	(void)space;
	address(id, offset);
	return port_in((uint16_t)(CONFIG_DATA + (offset & 3)), bytes);
}

static void
port_config_write(
    void *space, uint16_t id, unsigned offset, unsigned bytes, uint32_t value)
{
	(void)space;
	address(id, offset);
	port_out((uint16_t)(CONFIG_DATA + (offset & 3)), bytes, value);
}

static const struct pci_function *
find(uint64_t id)
{
	return id <= UINT16_MAX ? pci_find(&bus, (uint16_t)id) : NULL;
}

enum status
pci_do_scan(struct request *rq, uint64_t *functions)
{
	enum status st = pci_scan(&bus);

	(void)rq;
	*functions = bus.count;
	return st == RC_LIMIT ? RC_OK : st;
}

enum status
pci_do_rescan(struct request *rq, uint64_t *functions)
{
	enum status st = pci_rescan(&bus);

	(void)rq;
	*functions = bus.count;
	return st == RC_LIMIT ? RC_OK : st;
}

enum status
pci_do_function(struct request *rq, uint64_t index)
{
	if (index >= bus.count)
		return RC_NOT_FOUND;
	memcpy(
	    rq->out_string, &bus.function[index], sizeof(bus.function[index]));
	rq->out_bytes = sizeof(bus.function[index]);
	return RC_OK;
}

enum status
pci_do_silence(struct request *rq, uint64_t function)
{
	const struct pci_function *f = find(function);

	(void)rq;
	if (f == NULL)
		return RC_NOT_FOUND;
	pci_silence(&bus, f);
	return RC_OK;
}

enum status
pci_do_enable(
    struct request *rq, uint64_t function, uint64_t bus_master, uint64_t intx)
{
	const struct pci_function *f = find(function);

	(void)rq;
	if (f == NULL)
		return RC_NOT_FOUND;
	pci_enable(&bus, f, bus_master != 0, intx != 0);
	return RC_OK;
}

enum status
pci_do_message(struct request *rq, uint64_t function, uint64_t aperture,
    uint64_t message_address, uint64_t data)
{
	const struct pci_function *f = find(function);
	uint32_t                  *entry = NULL;

	(void)rq;
	if (f == NULL)
		return RC_NOT_FOUND;
	if (f->msix != 0 && aperture <= PAGE_SIZE - 16 && aperture % 16 == 0)
		entry = (uint32_t *)(driver_address(DRIVER_SLOT_MMIO) +
		    aperture);
	/* The table is there only while memory is decoded. */
	config_command(&bus.access, f->id, COMMAND_MEMORY, 0);
	return pci_message(&bus, f, entry, message_address, (uint32_t)data);
}

/*
 * 100 ms (PCI Express 6.6.2, BRIDGE 4.2.2), in which others run: this domain
 * goes before most. Who asked for the reset waits; the right to answer him stays
 * where it is. Nobody else holds a capability to us, and would hear RC_BUSY.
 */
static void
settle(void)
{
	const uint64_t until = target_now() + 100 * MILLISECOND;
	struct message m;
	capreg         owed = REG_VOID;

	while (target_now() < until) {
		if (target_alarm(until) != RC_OK)
			continue;
		m = (struct message){
		    .control = control_make(INVOKE_RETURN, owed) |
			CONTROL_RECEIVE(3, REG_IN2),
		    .word = {RC_BUSY},
		};
		ant_invoke_words(&m);
		owed = message_source(&m) == FROM_CALL && message_awaited(&m)
		    ? REG_IN2
		    : REG_VOID;
	}
	/* Who came last. */
	if (owed != REG_VOID)
		server_answer(owed, RC_BUSY, NULL, NULL, 0, REG_VOID);
}

enum status
pci_do_reset(struct request *rq, uint64_t function, uint64_t *reached)
{
	const struct pci_function *f = find(function);
	enum status                st;

	(void)rq;
	*reached = 0;
	if (f == NULL)
		return RC_NOT_FOUND;
	st = pci_reset(&bus, f, true);
	if (st == RC_UNSUPPORTED)
		return RC_OK;
	settle();
	*reached = 1;
	return pci_reset(&bus, f, false);
}

int main(void);

int
main(void)
{
	static const struct server sv = {
	    .receive = receive,
	    .receive_limit = sizeof(receive),
	    .reply = reply,
	    .reply_bytes = sizeof(reply),
	};
	struct request rq;

	bus.access = (struct pci_access){
	    port_config_read, port_config_write, NULL};
	server_wait(&sv, &rq);
	for (;;) {
		rq.status = rq.source == FROM_CALL ? pci_serve(&rq) : RC_OK;
		server_next(&sv, &rq);
	}
}
