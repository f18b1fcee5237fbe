/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel for the tests of the bootstrap: checks what boot/handoff/handoff.h
 * promises, prints the hand-off on COM1, and ends QEMU through isa-debug-exit
 * (port 0xf4): status 33 if all promises are kept, 35 if not.
 */
#include "boot/handoff/handoff.h"

void kernel_main(const struct handoff *h);

enum {
	UART = 0x3f8,
	UART_LSR = UART + 5,
	LSR_EMPTY = 0x20,
	LSR_IDLE = 0x40,
	DEBUG_EXIT = 0xf4,
	EXIT_GOOD = 16,
	EXIT_BAD = 17,
	BALLAST = 100000,
};

/* So that the image is of more than one BIOS transfer, and of odd length. */
static const uint8_t ballast[BALLAST] = {[0] = 1, [BALLAST - 1] = 2};
static uint8_t       zeroes[3 * PAGE_SIZE + 5];
static unsigned      failures;

extern uint8_t image_end[];

/* Until the line has room, or has sent all. */
static void
await(uint8_t state)
{
	uint8_t now;

	do
		__asm__ volatile("inb %1, %0"
				 : "=a"(now)
				 : "Nd"((uint16_t)UART_LSR));
	while (!(now & state));
}

static void
put(char c)
{
	await(LSR_EMPTY);
	__asm__ volatile("outb %0, %1" : : "a"(c), "Nd"((uint16_t)UART));
}

static void
put_text(const char *s)
{
	for (; *s != '\0'; s++)
		put(*s);
}

static void
put_number(uint64_t v, unsigned digits)
{
	while (digits-- > 0)
		put("0123456789abcdef"[v >> (digits * 4) & 15]);
}

static void
field(const char *name, uint64_t v, unsigned digits)
{
	put_text(name);
	put(' ');
	put_number(v, digits);
	put('\n');
}

static void
promise(bool kept, const char *what)
{
	if (kept)
		return;
	failures++;
	put_text("BROKEN: ");
	put_text(what);
	put('\n');
}

static uint32_t
sum(uint32_t crc, const uint8_t *p, uint64_t bytes)
{
	for (; bytes > 0; bytes--, p++) {
		crc ^= *p;
		for (int i = 0; i < 8; i++)
			crc = (crc >> 1) ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return crc;
}

static void
check_map(const struct handoff *h)
{
	const struct handoff_region *r = h->region;

	promise(h->nregions > 0 && h->nregions <= HANDOFF_REGIONS, "nregions");
	for (uint32_t i = 0; i < h->nregions; i++) {
		put_text("region ");
		put_number(r[i].first, 16);
		put(' ');
		put_number(r[i].bytes, 16);
		put(' ');
		put_number(r[i].kind, 1);
		put('\n');
		promise(r[i].bytes != 0, "a region is not empty");
		promise(r[i].kind >= REGION_RAM && r[i].kind <= REGION_BAD,
		    "kinds");
		promise(i == 0 || r[i - 1].first + r[i - 1].bytes <= r[i].first,
		    "sorted and disjoint");
	}
}

static bool
is_ram(const struct handoff *h, uint64_t first, uint64_t bytes)
{
	const struct handoff_region *r = h->region;

	for (uint32_t i = 0; i < h->nregions; i++) {
		if (r[i].kind == REGION_RAM && r[i].first <= first &&
		    first + bytes <= r[i].first + r[i].bytes)
			return true;
	}
	return false;
}

static void
check_images(const struct handoff *h)
{
	const struct boot_range *range = (const void *)h->range_first;
	const uint8_t           *bytes = (const void *)h->range_first;
	static const uint8_t     none[4];
	uint32_t                 crc;

	for (size_t i = 0; i < sizeof(zeroes); i++)
		promise(((volatile uint8_t *)zeroes)[i] == 0, ".bss is zero");
	promise(((volatile const uint8_t *)ballast)[0] == 1 &&
		((volatile const uint8_t *)ballast)[BALLAST - 1] == 2,
	    "the kernel is whole");
	promise(h->kernel_first == 0x100000, "kernel_first");
	promise(h->kernel_bytes ==
		(uint64_t)image_end - KERNEL_BASE - h->kernel_first,
	    "kernel_bytes");
	promise(is_ram(h, h->kernel_first, h->kernel_bytes), "kernel in RAM");
	promise(is_ram(h, h->range_first, h->range_bytes), "range in RAM");
	promise(h->range_first % PAGE_SIZE == 0, "range page-aligned");
	promise(h->range_first + h->range_bytes <= UINT64_C(1) << 32,
	    "range below 4 GiB");
	promise(h->range_first >= h->kernel_first + h->kernel_bytes ||
		h->range_first + h->range_bytes <= h->kernel_first,
	    "range and kernel apart");
	promise(range->magic == BOOT_RANGE_MAGIC, "range magic");
	crc = sum(~0u, bytes, offsetof(struct boot_range, checksum));
	crc = sum(crc, none, 4);
	crc = sum(crc, bytes + offsetof(struct boot_range, checksum) + 4,
	    h->range_bytes - offsetof(struct boot_range, checksum) - 4);
	promise(~crc == range->checksum, "range checksum");
}

static void
check_machine(const struct handoff *h)
{
	uint64_t flags, here;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags));
	promise(!(flags & 1 << 9), "interrupts are off");
	__asm__ volatile("leaq (%%rip), %0" : "=r"(here));
	promise(here >= KERNEL_BASE, "runs at KERNEL_BASE");
	promise((uint64_t)h < UINT64_C(1) << 32, "hand-off below 4 GiB");
	promise(*(volatile const uint64_t *)(uintptr_t)(KERNEL_BASE +
		    (uint64_t)h) == *(const uint64_t *)h,
	    "1 GiB at KERNEL_BASE");
	/* The last page of the 4 GiB: the ROM's reset vector. */
	promise(
	    *(volatile const uint8_t *)0xfffffff0u != 0, "4 GiB one to one");
}

static void
print(const struct handoff *h)
{
	put_text("volume ");
	for (int i = 0; i < 16; i++)
		put_number(h->volume[i], 2);
	put('\n');
	field("slot", h->slot, 1);
	field("serial", h->slot_serial, 8);
	field("fell_back", h->fell_back, 1);
	field("partition", h->partition, 2);
	field("drive", h->bios_drive, 2);
	field("rsdp", h->rsdp, 8);
	field("range_first", h->range_first, 9);
	put_text("clock ");
	put_number(h->century, 2);
	put_number(h->year, 2);
	put('-');
	put_number(h->month, 2);
	put('-');
	put_number(h->day, 2);
	put(' ');
	put_number(h->hour, 2);
	put(':');
	put_number(h->minute, 2);
	put(':');
	put_number(h->second, 2);
	put('\n');
	put_text("edd ");
	for (int i = 0; i < 4; i++)
		put(h->edd_bus[i] != 0 ? (char)h->edd_bus[i] : '.');
	put(' ');
	for (int i = 0; i < 8; i++)
		put(h->edd_type[i] != 0 ? (char)h->edd_type[i] : '.');
	put(' ');
	put_number(h->edd_interface, 16);
	put('\n');
	put_text("log begins\n");
	put_text(h->log);
	put_text("log ends\n");
}

static uint64_t
tsc_read(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

void
kernel_main(const struct handoff *h)
{
	uint64_t now = tsc_read();
	uint8_t  status;

	put_text("testkernel\n");
	promise(h->magic == HANDOFF_MAGIC, "magic");
	promise(h->version == HANDOFF_VERSION, "version");
	promise(h->bytes == sizeof(*h), "bytes");
	promise(h->tsc_start != 0 && h->tsc_start < now, "tsc_start");
	promise(h->log[HANDOFF_LOG_SIZE - 1] == '\0', "log is ended");
	field("tsc_start", h->tsc_start, 16);
	field("tsc_spent", now - h->tsc_start, 16);
	check_map(h);
	check_images(h);
	check_machine(h);
	print(h);
	put_text(failures == 0 ? "all promises kept\n" : "PROMISES BROKEN\n");
	/* QEMU ends without what nobody at the far end has room for. */
	await(LSR_IDLE);
	status = failures == 0 ? EXIT_GOOD : EXIT_BAD;
	__asm__ volatile("outb %0, %1"
			 :
			 : "a"(status), "Nd"((uint16_t)DEBUG_EXIT));
	for (;;)
		__asm__ volatile("hlt");
}
