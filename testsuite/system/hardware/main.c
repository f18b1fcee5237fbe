/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell's device listings against what QEMU's monitor says: Done 5.
 * What both count goes on while one is read after the other, so a listing is
 * compared with one monitor reading before it and one after.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/hardware/oracle.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

enum {
	DEADLINE = 300,
	FUNCTIONS = 32,
	IRQ_NUMBER = 0,
	IRQ_KIND = 1,
	IRQ_OWNER = 2,
	IRQ_DELIVERIES = 3,
	IRQ_MASKED = 5,
	RANGE = 0,
	MMIO_OWNER = 3,
	PORTS_OWNER = 3,
	DEV_NAME = 0,
	DEV_STATE = 1,
	DEV_WHAT = 5,
	IDE_PIN = 14,
};

struct named {
	const char *owner, *region;
};

static struct table t;

static struct vm *
boot(struct vm_config config)
{
	struct vm *vm;

	config.image = work_volume("v", 0);
	vm = shell_boot(&config);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

/* Whether row i of `irq` is what the IOAPIC's pin is. */
static bool
pin_agrees(const struct pin *p, char (*row)[CELL])
{
	bool masked = strcmp(row[IRQ_MASKED], "no") != 0;
	bool free_pin = strcmp(row[IRQ_OWNER], "free") == 0;
	bool level = strcmp(row[IRQ_KIND], "level") == 0;

	return masked == p->masked && (p->masked || level == p->level) &&
	    (!free_pin || masked);
}

static unsigned
pins_wrong(struct vm *vm, bool say)
{
	struct pin pin[PINS];
	unsigned   wrong = 0;

	CU_ASSERT_FATAL(table_get(&t, vm, "irq"));
	CU_ASSERT_FATAL(oracle_pins(vm, pin));
	CU_ASSERT_FATAL(t.rows >= PINS);
	for (unsigned i = 0; i < PINS; i++) {
		CU_ASSERT_EQUAL((unsigned)atoi(t.cell[i][IRQ_NUMBER]), i);
		if (pin_agrees(&pin[i], t.cell[i]))
			continue;
		wrong++;
		if (say)
			fprintf(stderr, "pin %u: irq says %s %s, masked %s\n",
			    i, t.cell[i][IRQ_KIND], t.cell[i][IRQ_OWNER],
			    t.cell[i][IRQ_MASKED]);
	}
	return wrong;
}

/* hardware.irq.1: kind and mask of every pin, on both machines. */
static void
pins(void)
{
	static const struct vm_config config[] = {
	    {.machine = "q35"},
	    {.machine = "pc", .disk = "ide"},
	};

	for (unsigned i = 0; i < 2; i++) {
		struct vm *vm = boot(config[i]);
		long long  deadline = vm_deadline(SHELL_SECONDS);
		unsigned   wrong;

		/* A line is masked for a moment while it is served. */
		do
			wrong = pins_wrong(vm, false);
		while (wrong > 0 && vm_look_again(vm, deadline));
		CU_ASSERT_EQUAL(wrong, 0);
		if (wrong > 0)
			(void)pins_wrong(vm, true);
		vm_free(vm);
	}
}

static long long
deliveries(struct vm *vm, const char *owner)
{
	char(*row)[CELL];

	CU_ASSERT_FATAL(table_get(&t, vm, "irq"));
	row = table_find(&t, IRQ_OWNER, owner);
	CU_ASSERT_PTR_NOT_NULL_FATAL(row);
	return atoll(row[IRQ_DELIVERIES]);
}

/* hardware.irq.2: a pin's deliveries grow with the disk's requests. */
static void
pin_counts(void)
{
	struct vm *vm = boot(
	    (struct vm_config){.machine = "pc", .disk = "ide"});
	long long         outer = oracle_raised(vm, IDE_PIN), inner, d;
	struct disk_stats before, after;

	d = deliveries(vm, "ide ");
	inner = oracle_raised(vm, IDE_PIN);
	CU_ASSERT_FATAL(disk_stats(vm, &before));
	for (int i = 0; i < 3; i++)
		CU_ASSERT(shell_number(vm, "ckpt now", "generation") > 0);
	CU_ASSERT_FATAL(disk_stats(vm, &after));
	inner = oracle_raised(vm, IDE_PIN) - inner;
	d = deliveries(vm, "ide ") - d;
	outer = oracle_raised(vm, IDE_PIN) - outer;
	printf("hardware: pin %d raised %lld to %lld times, %lld deliveries\n",
	    IDE_PIN, inner, outer, d);
	/* One interrupt for each request of IDE, which has one at a time. */
	CU_ASSERT(d >= (long long)(after.writes + after.flushes -
			   before.writes - before.flushes));
	CU_ASSERT(d >= inner);
	CU_ASSERT(d <= outer);
	vm_free(vm);
}

/* hardware.irq.3: the vector's messages, by a trace of the APIC. */
static void
message_counts(void)
{
	char        trace[300];
	const char *args[] = {"-trace", "apic_deliver_irq", "-D", trace, NULL};
	struct vm  *vm;
	long long   d, more, before, after;
	unsigned    vector;

	snprintf(trace, sizeof(trace), "%s", work_path("trace"));
	vm = boot((struct vm_config){.machine = "q35", .args = args});
	d = deliveries(vm, "virtio-blk ");
	vector = (unsigned)atoi(*table_find(&t, IRQ_OWNER, "virtio-blk "));
	before = oracle_messages(trace, vector);
	for (int i = 0; i < 3; i++)
		CU_ASSERT(shell_number(vm, "ckpt now", "generation") > 0);
	after = oracle_messages(trace, vector);
	more = deliveries(vm, "virtio-blk ");
	printf("hardware: vector %u had %lld to %lld messages, %lld to %lld "
	       "deliveries\n",
	    vector, before, after, d, more);
	/* Two messages may merge into one delivery. */
	CU_ASSERT(d > 0);
	CU_ASSERT(d <= before);
	CU_ASSERT(more - d >= 3);
	CU_ASSERT(more <= oracle_messages(trace, vector));
	vm_free(vm);
}

static const char *
region_of(const struct named *names, unsigned count, const char *owner)
{
	for (unsigned i = 0; i < count; i++)
		if (strncmp(owner, names[i].owner, strlen(names[i].owner)) == 0)
			return names[i].region;
	return NULL;
}

/* Each range begins where QEMU has the device that its owner's name says. */
static void
ranges_agree(struct vm *vm, const char *line, unsigned owner_column,
    const char *root, const struct named *names, unsigned count)
{
	char *mtree = vm_hmp(vm, "info mtree -f");

	CU_ASSERT_PTR_NOT_NULL_FATAL(mtree);
	CU_ASSERT_FATAL(table_get(&t, vm, line));
	for (unsigned i = 0; i < t.rows; i++) {
		const char *owner = t.cell[i][owner_column];
		uint64_t    first = strtoull(t.cell[i][RANGE], NULL, 16);
		const char *region = oracle_region(mtree, root, first);
		const char *wanted = region_of(names, count, owner);

		if (wanted == NULL ||
		    strncmp(region, wanted, strlen(wanted)) != 0) {
			fprintf(stderr, "%s: %s of '%s' is QEMU's '%s'\n", line,
			    t.cell[i][RANGE], owner, region);
			CU_FAIL("a range is not what its owner's name says");
		}
	}
	free(mtree);
}

/* hardware.ports.1 */
static void
ports(void)
{
	static const struct named names[] = {
	    {"kernel: 8237 pages", "ioport80"},
	    {"kernel: 8237", "dma-c"},
	    {"kernel: 8259 triggers", "elcr"},
	    {"kernel: 8259", "pic"},
	    {"kernel: reset, A20", "port92"},
	    {"kernel: SMI", "apm-io"},
	    {"kernel: fw_cfg DMA", "fwcfg.dma"},
	    {"kernel: reset", ""},
	    {"uart com", "serial"},
	    {"acpi-pm ", "acpi-"},
	    {"ps2 ", "i8042-"},
	    {"vga-text ", "vga"},
	    {"pci pci", "pci-conf-idx"},
	    {"mc146818 ", "rtc"},
	    {"ide 00:01.1/", "ide"},
	    {"ide 00:01.1", "piix-bmdma"},
	};
	const unsigned count = sizeof(names) / sizeof(names[0]);
	struct vm     *vm = boot((struct vm_config){.machine = "q35"});

	ranges_agree(vm, "ports", PORTS_OWNER, "io", names, count);
	vm_free(vm);
	vm = boot((struct vm_config){.machine = "pc", .disk = "ide"});
	CU_ASSERT(table_get(&t, vm, "ports"));
	vm_free(vm);
}

/* hardware.mmio.1 */
static void
mmio(void)
{
	static const struct named names[] = {
	    {"kernel: IOAPIC", "ioapic"},
	    {"kernel: HPET", "hpet"},
	    {"kernel: interrupt messages", "apic-msi"},
	    {"acpi tables", "pc.ram"},
	    {"vga-text ", "vga-lowmem"},
	    {"virtio-blk ", "virtio-pci-common"},
	    {"ahci ", "ahci"},
	    {"devdb: MSI-X", "msix-table"},
	};
	struct vm *vm = boot((struct vm_config){.machine = "q35"});

	ranges_agree(vm, "mmio", MMIO_OWNER, "system", names,
	    sizeof(names) / sizeof(names[0]));
	vm_free(vm);
}

/* Every function of QEMU's is listed, by name and ids, and none else. */
static void
functions_agree(struct vm *vm)
{
	struct pci_function f[FUNCTIONS];
	unsigned            n = oracle_pci(vm, f, FUNCTIONS), listed = 0;

	CU_ASSERT_FATAL(n > 0);
	CU_ASSERT_FATAL(table_get(&t, vm, "dev"));
	for (unsigned i = 0; i < n; i++) {
		char(*row)[CELL] = table_find(&t, DEV_NAME, f[i].name);

		CU_ASSERT_PTR_NOT_NULL_FATAL(row);
		CU_ASSERT(
		    strncmp(row[DEV_WHAT], f[i].id, strlen(f[i].id)) == 0);
	}
	/* Parts of a function are 00:01.1/0: they count as the function. */
	for (unsigned i = 0; i < t.rows; i++)
		listed += t.cell[i][DEV_NAME][2] == ':' &&
		    strchr(t.cell[i][DEV_NAME], '/') == NULL;
	CU_ASSERT(listed <= n);
}

/* hardware.dev.1: against query-pci, with some more devices. */
static void
devices(void)
{
	static const char *const args[] = {"-device", "e1000e", "-device",
	    "edu", "-device", "qemu-xhci", "-device", "nvme,serial=x", NULL};
	struct vm               *vm = boot(
			  (struct vm_config){.machine = "q35", .args = args});

	functions_agree(vm);
	vm_free(vm);
	vm = boot((struct vm_config){.machine = "pc", .disk = "ide"});
	functions_agree(vm);
	vm_free(vm);
}

/* hardware.dma.1: a space for each function that may do DMA, no other. */
static void
dma(void)
{
	struct pci_function f[FUNCTIONS];
	struct vm          *vm = boot((struct vm_config){.machine = "q35"});
	unsigned            n = oracle_pci(vm, f, FUNCTIONS);

	CU_ASSERT_FATAL(table_get(&t, vm, "dma"));
	/* The last row says whether it is enforced. */
	for (unsigned i = 0; i + 1 < t.rows; i++) {
		bool known = false;

		for (unsigned k = 0; k < n; k++)
			known |= strcmp(t.cell[i][0], f[k].name) == 0;
		CU_ASSERT(known);
	}
	CU_ASSERT_PTR_NOT_NULL(table_find(&t, 0, "00:02.0"));
	CU_ASSERT_PTR_NOT_NULL(table_find(&t, 0, "DMA is not enforced"));
	vm_free(vm);
}

/* hardware.drv.1: the driver's count of requests follows the disk's. */
static void
drivers(void)
{
	struct vm        *vm = boot((struct vm_config){.machine = "q35"});
	struct disk_stats s;
	char              line[80], *answer;

	CU_ASSERT(shell_number(vm, "ckpt now", "generation") > 0);
	CU_ASSERT_FATAL(disk_stats(vm, &s));
	CU_ASSERT(s.writes + s.flushes > 10);
	/* It reports now and then, so it may be behind by some seconds. */
	snprintf(line, sizeof(line),
	    "^virtio-blk +00:02.0 +up +0 +[1-9][0-9]* +[1-9][0-9]+ +0 ");
	answer = shell_until(vm, "drv", line, SHELL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL(answer);
	free(answer);
	vm_free(vm);
}

static void
undriven(const char *disk, const char *said)
{
	struct vm *vm = vm_start(&(struct vm_config){
	    .machine = "q35", .disk = disk, .image = work_volume("v", 0)});
	char      *answer;

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	CU_ASSERT(vm_expect(vm, said, SHELL_BOOT_SECONDS));
	CU_ASSERT(vm_expect(vm, "this is the boot range alone\n", 60));
	CU_ASSERT(vm_expect(vm, "anteros> ", 60));
	answer = shell_run(vm, "dev");
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(answer, " no driver "));
	free(answer);
	vm_free(vm);
}

/* hardware.undriven.1: the volume's controller has no driver: it is named. */
static void
controller_named(void)
{
	undriven("scsi", "no driver for 1af4:1004 ");
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(pins),
	    RUNNER_TEST(pin_counts),
	    RUNNER_TEST(message_counts),
	    RUNNER_TEST(ports),
	    RUNNER_TEST(mmio),
	    RUNNER_TEST(devices),
	    RUNNER_TEST(dma),
	    RUNNER_TEST(drivers),
	    RUNNER_TEST(controller_named),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"hardware", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
