/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Notices.
 *
 * A bit is kept in the target's activity, not in its state page, which may be
 * on disk: so a notice never waits (F5). The dispatcher merges the bits when
 * it loads the process. An available process is made ready for it.
 */
#include "kernel/object/notice.h"
#include "kernel/sched/activity.h"

bool
notice_set(const struct notice_binding *b, struct activity **wake)
{
	struct activity *a = b->bound ? activity_find(b->process) : NULL;

	if (a == NULL || a->count != b->count)
		return false; /* It is dead. */
	activity_touch(a);
	a->notices |= UINT64_C(1) << b->bit;
	if (a->state != KA_RESERVED || !(a->flags & AF_AVAILABLE))
		return true;
	if (*wake != NULL && *wake != a)
		sched_ready(*wake);
	*wake = a;
	return true;
}

bool
notice_post(const struct notice_binding *b)
{
	struct activity *wake = NULL;
	const bool       alive = notice_set(b, &wake);

	if (wake != NULL)
		sched_ready(wake);
	return alive;
}
