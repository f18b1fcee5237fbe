/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What devdb's server and a driver share: one page, and the fixed places of
 * the driver's address space and capability registers. A driver gets all it
 * will ever hold before its first instruction; it asks nobody for anything
 * (S7: a driver calls the kernel only).
 *
 * The server believes nothing it reads here: `said` is for people and for the
 * heartbeat, and is copied before it is looked at.
 */
#ifndef ULDRV_CLASS_CONTROL_H
#define ULDRV_CLASS_CONTROL_H

#include "kernel/abi/types.h"

enum {
	CONTROL_MAGIC = 0x31565244, /* "DRV1" */
	CONTROL_IRQS = 4,
	CONTROL_PORTS = 5,
	CONTROL_MMIO = 6,
	CONTROL_DMA = 32, /* Pages of DMA memory. */
	CONTROL_CONFIG = 256,
	CONTROL_REMARK = 96,
	CONTROL_WINDOWS = 1024, /* Slots of the window (Cache.window). */
	CONTROL_BUSES = 8, /* That a hot-plug controller is asked for. */
	CONTROL_CLIENTS = 3,       /* Of a disk, beside the store. */
	CONTROL_CLIENT_PAGES = 16, /* Of the data area of each. */
};

/*
 * Where things are mapped in a driver's address space: each in a slot of 128
 * MiB of its own, for the root node has 32 of them.
 */
enum driver_slot {
	DRIVER_SLOT_CONTROL = 1, /* The page described here. */
	DRIVER_SLOT_RING,
	DRIVER_SLOT_DMA,
	DRIVER_SLOT_WINDOW,
	DRIVER_SLOT_MMIO, /* + i: resource i, from its first whole page on. */
	DRIVER_SLOT_FIRMWARE = DRIVER_SLOT_MMIO + CONTROL_MMIO,
	DRIVER_SLOT_CLIENT, /* + k: the ring of raw client k (block). */
	DRIVER_SLOT_SHIFT = 27,
};

static inline uintptr_t
driver_address(enum driver_slot slot)
{
	return (uintptr_t)slot << DRIVER_SLOT_SHIFT;
}

/* Capability registers at the first instruction; others are void. */
enum driver_register {
	DRIVER_REG_LOG = 1,    /* 1 and 3 as userland/rt has them. */
	DRIVER_REG_CLIENT = 2, /* Notice: the client's doorbell. */
	DRIVER_REG_CLOCK = 3,
	DRIVER_REG_ALARM = 4, /* Notice on ourselves, for Clock.alarm. */
	DRIVER_REG_IRQ = 5,   /* IRQ 0-3, bound already to notice bits. */
	/* Port ranges 0-5. Range 0 is in the I/O slot too. */
	DRIVER_REG_PORTS = DRIVER_REG_IRQ + CONTROL_IRQS,
	DRIVER_REG_DMA = DRIVER_REG_PORTS + CONTROL_PORTS, /* Figures only. */
	DRIVER_REG_RESUME, /* 15 */
	/*
	 * Block: a node, read-only, with the doorbell of raw client k in slot
	 * k. A driver of this class has at most three interrupts.
	 */
	DRIVER_REG_BELLS = DRIVER_REG_PORTS - 1,
};

_Static_assert(DRIVER_REG_RESUME == CAP_REGISTERS - 1, "registers");

/* Bits of a driver's notice word. */
enum driver_notice {
	NOTICE_IRQ = 0, /* Bit i for IRQ i; may come without cause. */
	NOTICE_DOORBELL = 8,
	NOTICE_ALARM,
	NOTICE_BEAT,    /* The server asks: count `beat` up. */
	NOTICE_POWER, /* given.suspended has changed. */
	NOTICE_REMOVE, /* Leave the device; say CONTROL_GONE. */
};

enum control_state {
	CONTROL_STARTING,
	CONTROL_UP,
	CONTROL_SUSPENDED,
	CONTROL_NO_DEVICE, /* Nothing there that this driver could drive. */
	CONTROL_FAILED,    /* The remark says why; start a new instance. */
	CONTROL_GONE,
	CONTROL_STATES,
};

enum control_bus {
	CONTROL_BUS_PCI,
	CONTROL_BUS_ISA,
	CONTROL_BUS_FIXED,
};

struct control_range {
	uint64_t first; /* Port or physical address; for messages only. */
	uint64_t bytes; /* 0: not given. */
	uint64_t skip; /* MMIO: first byte of the resource in its first page. */
};

/*
 * A raw client of a disk, written by the server at any time, who then counts
 * given.changes up. The generation is new for each connection and each
 * instance; 0: nobody.
 */
struct control_client {
	uint32_t generation;
	uint32_t writes; /* 1: it may write. */
	uint64_t first, sectors; /* Its extent of the disk. */
	uint64_t address[CONTROL_CLIENT_PAGES]; /* Its data area, on the bus. */
};

/* Written by the server before the driver starts. */
struct control_given {
	uint32_t magic;
	uint32_t generation; /* Of the instance, from 1. */
	uint8_t  bus;        /* enum control_bus */
	uint8_t  unit; /* Of a device with several, for example channels. */
	uint8_t  irqs, ports;
	uint16_t dma_pages;
	uint16_t windows;      /* Slots of the window, 0 if there is none. */
	uint16_t source_id;    /* bus:8, device:5, function:3 */
	uint8_t  address_bits; /* The device may drive. */
	uint8_t  message;      /* 1: IRQs are MSI-X vectors 0, 1, ... 2: MSI. */
	uint8_t  enforced;     /* An IOMMU confines its DMA. */
	uint8_t  data_pages;   /* Of the ring; behind the DMA memory. */
	uint8_t  unused[2];
	uint32_t firmware_bytes; /* ACPI tables at DRIVER_SLOT_FIRMWARE. */
	/*
	 * 1: finish, then be quiet and say CONTROL_SUSPENDED; 0 again: go on,
	 * and say CONTROL_UP. Written at any time, before NOTICE_POWER.
	 */
	uint32_t suspended;
	char     name[32]; /* Of the device, for messages. */
	struct control_range port[CONTROL_PORTS];
	/* Index is the BAR's for PCI; a 64-bit BAR uses the lower index. */
	struct control_range mmio[CONTROL_MMIO];
	uint64_t dma_address[CONTROL_DMA]; /* Bus addresses, page by page. */
	uint8_t  config[CONTROL_CONFIG];   /* Filtered copy (D12). */
	uint32_t changes; /* Counted up when `client` has changed. */
	uint32_t unused3;
	struct control_client client[CONTROL_CLIENTS];
};

/* What the mux says of a raw client. */
struct control_client_said {
	/* The connection that is served; 0: none, and nothing is in flight. */
	uint32_t generation;
	uint32_t broken; /* 1: it broke its ring, and is not served. */
	uint64_t requests, errors, bytes;
};

/* Written by the driver. */
struct control_said {
	uint32_t state;      /* enum control_state */
	uint32_t beat;       /* Counted up at each NOTICE_BEAT. */
	uint32_t cause;      /* enum status, with CONTROL_FAILED. */
	uint32_t features;   /* enum control_features */
	uint64_t interrupts; /* That were its device's. */
	uint64_t requests, errors, timeouts, resets;
	uint64_t bytes;
	char     remark[CONTROL_REMARK]; /* What it is, or what went wrong. */
	/*
	 * Platform: counted up when devices came or are to go. Slots, a bit
	 * each, by the controller's selector of a bus: those that something
	 * came into with the last event, and those asked for.
	 */
	uint32_t plugs, unused;
	uint32_t up[CONTROL_BUSES], down[CONTROL_BUSES];
	uint64_t sectors; /* Block: of the disk. */
	struct control_client_said client[CONTROL_CLIENTS];
};

enum control_features {
	CONTROL_CONFINED = 1 << 0, /* virtio: ACCESS_PLATFORM accepted. */
	CONTROL_SUSPENDS = 1 << 1, /* It has what given.suspended asks for. */
};

struct driver_control {
	struct control_given given;
	uint8_t              unused0[2048 - sizeof(struct control_given)];
	struct control_said  said;
	uint8_t              unused1[2048 - sizeof(struct control_said)];
};

_Static_assert(sizeof(struct driver_control) == PAGE_SIZE, "one page");

#endif
