/* SPDX-License-Identifier: BSD-2-Clause */
/* Declares the tests; what each file of tests includes. */
#ifndef TESTSUITE_GUEST_TESTS_H
#define TESTSUITE_GUEST_TESTS_H

#include "testsuite/guest/guest.h"

#define GUEST_TEST(name) void test_##name(void);
#include "testsuite/guest/tests.def"
#undef GUEST_TEST

#endif
