/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What these plugins use of QEMU's interface for them, and the markers of spans.
 *
 * Debian packages no header for plugins. These are declarations of QEMU 7.2's
 * include/qemu/qemu-plugin.h, version 1 of the interface.
 */
#ifndef TESTSUITE_BENCH_PLUGIN_QEMU_H
#define TESTSUITE_BENCH_PLUGIN_QEMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { PLUGIN_VERSION = 1 };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_RW = 3 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(
    const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t      qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t    qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
void       *qemu_plugin_insn_haddr(const struct qemu_plugin_insn *insn);
void        qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
	   void (*function)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn,
    enum qemu_plugin_op op, void *counter, uint64_t addend);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
    void (*function)(unsigned, void *), enum qemu_plugin_cb_flags flags,
    void *argument);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
    void (*function)(unsigned, uint32_t, uint64_t, void *),
    enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw which,
    void *argument);
void qemu_plugin_register_vcpu_idle_cb(
    qemu_plugin_id_t id, void (*function)(qemu_plugin_id_t, unsigned));
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id,
    void (*function)(qemu_plugin_id_t, void *), void *argument);

#define EXPORT __attribute__((visibility("default")))

extern int qemu_plugin_version;
int        qemu_plugin_install(
	   qemu_plugin_id_t id, const void *info, int argc, char **argv);

EXPORT int qemu_plugin_version = PLUGIN_VERSION;

/* Instructions that mark: exchanges of a register with itself (insn.c). */
enum marker { MARK_MARK, MARK_START, MARK_STOP, MARKERS };

/* Calls `function` before `insn`, if that is the marker. */
static inline void
on_marker(struct qemu_plugin_insn *insn, enum marker which,
    void (*function)(unsigned cpu, void *argument))
{
	static const unsigned char code[MARKERS][3] = {
	    [MARK_MARK] = {0x4d, 0x87, 0xd2},  /* xchg %r10,%r10 */
	    [MARK_START] = {0x4d, 0x87, 0xdb}, /* xchg %r11,%r11 */
	    [MARK_STOP] = {0x4d, 0x87, 0xed},  /* xchg %r13,%r13 */
	};

	if (qemu_plugin_insn_size(insn) == sizeof(code[which]) &&
	    memcmp(qemu_plugin_insn_data(insn), code[which],
		sizeof(code[which])) == 0)
		qemu_plugin_register_vcpu_insn_exec_cb(
		    insn, function, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

#endif
