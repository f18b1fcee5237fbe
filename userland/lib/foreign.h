/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What keepers of foreign programs (D16) have in common. A keeper is a function
 * that knows what the calls of a system mean, and
 *
 *     int
 *     main(void)
 *     {
 *         foreign_keep(FOREIGN_SYSCALL, call);
 *     }
 *
 * Each call of the program comes as a fault with all its registers and is
 * answered with all of them. The domain so made is a server by
 * userland/rt/idl/foreign.idl; it needs its own process in register 4, discrim
 * in 5, and no bank.
 *
 * The program's memory is reached through its process capability, node by
 * node, so that no address that it passes can do harm here.
 */
#ifndef USERLAND_LIB_FOREIGN_H
#define USERLAND_LIB_FOREIGN_H

#include "kernel/abi/process.h"
#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum { FOREIGN_SAID = 1024 };

/*
 * Do what a call means, and put into *r what the program finds then: the
 * program counter is behind the call. False: the program has ended, with *code.
 */
typedef bool (*foreign_call)(struct register_set *r, uint64_t *code);

/*
 * Serve for ever. `way` is how the system is called: FOREIGN_SYSCALL,
 * FOREIGN_SYSENTER, or the vector of an INT n. A program that calls otherwise,
 * or faults, has ended with RC_STATE.
 */
_Noreturn void foreign_keep(uint64_t way, foreign_call call);

/*
 * During a call: copy from or to the program's memory. RC_NOT_FOUND: it has no
 * page somewhere there; RC_RIGHTS: it may not write there. What was copied
 * before that stays so.
 */
enum status foreign_read(void *to, uint64_t address, size_t bytes) must_check;
enum status foreign_write(
    uint64_t address, const void *from, size_t bytes) must_check;

/*
 * Say what stands there to who waits for the program's end. RC_LIMIT: it is
 * more than foreign_room(); if not RC_OK nothing of it is said.
 */
enum status foreign_say(uint64_t address, size_t bytes) must_check;
size_t      foreign_room(void);

#endif
