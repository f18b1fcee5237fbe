/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices that come and go. The platform driver hears of it and rings; the
 * bus domain looks; what is new is matched, what shall go is unbound first
 * and then given up.
 *
 * The controller names buses by selectors of its own, which the firmware's
 * AML would explain. Without it: QEMU gives selector 0 to bus 0 if something
 * can be plugged in there, and then counts bridges from the last to the first
 * (measured; hw/acpi/pcihp.c). What really came in where is remembered, and
 * goes before the rule.
 */
#include "devdb/server/server.h"

#include "kernel/abi/node.stub.h"
#include "uldrv/class/pci.stub.h"
#include "uldrv/class/platform.order.h"
#include "userland/rt/log.h"

enum { UNKNOWN = 0xff, SLOTS = 32 };

/* The bus behind a bridge, by its copy of configuration space; 0: none. */
static uint8_t
bus_behind(const struct device *d)
{
	const unsigned secondary = 0x19; /* BRIDGE 3.2.5.3 */

	return (d->function.flags & PCI_BRIDGE) != 0
	    ? d->function.config[secondary]
	    : 0;
}

/* The machine's own slots take no plug where the root is PCI Express. */
static bool
root_is_express(void)
{
	for (unsigned i = 0; i < server.devices; i++)
		if (server.device[i].board.pci != NULL &&
		    (server.device[i].function.flags &
			(PCI_BRIDGE | PCI_PCIE)) == (PCI_BRIDGE | PCI_PCIE))
			return true;
	return false;
}

/* By the rule: the n-th bridge of bus 0, counted from the last. */
static uint8_t
bus_by_rule(unsigned selector)
{
	unsigned n = root_is_express() ? 0 : 1;
	uint16_t below = 0x100;

	if (selector < n)
		return 0;
	for (;; n++) {
		const struct device *last = NULL;

		for (unsigned i = 0; i < server.devices; i++) {
			const struct device *d = &server.device[i];

			if (d->board.name[0] != '\0' && bus_behind(d) != 0 &&
			    d->function.id < below &&
			    (last == NULL ||
				d->function.id > last->function.id))
				last = d;
		}
		if (last == NULL)
			return UNKNOWN;
		if (n == selector)
			return bus_behind(last);
		below = last->function.id;
	}
}

static uint8_t
bus_of(unsigned selector)
{
	return server.learnt[selector] != 0
	    ? (uint8_t)(server.learnt[selector] - 1)
	    : bus_by_rule(selector);
}

static bool
at_slot(const struct device *d, unsigned bus, unsigned slot)
{
	return d->board.name[0] != '\0' && d->board.pci != NULL &&
	    pci_bus(d->function.id) == bus && pci_slot(d->function.id) == slot;
}

/* A new function in a slot that has spoken tells what bus the selector is. */
static void
learn(const struct control_said *said)
{
	for (unsigned i = 0; i < server.devices; i++) {
		const struct device *d = &server.device[i];
		unsigned             slot = pci_slot(d->function.id);

		if (d->board.name[0] == '\0' || !d->fresh)
			continue;
		for (unsigned s = 0; s < CONTROL_BUSES; s++)
			if ((said->up[s] >> slot & 1) != 0)
				server.learnt[s] =
				    (uint16_t)(pci_bus(d->function.id) + 1);
	}
}

/* Sent, not called: we wait for no driver, whose keeper we are. */
static void
give_up(const struct instance *platform, unsigned selector, unsigned slot)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_T0),
	    .word = {PLATFORM_EJECT, selector, slot},
	};

	if (inst_get(platform, INST_START, REG_T0) == RC_OK)
		ant_invoke_words(&m);
}

/*
 * What carries the volume stays: everybody waits for it, who gave it away
 * too. To pull it out is to pull the plug.
 */
static bool
stays(unsigned bus, unsigned slot)
{
	for (unsigned i = 0; i < server.devices; i++) {
		const struct device *d = &server.device[i];

		if (!at_slot(d, bus, slot) || !disk_has_volume(d))
			continue;
		log_printf("devdb: %s is not given up: it has the volume\n",
		    d->board.name);
		return true;
	}
	return false;
}

/* All functions in the slot fall silent and lose their drivers. */
static void
leave_slot(const struct instance *platform, unsigned selector, unsigned slot)
{
	uint8_t  bus = bus_of(selector);
	unsigned n = 0;

	if (bus != UNKNOWN && stays(bus, slot))
		return;
	for (unsigned i = 0; i < server.devices; i++) {
		struct device *d = &server.device[i];

		if (bus == UNKNOWN || !at_slot(d, bus, slot))
			continue;
		device_unbind(d);
		d->leaving = true;
		log_printf("devdb: %s is to be removed\n", d->board.name);
		n++;
	}
	if (n == 0) {
		log_printf("devdb: slot %u of selector %u is to be emptied; "
			   "nothing is known there\n",
		    slot, selector);
		return;
	}
	give_up(platform, selector, slot);
}

void
hotplug_look(const struct instance *platform, const struct control_said *said)
{
	devices_rescan();
	learn(said);
	for (unsigned s = 0; s < CONTROL_BUSES; s++)
		for (unsigned slot = 0; slot < SLOTS; slot++)
			if ((said->down[s] >> slot & 1) != 0)
				leave_slot(platform, s, slot);
	(void)devices_match();
	catalogue_ring();
}
