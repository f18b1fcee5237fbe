/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's side of a disk's ring (uldrv/class/block.h).
 *
 * Every request is kept until it completes, so that the next instance of a
 * dead driver gets it again. Blocks of the store's own go through bounce pages:
 * the disk can reach those at any time, so what came is copied out before
 * anything in it is believed.
 */
#include "kernel/abi/cache.stub.h"
#include "kernel/abi/node.stub.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/log.h"

uint8_t *
bounce_page(const struct disk *d, uint32_t place)
{
	return d->bounces + (size_t)place * PAGE_SIZE;
}

void
disk_select(unsigned i)
{
	if (guest.selected == i)
		return;
	guest.selected = i;
	ignore_status(node_get(REG_NODE, NODE_DISK + 2 * i, REG_DMA));
	ignore_status(node_get(REG_NODE, NODE_DISK + 2 * i + 1, REG_DOORBELL));
}

static void
ring_driver(unsigned i)
{
	struct message m = {.control = control_make(INVOKE_SEND, REG_DOORBELL)};

	disk_select(i);
	ant_invoke_words(&m);
}

/* Put a transfer into the ring. There is room: as many places as transfers. */
static bool
issue(struct disk *d, uint32_t place)
{
	struct transfer *t = &d->transfer[place];
	uint32_t         space, at;

	if (ring_space(&d->request, &space) != RC_OK || space == 0) {
		d->broken = true;
		return false;
	}
	at                   = ring_place(&d->request, 0);
	d->ring->request[at] = t->request;
	for (uint32_t k = 0; k < t->request.nsegments; k++)
		d->ring->segment[at][k] = t->segment[k];
	t->issued = true;
	return ring_produce(&d->request, 1);
}

static struct transfer *
free_transfer(struct disk *d, uint32_t *place)
{
	for (uint32_t i = 0; i < BOUNCES; i++) {
		if (d->transfer[i].owner == OWNER_NONE) {
			*place = i;
			/* Not its vectors: most of it, and written anew. */
			d->transfer[i].nexposed = 0;
			d->transfer[i].buffer = NULL;
			d->transfer[i].issued = false;
			return &d->transfer[i];
		}
	}
	return NULL;
}

enum status
disk_read_block(unsigned i, uint64_t sector,
    enum transfer_owner owner)
{
	struct disk     *d = &guest.disk[i];
	uint32_t         place;
	struct transfer *t = free_transfer(d, &place);

	if (t == NULL || d->broken)
		return RC_BUSY;
	t->owner   = owner;
	t->request = (struct block_request){
	    .tag       = place,
	    .sector    = sector,
	    .op        = BLOCK_READ,
	    .nsegments = 1,
	};
	t->segment[0] = (struct block_segment){
	    .address = d->bounce[place], .bytes = PAGE_SIZE};
	if (issue(d, place))
		ring_driver(i);
	return RC_OK;
}

/* --- The store's transfers ------------------------------------------------ */

static uint8_t
block_op(enum store_op op)
{
	switch (op) {
	case STORE_READ:
		return BLOCK_READ;
	case STORE_WRITE:
		return BLOCK_WRITE;
	case STORE_FLUSH:
		return BLOCK_FLUSH;
	}
	return BLOCK_NONE;
}

/* Make the frames of a transfer reachable, all or none. */
static enum status
expose(struct transfer *t, const struct store_io *io)
{
	struct pager_expose batch[STORE_VECTOR];
	uint64_t            address[STORE_VECTOR];
	size_t              got;
	enum status         st;

	for (uint32_t k = 0; k < io->count; k++)
		batch[k] = (struct pager_expose){.tag = io->request[k]};
	st = cache_expose(REG_CACHE, REG_DMA, batch,
	    io->count * sizeof(batch[0]), address, sizeof(address), &got);
	if (st != RC_OK)
		return st;
	for (uint32_t k = 0; k < io->count; k++) {
		t->exposed[k] = io->request[k];
		t->segment[k] = (struct block_segment){
		    .address = address[k], .bytes = PAGE_SIZE};
	}
	t->nexposed = io->count;
	return RC_OK;
}

static void
prepare_buffer(
    struct disk *d, struct transfer *t, uint32_t place, const struct store_io *io)
{
	t->segment[0] = (struct block_segment){
	    .address = d->bounce[place], .bytes = PAGE_SIZE};
	if (io->op == STORE_WRITE)
		__builtin_memcpy(bounce_page(d, place), io->buffer, PAGE_SIZE);
	else
		t->buffer = io->buffer;
}

/* Hand one transfer to the disk; false: it could not be begun. */
static bool
begin(struct disk *d, const struct store_io *io, bool *ring)
{
	uint32_t         place;
	struct transfer *t = free_transfer(d, &place);

	if (t == NULL)
		return false;
	t->owner   = OWNER_STORE;
	t->tag     = io->tag;
	t->request = (struct block_request){
	    .tag       = place,
	    .op        = block_op(io->op),
	    .nsegments = (uint16_t)(io->op == STORE_FLUSH ? 0 : io->count),
	};
	if (io->op != STORE_FLUSH)
		t->request.sector = d->partition + io->block * BLOCK_SECTORS;
	if (io->op != STORE_FLUSH && io->buffer != NULL) {
		prepare_buffer(d, t, place, io);
	} else if (io->op != STORE_FLUSH && expose(t, io) != RC_OK) {
		t->owner = OWNER_NONE;
		return false;
	}
	if (d->attached && !d->broken)
		*ring |= issue(d, place);
	return true;
}

bool
disk_submit(void)
{
	struct disk    *d;
	struct store_io io;
	bool            ring = false, moved = false;

	if (guest.volume < 0)
		return false;
	d = &guest.disk[guest.volume];
	disk_select((unsigned)guest.volume);
	while (store_next_io(guest.store, &io)) {
		moved = true;
		if (!begin(d, &io, &ring))
			store_io_done(guest.store, io.tag, RC_DEVICE);
	}
	if (ring)
		ring_driver((unsigned)guest.volume);
	return moved;
}

static void
finish(unsigned i, uint32_t place, enum status st)
{
	struct transfer *t = &guest.disk[i].transfer[place];

	if (t->nexposed > 0 &&
	    cache_conceal(REG_CACHE, t->exposed,
		t->nexposed * sizeof(t->exposed[0])) != RC_OK)
		log_printf("store: the kernel would not conceal a frame");
	if (t->buffer != NULL && st == RC_OK)
		__builtin_memcpy(t->buffer,
		    bounce_page(&guest.disk[i], place), PAGE_SIZE);
	if (t->owner == OWNER_PROBE) {
		struct transfer copy = *t; /* It may begin another one. */

		t->owner = OWNER_NONE;
		probe_done(i, &copy, st);
		return;
	}
	t->owner = OWNER_NONE;
	store_io_done(guest.store, t->tag,
	    st == RC_OK || st == RC_MEDIA ? st : RC_DEVICE);
}

/* What a completion says is checked against what was asked (D10). */
static void
take(unsigned i, const struct block_completion *c)
{
	struct disk *d = &guest.disk[i];

	if (c->tag >= BOUNCES || d->transfer[c->tag].owner == OWNER_NONE ||
	    !d->transfer[c->tag].issued) {
		log_printf("store: disk %u completed what nobody asked", i);
		return;
	}
	finish(i, (uint32_t)c->tag,
	    c->status < RC_KERNEL_COUNT ? (enum status)c->status : RC_DEVICE);
}

bool
disk_pump(unsigned i)
{
	struct disk *d = &guest.disk[i];
	uint32_t     ready;
	bool         moved = false;

	if (!d->attached)
		return false;
	/*
	 * The wish for a ring comes before the look that ends the loop. It is
	 * also how devdb sees that we look at all, also if the ring is broken.
	 */
	ring_want(&d->completion, true);
	if (d->broken)
		return false;
	disk_select(i);
	for (;;) {
		struct block_completion c;

		if (ring_ready(&d->completion, &ready) != RC_OK) {
			log_printf("store: disk %u broke its ring", i);
			d->broken = true;
			return moved;
		}
		if (ready == 0)
			return moved;
		c = d->ring->completion[ring_place(&d->completion, 0)];
		ring_consume(&d->completion, 1);
		take(i, &c);
		moved = true;
	}
}

void
disk_reissue(unsigned i)
{
	struct disk *d = &guest.disk[i];

	for (uint32_t k = 0; k < BOUNCES; k++) {
		if (d->transfer[k].owner != OWNER_NONE)
			(void)issue(d, k);
	}
}

void
disk_claim(unsigned i, uint64_t first, uint64_t sectors)
{
	struct disk *d = &guest.disk[i];

	d->claim = (struct block_claim){.first = first, .sectors = sectors};
	d->ring->control.claim = d->claim;
	d->claim.decided = 1;
	/* Orders the extent before the word that says that it is there. */
	__atomic_store_n(
	    &d->ring->control.claim.decided, 1, __ATOMIC_RELEASE);
}
