/* SPDX-License-Identifier: BSD-2-Clause */
/* What cannot be booted says why, on the serial line and on the screen. */
#include "testsuite/system/boot/disk.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

enum {
	MBR_ENTRY = 446,
	ENTRY_TYPE = 4,
	ENTRY_LBA = 8,
	ENTRY_SECTORS = 12,
	SCREEN = 0xb8000,
	SCREEN_BYTES = 4000,
	SCREEN_SECONDS = 10,
	BLOCK_AREA_A = BLOCK_SLOT_AREA,
	BLOCK_AREA_B = BLOCK_SLOT_AREA + SLOT_AREA_BLOCKS,
};

static void
badly(const char *image, const char *said)
{
	disk_boot_badly((struct vm_config){.image = image}, said);
}

/* boot.mbr.1: a table that makes no sense. */
static void
bad_table(void)
{
	const char *image;

	image = disk_single("image");
	disk_poke(image, MBR_ENTRY + 16, 0x80); /* Two active ones. */
	badly(image, "anteros mbr: bad partition table");
	image = disk_single("image");
	disk_poke(image, MBR_ENTRY + 32, 0x01);
	badly(image, "anteros mbr: bad partition table");
	image = disk_single("image");
	for (int i = 0; i < 4; i++)
		disk_poke(image, MBR_ENTRY + ENTRY_LBA + i, 0);
	badly(image, "anteros mbr: bad partition table");
	image = disk_single("image");
	for (int i = 0; i < 4; i++)
		disk_poke(image, MBR_ENTRY + ENTRY_SECTORS + i, 0xff);
	badly(image, "anteros mbr: bad partition table");
}

/* boot.mbr.2: nothing active, or only what is not ours. */
static void
none_active(void)
{
	const char *image = disk_single("image");

	disk_poke(image, MBR_ENTRY, 0);
	badly(image, "anteros mbr: no active partition of type AE");
	image = disk_single("image");
	disk_poke(image, MBR_ENTRY + ENTRY_TYPE, 0x83);
	badly(image, "anteros mbr: no active partition of type AE");
}

/* boot.mbr.3: the partition has no boot record. */
static void
no_record(void)
{
	const char *image = disk_single("image");

	disk_poke(image, AT_PARTITION + 510, 0);
	badly(image, "anteros mbr: the partition has no boot record");
}

/* boot.mbr.4: a BIOS without INT 13h extensions; so it is for floppies. */
static void
no_extensions(void)
{
	static const char *args[] = {"-drive", NULL, NULL};
	char               drive[400];

	disk_shell("dd if=$W/single of=$W/floppy bs=1440k count=1 status=none");
	snprintf(drive, sizeof(drive), "file=%s,format=raw,if=floppy",
	    disk_path("floppy"));
	args[1] = drive;
	disk_boot_badly((struct vm_config){.machine = "pc", .args = args},
	    "anteros mbr: no INT 13h extensions in the BIOS");
}

/* A disk on which one sector cannot be read, `once` or for ever. */
static struct vm_config
scratched(const char *image, long sector, bool once)
{
	static const char *args[7];
	static char        file[400], debug[200];

	snprintf(file, sizeof(file),
	    "driver=file,filename=%s,node-name=f0,read-only=on", image);
	snprintf(debug, sizeof(debug),
	    "driver=blkdebug,image=f0,node-name=d0,read-only=on,"
	    "inject-error.0.event=none,inject-error.0.iotype=read,"
	    "inject-error.0.errno=5,inject-error.0.sector=%ld,"
	    "inject-error.0.once=%s",
	    sector, once ? "on" : "off");
	args[0] = "-blockdev";
	args[1] = file;
	args[2] = "-blockdev";
	args[3] = debug;
	args[4] = "-device";
	args[5] = "virtio-blk-pci,drive=d0,rerror=report,bootindex=0";
	return (struct vm_config){.disk = "none", .args = args};
}

/* boot.sector.1: each step's unreadable sector, named. */
static void
unreadable(void)
{
	const char *image = disk_path("single");
	char        said[80];
	long        sector;

	disk_boot_badly(scratched(image, 2048, false),
	    "anteros mbr: cannot read the partition's boot record");
	disk_boot_badly(scratched(image, 2050, false),
	    "anteros boot record: cannot read bootstrap");
	sector = AT_BLOCK(BLOCK_SLOT) / 512;
	disk_boot_badly(scratched(image, sector, false),
	    "stopped: no boot slot can be used");
	sector = AT_BLOCK(BLOCK_AREA_A + 5) / 512 + 3;
	snprintf(
	    said, sizeof(said), "cannot read sector %ld of drive 80h", sector);
	disk_boot_badly(scratched(image, sector, false), said);
	disk_boot_badly(scratched(image, sector, false),
	    "slot A serial 1: kernel cannot be read");
}

/* boot.sector.2: the other slot is taken; and what comes again is no error. */
static void
read_again(void)
{
	long       sector = AT_BLOCK(BLOCK_AREA_B + 100) / 512;
	struct vm *vm;

	vm = disk_boot_well(scratched(disk_path("double"), sector, false));
	disk_said(vm,
	    "slot B serial 2: boot range cannot be read; "
	    "falling back");
	disk_said(vm, "\nslot 0\n");
	vm_free(vm);
	vm = disk_boot_well(scratched(disk_path("double"), sector, true));
	disk_said(vm, "\nslot 1\n");
	disk_said(vm, "\nfell_back 0\n");
	vm_free(vm);
	vm = disk_boot_well(scratched(disk_path("double"), 2048, true));
	vm_free(vm);
	vm = disk_boot_well(scratched(disk_path("double"), 2060, true));
	vm_free(vm);
}

/* boot.image.1: a bootstrap of another volume, and a damaged one. */
static void
bad_bootstrap(void)
{
	const char *image = disk_single("image");

	disk_flip(image, AT_PARTITION + 512 + 9);
	badly(image, "anteros boot record: bootstrap is of another volume");
	image = disk_single("image");
	disk_flip(image, AT_PARTITION + 512 + 8000);
	badly(image, "stopped: the bootstrap's own checksum is wrong\n");
}

/* Whether the text stands on the VGA text screen now. */
static bool
screen_shows(struct vm *vm, const char *text)
{
	static uint8_t cell[SCREEN_BYTES];
	char           screen[SCREEN_BYTES / 2 + 1];
	FILE          *f;

	CU_ASSERT(vm_do(vm, "pmemsave",
	    json_pack("{s:i,s:i,s:s}", "val", SCREEN, "size", SCREEN_BYTES,
		"filename", disk_path("screen"))));
	f = fopen(disk_path("screen"), "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(fread(cell, 1, SCREEN_BYTES, f), SCREEN_BYTES);
	CU_ASSERT_EQUAL(fclose(f), 0);
	for (int i = 0; i < SCREEN_BYTES / 2; i++)
		screen[i] = cell[i * 2] != 0 ? (char)cell[i * 2] : ' ';
	screen[SCREEN_BYTES / 2] = '\0';
	return strstr(screen, text) != NULL;
}

/* The serial line is ahead of the screen by a character. */
static bool
on_screen(struct vm *vm, const char *text)
{
	long long deadline = vm_deadline(SCREEN_SECONDS);

	do
		if (screen_shows(vm, text))
			return true;
	while (vm_look_again(vm, deadline));
	return false;
}

/* boot.slot.20: nothing to boot: said on both, and the machine rests. */
static void
both_slots_bad(void)
{
	const char *image = disk_double("image");
	struct vm  *vm;
	json_t     *status;

	disk_flip(image, AT_BLOCK(BLOCK_AREA_A + 2));
	disk_flip(image, AT_BLOCK(BLOCK_AREA_B + 200));
	vm = disk_boot((struct vm_config){.image = image});
	CU_ASSERT(vm_expect(vm,
	    "slot B serial 2: boot range's checksum is wrong; falling back\n",
	    BOOT_SECONDS));
	CU_ASSERT(
	    vm_expect(vm, "slot A serial 1: kernel's checksum is wrong\n", 5));
	CU_ASSERT(vm_expect(vm,
	    "stopped: no boot slot can be used\n"
	    "anteros boot: Write one from another system: install slot.\n",
	    5));
	CU_ASSERT(on_screen(vm, "stopped: no boot slot can be used"));
	CU_ASSERT(on_screen(vm, "slot A serial 1: kernel's checksum"));
	status = vm_qmp(vm, "query-status", NULL);
	CU_ASSERT_STRING_EQUAL(
	    json_string_value(json_object_get(status, "status")), "running");
	json_decref(status);
	vm_free(vm);
}

/* boot.mbr.5: the first stage writes on the screen too. */
static void
first_stage_on_screen(void)
{
	const char *image = disk_single("image");
	struct vm  *vm;

	disk_poke(image, MBR_ENTRY, 0x12);
	vm = disk_boot((struct vm_config){.image = image});
	CU_ASSERT(
	    vm_expect(vm, "anteros mbr: bad partition table", BOOT_SECONDS));
	CU_ASSERT(on_screen(vm, "anteros mbr: bad partition table"));
	vm_free(vm);
}

/* boot.slot.21: a volume with empty slots. */
static void
nothing_installed(void)
{
	disk_shell("$T/install create --volume $W/empty --size 32");
	badly(disk_path("empty"), "stopped: no boot slot can be used\n");
}

/* boot.install.10: the command refuses what would do harm. */
static void
command_refuses(void)
{
	const char *image = disk_single("image");

	disk_shell("cd $W; cp image before; "
		   "$T/mkrange 14000 big;"
		   "no() { if \"$@\" 2>>said; then exit 1; fi; };"
		   "no $T/install create --volume image --partition 1;"
		   "no $T/install create --volume image;"
		   "K=\"slot --image image --kernel $B/boot/testkernel.elf\";"
		   "no $T/install $K --range big;"
		   "no $T/install $K --range $B/boot/testkernel.elf;"
		   "no $T/install $K --range range --partition 2;"
		   "no $T/install slot --image image --kernel range"
		   " --range range; cmp image before;"
		   "test $(wc -l <said) = 6");
	disk_poke(image, MBR_ENTRY + ENTRY_TYPE, 0x83);
	disk_shell("! $T/install slot --image $W/image --range $W/range"
		   " --kernel $B/boot/testkernel.elf 2>$W/said;"
		   "grep -q \"no partition has type AE\" $W/said");
}

/* boot.memory.2: too little, with the advice that helps. */
static void
little_memory(void)
{
	disk_boot_badly(
	    (struct vm_config){
		.machine = "pc",
		.memory_mb = 2,
		.image = disk_path("double"),
	    },
	    "stopped: too little memory\n"
	    "anteros boot: Give the machine more memory.\n");
}

const struct runner_test boot_failure_tests[] = {
    RUNNER_TEST(bad_table),
    RUNNER_TEST(none_active),
    RUNNER_TEST(no_record),
    RUNNER_TEST(no_extensions),
    RUNNER_TEST(unreadable),
    RUNNER_TEST(read_again),
    RUNNER_TEST(bad_bootstrap),
    RUNNER_TEST(both_slots_bad),
    RUNNER_TEST(first_stage_on_screen),
    RUNNER_TEST(nothing_installed),
    RUNNER_TEST(little_memory),
    RUNNER_TEST(command_refuses),
    {NULL, NULL},
};
