/* SPDX-License-Identifier: BSD-2-Clause */
/* The two kinds of machine. */
#ifndef TESTSUITE_FUZZ_QEMU_H
#define TESTSUITE_FUZZ_QEMU_H

#include <stdint.h>

/* Run so many invocations: how many there were, or 0 after an error. */
uint64_t fuzz_devices(uint64_t seed, uint64_t count);
uint64_t fuzz_store(uint64_t seed, uint64_t count);

/* Seconds that so many may take. */
unsigned fuzz_deadline(uint64_t count);

#endif
