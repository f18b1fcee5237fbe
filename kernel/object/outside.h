/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters: persistent processes that wait for a reply from one that
 * is not persistent (S3), and the parcels in which such replies are kept until
 * their receiver can be loaded (F5).
 */
#ifndef KERNEL_OBJECT_OUTSIDE_H
#define KERNEL_OBJECT_OUTSIDE_H

#include "kernel/object/message.h"

/*
 * What lies ready for a process that is about to run: a parcel, or the news
 * of a restart. Called by the dispatcher with the process prepared.
 */
must_check enum status outside_deliver(struct process *p, struct activity *a);

#endif
