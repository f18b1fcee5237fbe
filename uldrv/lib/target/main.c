/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver's domain: everything is in its place before we start. */
#include "uldrv/lib/backend.h"
#include "uldrv/lib/target/instructions.h"
#include "userland/rt/exit.h"

enum { CLASS_STATE = 4096 };

static _Alignas(16) uint8_t driver_state[DEV_STATE];
static _Alignas(16) uint8_t class_state[CLASS_STATE];

static struct dev dev;

static enum status
called(const struct message *m)
{
	if (driver.class->call == NULL)
		return RC_ORDER;
	return driver.class->call(&dev, m->word[0], m->word[1], m->word[2]);
}

static void
answer(enum status st)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, DRIVER_REG_RESUME),
	    .word = {(uint64_t)st},
	};

	ant_invoke_words(&m);
}

_Noreturn static void
loop(void)
{
	struct message m;
	enum status    st = RC_OK;
	capreg reply = 0; /* By it st is owed to a caller. */

	for (;;) {
		uint64_t bits = dev.pending;

		dev.pending = 0;
		if (bits == 0)
			bits = target_wait(&m, reply, st);
		else if (reply != 0)
			answer(st);
		reply = 0;
		if (bits != 0) {
			dev_turn(&dev, bits);
			continue;
		}
		st = called(&m);
		reply = target_reply(&m);
	}
}

int main(void);

int
main(void)
{
	dev = (struct dev){
	    .driver = &driver,
	    .control = (void *)driver_address(DRIVER_SLOT_CONTROL),
	    .state = driver_state,
	    .class_state = driver.class->state != NULL ? driver.class->state
						       : class_state,
	    .dma = (void *)driver_address(DRIVER_SLOT_DMA),
	    .ring = (void *)driver_address(DRIVER_SLOT_RING),
	    .window = (void *)driver_address(DRIVER_SLOT_WINDOW),
	    .firmware = (void *)driver_address(DRIVER_SLOT_FIRMWARE),
	};
	ant_assert(driver.state_bytes <= DEV_STATE);
	ant_assert(driver.class->state != NULL ||
	    driver.class->state_bytes <= CLASS_STATE);
	for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
		dev.client[k] = (void *)driver_address(
		    (enum driver_slot)(DRIVER_SLOT_CLIENT + k));
	ant_assert(dev.control->given.magic == CONTROL_MAGIC);
	dev_begin(&dev);
	loop();
}
