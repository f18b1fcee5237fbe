/* SPDX-License-Identifier: BSD-2-Clause */
/* Boots that go well, from everything that a BIOS reads. */
#include "testsuite/system/boot/disk.h"

#include <CUnit/CUnit.h>
#include <string.h>

static void
boots_from(const char *machine, const char *disk, const char *edd)
{
	struct vm *vm = disk_boot_well((struct vm_config){
	    .machine = machine,
	    .image = disk_path("single"),
	    .disk = disk,
	});

	disk_said(vm, edd);
	vm_free(vm);
}

/* boot.disk.1-5: each controller, on both machines, with what EDD tells. */
static void
virtio(void)
{
	boots_from("q35", "virtio", "edd PCI  SCSI");
	boots_from("pc", "virtio", "edd PCI  SCSI");
}

static void
ide(void)
{
	boots_from("q35", "ide", "edd PCI  ATA");
	boots_from("pc", "ide", "edd PCI  ATA      0000000000010100");
}

static void
ahci(void)
{
	boots_from("q35", "ahci", "edd ....");
	boots_from("pc", "ahci", "edd ....");
}

static void
nvme(void)
{
	boots_from("q35", "nvme", "edd ....");
	boots_from("pc", "nvme", "edd ....");
}

static void
scsi(void)
{
	boots_from("q35", "scsi", "edd PCI  SCSI");
	boots_from("pc", "scsi", "edd PCI  SCSI");
}

/* boot.disk.6: behind an IOMMU, virtio's legacy interface off. */
static void
behind_iommu(void)
{
	vm_free(disk_boot_well((struct vm_config){
	    .image = disk_path("single"),
	    .iommu = true,
	}));
}

/* boot.cpu.1: QEMU's default CPU has no crc32 instruction. */
static void
default_cpu(void)
{
	vm_free(disk_boot_well((struct vm_config){
	    .machine = "pc",
	    .cpu = "",
	    .image = disk_path("single"),
	}));
}

/* boot.cpu.2: a CPU without 64-bit mode is told so. */
static void
old_cpu(void)
{
	disk_boot_badly(
	    (struct vm_config){
		.cpu = "qemu32",
		.image = disk_path("single"),
	    },
	    "stopped: the CPU has no 64-bit mode\n");
}

/* boot.memory.1: little, common, and more than 4 GiB. */
static void
memory(void)
{
	static const struct {
		unsigned    mb;
		const char *said;
	} size[] = {
	    {4, "4 MiB of RAM"},
	    {64, "64 MiB of RAM"},
	    {256, "256 MiB of RAM"},
	    {6144, "6144 MiB of RAM"},
	};
	struct vm *vm;

	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		vm = disk_boot_well((struct vm_config){
		    .image = disk_path("single"),
		    .memory_mb = size[i].mb,
		});
		disk_said(vm, size[i].said);
		if (size[i].mb > 4096)
			disk_said(vm, "\nregion 0000000100000000");
		vm_free(vm);
	}
}

/* boot.clock.1: the BIOS clock reaches the hand-off. */
static void
clock_read(void)
{
	static const char *const args[] = {
	    "-rtc", "base=1999-12-31T23:58:07", NULL};
	struct vm *vm = disk_boot_well((struct vm_config){
	    .image = disk_path("single"),
	    .args = args,
	});

	/* Ten seconds or more may pass on a busy host. */
	disk_said(vm, "\nclock 1999-12-31 23:58:");
	vm_free(vm);
}

/* boot.log.1: a line for each stage, kept in the hand-off word for word. */
static void
log_kept(void)
{
	static const char begins[] = "log begins\n";
	char              log[1100];
	const char       *all, *at, *end;
	struct vm        *vm = disk_boot_well((struct vm_config){
		   .image = disk_path("single"),
        });

	CU_ASSERT(vm_expect_re(vm,
	    "^anteros boot: partition 1 at sector 2048 of drive 80h, SCSI at "
	    "PCI 00:0[0-9]\\.0$",
	    1));
	CU_ASSERT(vm_expect_re(
	    vm, "^anteros boot: 256 MiB of RAM, map of [0-9]+ regions$", 1));
	CU_ASSERT(vm_expect_re(vm,
	    "^anteros boot: slot A serial 1, kernel [0-9]+ KiB, "
	    "range 1840 KiB$",
	    1));
	all = vm_transcript(vm, 0);
	at = strstr(all, begins);
	end = strstr(all, "log ends\n");
	CU_ASSERT_FATAL(at != NULL && end != NULL);
	at += strlen(begins);
	CU_ASSERT_FATAL((size_t)(end - at) < sizeof(log));
	memcpy(log, at, (size_t)(end - at));
	log[end - at] = '\0';
	CU_ASSERT(strncmp(log, "anteros boot: ", 14) == 0);
	/* What was printed comes first in the transcript. */
	at = strstr(all, log);
	CU_ASSERT(at != NULL && at < strstr(all, "testkernel"));
	vm_free(vm);
}

const struct runner_test boot_normal_tests[] = {
    RUNNER_TEST(virtio),
    RUNNER_TEST(ide),
    RUNNER_TEST(ahci),
    RUNNER_TEST(nvme),
    RUNNER_TEST(scsi),
    RUNNER_TEST(behind_iommu),
    RUNNER_TEST(default_cpu),
    RUNNER_TEST(old_cpu),
    RUNNER_TEST(memory),
    RUNNER_TEST(clock_read),
    RUNNER_TEST(log_kept),
    {NULL, NULL},
};
