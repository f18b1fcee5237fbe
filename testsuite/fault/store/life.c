/* SPDX-License-Identifier: BSD-2-Clause */
/* One run: lives, each from an outcome of the one before. */
#include "testsuite/fault/store/sim.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 200000, STALL = 20000 };

struct sim {
	struct kernel        *k;
	struct disk          *d;
	uint8_t              *memory, *frames;
	struct image          image;
	struct snapshot_state state;
	struct sim_random     random;
};

static struct sim *
sim_get(const struct sim_plan *p)
{
	static struct sim   s;
	struct store_config c;

	if (s.k == NULL) {
		s.k = kernel_new();
		s.d = calloc(1, sizeof(*s.d));
		s.frames = aligned_alloc(PAGE_SIZE, 64 * PAGE_SIZE);
		memset(s.frames, 0, 64 * PAGE_SIZE);
	}
	c = sim_config(p, s.frames);
	free(s.memory);
	s.memory = aligned_alloc(
	    PAGE_SIZE, (store_bytes(&c) + PAGE_SIZE) & ~(size_t)4095);
	return &s;
}

static bool
life_work(struct sim *m, const struct sim_plan *p, struct store *s,
    struct sim_result *r)
{
	uint64_t last = 0, since = 0;

	for (uint32_t n = 0; n < STEPS_MAX && !disk_full(m->d); n++) {
		if (!kernel_step(m->k)) {
			snprintf(
			    r->what, sizeof(r->what), "%s", kernel_wrong(m->k));
			return false;
		}
		if ((n & 63) == 0 && !store_ok(s)) {
			snprintf(r->what, sizeof(r->what), "store_ok fails");
			return false;
		}
		if (kernel_commits(m->k) + kernel_refused(m->k) != last) {
			last = kernel_commits(m->k) + kernel_refused(m->k);
			since = n;
		}
		/* So many reads failed that there is no volume: as reported. */
		if (p->fail_at != 0 && store_mounted(s) != RC_OK &&
		    store_mounted(s) != ST_WAIT)
			break;
		if (n - since > STALL) {
			snprintf(r->what, sizeof(r->what),
			    "F7: no commit for %u steps; %s", STALL,
			    kernel_state(m->k));
			return false;
		}
		if (kernel_commits(m->k) >= p->commits)
			break;
	}
	return true;
}

bool
sim_run(const struct sim_plan *p, struct sim_result *r)
{
	struct sim         *m = sim_get(p);
	struct store_config c = sim_config(p, m->frames);

	*r = (struct sim_result){0};
	m->random.x = p->seed;
	m->state = (struct snapshot_state){0};
	m->image.blocks = 0;
	content_reset(&m->image, &m->image);
	sim_format(p, &m->image);
	for (uint32_t life = 0; life < p->lives; life++) {
		struct store *s = store_init(&c, m->memory);
		uint64_t      first = m->state.id;

		disk_start(m->d, &m->image, m->frames);
		m->d->random.x = sim_next(&m->random);
		m->d->fail_at = p->fail_at;
		m->d->sticky = p->sticky;
		store_mount(s, sim_next(&m->random));
		kernel_start(m->k, s, m->d, p, &m->state, sim_next(&m->random));
		if (!life_work(m, p, s, r))
			return false;
		r->commits += kernel_commits(m->k);
		r->refused += kernel_refused(m->k);
		r->faults += m->d->faults;
		m->d->faults = 0;
		if (!cut_everywhere(m->d, m->k, p, &m->random, r, &m->image,
			&m->state, first))
			return false;
		content_reset(&m->image, &m->image);
	}
	return true;
}
