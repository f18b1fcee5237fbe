/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "testsuite/harness/qtest/qtest.h"

enum { VENDOR = 0x1af4, DEVICE = 0x1042, ENTRY = 16 };

/* MSI-X entry 0 writes MESSAGE to a word of RAM that the test watches. */
static void
message(struct qtest *q, const struct pci_function *f)
{
	uint64_t at = f->bar[f->msix_bar].first + f->msix_offset;

	config_write(
	    &q->pci.access, f->id, f->msix + MSIX_CONTROL, 2, MSIX_ENABLE);
	(void)qtest_ask(q, "writel 0x%lx 0x%x", at, MESSAGE_AT);
	(void)qtest_ask(q, "writel 0x%lx 0", at + 4);
	(void)qtest_ask(q, "writel 0x%lx 0x%x", at + 8, MESSAGE);
	(void)qtest_ask(q, "writel 0x%lx 0", at + 12);
}

static void
describe(struct harness *h, struct control_given *g)
{
	struct qtest        *q = h->model;
	struct pci_function *f = qtest_function(q, VENDOR, DEVICE);

	if (f == NULL) {
		harness_complaints++;
		return;
	}
	g->irqs = 1;
	g->message = 1;
	for (unsigned i = 0; i < PCI_BARS; i++)
		if (f->bar[i].kind == PCI_BAR_MEMORY)
			g->mmio[i] = (struct control_range){
			    .first = f->bar[i].first,
			    .bytes = f->bar[i].bytes,
			};
	memcpy(g->config, f->config, CONTROL_CONFIG);
	message(q, f);
}

const struct qtest_device device = {
    .args = {"-device", "virtio-blk-pci,drive=d0,disable-legacy=on,addr=4",
	NULL},
    .describe = describe,
    .line = -1,
};
