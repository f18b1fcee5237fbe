/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/irq.h"

#include "kernel/hal/hal.h"

enum {
	NO_VECTOR = 0xff,
	VECTOR_FIRST = 0x20, /* The CPU's number of device vector 0. */
	SECOND_NS = 1000000000,
};

/* One for each device vector. */
struct vector {
	bool     used;
	uint8_t  kind; /* enum irq_kind */
	bool     low;
	bool     handled; /* A sharer owned up to the last delivery. */
	bool     storm;
	uint8_t  owners;
	uint8_t  waiting;
	uint32_t line;        /* GSI; for a message its source id. */
	uint32_t first_owner; /* Object index, chained by `next`. */
	uint32_t ignored;     /* Deliveries since the last acknowledgement. */
	uint32_t disowned;    /* Unhandled ones since window_start. */
	uint64_t window_start;
	uint64_t deliveries, unhandled;
};

static struct {
	struct vector vector[HAL_VECTORS];
	uint8_t       of_line[IRQ_GSIS]; /* Vector of a line in use. */
	uint64_t      strays;
} irqs;

void
irq_init(void)
{
	memset(&irqs, 0, sizeof(irqs));
	memset(irqs.of_line, NO_VECTOR, sizeof(irqs.of_line));
}

static struct vector *
vector_of(const struct device *d)
{
	return &irqs.vector[d->irq.vector];
}

static bool
listens(const struct irq_owner *o)
{
	return o->bound.bound && !o->masked;
}

/* --- Masking -------------------------------------------------------------- */

static bool
wanted(const struct vector *v)
{
	const struct device *d;

	if (v->storm || v->waiting > 0)
		return false;
	for (uint32_t i = v->first_owner; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (listens(&d->irq))
			return true;
	}
	return false;
}

static void
set_pin(const struct vector *v)
{
	if (v->kind != IRQ_MSI)
		hal_gsi_mask(v->line, !wanted(v));
}

/* The sharers' labels, joined by +, cut to what fits. */
static void
join_labels(const struct vector *v, char to[LABEL_BYTES])
{
	const struct device *d;
	size_t               n = 0;

	memset(to, 0, LABEL_BYTES);
	for (uint32_t i = v->first_owner; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (n > 0 && n < LABEL_BYTES - 1)
			to[n++] = '+';
		for (const char *p = d->label;
		     *p != '\0' && n < LABEL_BYTES - 1; p++)
			to[n++] = *p;
	}
}

static void
storm(struct vector *v, const char *why)
{
	char names[LABEL_BYTES];

	join_labels(v, names);
	log_line("irq: storm on %s %x of %s: %s; %lu deliveries, masked",
	    v->kind == IRQ_MSI ? "message of" : "line", v->line, names, why,
	    v->deliveries);
	v->storm = true;
	set_pin(v);
}

/* An owner wants it again. */
static void
calm(struct vector *v)
{
	v->storm = false;
	v->ignored = v->disowned = 0;
}

/* A delivery that everybody disowned. */
static void
count_unhandled(struct vector *v)
{
	const uint64_t now = hal_clock_now();

	v->unhandled++;
	if (v->disowned == 0 || now - v->window_start > SECOND_NS) {
		v->window_start = now;
		v->disowned = 0;
	}
	if (++v->disowned >= STORM_UNHANDLED && !v->storm)
		storm(v, "nobody's device interrupts");
}

/* --- Delivery ------------------------------------------------------------- */

/* A vector that nobody has: forged, or late. Logged each time it doubles. */
static void
stray(unsigned vector)
{
	const uint64_t n = ++irqs.strays;

	if ((n & (n - 1)) == 0)
		log_line("irq: stray vector %x, %lu so far",
		    VECTOR_FIRST + vector, n);
}

/* Tell one owner, if it listens. *wake: as irq_deliver. */
static inline bool
tell(struct device *d, bool level, struct activity **wake)
{
	if (!listens(&d->irq))
		return false;
	d->irq.pending = level;
	d->irq.deliveries++;
	(void)notice_set(&d->irq.bound, wake);
	return true;
}

/* Tell all sharers of a line; how many listen. */
static unsigned
tell_all(struct vector *v, struct activity **wake)
{
	struct device *d;
	unsigned       n = 0;

	for (uint32_t i = v->first_owner; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		n += tell(d, true, wake);
	}
	return n;
}

struct activity *
irq_deliver(unsigned vector)
{
	struct vector   *v    = &irqs.vector[vector];
	struct activity *wake = NULL;

	if (!v->used) {
		hal_irq_eoi(vector);
		stray(vector);
		return NULL;
	}
	v->deliveries++;
	v->ignored++;
	if (v->kind == IRQ_LEVEL) {
		hal_gsi_mask(v->line, true);
		hal_irq_eoi(vector);
		v->handled = false;
		v->waiting = (uint8_t)tell_all(v, &wake);
		if (v->waiting == 0)
			v->unhandled++; /* Stays masked until one listens. */
		return wake;
	}
	hal_irq_eoi(vector);
	/* It has one owner. */
	if (v->storm || !tell(device_at(v->first_owner), false, &wake))
		v->unhandled++;
	else if (v->ignored >= STORM_IGNORED)
		storm(v, "not acknowledged");
	return wake;
}

/* A sharer of a level line has answered, or will not. */
static void
answered(struct device *d)
{
	struct vector *v = vector_of(d);

	if (!d->irq.pending)
		return;
	d->irq.pending = false;
	v->waiting--;
}

void
irq_ack(uint32_t index, bool handled)
{
	struct device *d = device_at(index);
	struct vector *v = vector_of(d);
	const bool     due = d->irq.pending || v->kind != IRQ_LEVEL;

	v->ignored = 0;
	answered(d);
	if (handled)
		v->handled = true;
	else if (due)
		d->irq.unhandled++;
	if (v->kind != IRQ_LEVEL) {
		if (!handled)
			count_unhandled(v);
		else /* A busy line: what an edge tells may be served already. */
			v->disowned = 0;
		return;
	}
	if (v->waiting > 0 || !due)
		return;
	if (!v->handled)
		count_unhandled(v);
	set_pin(v);
}

/* --- Owners --------------------------------------------------------------- */

void
irq_bind(uint32_t index, const struct notice_binding *b)
{
	struct device *d = device_at(index);

	answered(d);
	d->irq.bound = *b;
	d->irq.masked = false;
	calm(vector_of(d));
	set_pin(vector_of(d));
}

void
irq_mask(uint32_t index, bool masked)
{
	struct device *d = device_at(index);

	if (masked)
		answered(d);
	else
		calm(vector_of(d));
	d->irq.masked = masked;
	set_pin(vector_of(d));
}

enum status
irq_line_check(uint32_t gsi, bool level, bool low)
{
	const struct vector *v;

	if (gsi >= hal_gsi_count() || gsi >= IRQ_GSIS)
		return RC_ARGUMENT;
	if (irqs.of_line[gsi] == NO_VECTOR)
		return irq_vector_check();
	v = &irqs.vector[irqs.of_line[gsi]];
	if (!level || v->kind != IRQ_LEVEL || v->low != low)
		return RC_TAKEN;
	return v->owners == UINT8_MAX ? RC_NO_MEMORY : RC_OK;
}

static unsigned
vector_free(void)
{
	unsigned i = 0;

	while (i < HAL_VECTORS && irqs.vector[i].used)
		i++;
	return i;
}

enum status
irq_vector_check(void)
{
	return vector_free() < HAL_VECTORS ? RC_OK : RC_NO_MEMORY;
}

static unsigned
vector_take(enum irq_kind kind, uint32_t line, bool low)
{
	const unsigned i = vector_free();

	assert(i < HAL_VECTORS);
	irqs.vector[i] = (struct vector){
	    .used = true,
	    .kind = (uint8_t)kind,
	    .low = low,
	    .line = line,
	    .first_owner = DEVICE_NONE,
	};
	return i;
}

static uint32_t
owner_take(unsigned vector, const void *label, size_t bytes)
{
	struct vector *v = &irqs.vector[vector];
	uint32_t       index;
	struct device *d = device_take(CK_IRQ, label, bytes, &index);

	d->irq.vector = (uint8_t)vector;
	d->next = v->first_owner;
	v->first_owner = index;
	v->owners++;
	return index;
}

uint32_t
irq_line_take(
    uint32_t gsi, bool level, bool low, const void *label, size_t bytes)
{
	unsigned i = irqs.of_line[gsi];
	uint32_t index;

	if (i == NO_VECTOR) {
		i = vector_take(level ? IRQ_LEVEL : IRQ_EDGE, gsi, low);
		irqs.of_line[gsi] = (uint8_t)i;
		hal_gsi_route(gsi, i, level, low);
	}
	index = owner_take(i, label, bytes);
	set_pin(&irqs.vector[i]); /* Masked until somebody listens. */
	return index;
}

uint32_t
irq_msi_take(uint32_t source_id, const void *label, size_t bytes)
{
	return owner_take(vector_take(IRQ_MSI, source_id, false), label, bytes);
}

void
irq_message(uint32_t index, uint64_t *address, uint32_t *data)
{
	hal_msi_message(device_at(index)->irq.vector, address, data);
}

static void
unlink_owner(struct vector *v, uint32_t index)
{
	uint32_t *link = &v->first_owner;

	while (*link != index)
		link = &device_at(*link)->next;
	*link = device_at(index)->next;
	v->owners--;
}

void
irq_release(uint32_t index)
{
	struct device *d = device_at(index);
	struct vector *v = vector_of(d);

	answered(d);
	unlink_owner(v, index);
	device_give(index);
	set_pin(v);
	if (v->owners > 0)
		return;
	if (v->kind != IRQ_MSI)
		irqs.of_line[v->line] = NO_VECTOR;
	v->used = false;
}

/* --- Query ---------------------------------------------------------------- */

static uint32_t
line_count(void)
{
	const uint32_t n = hal_gsi_count();

	return n < IRQ_GSIS ? n : (uint32_t)IRQ_GSIS;
}

static void
describe(unsigned vector, struct irq_info *out)
{
	const struct vector *v = &irqs.vector[vector];
	unsigned             bits = IRQ_ALLOCATED;

	if (!wanted(v))
		bits |= IRQ_MASKED;
	if (v->storm)
		bits |= IRQ_STORM;
	*out = (struct irq_info){
	    .line = v->kind == IRQ_MSI ? VECTOR_FIRST + vector : v->line,
	    .kind = v->kind,
	    .bits = (uint8_t)bits,
	    .owners = v->owners,
	    .vector = (uint8_t)(VECTOR_FIRST + vector),
	    .deliveries = v->deliveries,
	    .unhandled = v->unhandled,
	    .source_id = v->kind == IRQ_MSI ? v->line : 0,
	};
	join_labels(v, out->label);
}

void
irq_describe(uint32_t index, struct irq_info *out)
{
	const struct device *d = device_at(index);

	describe(d->irq.vector, out);
	out->deliveries = d->irq.deliveries;
	out->unhandled = d->irq.unhandled;
	if (!listens(&d->irq))
		out->bits |= IRQ_MASKED;
}

uint64_t
irq_count(void)
{
	uint64_t n = line_count();

	for (unsigned i = 0; i < HAL_VECTORS; i++)
		if (irqs.vector[i].used && irqs.vector[i].kind == IRQ_MSI)
			n++;
	return n;
}

enum status
irq_query(uint64_t index, struct irq_info *out)
{
	if (index < line_count()) {
		const unsigned vector = irqs.of_line[index];

		if (vector != NO_VECTOR)
			describe(vector, out);
		else
			*out = (struct irq_info){
			    .line = (uint32_t)index,
			    .bits = IRQ_MASKED,
			};
		return RC_OK;
	}
	index -= line_count();
	for (unsigned i = 0; i < HAL_VECTORS; i++) {
		if (!irqs.vector[i].used || irqs.vector[i].kind != IRQ_MSI)
			continue;
		if (index-- == 0) {
			describe(i, out);
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}

static bool
vector_ok(const struct vector *v)
{
	const struct device *d;
	unsigned             owners = 0, pending = 0;

	for (uint32_t i = v->first_owner; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (d->kind != CK_IRQ || vector_of(d) != v)
			return false;
		owners++;
		pending += d->irq.pending ? 1 : 0;
	}
	return owners == v->owners && pending == v->waiting && owners > 0 &&
	    (v->kind == IRQ_LEVEL || (owners == 1 && pending == 0));
}

bool
irq_ok(void)
{
	for (unsigned i = 0; i < HAL_VECTORS; i++) {
		const struct vector *v = &irqs.vector[i];

		if (v->used && !vector_ok(v))
			return false;
		if (v->used && v->kind != IRQ_MSI && irqs.of_line[v->line] != i)
			return false;
	}
	return true;
}
