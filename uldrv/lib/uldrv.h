/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver author's header.
 *
 * A driver is a table of functions that one event loop calls; none of them
 * waits, but for dev_until and dev_sleep, which have deadlines. It reaches its
 * registers through the accessors made from its tree source (NAME.regs.h),
 * its memory through dev_dma, its client through its class (block.h, char.h
 * beside this file), and holds no capability that it must know of.
 *
 * Invariants:
 *  1. probe assumes nothing about the device: it resets it first.
 *  2. What the device says (lengths, indices, status) is checked before use.
 *  3. Every request that was accepted is completed exactly once, or the driver
 *     fails and its successor's client asks again.
 *  4. serve: clear the cause, drain, re-arm; the loop notifies the client and
 *     then acknowledges.
 */
#ifndef ULDRV_LIB_ULDRV_H
#define ULDRV_LIB_ULDRV_H

#include "uldrv/class/control.h"
#include "uldrv/lib/registers.h"

struct block_io;
struct order_io;
struct order_rule;
struct class_ops;

/* Nanoseconds. */
#define MICROSECOND UINT64_C(1000)
#define MILLISECOND (1000 * MICROSECOND)
#define SECOND      (1000 * MILLISECOND)

enum {
	DEV_REGIONS = 8,
	DEV_STATE = 8192, /* The most a driver may keep. */
};

struct driver {
	const char *name;
	const struct class_ops *class;
	size_t   state_bytes;
	uint64_t deadline; /* A request took longer: expired is called. */

	/*
	 * Reset the device, find out what it is, make it ready. RC_NOT_FOUND:
	 * there is nothing that this driver could drive; another status: it
	 * should be there, but failed.
	 */
	enum status (*probe)(struct dev *d);

	/* Interrupts, as a mask. Returns those that were this device's. */
	uint64_t (*serve)(struct dev *d, uint64_t irqs);

	/*
	 * block: begin io; RC_OK: accepted, will be completed; RC_BUSY: no
	 * room, it will be asked again after the next completion; else the
	 * status to complete it with. char: io is NULL, output may be there.
	 */
	enum status (*request)(struct dev *d, const struct block_io *io);

	/*
	 * Classes of orders (order.h): begin io; the answers are as above,
	 * and order_complete may be called before this returns RC_OK.
	 */
	enum status (*order)(struct dev *d, const struct order_io *io);

	/* The deadline passed: reset, and complete what was in flight. */
	void (*expired)(struct dev *d);

	/*
	 * Nothing that has a deadline is in flight, if not holds: make the
	 * device quiet, without interrupts and DMA. Orders that are open are
	 * forgotten, not completed: they are given again after resume. Both or
	 * neither; an error is the end of this instance.
	 */
	enum status (*suspend)(struct dev *d);
	/* As probe, but the state is as suspend left it. */
	enum status (*resume)(struct dev *d);
	/* Leave the device: it may be gone already. May be NULL. */
	void (*remove)(struct dev *d);
	/*
	 * It can be suspended while requests are in flight: the driver keeps them,
	 * or they are orders, which are given again.
	 */
	bool holds;
};

/* The driver that this program is made of. */
extern const struct driver driver;

/* Everything about one device; drivers use the functions below. */
struct dev {
	const struct driver   *driver;
	struct driver_control *control;
	void                  *state; /* The driver's own, zero at probe. */
	void                  *class_state;
	struct region          region[DEV_REGIONS];
	uint8_t               *dma;
	void                  *ring;
	uint8_t               *window;
	const uint8_t         *firmware;
	uint8_t               *client[CONTROL_CLIENTS]; /* Block: raw rings. */
	uint64_t pending;  /* Notices that came while something waited. */
	uint64_t alarm_at; /* The watchdog's, 0: none. */
	uint64_t busy;     /* Bit i: the request in slot i is in flight, */
	uint64_t old;      /* and was when the watchdog last looked. */
	bool     begun;    /* probe has succeeded. */
	bool     stopped;
	bool     sleepy;    /* The server wants it to sleep. */
	bool     suspended; /* So nothing is begun any more, */
	bool     asleep;    /* or not yet: resume has not succeeded. */
	void    *backend; /* Of the host back ends. */
};

/* What devdb's server told us before we started. */
static inline const struct control_given *
dev_given(const struct dev *d)
{
	return &d->control->given;
}

/* DMA memory: byte `offset` as the CPU and as the device sees it. */
static inline void *
dev_dma(const struct dev *d, uint32_t offset)
{
	return d->dma + offset;
}

/* Consecutive pages need not be consecutive for the device. */
uint64_t dev_bus(const struct dev *d, uint32_t offset);

/* Is there that much DMA memory? */
bool dev_dma_has(const struct dev *d, uint32_t bytes);

/*
 * Waits until the fact holds; false if it does not in time. For probe and
 * reset only: a device in use interrupts.
 */
bool dev_until(
    struct dev *d, bool (*fact)(struct dev *d), uint64_t time) must_check;
void dev_sleep(struct dev *d, uint64_t time);

/* Text for people: what the device is, or what went wrong with it. */
void dev_remark(struct dev *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Give up: the server starts a new instance. The remark should say why. */
void dev_fail(struct dev *d, enum status cause);

/*
 * Starts a device anew that broke the rules or did not answer, and counts that
 * as a reset. False if it does not start: then it was given up. Whoever calls
 * this answers what was open, for a device that was reset does no more DMA.
 */
bool dev_restart(struct dev *d, enum status (*start)(struct dev *d));

/* Our copy of configuration space; 0 beyond its end. */
uint8_t  config_8(const struct dev *d, unsigned offset);
uint32_t config_32(const struct dev *d, unsigned offset);

/*
 * The first capability of this kind after `from` (0: the first of all); 0 if
 * there is none. Bounded, whatever the device says.
 */
unsigned config_capability(const struct dev *d, uint8_t id, unsigned from);

/*
 * Barriers between memory that CPU and device share, and registers. x86 keeps
 * stores in order, and loads; only the compiler and store-load need care.
 */
static inline void
dma_release(void) /* Stores before it are seen before stores after it. */
{
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void
dma_acquire(void) /* Loads after it are not taken before loads before it. */
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static inline void
dma_full(void) /* Stores before it are seen before loads after it are taken. */
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* ------------------------------------------- the loop, for back ends */

/* What a class adds to the loop. */
struct class_ops {
	size_t state_bytes;
	/* In a domain: where it stands, if main.c has not room enough for it. */
	void *state;
	/* After the driver's part of each turn. */
	void (*turn)(struct dev *d, uint64_t notices);
	/* After resume: what was open when it fell asleep. NULL: nothing. */
	void (*wake)(struct dev *d);
	/* Somebody called; NULL where nobody can. */
	enum status (*call)(
	    struct dev *d, uint64_t order, uint64_t a, uint64_t b);
	/* Classes of orders: what each may be. */
	const struct order_rule *rule;
	unsigned                 rules;
};

/* d has driver, control, state, class_state, dma, ring, window and backend. */
void dev_begin(struct dev *d);

/* Serves the notices. */
void dev_turn(struct dev *d, uint64_t notices);

#endif
