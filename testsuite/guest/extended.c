/* SPDX-License-Identifier: BSD-2-Clause */
/* Process: its x87, SSE and AVX registers through its capability. */
#include "kernel/abi/process.stub.h"

#include <string.h>

#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "testsuite/guest/tests.h"

/* The area of XSAVE_FORMAT_1: SDM vol. 1, 13.4. */
enum {
	AT_FCW = 0,
	AT_MXCSR = 24,
	AT_XMM7 = 160 + 7 * 16,
	AT_BV = 512,
	AT_XCOMP = 520,
	AT_HEADER_REST = 528,
	AT_YMM7 = 576 + 7 * 16, /* Its upper half. */
	FCW = 0x27f,            /* Double precision; the default is 0x37f. */
	ALL = 7,                /* x87, SSE, AVX. */
};

static uint8_t area[XSAVE_BYTES + 1] __attribute__((aligned(64)));

static uint64_t
area64(unsigned at)
{
	uint64_t v;

	memcpy(&v, area + at, sizeof(v));
	return v;
}

static void
area_put(unsigned at, uint64_t v)
{
	memcpy(area + at, &v, sizeof(v));
}

static void
area_get(capreg process)
{
	size_t n = 0;

	memset(area, 0xee, sizeof(area));
	OK(process_get_extended(process, area, sizeof(area), &n));
	CHECK_IS(n, XSAVE_BYTES);
	CHECK_IS(area[XSAVE_BYTES], 0xee);
}

static bool
has_avx(void)
{
	uint64_t features = 0;

	extra(X_KINFO, R_RT);
	OK(kinfo_features(R_RT, &features, NULL, NULL, NULL));
	return (features & KF_AVX) != 0;
}

/* Calls with known registers, twice, and says what it finds in between. */
static void
vectors(uint64_t mine)
{
	uint64_t back = 0;
	uint16_t fcw = 0;

	__asm__ volatile("movq %0, %%xmm7" : : "r"(mine) : "xmm7");
	call1(A, 1);
	__asm__ volatile("movq %%xmm7, %0\n\tfnstcw %1"
			 : "=r"(back), "=m"(fcw));
	board[0] = back;
	board[1] = fcw;
	call1(A, 2);
}

/* Starts such a peer, in A, that waits for us. */
static void
peer_vectors(uint64_t value)
{
	struct message m;

	peer_new(A, vectors, value, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], 1);
}

/* process.get_extended.1, process.set_extended.1 */
void
test_process_extended(void)
{
	const bool     avx = has_avx();
	struct message m;

	peer_vectors(0x1122334455667788);
	area_get(A);
	CHECK_IS(area64(AT_XMM7), 0x1122334455667788);
	CHECK_IS(area[AT_FCW] | area[AT_FCW + 1] << 8, 0x37f);
	area_put(AT_XMM7, 0x99aabbccddeeff00);
	area[AT_FCW] = FCW & 0xff;
	area[AT_FCW + 1] = FCW >> 8;
	if (avx)
		area_put(AT_YMM7, 0x123456789abcdef0);
	area[AT_BV] = avx ? ALL : 3;
	OK(process_set_extended(A, area, XSAVE_BYTES));
	OK(reply1(H, 0));
	wait_message(&m);
	CHECK_IS(m.word[0], 2);
	CHECK_IS(board[0], 0x99aabbccddeeff00);
	CHECK_IS(board[1], FCW);
	area_get(A);
	CHECK_IS(area64(AT_XMM7), 0x99aabbccddeeff00);
	if (avx)
		CHECK_IS(area64(AT_YMM7), 0x123456789abcdef0);
	CHECK_IS(process_set_extended(A, area, XSAVE_BYTES - 1), RC_STRING);
	CHECK_IS(process_set_extended(A, area, XSAVE_BYTES + 1), RC_STRING);
	CHECK_IS(process_set_extended(A, area, 0), RC_STRING);
}

/* process.set_extended.2: the caller reads its own, and may not replace them. */
void
test_process_extended_self(void)
{
	__asm__ volatile("movq %0, %%xmm7" : : "r"(UINT64_C(77)) : "xmm7");
	area_get(R_SELF);
	CHECK_IS(area64(AT_XMM7), 77);
	CHECK_IS(process_set_extended(R_SELF, area, XSAVE_BYTES), RC_BUSY);
}

/* F3: reserved bits are forced, so that XRSTOR does not fault in the kernel. */
void
test_process_extended_hostile_F3(void)
{
	static const unsigned at[] = {AT_MXCSR, AT_BV, AT_XCOMP, AT_HEADER_REST};
	struct message        m;

	for (unsigned i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		peer_vectors(i);
		area_get(A);
		area_put(at[i], UINT64_MAX);
		OK(process_set_extended(A, area, XSAVE_BYTES));
		OK(reply1(H, 0));
		wait_message(&m);
		CHECK_IS(m.word[0], 2);
		area_get(A);
		CHECK_IS(area64(AT_BV) & ~(uint64_t)ALL, 0);
		CHECK_IS(area64(AT_XCOMP), 0);
		CHECK_IS(area64(AT_HEADER_REST), 0);
		CHECK_IS(area64(AT_MXCSR) & UINT32_MAX & ~UINT64_C(0x2ffff), 0);
	}
	/* Nothing but ones. */
	peer_vectors(9);
	memset(area, 0xff, sizeof(area));
	OK(process_set_extended(A, area, XSAVE_BYTES));
	OK(reply1(H, 0));
	if (has_avx()) {
		wait_message(&m);
		CHECK_IS(m.word[0], 2);
	} else { /* S5: it has no keeper, and stands still. */
		CHECK_IS(peer_fault(A), FAULT_CPU_FEATURE);
	}
}
