/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/char.h"

#include "uldrv/lib/backend.h"

struct front {
	struct ring_end    input, output;
	struct char_errors errors;
	uint32_t           written; /* Input not yet published. */
	uint32_t           taken;   /* Output not yet given back. */
	bool               active;
	bool               broken;
};

static struct front *
front_of(struct dev *d)
{
	return d->class_state;
}

struct char_errors *
char_errors(struct dev *d)
{
	return &front_of(d)->errors;
}

static void
broken(struct dev *d)
{
	front_of(d)->broken = true;
	dev_remark(d, "the client broke the ring");
	d->control->said.errors++;
}

static bool
usable(struct dev *d)
{
	return front_of(d)->active && !front_of(d)->broken;
}

void
char_input(struct dev *d, uint8_t byte)
{
	struct front     *f = front_of(d);
	struct char_ring *ring = d->ring;
	uint32_t          space;

	if (!usable(d))
		return;
	if (ring_space(&f->input, &space) != RC_OK) {
		broken(d);
		return;
	}
	if (space <= f->written) {
		f->errors.overruns++;
		return;
	}
	ring->in[ring_place(&f->input, f->written)] = byte;
	f->written++;
	d->control->said.bytes++;
}

/* How many bytes are there to go out. */
static uint32_t
available(struct dev *d)
{
	struct front *f = front_of(d);
	uint32_t      ready;

	if (!usable(d))
		return 0;
	if (ring_ready(&f->output, &ready) != RC_OK) {
		broken(d);
		return 0;
	}
	return ready - f->taken;
}

bool
char_waiting(struct dev *d)
{
	return available(d) != 0;
}

bool
char_output(struct dev *d, uint8_t *byte)
{
	struct front           *f = front_of(d);
	const struct char_ring *ring = d->ring;

	if (available(d) == 0)
		return false;
	*byte = ring->out[ring_place(&f->output, f->taken)];
	f->taken++;
	d->control->said.bytes++;
	return true;
}

static void
connect(struct dev *d)
{
	struct front     *f = front_of(d);
	struct char_ring *ring = d->ring;

	if (f->active || ring == NULL)
		return;
	/* Orders the client's clearing of the ring before our look at it. */
	if (__atomic_load_n(&ring->client_generation, __ATOMIC_ACQUIRE) !=
	    dev_given(d)->generation)
		return;
	ring_begin(&f->input, &ring->input, CHAR_INPUT);
	ring_begin(&f->output, &ring->output, CHAR_OUTPUT);
	f->active = true;
}

/* Publishes both directions; true if the client wants to know. */
static void
publish(struct dev *d)
{
	struct front     *f = front_of(d);
	struct char_ring *ring = d->ring;
	bool              ring_bell = f->taken != 0;

	if (!usable(d))
		return;
	ring->errors = f->errors;
	if (f->taken != 0)
		ring_consume(&f->output, f->taken);
	if (f->written != 0 && ring_produce(&f->input, f->written))
		ring_bell = true;
	f->taken = 0;
	f->written = 0;
	if (ring_bell)
		be_client(d);
}

static void
turn(struct dev *d, uint64_t notices)
{
	struct front *f = front_of(d);

	(void)notices;
	connect(d);
	if (!usable(d) || d->suspended)
		return;
	ring_want(&f->output, true);
	(void)d->driver->request(d, NULL);
	publish(d);
}

const struct class_ops char_class = {
    .state_bytes = sizeof(struct front),
    .turn = turn,
};
