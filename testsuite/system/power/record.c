/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/power/record.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

enum {
	CHECKPOINTS = 6,
	MEMORY_MB = 64,
	FILL_MIB = 48, /* More than is free, so that pages go out as well. */
	FILL_SECONDS = 120,
};

static struct vm *
logged_boot(const char *volume, const char *log)
{
	char        image[500], writes[500];
	const char *args[] = {"-blockdev", image, "-blockdev", writes,
	    "-device",
	    "virtio-blk-pci,drive=d0,bootindex=0,request-merging=off", NULL};

	/* The host need not flush: it is the order that counts. */
	snprintf(image, sizeof(image),
	    "driver=raw,node-name=image,cache.no-flush=on,"
	    "file.driver=file,file.filename=%s",
	    volume);
	snprintf(writes, sizeof(writes),
	    "driver=blklogwrites,node-name=d0,file=image,"
	    "log.driver=raw,log.cache.no-flush=on,"
	    "log.file.driver=file,log.file.filename=%s,"
	    "log-sector-size=512,log-super-update-interval=1",
	    log);
	return shell_boot(&(struct vm_config){
	    .memory_mb = MEMORY_MB,
	    .disk = "none",
	    .args = args,
	});
}

/*
 * The log's length when the answer had come: what was acknowledged was on the
 * platter by then. QEMU's count of completed requests cannot be beyond it.
 */
static void
acknowledged(struct vm *vm, const char *log, struct judge *j)
{
	struct disk_stats s;
	char             *answer = shell_run(vm, "ckpt now");
	uint64_t          generation;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT_EQUAL_FATAL(sscanf(answer, "generation %lu", &generation), 1);
	free(answer);
	CU_ASSERT_FATAL(disk_stats(vm, &s));
	CU_ASSERT(s.position > 0);
	CU_ASSERT((long long)s.position <= log_length(log));
	CU_ASSERT_FATAL(j->acks < ACKS);
	j->ack[j->acks++] = (struct ack){generation, (size_t)log_length(log)};
}

void
record_run(const char *volume, const char *log, struct judge *j)
{
	struct vm *vm;
	char      *answer;

	CU_ASSERT_EQUAL_FATAL(
	    work_shell("rm -f %s; truncate -s 4096 %s", log, log), 0);
	vm = logged_boot(volume, log);
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	free(shell_run(vm, "count start"));
	for (int i = 0; i < CHECKPOINTS; i++) {
		if (i == 1) {
			char line[30];

			snprintf(line, sizeof(line), "fill %d", FILL_MIB);
			free(shell_run(vm, line));
		}
		acknowledged(vm, log, j);
	}
	answer = shell_until(vm, "fill", "^done: .* 0 wrong$", FILL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL(answer);
	free(answer);
	acknowledged(vm, log, j);
	vm_kill9(vm);
	vm_free(vm);
}
