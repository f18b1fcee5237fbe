/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages as interrupts: each writes to a word of RAM that the test watches.
 */
#include <string.h>

#include "testsuite/harness/qtest/qtest.h"

enum { ENTRY = 16 };

static void
program_table(struct qtest *q, const struct pci_function *f, unsigned vectors)
{
	uint64_t at = f->bar[f->msix_bar].first + f->msix_offset;

	config_write(
	    &q->pci.access, f->id, f->msix + MSIX_CONTROL, 2, MSIX_ENABLE);
	for (unsigned i = 0; i < vectors; i++, at += ENTRY) {
		(void)qtest_ask(q, "writel 0x%lx 0x%x", at, MESSAGE_AT + 4 * i);
		(void)qtest_ask(q, "writel 0x%lx 0", at + 4);
		(void)qtest_ask(q, "writel 0x%lx 0x%x", at + 8, MESSAGE);
		(void)qtest_ask(q, "writel 0x%lx 0", at + 12);
	}
}

bool
qtest_messages(struct qtest *q, const struct pci_function *f, unsigned vectors)
{
	if (f->msix == 0)
		return pci_message(&q->pci, f, NULL, MESSAGE_AT,
			   MESSAGE & 0xffff) == RC_OK;
	if (f->msix_entries < vectors)
		return false;
	program_table(q, f, vectors);
	return true;
}

/* As devdb's server tells a driver of what it was given. */
struct pci_function *
qtest_given(struct harness *h, uint16_t vendor, uint16_t device_id,
    unsigned vectors, struct control_given *g)
{
	struct pci_function *f = qtest_function(h->model, vendor, device_id);

	if (f == NULL ||
	    (vectors != 0 && !qtest_messages(h->model, f, vectors))) {
		harness_complaints++;
		return NULL;
	}
	/* No firmware has routed the pins; all go to this one (PIIX3 2.3.10).
	 */
	if (vectors == 0)
		config_write(&((struct qtest *)h->model)->pci.access, 1 << 3,
		    0x60, 4, 0x0b0b0b0b);
	g->irqs = vectors != 0 ? (uint8_t)vectors : 1;
	g->message = vectors == 0 ? 0 : f->msix != 0 ? 1 : 2;
	for (unsigned i = 0; i < PCI_BARS; i++)
		if (f->bar[i].kind == PCI_BAR_MEMORY)
			g->mmio[i] = (struct control_range){
			    .first = f->bar[i].first,
			    .bytes = f->bar[i].bytes,
			};
	memcpy(g->config, f->config, CONTROL_CONFIG);
	return f;
}
