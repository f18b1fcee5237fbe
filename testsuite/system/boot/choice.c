/* SPDX-License-Identifier: BSD-2-Clause */
/* Which slot, and which installation, is booted. */
#include "testsuite/system/boot/disk.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

enum {
	BLOCK_AREA_A = BLOCK_SLOT_AREA,
	BLOCK_AREA_B = BLOCK_SLOT_AREA + SLOT_AREA_BLOCKS,
	AT_PARTITION_BYTE = 436, /* Of foreign.S. */
	AT_MANNER_BYTE = 437,
};

static struct vm *
boot(const char *image)
{
	return disk_boot_well((struct vm_config){.image = image});
}

/* boot.slot.10: the newer slot. */
static void
newest(void)
{
	struct vm *vm = boot(disk_path("double"));

	disk_said(vm, "\nslot 1\n");
	disk_said(vm, "\nserial 00000002\n");
	disk_said(vm, "\nfell_back 0\n");
	vm_free(vm);
}

/* boot.slot.11: what is wrong with the newer one is said aloud. */
static void
falls_back(void)
{
	const long range_b = AT_BLOCK(disk_range_block(disk_path("double"), 1));
	const struct {
		long        at;
		const char *said;
	} damage[] = {
	    {AT_BLOCK(BLOCK_SLOT + 1) + 70, "slot B: header is damaged"},
	    {AT_BLOCK(BLOCK_AREA_B),
		"slot B serial 2: not a kernel image; "
		"falling back"},
	    {AT_BLOCK(BLOCK_AREA_B) + 3000, "kernel's checksum is wrong"},
	    {AT_BLOCK(BLOCK_AREA_B + 20) + 100, "kernel's checksum is wrong"},
	    {range_b, "not a boot range"},
	    {range_b + 90000, "boot range's checksum is wrong"},
	};
	struct vm  *vm;
	const char *image;

	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		image = disk_double("image");
		disk_flip(image, damage[i].at);
		vm = boot(image);
		disk_said(vm, damage[i].said);
		disk_said(vm, "\nslot 0\n");
		disk_said(vm, "\nserial 00000001\n");
		disk_said(vm, "\nfell_back 1\n");
		vm_free(vm);
	}
}

/* boot.slot.12: a slot copied from another volume is refused. */
static void
other_volume(void)
{
	struct vm *vm;

	disk_shell("cp --sparse=always $W/single $W/image;"
		   "$T/install create --volume $W/other --size 64;"
		   "for n in 1 2; do $T/install slot --image $W/other --kernel "
		   "$B/boot/testkernel.elf --range $W/range >>$W/log; done;"
		   "dd if=$W/other of=$W/image bs=4096 count=1 skip=%ld "
		   "seek=%ld conv=notrunc status=none",
	    AT_BLOCK(BLOCK_SLOT + 1) / 4096, AT_BLOCK(BLOCK_SLOT + 1) / 4096);
	vm = boot(disk_path("image"));
	disk_said(vm, "slot B: is of another volume; not used");
	disk_said(vm, "\nslot 0\n");
	vm_free(vm);
}

/* Two installations on one disk, and 440 bytes of a foreign MBR if wanted. */
static const char *
two_make(const char *foreign)
{
	disk_shell(
	    "rm -f $W/two; for n in 1 2; do"
	    " $T/install create --volume $W/two --size 72 --partition $n"
	    "  --part-size 32 --uuid 0000000$n-0000-4000-8000-000000000000;"
	    " $T/install slot --image $W/two --partition $n"
	    "  --kernel $B/boot/testkernel.elf --range $W/range >>$W/log;"
	    "done; %s",
	    foreign);
	return disk_path("two");
}

static void
boots_partition(const char *image, int n)
{
	struct vm *vm = boot(image);
	char       said[60];

	snprintf(said, sizeof(said), "\npartition 0%d\n", n - 1);
	disk_said(vm, said);
	snprintf(said, sizeof(said), "\nvolume 0000000%d0000", n);
	disk_said(vm, said);
	vm_free(vm);
}

/* boot.two.1: the active installation boots, from its own partition. */
static void
two_installations(void)
{
	const char *image = two_make("");

	boots_partition(image, 2);
	disk_shell("$T/install activate --image $W/two --partition 1");
	boots_partition(image, 1);
}

static const char foreign_code[] =
    "dd if=$B/boot/foreign.bin of=$W/two bs=440 count=1 conv=notrunc "
    "status=none";

/* boot.two.2: under a foreign MBR each boots its own, whoever is active. */
static void
foreign_mbr(void)
{
	const char *image = two_make(foreign_code);

	for (uint8_t manner = 0; manner < 4; manner++) {
		for (uint8_t n = 0; n < 2; n++) {
			disk_poke(image, AT_PARTITION_BYTE, n);
			disk_poke(image, AT_MANNER_BYTE, manner);
			boots_partition(image, n + 1);
		}
	}
}

/* boot.a20.1: what closed the address line before us is undone. */
static void
a20_closed(void)
{
	const char *image = two_make(foreign_code);

	disk_poke(image, AT_MANNER_BYTE, 4);
	boots_partition(image, 1);
}

/* boot.two.3: a moved volume boots where it is, not where it was. */
static void
moved(void)
{
	struct vm *vm;

	disk_shell(
	    "truncate -s 66M $W/moved;"
	    "dd if=$W/single of=$W/moved bs=1M skip=1 seek=3 status=none "
	    "conv=sparse,notrunc;"
	    "dd if=$W/single of=$W/moved bs=512 count=1 status=none "
	    "conv=notrunc");
	/* First sector 2048 becomes 6144: byte 1 of the entry's LBA. */
	disk_poke(disk_path("moved"), 446 + 9, 24);
	vm = boot(disk_path("moved"));
	disk_said(vm, "partition 1 at sector 6144");
	vm_free(vm);
}

const struct runner_test boot_choice_tests[] = {
    RUNNER_TEST(newest),
    RUNNER_TEST(falls_back),
    RUNNER_TEST(other_volume),
    RUNNER_TEST(two_installations),
    RUNNER_TEST(foreign_mbr),
    RUNNER_TEST(moved),
    RUNNER_TEST(a20_closed),
    {NULL, NULL},
};
