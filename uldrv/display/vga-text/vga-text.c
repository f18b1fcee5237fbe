/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VGA in the text mode that the firmware has set, 80 by 25. The start address
 * is put right, for another may have scrolled; a graphics mode is not. Screen
 * and cursor stay as they are until the client says otherwise.
 */
#include "devdb/vga-text.regs.h"
#include "uldrv/class/display.h"
#include "uldrv/lib/order.h"

enum {
	CELLS = DISPLAY_COLUMNS * DISPLAY_ROWS,
	CURSOR_TOP = 13, /* Of a character's 16 lines. */
	CURSOR_BOTTOM = 14,
	MODE = VGA_TEXT_GRAPHICS_DATA_GRAPHICS |
	    VGA_TEXT_GRAPHICS_DATA_MAP_MASK,
	TEXT_MODE = VGA_TEXT_GRAPHICS_DATA_MAP_B8000
	    << VGA_TEXT_GRAPHICS_DATA_MAP_SHIFT,
};

static void
crtc(struct dev *d, uint8_t index, uint8_t value)
{
	vga_text_write_CRTC_INDEX(d, index);
	vga_text_write_CRTC_DATA(d, value);
}

static void
cursor(struct dev *d, uint64_t cell)
{
	bool off = cell >= CELLS;

	crtc(d, VGA_TEXT_CRTC_INDEX_CURSOR_START,
	    off ? VGA_TEXT_CRTC_DATA_CURSOR_OFF : CURSOR_TOP);
	crtc(d, VGA_TEXT_CRTC_INDEX_CURSOR_END, CURSOR_BOTTOM);
	if (off)
		return;
	crtc(d, VGA_TEXT_CRTC_INDEX_CURSOR_HIGH, (uint8_t)(cell >> 8));
	crtc(d, VGA_TEXT_CRTC_INDEX_CURSOR_LOW, (uint8_t)cell);
}

static enum status
start(struct dev *d)
{
	uint8_t mode;

	vga_text_write_GRAPHICS_INDEX(d, VGA_TEXT_GRAPHICS_INDEX_MISCELLANEOUS);
	mode = vga_text_read_GRAPHICS_DATA(d);
	if (mode == UINT8_MAX) {
		dev_remark(d, "no VGA");
		return RC_NOT_FOUND;
	}
	if ((mode & MODE) != TEXT_MODE) {
		dev_remark(d, "is not in a text mode");
		return RC_NOT_FOUND;
	}
	crtc(d, VGA_TEXT_CRTC_INDEX_START_HIGH, 0);
	crtc(d, VGA_TEXT_CRTC_INDEX_START_LOW, 0);
	order_info(d)[0] = DISPLAY_COLUMNS;
	order_info(d)[1] = DISPLAY_ROWS;
	dev_remark(d, "80 x 25");
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = vga_text_regions(d);

	return st == RC_OK ? start(d) : st;
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	const uint8_t *cells = order_data(d, io->offset);

	if (io->op == DISPLAY_CURSOR) {
		cursor(d, io->argument);
	} else {
		if (io->offset % 2 != 0 || io->bytes % 2 != 0 ||
		    io->offset + io->bytes > DISPLAY_BYTES)
			return RC_ARGUMENT;
		for (uint32_t i = 0; i < io->bytes; i += 2)
			vga_text_write_CELL(d, (unsigned)(io->offset + i) / 2,
			    (uint16_t)(cells[i] | cells[i + 1] << 8));
	}
	order_complete(d, io->slot, RC_OK, io->bytes, 0);
	return RC_OK;
}

static enum status
suspend(struct dev *d)
{
	(void)d;
	return RC_OK;
}

const struct driver driver = {
    .name = "vga-text",
    .class = &display_class,
    .state_bytes = 1,
    .probe = probe,
    .order = order,
    .suspend = suspend,
    .resume = start,
};
