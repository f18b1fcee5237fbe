/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/fault.h"

const struct fault_info fault_info[FK_KINDS] = {
    [FK_NOTHING] = {"nothing", FAULT_CLASSES, false},
    [FK_READ_ONES] = {"read-ones", FAULT_AT_READ, true},
    [FK_READ_ZERO] = {"read-zero", FAULT_AT_READ, true},
    [FK_READ_FLIP] = {"read-flip", FAULT_AT_READ, true},
    [FK_WRITE_LOST] = {"write-lost", FAULT_AT_WRITE, true},
    [FK_DEATH] = {"death", FAULT_AT_ACCESS, false},
    [FK_DMA_LOST] = {"dma-lost", FAULT_AT_DMA, true},
    [FK_DMA_TORN] = {"dma-torn", FAULT_AT_DMA, true},
    [FK_DMA_GARBAGE] = {"dma-garbage", FAULT_AT_DMA, true},
    [FK_IRQ_LOST] = {"irq-lost", FAULT_AT_IRQ, false},
    [FK_IRQ_TWICE] = {"irq-twice", FAULT_AT_IRQ, false},
    [FK_IRQ_SPURIOUS] = {"irq-spurious", FAULT_AT_ACCESS, false},
    [FK_IRQ_STORM] = {"irq-storm", FAULT_AT_IRQ, false},
    [FK_ERROR] = {"error", FAULT_AT_COMMAND, false},
    [FK_SHORT] = {"short", FAULT_AT_COMMAND, false},
    [FK_HANG] = {"hang", FAULT_AT_COMMAND, false},
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
	return f->kind;
}
