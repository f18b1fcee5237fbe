/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a configuration to QEMU's command line. The serial ports and the
 * monitor are inherited, connected sockets: no path to clash, no moment when
 * they do not exist yet.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/internal.h"

struct list {
	char **arg;
	size_t used, size;
};

__attribute__((format(printf, 2, 3))) static void
add(struct list *list, const char *format, ...)
{
	va_list ap;
	char   *text = NULL;

	if (list->used + 1 >= list->size) {
		list->size = list->size * 2 + 32;
		list->arg = realloc(list->arg, list->size * sizeof(char *));
	}
	va_start(ap, format);
	if (list->arg == NULL || vasprintf(&text, format, ap) < 0)
		abort();
	va_end(ap);
	list->arg[list->used++] = text;
	list->arg[list->used] = NULL;
}

static const char *
or_default(const char *value, const char *fallback)
{
	return value != NULL ? value : fallback;
}

static const char *
environment(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : fallback;
}

static void
add_disk(struct list *l, const struct vm_config *c, bool pc)
{
	const char *disk = or_default(c->disk, "virtio");

	if (c->image == NULL || strcmp(disk, "none") == 0)
		return;
	add(l, "-drive");
	add(l, "file=%s,format=raw,if=none,id=d0%s", c->image,
	    c->snapshot ? ",snapshot=on" : "");
	if (strcmp(disk, "virtio") == 0) {
		add(l, "-device");
		add(l, "virtio-blk-pci,drive=d0,bootindex=0%s",
		    c->iommu ? ",disable-legacy=on,iommu_platform=on" : "");
	} else if (strcmp(disk, "ide") == 0) {
		if (!pc) {
			add(l, "-device");
			add(l, "piix3-ide,id=piix");
		}
		add(l, "-device");
		add(l, "ide-hd,drive=d0,bootindex=0,bus=%s",
		    pc ? "ide.0" : "piix.0");
	} else if (strcmp(disk, "ahci") == 0) {
		if (pc) {
			add(l, "-device");
			add(l, "ahci,id=ahci");
		}
		add(l, "-device");
		add(l, "ide-hd,drive=d0,bootindex=0,bus=%s",
		    pc ? "ahci.0" : "ide.0");
	} else if (strcmp(disk, "nvme") == 0) {
		add(l, "-device");
		add(l, "nvme,serial=anteros,drive=d0,bootindex=0");
	} else if (strcmp(disk, "scsi") == 0) {
		add(l, "-device");
		add(l, "virtio-scsi-pci,id=scsi");
		add(l, "-device");
		add(l, "scsi-hd,drive=d0,bootindex=0,bus=scsi.0");
	} else {
		fprintf(stderr, "vm: no disk is called %s\n", disk);
		abort();
	}
}

static void
add_log(struct list *l, const char *dir, const char *name, unsigned port)
{
	add(l, "-chardev");
	add(l, "file,id=%s,path=%s/%s.log", name, dir, name);
	add(l, "-device");
	add(l, "isa-debugcon,iobase=0x%x,chardev=%s", port, name);
}

static void
add_flag(struct list *l, bool wanted, const char *flag)
{
	if (wanted)
		add(l, "%s", flag);
}

char **
vm_arguments(const struct vm_config *c, const char *dir,
    const int serial[VM_SERIALS], int monitor)
{
	struct list l = {.arg = NULL};
	const char *machine = or_default(c->machine, "q35");
	const char *cpu = or_default(c->cpu, "max");
	bool        pc = strncmp(machine, "pc", 2) == 0;

	add(&l, "%s", environment("QEMU", "qemu-system-x86_64"));
	add(&l, "-machine");
	add(&l, "%s%s", machine, c->iommu ? ",kernel-irqchip=split" : "");
	add(&l, "-accel");
	add(&l, "%s", environment("ACCEL", "tcg"));
	if (cpu[0] != '\0') {
		add(&l, "-cpu");
		add(&l, "%s", cpu);
	}
	add(&l, "-m");
	add(&l, "%u", c->memory_mb != 0 ? c->memory_mb : 256);
	add(&l, "-display");
	add(&l, "none");
	add(&l, "-nic");
	add(&l, "none");
	for (unsigned i = 0; i < VM_SERIALS; i++) {
		add(&l, "-chardev");
		if (i == 1 && c->line2 != NULL)
			add(&l,
			    "socket,id=serial%u,path=%s,server=on,wait=off",
			    i, c->line2);
		else
			add(&l, "socket,id=serial%u,fd=%d", i, serial[i]);
		add(&l, "-serial");
		add(&l, "chardev:serial%u", i);
	}
	add(&l, "-chardev");
	add(&l, "socket,id=monitor,fd=%d", monitor);
	add(&l, "-mon");
	add(&l, "chardev=monitor,mode=control");
	add_log(&l, dir, "kernel", 0xe9);
	add_log(&l, dir, "firmware", 0x402);
	if (c->iommu) {
		add(&l, "-device");
		add(&l, "intel-iommu,intremap=on");
	}
	add_disk(&l, c, pc);
	add_flag(&l, c->no_reboot, "-no-reboot");
	add_flag(&l, c->paused, "-S");
	for (size_t i = 0; c->args != NULL && c->args[i] != NULL; i++)
		add(&l, "%s", c->args[i]);
	return l.arg;
}

void
vm_arguments_free(char **args)
{
	for (size_t i = 0; args[i] != NULL; i++)
		free(args[i]);
	free(args);
}
