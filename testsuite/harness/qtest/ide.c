/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/qtest/qtest.h"

enum { VENDOR = 0x8086, DEVICE = 0x7010 };

static void
describe(struct harness *h, struct control_given *g)
{
	struct pci_function *f = qtest_function(h->model, VENDOR, DEVICE);

	if (f == NULL || f->bar[4].kind != PCI_BAR_IO) {
		harness_complaints++;
		return;
	}
	/* The channel is enabled by IDETIM (PIIX3 2.3.9); the firmware's job.
	 */
	config_write(
	    &((struct qtest *)h->model)->pci.access, f->id, 0x40, 2, 0x8000);
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x1f0, .bytes = 8};
	g->port[1] = (struct control_range){.first = 0x3f6, .bytes = 1};
	if (!h->copies)
		g->port[2] = (struct control_range){
		    .first = f->bar[4].first, .bytes = 8};
}

const struct qtest_device device = {
    .args = {"-device", "ide-hd,bus=ide.0,drive=d0", NULL},
    .describe = describe,
    .line = 14,
};
