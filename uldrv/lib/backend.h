/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands below uldrv/lib. The folder chosen at link time decides:
 * uldrv/lib/target, testsuite/harness/model or testsuite/harness/qtest. The
 * driver and the rest of the library are the same objects over all three.
 */
#ifndef ULDRV_LIB_BACKEND_H
#define ULDRV_LIB_BACKEND_H

#include "uldrv/lib/uldrv.h"

/* One access of 1, 2 or 4 bytes, within the region. */
uint32_t be_read(
    struct dev *d, const struct region *r, uint32_t offset, unsigned bytes);
void be_write(struct dev *d, const struct region *r, uint32_t offset,
    unsigned bytes, uint32_t value);
void be_read_words(struct dev *d, const struct region *r, uint32_t offset,
    void *to, unsigned words);
void be_write_words(struct dev *d, const struct region *r, uint32_t offset,
    const void *from, unsigned words);

/* Nanoseconds since boot. */
uint64_t be_now(struct dev *d);

/* NOTICE_ALARM at that time; a new one replaces the old. */
void be_alarm(struct dev *d, uint64_t when);

/* Waits for notices and returns their bits. */
uint64_t be_wait(struct dev *d);

/* handled: it was our device that interrupted. */
void be_irq_ack(struct dev *d, unsigned irq, bool handled);

/* Rings the client's doorbell. */
void be_client(struct dev *d);

/* Block: rings the doorbell of raw client k. */
void be_bell(struct dev *d, unsigned k);

/* The driver is done, for good or ill; control.said tells. May return. */
void be_stop(struct dev *d);

#endif
