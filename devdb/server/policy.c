/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/server/policy.h"

#define MS UINT64_C(1000000)

void
policy_begin(struct policy *p, uint64_t now)
{
	*p = (struct policy){.run = DEVDB_RUN_BACK_OFF, .again = now};
}

void
policy_at_once(struct policy *p)
{
	p->run = DEVDB_RUN_BACK_OFF;
	p->again = 0;
	p->deaths = 0;
}

void
policy_renew(struct policy *p)
{
	p->run = DEVDB_RUN_BACK_OFF;
	p->again = 0;
}

void
policy_started(struct policy *p, const struct catalogue_driver *d, uint64_t now)
{
	p->run = DEVDB_RUN_STARTING;
	p->generation++;
	p->since = now;
	p->beat_at = now + d->heartbeat * MS;
	p->beat = 0;
	p->missed = 0;
}

void
policy_up(struct policy *p)
{
	if (p->run == DEVDB_RUN_STARTING)
		p->run = DEVDB_RUN_UP;
	p->proven = true;
}

void
policy_died(struct policy *p, const struct catalogue_driver *d, uint64_t now,
    uint32_t said, uint32_t cause)
{
	uint64_t least = d->back_off_least * MS, most = d->back_off_most * MS;

	/* What a probe refuses, the next instance would refuse as well. */
	if (said == CONTROL_NO_DEVICE || said == CONTROL_GONE ||
	    (said == CONTROL_FAILED && cause == RC_UNSUPPORTED && !p->proven)) {
		p->run = DEVDB_RUN_STOPPED;
		return;
	}
	if (now - p->since >= POLICY_LONG_LIFE)
		p->deaths = 0;
	p->deaths++;
	if (d->restart_limit != 0 && p->deaths > d->restart_limit) {
		p->run = DEVDB_RUN_STOPPED;
		return;
	}
	p->back_off = p->deaths == 1 ? least : 2 * p->back_off;
	if (p->back_off > most)
		p->back_off = most;
	p->restarts++;
	p->run = DEVDB_RUN_BACK_OFF;
	p->again = now + p->back_off;
}

enum policy_action
policy_tick(struct policy *p, const struct catalogue_driver *d, uint64_t now,
    uint32_t beat)
{
	if (p->run == DEVDB_RUN_BACK_OFF)
		return now >= p->again ? POLICY_START : POLICY_NOTHING;
	if (p->run == DEVDB_RUN_STOPPED || now < p->beat_at)
		return POLICY_NOTHING;
	p->beat_at = now + d->heartbeat * MS;
	if (beat != p->beat) {
		p->beat = beat;
		p->missed = 0;
		return POLICY_BEAT;
	}
	/* The first look finds 0, because nothing was asked yet. */
	if (++p->missed > POLICY_BEATS_MISSED)
		return POLICY_KILL;
	return POLICY_BEAT;
}

uint64_t
policy_next(const struct policy *p)
{
	switch ((enum devdb_run)p->run) {
	case DEVDB_RUN_BACK_OFF:
		return p->again;
	case DEVDB_RUN_STARTING:
	case DEVDB_RUN_UP:
		return p->beat_at;
	case DEVDB_RUN_STOPPED:
	case DEVDB_RUN_SUSPENDED: /* Said of one that is up; never here. */
	case DEVDB_RUN_COUNT:
		break;
	}
	return UINT64_MAX;
}
