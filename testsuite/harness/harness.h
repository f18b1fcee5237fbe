/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One driver, linked with uldrv/lib over one back end, and what plays the
 * server and the client for it. Each program holds one driver and one back
 * end; both are the objects that the linker was given.
 *
 * The memory that drivers and devices share is `ram`. Its pages are scattered
 * on the bus (model) so that nobody can take neighbours for granted, and each
 * says whether the device may read or write it: a fake IOMMU that counts what
 * it refuses.
 */
#ifndef TESTSUITE_HARNESS_HARNESS_H
#define TESTSUITE_HARNESS_HARNESS_H

#include <setjmp.h>

#include "testsuite/harness/fault.h"
#include "uldrv/lib/block.h"
#include "uldrv/lib/uldrv.h"

enum {
	RAM_PAGES = 256,
	ORDER_RING = 32, /* Of classes of orders, with its data area. */
	DATA_FIRST = 64, /* Pages from here on are the client's. */
	HARNESS_RAW = 2, /* Raw clients; their data areas are in ram. */
	RAW_FIRST = DATA_FIRST - (int)HARNESS_RAW * CONTROL_CLIENT_PAGES,
	DISK_SECTORS = 2048,
	ACCESS_MAX = 4000000, /* More in one run is a driver run wild. */
};

struct trace;

enum reach {
	REACH_NONE,
	REACH_READ = 1, /* By the device. */
	REACH_WRITE = 2,
};

struct harness {
	struct dev             dev;
	struct driver_control *control;
	struct block_ring     *ring; /* Or struct char_ring. */
	uint8_t               *ram;
	uint8_t                reach[RAM_PAGES];
	uint8_t               *disk; /* What the device holds. */
	uint8_t               *window;
	struct control_client  raw[CONTROL_CLIENTS];
	struct block_raw_ring *raw_ring; /* HARNESS_RAW of them. */

	uint64_t pending; /* Notice bits. */
	uint64_t now;     /* Simulated nanoseconds. */
	uint64_t alarm;   /* 0: none. */
	uint64_t step_at; /* The model's next step, 0: none. */
	unsigned unacked; /* Interrupts delivered and not acknowledged, mask. */

	struct fault  fault;
	unsigned long accesses, dmas, interrupts, acks, notices;
	unsigned      bells; /* Of raw clients, a bit each, that were rung. */
	unsigned long strays;  /* DMA that the fake IOMMU refused. */
	bool          running; /* death may longjmp to `dead`. */
	bool          blocked; /* Bus master is off. */
	jmp_buf       dead;
	bool          verbose;
	bool          copies; /* The client uses the window: PIO=1. */
	/* Classes of orders: pages of the data area, in ram (orders.h). */
	unsigned      data_pages;
	bool          listening; /* harness_run ends when the driver rings. */
	bool          prompt;    /* Its line takes no time, as QEMU's does. */
	bool          replays;   /* There is no device, only its trace, */
	bool  implied;       /* and it tells no interrupts: they are guessed. */
	void *model;         /* The device's own state. */
	struct trace *trace; /* What is said is added to it, if not NULL. */
	void (*on_note)(struct harness *h, const char *line); /* Or NULL. */
};

/* Makes the device in the state of power-on, and no driver. */
struct harness *harness_open(void);
void            harness_close(struct harness *h);

/* A fresh driver instance on the device as it is. False if it died. */
bool harness_start(struct harness *h);

/* What devdb's server does to a device whose driver has died. */
void harness_kill(struct harness *h);

/*
 * Runs the driver until nothing is pending and nothing in flight, or if the
 * client listens until its doorbell rings, at most for that much simulated
 * time. False if the driver died meanwhile.
 */
bool harness_run(struct harness *h, uint64_t time);

/*
 * The same for what the device does by itself: until the fact holds, or no
 * longer than that. True if it holds; on replay, if the trace goes on with what
 * the script then sees.
 */
bool harness_run_until(struct harness *h,
    bool (*fact)(struct harness *h, void *arg), void *arg, uint64_t time);

/* The fault is over: what was removed is there again, as at power-on. */
void harness_over(struct harness *h);

/*
 * Once in a run, after its `at`-th turn (0: never), the driver is suspended as
 * devdb's server does it, looked at while it sleeps, and woken. What the script
 * sees must be as if nothing had been.
 */
struct nap {
	unsigned long at;
	unsigned long turns; /* In this run, so far. */
	bool          taken; /* It fell asleep, and was woken. */
	unsigned long first[FAULT_CLASSES]; /* Events before it, */
	unsigned long last[FAULT_CLASSES];  /* and at its end. */
};

extern struct nap harness_nap;

/* nap.c: after a turn. */
void nap_look(struct harness *h);

/* The client's doorbell for the driver. */
static inline void
harness_ring(struct harness *h)
{
	h->pending |= UINT64_C(1) << NOTICE_DOORBELL;
}

/* For be_wait: the notices that the driver hears now; 0: wait on. */
uint64_t harness_take(struct harness *h);

/* Bus address of a byte of ram. */
uint64_t harness_bus(const struct harness *h, uint32_t offset);

/* And back; false if no byte of ram is there. */
bool harness_ram(const struct harness *h, uint64_t bus, uint32_t *offset);

/* ---------------------------------------------- supplied by a back end */

void backend_open(struct harness *h);
void backend_close(struct harness *h);
/* Describes the device in control.given. */
void backend_describe(struct harness *h, struct control_given *g);
/* Bus master off, interrupts off; what was in flight stays as it is. */
void backend_silence(struct harness *h);
void backend_enable(struct harness *h);
/* Waits until something is pending or the time has passed. */
void backend_advance(struct harness *h, uint64_t until);
/* Sees what the device has done meanwhile. */
void backend_look(struct harness *h);
/* The fault is over. */
void backend_over(struct harness *h);
/* On replay: the trace goes on with something that the script sees. */
bool backend_cut(struct harness *h);

extern const char *const backend_name;

/* What a model, or the back end, had to say against the driver. */
extern unsigned long harness_complaints;

#endif
