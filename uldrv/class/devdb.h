/* SPDX-License-Identifier: BSD-2-Clause */
/* Records that devdb's server gives to the shell's `dev` and `drv`. */
#ifndef ULDRV_CLASS_DEVDB_H
#define ULDRV_CLASS_DEVDB_H

#include "kernel/abi/types.h"

/* Data of the server's start capabilities. */
enum devdb_facet {
	DEVDB_LOOK,           /* device, driver, why, log. */
	DEVDB_USE,            /* And connect. */
	DEVDB_CONTROL,        /* And restart, power_off. */
	DEVDB_CATALOGUE,      /* And adopt to fail: the persistent half. */
	DEVDB_RAW, /* device, driver, why, log, disk; and disk_open, disk_close. */
	DEVDB_KEEPER = 0x100, /* + instance: the server is its keeper. */
	DEVDB_HOLDER = 0x200, /* + instance, of a handle: connect to it alone. */
};

enum devdb_class {
	DEVDB_BLOCK,
	DEVDB_CHAR,
	DEVDB_PLATFORM,
	DEVDB_BUS,
	DEVDB_TEST, /* From here to entropy: on orders (class/order.h). */
	DEVDB_NET,
	DEVDB_INPUT,
	DEVDB_DISPLAY,
	DEVDB_CLOCK,
	DEVDB_ENTROPY,
	DEVDB_TERMINAL, /* As char, with somebody at its far end. */
	DEVDB_CLASS_COUNT,
};

enum devdb_state {
	DEVDB_UNDRIVEN, /* No driver matches. */
	DEVDB_WAITING,  /* A driver matches, but something it needs is taken. */
	DEVDB_BOUND,
	DEVDB_SKIPPED, /* The kernel's, a bridge's, or the bus domain's own. */
	DEVDB_EMPTY, /* The driver found nothing it could drive. */
	DEVDB_SUSPENDED, /* Bound, and its driver sleeps. */
	DEVDB_SPOILT,    /* Bound; its client says that it broke its ring. */
	DEVDB_STATE_COUNT,
};

/* What keeps the device's DMA within bounds. */
enum devdb_confinement {
	DEVDB_NO_DMA,       /* It can do none. */
	DEVDB_MASTER_OFF,   /* It could; its bus-master bit is off. */
	DEVDB_IOMMU,        /* A unit enforces its DMA space. */
	DEVDB_NOT_ENFORCED, /* A DMA space, but no unit. */
	DEVDB_UNCONFINED,   /* It passes the unit by: virtio without
	                       ACCESS_PLATFORM. */
	DEVDB_CONFINEMENT_COUNT,
};

enum {
	DEVDB_NAME = 32,
	DEVDB_TEXT = 64,
	DEVDB_LABEL = 16,  /* Of a raw client. */
	DEVDB_CLIENTS = 3, /* Raw ones of a disk. */
	DEVDB_WRITES = 1,  /* Flag of disk_open. */
};

struct devdb_device {
	char     name[DEVDB_NAME];   /* "00:01.1", "00:01.1/0", "com1" */
	char     title[DEVDB_TEXT];  /* "8086:7010 IDE" */
	char     driver[DEVDB_NAME]; /* "" if none. */
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class; /* class:8, subclass:8, interface:8 */
	uint8_t  revision;
	uint8_t  state;       /* enum devdb_state */
	uint8_t  confinement; /* enum devdb_confinement */
	uint8_t  can_forge;   /* 1: its DMA can write a forged MSI. */
	uint16_t source_id;
	uint8_t  gsi[2];   /* Its lines, 255: none. */
	uint8_t  messages; /* MSI or MSI-X vectors in use. */
	uint8_t  unused[7];
};

enum devdb_run {
	DEVDB_RUN_STARTING,
	DEVDB_RUN_UP,
	DEVDB_RUN_BACK_OFF, /* Dead; will be started at `again`. */
	DEVDB_RUN_STOPPED,  /* At its restart limit, or by its own word. */
	DEVDB_RUN_SUSPENDED, /* By Devdb.suspend. */
	DEVDB_RUN_COUNT,
};

struct devdb_driver {
	char name[DEVDB_NAME];   /* Of the driver. */
	char device[DEVDB_NAME]; /* That it drives. */
	uint8_t class;           /* enum devdb_class */
	uint8_t  run;            /* enum devdb_run */
	uint8_t  fault; /* enum fault_code of the last death, 0 if none. */
	uint8_t  unused[5];
	uint32_t generation, restarts;
	uint32_t cause; /* enum status of the last death. */
	uint32_t confined;
	uint64_t fault_pc, fault_address;
	uint64_t interrupts, requests, errors, timeouts, resets, bytes;
	uint64_t up_since; /* Nanoseconds since boot. */
	uint64_t again;
	char     remark[96];
};

/* Devdb.prefer: who gets the device, of drivers that match equally well. */
struct devdb_preference {
	char device[DEVDB_NAME];
	char driver[DEVDB_NAME]; /* "": nobody. */
};

_Static_assert(sizeof(struct devdb_preference) == 64, "preference");

/* A raw client of a disk. */
struct devdb_client {
	char     label[DEVDB_LABEL]; /* "" if the place is free. */
	uint64_t first, sectors;     /* Its extent. */
	uint64_t requests, errors, bytes;
	uint8_t  writes; /* It may. */
	uint8_t  served; /* It has begun its ring. */
	uint8_t  broken; /* It broke its ring. */
	uint8_t  unused[5];
};

struct devdb_disk {
	char     device[DEVDB_NAME]; /* "" if none has the number now. */
	char     driver[DEVDB_NAME];
	uint64_t sectors;
	/* What the store holds; sectors is 0 if nothing. */
	uint64_t claim_first, claim_sectors;
	uint8_t  decided; /* The store has looked at it. */
	uint8_t  up;      /* It can be opened now. */
	uint8_t  unused[2];
	uint32_t serial; /* Of no other disk since the boot. */
	struct devdb_client client[DEVDB_CLIENTS];
};

/* Those of two rings of bytes (class/char.h). */
static inline bool
devdb_has_bytes(unsigned class)
{
	return class == DEVDB_CHAR || class == DEVDB_TERMINAL;
}

static inline bool
devdb_has_orders(unsigned class)
{
	return class >= DEVDB_TEST && class <= DEVDB_ENTROPY;
}

_Static_assert(sizeof(struct devdb_device) == 156, "device record");
_Static_assert(sizeof(struct devdb_driver) == 264, "driver record");
_Static_assert(sizeof(struct devdb_disk) == 288, "disk record");

#endif
