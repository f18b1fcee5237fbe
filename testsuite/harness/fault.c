/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/fault.h"

const char *const fault_class_name[FAULT_CLASSES] = {
    [FAULT_AT_READ] = "read",
    [FAULT_AT_WRITE] = "write",
    [FAULT_AT_ACCESS] = "access",
    [FAULT_AT_DMA] = "dma",
    [FAULT_AT_IRQ] = "irq",
    [FAULT_AT_COMMAND] = "command",
    [FAULT_AT_STEP] = "step",
    [FAULT_AT_POINT] = "point",
};

const struct fault_info fault_info[FK_KINDS] = {
    [FK_NOTHING] = {"nothing", FAULT_CLASSES, false, false},
    [FK_READ_ONES] = {"read-ones", FAULT_AT_READ, false, true},
    [FK_READ_ZERO] = {"read-zero", FAULT_AT_READ, false, true},
    [FK_READ_FLIP] = {"read-flip", FAULT_AT_READ, true, true},
    [FK_READ_STUCK] = {"read-stuck", FAULT_AT_READ, true, true},
    [FK_REMOVED] = {"removed", FAULT_AT_ACCESS, false, true},
    [FK_WRITE_LOST] = {"write-lost", FAULT_AT_WRITE, false, true},
    [FK_DEATH] = {"death", FAULT_AT_POINT, false, false},
    [FK_DMA_LOST] = {"dma-lost", FAULT_AT_DMA, false, true},
    [FK_DMA_TORN] = {"dma-torn", FAULT_AT_DMA, false, true},
    [FK_DMA_GARBAGE] = {"dma-garbage", FAULT_AT_DMA, false, true},
    [FK_DMA_FLIP] = {"dma-flip", FAULT_AT_DMA, true, true},
    [FK_DMA_MISDIRECTED] = {"dma-misdirected", FAULT_AT_DMA, false, true},
    [FK_IRQ_LOST] = {"irq-lost", FAULT_AT_IRQ, false, false},
    [FK_IRQ_TWICE] = {"irq-twice", FAULT_AT_IRQ, false, false},
    [FK_IRQ_SPURIOUS] = {"irq-spurious", FAULT_AT_ACCESS, false, false},
    [FK_IRQ_STORM] = {"irq-storm", FAULT_AT_IRQ, false, false},
    [FK_ERROR] = {"error", FAULT_AT_COMMAND, false, false},
    [FK_SHORT] = {"short", FAULT_AT_COMMAND, false, false},
    [FK_HANG] = {"hang", FAULT_AT_COMMAND, false, false},
    [FK_RESET] = {"reset", FAULT_AT_STEP, false, false},
};

enum fault_kind
fault_here(struct fault *f, enum fault_class class)
{
	unsigned long n = ++f->seen[class];

	if (f->kind == FK_NOTHING || f->at == 0 ||
	    fault_info[f->kind].class != class)
		return FK_NOTHING;
	if (f->sticky ? n < f->at : n != f->at)
		return FK_NOTHING;
	f->fired++;
	f->gone = f->kind == FK_REMOVED;
	return f->kind;
}

void
fault_width(struct fault *f, unsigned bits)
{
	if (f->fired == 1)
		f->width = bits;
}
