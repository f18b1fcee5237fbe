/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The bus: what was found, and what may be done to a function.
 *
 * Invariants:
 *  1. Everything that configuration space says may be absurd: lists are
 *     followed at most as far as there is room for distinct entries, sizes
 *     and addresses are checked against each other.
 *  2. No two ranges of pci_function.bar of kind IO, or of kind MEMORY,
 *     overlap, and none overlaps what the platform keeps: one that would is
 *     PCI_BAR_BAD.
 *  3. A bus is visited once, whatever the bridges say.
 */
#ifndef ULDRV_BUS_PCI_PCI_H
#define ULDRV_BUS_PCI_PCI_H

#include "uldrv/bus/pci/config.h"

enum pci_chipset {
	CHIPSET_UNKNOWN,
	CHIPSET_PIIX3,
	CHIPSET_ICH9,
};

struct pci {
	struct pci_access   access;
	enum pci_chipset    chipset;
	uint16_t            router; /* The function that routes INTx. */
	unsigned            count;
	struct pci_function function[PCI_FUNCTIONS];
	uint16_t parent[BUSES]; /* The bridge to a bus; its own id for bus 0. */
	uint8_t  seen[BUSES];
	uint32_t serials;
	/* What was there before, while pci_rescan looks. */
	unsigned            known_count;
	struct pci_function known[PCI_FUNCTIONS];
};

/* scan.c: all functions; RC_LIMIT if the table was too small. */
enum status pci_scan(struct pci *p) must_check;

/* The same, but what is known and still there stays as it is. */
enum status pci_rescan(struct pci *p) must_check;

struct pci_function *pci_find(struct pci *p, uint16_t id);

/* bars.c: sizes all BARs, then gives addresses to those that have none. */
void pci_size_bars(struct pci *p, struct pci_function *f);
void pci_settle_bars(struct pci *p);
/* A reset has taken the addresses away: gives back those that it had. */
void pci_restore_bars(struct pci *p, const struct pci_function *f);

/*
 * window.c: the memory that a bridge passes on; false if none.
 * pci_window_open opens it, on bus 0 only.
 */
bool pci_window(const struct pci *p, uint16_t bridge, uint64_t *first,
    uint64_t *last);
bool pci_window_open(struct pci *p, uint16_t bridge, uint64_t bytes);
/* Does the range meet the window of any bridge? */
bool pci_window_meets(const struct pci *p, uint64_t first, uint64_t bytes);
/* bars.c: is this range of memory free of BARs and of what is kept? */
bool pci_memory_free(const struct pci *p, uint64_t first, uint64_t bytes);

/* capability.c: fills msi, msix, flags; makes the filtered copy. */
void pci_capabilities(struct pci *p, struct pci_function *f);

/* route.c: where the pin goes, or PCI_NO_LINE. */
void    pci_chipset(struct pci *p);
uint8_t pci_route(struct pci *p, uint16_t id, unsigned pin);

/* control.c */
void pci_silence(struct pci *p, const struct pci_function *f);
void pci_enable(
    struct pci *p, const struct pci_function *f, bool master, bool intx);
/* entry: the MSI-X table entry in memory, or NULL to program MSI. */
enum status pci_message(struct pci *p, const struct pci_function *f,
    volatile uint32_t *entry, uint64_t address, uint32_t data) must_check;
/*
 * Begins (true) or ends a reset; the caller waits in between. RC_UNSUPPORTED
 * if the function cannot be reset without others.
 */
enum status pci_reset(
    struct pci *p, const struct pci_function *f, bool begin) must_check;

#endif
