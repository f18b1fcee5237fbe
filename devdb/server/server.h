/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The resident device server: what it knows and where its capabilities stand.
 *
 * Invariants:
 *  1. Everything read from a driver's page, or told by the bus domain, is a
 *     copy of fixed size, and checked before it is used (S7).
 *  2. What a device was granted stays granted over its drivers' deaths; a
 *     process, its space and its sub-bank live as long as one instance.
 *  3. A device is silent from the scan until its driver is started, and from
 *     the driver's death until the next one is.
 */
#ifndef DEVDB_SERVER_SERVER_H
#define DEVDB_SERVER_SERVER_H

#include "devdb/server/plan.h"
#include "devdb/server/policy.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"

enum {
	SERVER_DEVICES = PCI_FUNCTIONS + 8,
	SERVER_INSTANCES = 48,
	SERVER_DISKS = 4,
	SERVER_RANGE = 0x2000, /* Positions of our range, as in system.dts. */
	SERVER_POSITIONS = 64, /* Of it for each instance; then rings.c. */
	SERVER_RINGS = (int)SERVER_INSTANCES +
	    (int)SERVER_DISKS * (int)CONTROL_CLIENTS + 16, /* And some over. */
	POSITION_CONTROL = 0,
	POSITION_DMA = 16,
	DRIVER_FRAMES = 192, /* The limit of a driver's sub-bank. */
	STORE_BEATS_MISSED = 5, /* Until it is said that the store is silent, */
	STORE_SILENT_MS = 10000, /* and no sooner than this. */
	INSTANCE_WHOLES = 2, /* Windows of which a part is the driver's. */
	NONE = 0xff,

	/* Bits of our own notice word. */
	NOTICE_TICK = 0,
	NOTICE_UP,
};

/* Registers between two requests. 12-15 are scratch as everywhere. */
enum server_register {
	REG_KEEPER = REG_DISCRIM,
	REG_DRIVER = REG_OWN,      /* The process in hand, */
	REG_SPACE = REG_OWN + 1,   /* its root node, */
	REG_SUBBANK = REG_OWN + 2, /* its bank, */
	REG_LEVEL = REG_OWN + 3,   /* its schedule. */
};

/* Slots of the node in REG_NODE, by system.dts up to DISCRIM. */
enum server_slot {
	SLOT_IRQ_SPACE,
	SLOT_PORT_SPACE,
	SLOT_MMIO_SPACE,
	SLOT_DMA_SPACES,
	SLOT_RANGE, /* Ephemeral frames: rings, DMA memory, control pages. */
	SLOT_SCHEDULES,
	SLOT_KINFO,
	SLOT_STORE,
	SLOT_DISCRIM, /* By system.dts as well, */
	SLOT_VOLUME_GONE, /* and these: what the console shall tell. */
	SLOT_BUS,
	SLOT_FIRMWARE,
	SLOT_CATALOGUE,     /* The doorbell of the persistent catalogue. */
	SLOT_BELL,          /* Of who asks for a disk, meanwhile. */
	SLOT_STORE_SILENT,  /* By system.dts, as the one above. */
	SLOT_STORE_ANSWERS,
	SLOT_INSTANCE = 16, /* + i / 32: a node with nodes of instances. */
};

/* Slots of an instance's node. */
enum instance_slot {
	INST_IRQ, /* 0-3 */
	INST_PORT = INST_IRQ + CONTROL_IRQS,
	INST_MMIO = INST_PORT + CONTROL_PORTS,
	INST_TABLE = INST_MMIO + CONTROL_MMIO, /* Page of the MSI-X table. */
	INST_DMA,
	INST_DMA_NODE,
	INST_RING_NODE,
	INST_CONTROL,
	INST_SUBBANK,
	INST_PROCESS,
	INST_CLIENT,   /* The client's doorbell. */
	INST_DOORBELL, /* The driver's. */
	INST_BEAT,
	INST_START, /* Platform: its start capability. */
	INST_IMAGE, /* Of an added driver: the segment that was supplied. */
	INST_WHOLE, /* Windows whose parts stand in INST_MMIO. */
	INST_HANDLE = INST_WHOLE + INSTANCE_WHOLES, /* handle.c */
	INST_BELL,
	INST_RAW, /* A node: rings of raw clients, and their doorbells. */
	INST_SLOTS,
};

_Static_assert(
    (int)INST_SLOTS <= (int)NODE_SLOTS, "one node for each instance");

struct device {
	struct board_device board;
	struct pci_function function;
	uint8_t             state;  /* enum devdb_state */
	uint8_t             driver; /* In the catalogue, or NONE. */
	char                reason[96];
	bool                named;       /* In the log, as without a driver. */
	bool                seen, fresh; /* By the last look at the bus. */
	bool                leaving;     /* Asked to go: nobody gets it. */
};

struct instance {
	bool        used;
	bool        granted; /* Its resources have been allocated. */
	bool        has_node;
	bool        attached; /* Block: the store has this instance\'s ring, */
	bool        store_asked;  /* and was asked to look at it, */
	uint32_t    store_missed; /* as often as this without doing so. */
	uint8_t     dma_granted;  /* Pages. */
	uint8_t     data_granted; /* Pages of the data area, that it reaches. */
	uint8_t     ring;         /* Its set (rings.c), from 1; 0: none. */
	bool        running;      /* There is a process. */
	bool        doomed;       /* To be killed at the next opportunity. */
	bool        asked;        /* It is doomed by request, */
	bool        taken_over;   /* or because another is its client now. */
	bool        suspend;     /* It is wished to sleep (power.c), */
	bool        quiet;       /* and does, and its device is silenced. */
	bool        wanted;       /* The catalogue was asked for its image, */
	bool        supplied;     /* and has given it, */
	bool        unbuilt;      /* or could not. */
	uint64_t    ticket;       /* Of the question; never used again. */
	uint32_t    spoilt; /* The instance that broke its ring, says its client. */
	uint32_t    plugs; /* Platform: said.plugs when last looked at. */
	uint64_t    entry, fs_base; /* Of what was supplied. */
	uint8_t     device, driver, unit;
	uint8_t     disk;   /* Of the store, or NONE. */
	bool        client; /* Char: somebody is connected. */
	bool        handle; /* INST_HANDLE has been made. */
	char        name[DEVDB_NAME];
	struct plan plan;
	struct policy policy;
	uint64_t      message_address[CONTROL_IRQS];
	uint32_t      message_data[CONTROL_IRQS];
	uint64_t      dma_address[CONTROL_DMA];
	uint8_t       fault;
	uint32_t      cause;
	uint64_t      fault_pc, fault_address;
};

/* A raw client's place at a disk (disk.c). */
struct raw_client {
	bool     used;
	bool     writes;
	uint8_t  ring;  /* Its set (rings.c), from 1; 0: none. */
	uint8_t  pages; /* Of that, granted. */
	bool     given; /* Some client has had it. */
	char     label[DEVDB_LABEL];
	uint32_t generation;
	uint64_t first, sectors;
	uint64_t address[CONTROL_CLIENT_PAGES];
};

/* The memory of a ring (rings.c). */
struct ring_set {
	bool     used;
	bool     held; /* The device of `holder` may still write to it. */
	uint8_t  holder;
	uint64_t ends; /* 0: it is in use. */
};

struct server_state {
	struct catalogue  catalogue;
	/* Places from here on are free; others may be: no name, not used. */
	unsigned          devices, instances;
	struct device     device[SERVER_DEVICES];
	struct instance   instance[SERVER_INSTANCES];
	uint64_t          tickets;
	uint16_t          learnt[CONTROL_BUSES]; /* Bus + 1 of a selector. */
	unsigned          disks; /* Numbers that have been given, */
	uint32_t          disk[SERVER_DISKS]; /* and to whom: serial, 0: free. */
	uint32_t          disk_serials;
	struct raw_client raw[SERVER_DISKS][CONTROL_CLIENTS];
	struct ring_set   ring[SERVER_RINGS];
	uint32_t          raw_generations;
	uint32_t          changes;  /* Told to muxes: see given.changes. */
	bool              enforced; /* The kernel has an IOMMU. */
	bool              bus_up;
	bool              store_silent; /* And people were told so. */
	uint64_t          firmware_bytes;
};

extern struct server_state server;

static inline const struct catalogue_driver *
driver_of(const struct instance *n)
{
	return &server.catalogue.driver[n->driver];
}

static inline unsigned
index_of(const struct instance *n)
{
	return (unsigned)(n - server.instance);
}

/* caps.c: capabilities that stand in nodes; they use REG_RT. */
enum status system_get(enum server_slot slot, capreg to) must_check;
enum status system_put(enum server_slot slot, capreg from) must_check;
enum status inst_get(
    const struct instance *n, unsigned slot, capreg to) must_check;
enum status inst_put(
    const struct instance *n, unsigned slot, capreg from) must_check;
/* The node itself. */
enum status         inst_node(const struct instance *n, capreg to) must_check;
uint64_t            server_now(void);
/* What the driver says; all zeros if it cannot be read. */
struct control_said server_said(const struct instance *n);

/* devices.c: the live tree. */
void     devices_fixed(void);
void     devices_scan(void);
/* Looks again; what is gone is unbound and forgotten. */
void     devices_rescan(void);
/* Takes devices from drivers that match no better than a preferred one. */
void     devices_give_way(void);
/* Binds what has no driver; how many got one. */
unsigned devices_match(void);

/* grant.c: allocates what the plan says, once. */
enum status grant(struct instance *n) must_check;
/* The node of an instance, before anything is put into it. */
enum status grant_node(struct instance *n) must_check;

/* start.c, stop.c */
enum status instance_start(struct instance *n) must_check;
enum status instance_attach(struct instance *n) must_check;
void        instance_stop(struct instance *n);
/* Runs what is due; returns when to look again. */
uint64_t    instances_tick(void);

/* added.c: ask the catalogue for the image of an instance. */
enum status instance_want(struct instance *n) must_check;
void        catalogue_ring(void);

/*
 * handle.c: what clients are given. REG_IN2 is scratch of both that give; what
 * they give comes into `to`. doorbell_turn: to the instance in hand.
 */
enum status      handle_give(struct instance *n, capreg to) must_check;
/* Whose handle it is, by its number; NULL if there is none any more. */
struct instance *handle_instance(unsigned i);
enum status      doorbell_give(struct instance *n, capreg to) must_check;
void             doorbell_turn(struct instance *n);
void             doorbell_end(const struct instance *n);
void             handles_revoke(struct instance *n);
/* Says that a ring is over, in it and by the doorbell of its client. */
void             ring_end(const struct instance *n, capreg bell);

/*
 * rings.c: sets of pages. They are named by a number from 1 in *ring, which is
 * 0 where there is none. REG_T0 is scratch.
 */
enum status ring_take(uint8_t *ring) must_check;
uint64_t    ring_position(uint8_t ring, unsigned page);
/* A copy of the node, for the client alone, into another register. */
enum status ring_show(
    uint8_t ring, capreg node, unsigned span, capreg to) must_check;
/*
 * Its client has lost it, or gone. reached: it lasts until rings_release of
 * this instance, whose device may not have been reset since.
 */
void     ring_retire(uint8_t *ring, const struct instance *reached);
void     rings_release(const struct instance *n);
/* Nobody ever had it. */
void     ring_drop(uint8_t *ring);
uint64_t rings_tick(uint64_t now);

/*
 * connect.c: another client has taken the driver over, which has been stopped;
 * its ring is a new one from now on.
 */
void ring_renew(struct instance *n);

/* Does the facet of the request stand for so much? */
static inline bool
facet_may(const struct request *rq, unsigned facet)
{
	return rq->data >= facet && rq->data <= DEVDB_CATALOGUE;
}

/* The device of this name; it may be one of several channels of it. */
bool instance_drives(const struct instance *n, const char *device);

/* Its client has said that the instance that is there has broken its ring. */
bool instance_spoilt(const struct instance *n);

/* disk.c: raw clients, when an instance is up, and when its device is gone. */
void disk_attach(const struct instance *n);
void disk_revoke(const struct instance *n);
/*
 * numbers.c: one for a disk, by which the store and raw clients know it;
 * RC_LIMIT: none is left. Given back when the disk is gone, if the store has said that it
 * knows no more of it.
 */
enum status disk_number(struct instance *n) must_check;
void        disk_number_back(const struct instance *n, enum status said);
/* Has the store said that its volume is there? */
bool disk_has_volume(const struct device *d);

/*
 * storewatch.c: with each heartbeat of an instance. REG_T0 and REG_T1 are
 * scratch.
 */
void store_watch(struct instance *n);
/* Has the console tell people at the terminal. REG_T0 is scratch. */
void console_ring(enum server_slot what);

/*
 * power.c: the driver may say that it sleeps. power_hear (start.c): the
 * bell of the process in hand is ours.
 */
void        power_look(struct instance *n, const struct control_said *said);
enum status power_hear(void) must_check;

/* revoke.c: stops the drivers of a device and takes all back. */
void device_unbind(struct device *d);

/* hotplug.c: the platform driver says that something came, or shall go. */
void hotplug_look(
    const struct instance *platform, const struct control_said *said);

/* bus.c */
enum status bus_silence(const struct instance *n) must_check;
enum status bus_enable(const struct instance *n) must_check;
enum status bus_reset(const struct instance *n) must_check;

/* images.S: the drivers' ELF images, in the catalogue's order. */
struct image {
	const uint8_t *first, *end;
};

extern const struct image driver_images[];
extern const uint8_t      boot_catalogue[], boot_catalogue_end[];
extern const uint32_t     driver_image_count;

#endif
