/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that write. */
#include "boot/install/command.h"

#include "boot/bios/partition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MIB_SECTORS = 2048,
};

static bool
uuid_make(const char *text, uint8_t uuid[16], struct install_error *error)
{
	unsigned n = 0;
	unsigned digit;

	if (text == NULL) {
		if (getrandom(uuid, 16, 0) != 16)
			return install_fail(error, "no random numbers");
		uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122, */
		uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* 4.4. */
		return true;
	}
	for (; *text != '\0'; text++) {
		if (*text == '-')
			continue;
		if (n == 32 || sscanf(text, "%1x", &digit) != 1)
			return install_fail(error, "that is no UUID");
		uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | digit);
		n++;
	}
	return n == 32 || install_fail(error, "that is no UUID");
}

/* Chooses partition and extent, after what is there already. */
static bool
extent_choose(const struct command *c, const struct mbr *mbr, uint64_t sectors,
    struct install_place *p, struct install_error *error)
{
	uint64_t free_from = PARTITION_FIRST_LBA;
	unsigned unused = PARTITIONS;
	uint64_t end;

	for (unsigned i = PARTITIONS; i-- > 0;) {
		if (mbr->entry[i].type == 0) {
			unused = i;
			continue;
		}
		end = (uint64_t)mbr->entry[i].first + mbr->entry[i].sectors;
		end = (end + MIB_SECTORS - 1) / MIB_SECTORS * MIB_SECTORS;
		if (i != c->partition && end > free_from)
			free_from = end;
	}
	p->partition = c->partition < PARTITIONS ? c->partition : unused;
	if (p->partition == PARTITIONS)
		return install_fail(error, "all four partitions are in use");
	if (mbr->entry[p->partition].type != 0)
		return install_fail(error, "partition %u is in use, type %02X",
		    p->partition + 1, mbr->entry[p->partition].type);
	p->first = c->first != 0 ? c->first : free_from;
	if (p->first >= sectors)
		return install_fail(error, "no room is left on the disk");
	p->sectors = c->part_mib != 0 ? c->part_mib * MIB_SECTORS
				      : sectors - p->first;
	if (p->sectors > sectors - p->first)
		return install_fail(
		    error, "the partition would end behind the disk");
	/* Whole blocks. */
	p->sectors -= p->sectors % BLOCK_SECTORS;
	return true;
}

static bool
disk_grow(int fd, uint64_t mib, uint64_t *sectors, struct install_error *error)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return install_fail(error, "%s", strerror(errno));
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size < mib << 20) {
		if (ftruncate(fd, (off_t)(mib << 20)) != 0)
			return install_fail(
			    error, "cannot grow: %s", strerror(errno));
		st.st_size = (off_t)(mib << 20);
	}
	*sectors = (uint64_t)st.st_size / SECTOR_SIZE;
	if (*sectors == 0)
		return install_fail(error, "say how large (--size MiB)");
	return true;
}

static bool
file_open(const char *name, int flags, int *fd, struct install_error *error)
{
	*fd = open(name, flags | O_CLOEXEC, 0666);
	if (*fd < 0)
		return install_fail(error, "%s", strerror(errno));
	return true;
}

bool
command_create(const struct command *c, struct install_error *error)
{
	struct install_place p = {
	    .inactive = c->inactive,
	    .keep_mbr = c->keep_mbr,
	};
	struct mbr mbr;
	uint64_t   sectors;
	int        fd;
	bool       done;

	install_default_areas(p.area);
	if (!uuid_make(c->uuid, p.volume, error) ||
	    !file_open(c->file, O_RDWR | O_CREAT, &fd, error))
		return false;
	done = disk_grow(fd, c->mib, &sectors, error) &&
	    install_read(fd, 0, &mbr, sizeof(mbr), error) &&
	    extent_choose(c, &mbr, sectors, &p, error) &&
	    install_boot(fd, &p, false, error);
	close(fd);
	return done;
}

bool
command_boot(const struct command *c, struct install_error *error)
{
	struct install_place p;
	int                  fd;
	bool                 done;

	if (!file_open(c->file, O_RDWR, &fd, error))
		return false;
	done = install_find(fd, c->partition, &p, error);
	if (done) {
		p.keep_mbr = c->keep_mbr;
		/* Its status in the table stays what it is. */
		p.inactive = true;
		done = install_boot(fd, &p, true, error);
	}
	close(fd);
	return done;
}

static void *
file_load(const char *name, size_t *bytes, struct install_error *error)
{
	struct stat st;
	void       *data = NULL;
	int         fd;

	if (name == NULL) {
		install_fail(error, "say which --kernel and --range");
		return NULL;
	}
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		install_fail(error, "%s: %s", name, strerror(errno));
		goto close_file;
	}
	*bytes = (size_t)st.st_size;
	data = malloc(*bytes + 1);
	if (data != NULL && !install_read(fd, 0, data, *bytes, error)) {
		free(data);
		data = NULL;
	}
close_file:
	if (fd >= 0)
		close(fd);
	return data;
}

/* With both files in memory. */
static bool
slot_write(const struct command *c, struct install_slot *s, void **kernel,
    const void *elf, size_t elf_bytes, struct install_error *error)
{
	struct install_place p;
	unsigned             number;
	int                  fd;
	bool                 done;

	if (!install_kernel(elf, elf_bytes, kernel, &s->kernel_bytes, error) ||
	    !file_open(c->file, O_RDWR, &fd, error))
		return false;
	s->kernel = *kernel;
	done = install_find(fd, c->partition, &p, error) &&
	    install_slot(fd, &p, s, &number, error);
	if (done)
		printf("slot %c of partition %u written\n", 'A' + (int)number,
		    p.partition + 1);
	close(fd);
	return done;
}

bool
command_slot(const struct command *c, struct install_error *error)
{
	struct install_slot s = {
	    .format_least = c->format_least,
	    .format_most = c->format_most,
	    .label = c->label,
	};
	size_t elf_bytes = 0;
	void  *elf, *range;
	void  *kernel = NULL;
	bool   done = false;

	elf = file_load(c->kernel, &elf_bytes, error);
	range = file_load(c->range, &s.range_bytes, error);
	if (elf != NULL && range != NULL) {
		s.range = range;
		done = slot_write(c, &s, &kernel, elf, elf_bytes, error);
	}
	free(kernel);
	free(range);
	free(elf);
	return done;
}

bool
command_activate(const struct command *c, struct install_error *error)
{
	struct mbr  mbr;
	const char *wrong;
	int         fd;
	bool        done = false;

	if (c->partition >= PARTITIONS)
		return install_fail(error, "say which --partition");
	if (!file_open(c->file, O_RDWR, &fd, error))
		return false;
	if (!install_read(fd, 0, &mbr, sizeof(mbr), error))
		goto close_file;
	wrong = partition_table_check(&mbr);
	if (wrong != NULL) {
		install_fail(error, "partition table: %s", wrong);
		goto close_file;
	}
	if (mbr.entry[c->partition].type == 0) {
		install_fail(error, "partition %u is empty", c->partition + 1);
		goto close_file;
	}
	for (unsigned i = 0; i < PARTITIONS; i++)
		mbr.entry[i].status = i == c->partition ? ENTRY_ACTIVE : 0;
	done = install_write(fd, 0, &mbr, sizeof(mbr), error) &&
	    install_flush(fd, error);
close_file:
	close(fd);
	return done;
}
