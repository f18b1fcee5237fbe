/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of output for one record. Tests and people's scripts read these:
 * columns are separated by at least two blanks, and only the last one may
 * contain a single blank.
 */
#ifndef USERLAND_CMD_FORMAT_H
#define USERLAND_CMD_FORMAT_H

#include "kernel/abi/kinfo.h"
#include "kernel/abi/process.h"
#include "uldrv/class/devdb.h"
#include "userland/rt/idl/store.h"

enum {
	FORMAT_BYTES = 384, /* Enough for each line, with its final 0. */
};

void format_irq(char *line, const struct irq_info *r);
void format_ports(char *line, const struct port_info *r);
void format_mmio(char *line, const struct mmio_info *r);
void format_dma(char *line, const struct dma_info *r);
void format_process(char *line, const struct kinfo_process *r);
void format_reserve(char *line, const struct kinfo_reserve *r);
void format_device(char *line, const struct devdb_device *r);
void format_driver(char *line, const struct devdb_driver *r);
void format_generation(char *line, const struct store_generation *r);

/*
 * A record of a slot; place says where it is. held: by the process itself,
 * which then has an origin.
 */
void format_cap(
    char *line, const char *place, const struct kinfo_cap *k, bool held);

/* What a kind is called. */
const char *format_kind(unsigned kind);

/* "1970-01-01 00:00:00"; "-" for 0. */
void format_wall(char *text, uint64_t nanoseconds);

/* The name of a PCI requester, "00:01.1". */
void format_source(char *text, uint32_t source_id);

/* The first `bytes` bytes of a fixed-size text, made safe to show. */
void format_text(char *to, size_t size, const char *text, size_t bytes);

/* The same in place, of several lines. */
void format_lines(char *text);

/* The same; a dash for an empty text, so that no column is empty. */
const char *format_label(char *to, size_t size, const char *text, size_t bytes);

extern const char format_irq_head[], format_ports_head[], format_mmio_head[],
    format_dma_head[], format_process_head[], format_device_head[],
    format_driver_head[], format_cap_head[], format_reserve_head[], format_generation_head[];

#endif
