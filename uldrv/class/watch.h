/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a client of bytes or orders knows of the instance whose ring it has.
 *
 *              watch_join: the ring shows what the server has named
 *     unknown ------------------------------------------> connected
 *       ^  | watch_join: it shows another                  |   |
 *       |  v                                  watch_broken |   | watch_stale
 *      put off <-------------------------------------------+   v
 *       watch_again                                         unknown
 *
 * Invariants:
 *  1. The generation is the one that the server has named. What the ring shows
 *     can be written over by the driver, and is only held against that.
 *  2. A ring that shows another one is put off, and not looked at until
 *     watch_again: who would ask at once might ask for ever, for connecting
 *     rings the client's own doorbell.
 *  3. An instance that has broken its ring is not joined again; one that the
 *     server names after it is.
 */
#ifndef ULDRV_CLASS_WATCH_H
#define ULDRV_CLASS_WATCH_H

#include "kernel/abi/types.h"

struct ring_watch {
	uint32_t generation; /* 0: of no instance. */
	uint32_t broken;     /* The instance that has broken its ring, or 0. */
	bool     connected;  /* The ring is used. */
	bool     later;      /* Put off: 2. */
};

/* There is a ring, and this is what it shows. */
static inline bool
watch_knows(const struct ring_watch *w)
{
	return w->generation != 0;
}

static inline void
watch_forget(struct ring_watch *w)
{
	w->generation = 0;
	w->connected = false;
}

static inline void
watch_put_off(struct ring_watch *w)
{
	watch_forget(w);
	w->later = true;
}

/*
 * The server has named an instance: may its ring be begun? If not it is put
 * off, and the client asks again in a while.
 */
static inline bool
watch_join(struct ring_watch *w, uint32_t shown, uint32_t named)
{
	if (shown != named || named == 0 || named == w->broken) {
		watch_put_off(w);
		return false;
	}
	*w = (struct ring_watch){.generation = named, .connected = true};
	return true;
}

/*
 * Is the server to be asked whose ring it is? shown counts only if there is a
 * ring (watch_knows). One that shows 0 is over, and its memory soon gone.
 */
static inline bool
watch_stale(struct ring_watch *w, uint32_t shown)
{
	if (w->later)
		return false;
	if (watch_knows(w) && shown == 0)
		watch_forget(w);
	return !watch_knows(w) || shown != w->generation;
}

/* The driver wrote into its ring what cannot be. */
static inline void
watch_broken(struct ring_watch *w)
{
	w->broken = w->generation;
	w->connected = false;
}

/* A while has passed: what was put off is due. */
static inline void
watch_again(struct ring_watch *w)
{
	w->later = false;
}

#endif
