/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VGA in text mode 3: the CRT and graphics controllers as far as a driver of
 * that mode touches them, and the screen. far_look: the screen's bytes, then
 * the cell of the cursor, low byte first.
 */
#include <string.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/far.h"
#include "testsuite/harness/model/model.h"

enum { SCREEN = 32768, SHOWN = 4000 };

struct vga {
	uint8_t crtc[32], graphics[16];
	uint8_t crtc_index, graphics_index;
	uint8_t screen[SCREEN];
};

struct far_sent far_sent;

void
far_look(struct harness *h)
{
	const struct vga *v = h->model;

	memcpy(far_sent.byte, v->screen, SHOWN);
	far_sent.byte[SHOWN] = v->crtc[15];
	far_sent.byte[SHOWN + 1] = v->crtc[14];
	far_sent.count = SHOWN + 2;
}

void
far_receive(struct harness *h, uint8_t byte)
{
	(void)h;
	(void)byte;
}

static void
power_on(struct harness *h)
{
	struct vga *v = h->model;

	memset(v, 0, sizeof(*v));
	v->graphics[6] = 0x0e;
	v->crtc[12] = 7; /* A former driver has scrolled. */
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->port[0] = (struct control_range){.first = 0x3d4, .bytes = 2};
	g->port[1] = (struct control_range){.first = 0x3ce, .bytes = 2};
	g->mmio[0] = (struct control_range){.first = 0xb8000, .bytes = SCREEN};
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct vga *v = h->model;

	if (kind == REGION_MMIO && offset + bytes <= SCREEN)
		return v->screen[offset] |
		    (uint32_t)v->screen[offset + bytes - 1] << 8;
	if (resource == 0)
		return offset == 0 ? v->crtc_index : v->crtc[v->crtc_index];
	return offset == 0 ? v->graphics_index : v->graphics[v->graphics_index];
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct vga *v = h->model;

	if (kind == REGION_MMIO) {
		for (unsigned i = 0; i < bytes && offset + i < SCREEN; i++)
			v->screen[offset + i] = (uint8_t)(value >> 8 * i);
	} else if (resource == 0) {
		if (offset == 0)
			v->crtc_index = value & 31;
		else
			v->crtc[v->crtc_index] = (uint8_t)value;
	} else if (offset == 0) {
		v->graphics_index = value & 15;
	} else {
		model_complain(h, "the mode is changed");
	}
}

static void
step(struct harness *h)
{
	(void)h;
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct vga),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
