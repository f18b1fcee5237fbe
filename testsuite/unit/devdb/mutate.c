/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate [PACKAGES [SEED]]: a million packages, each mutated in a few places,
 * go the catalogue's whole way (S7): read, stripped, applied to a tree, read
 * again, removed. The blob lies at the end of mapped memory, or at its
 * beginning, between pages that nobody may touch, so that a byte read outside
 * ends the program. What is accepted must satisfy the record's own rules.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "devdb/catalogue/tree.h"
#include "testsuite/unit/devdb/small.h"

enum { ROOM = 3 * 4096, PAGE = 4096, MUTATIONS = 6 };

static struct tree tree;
static uint64_t    random_state;
static const char *mutable[] = {"__fixups__", "phandle", "__symbols__",
    "fragment@1", "image", "policy", "vendor", "needs"};

static uint32_t
random_below(uint32_t limit)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 16) % limit;
}

/* Pages with a forbidden one on either side. */
static uint8_t *
guarded(void)
{
	uint8_t *p = mmap(NULL, ROOM + 2 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p, PAGE, PROT_NONE) != 0 ||
	    mprotect(p + PAGE + ROOM, PAGE, PROT_NONE) != 0) {
		perror("mutate");
		exit(2);
	}
	return p + PAGE;
}

static void
put_word(uint8_t *at, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> (24 - 8 * i));
}

static uint32_t
odd_number(void)
{
	static const uint32_t odd[] = {0, 1, 2, 3, 4, 9, 16, 17, 0x7fffffff,
	    0x80000000, 0xffffffff, 0xfffffffc, 0x10000, 255, 256};

	return random_below(2) != 0
	    ? odd[random_below(sizeof(odd) / sizeof(odd[0]))]
	    : random_below(2048);
}

/* One change; the length may change too. */
static size_t
mutate(uint8_t *blob, size_t bytes)
{
	uint32_t    at = random_below((uint32_t)bytes), n;
	const char *word;

	switch (random_below(8)) {
	case 0:
		blob[at] ^= (uint8_t)(1u << random_below(8));
		break;
	case 1:
		blob[at] = (uint8_t)random_below(256);
		break;
	case 2: /* A word of the header. */
		put_word(blob + 4 * (size_t)random_below(10), odd_number());
		break;
	case 3: /* A word of the rest: a token, a length, a name. */
		if (bytes >= 8)
			put_word(blob + (at & ~3u) % (bytes - 4), odd_number());
		break;
	case 4: /* Cut short, with and without saying so. */
		bytes = at < 64 ? 64 : at;
		if (random_below(2) != 0)
			put_word(blob + 4, (uint32_t)bytes);
		break;
	case 5: /* A piece moves. */
		n = random_below(64);
		if (at + n < bytes)
			memmove(blob + random_below((uint32_t)bytes - n),
			    blob + at, n);
		break;
	case 6: /* A word that means something. */
		word =
		    mutable[random_below(sizeof(mutable) / sizeof(mutable[0]))];
		n = (uint32_t)strlen(word) + 1;
		if (at + n < bytes)
			memcpy(blob + at, word, n);
		break;
	default: /* A value, and all stays well-formed. */
		n = (uint32_t)(bytes / 2) & ~3u;
		put_word(blob + n - 4 * random_below(n / 4), odd_number());
		break;
	}
	return bytes;
}

static _Noreturn void
wrong(unsigned long n, const char *what)
{
	printf("mutate: package %lu: %s\n", n, what);
	printf("mutate: 0 passed, 1 failed\n");
	exit(1);
}

/* What the catalogue does with it; true if it was accepted. */
static bool
take(const uint8_t *blob, size_t bytes, unsigned long n)
{
	static uint8_t             hash[TREE_HASH];
	static _Alignas(8) uint8_t overlay[PACKAGE_TREE + 256];
	struct package             p;
	struct catalogue_driver    again;
	char                       why[PACKAGE_WHY];
	enum status                st = package_read(&p, blob, bytes, why);

	if (st != RC_OK) {
		if (why[0] == '\0' || memchr(why, 0, PACKAGE_WHY) == NULL)
			wrong(n, "it was refused without a word");
		return false;
	}
	if (record_wrong(&p.record) != NULL ||
	    (const uint8_t *)p.image < blob ||
	    (const uint8_t *)p.image + p.image_bytes > blob + bytes)
		wrong(n, "what was accepted is absurd");
	hash_bytes(p.image, p.image_bytes, hash);
	if (overlay_make(blob, &p, hash, overlay, sizeof(overlay)) != RC_OK)
		wrong(n, "the overlay could not be made");
	if (tree_apply(&tree, p.record.name, overlay) != RC_OK)
		wrong(n, "the overlay could not be applied");
	if (fdt_check_full(tree_fdt(&tree), TREE_BYTES) != 0 ||
	    record_read(&again, tree_fdt(&tree),
		tree_find(&tree, p.record.name)) != RC_OK)
		wrong(n, "the tree is damaged");
	again.added = true;
	again.image = 0;
	if (memcmp(&again, &p.record, sizeof(again)) != 0)
		wrong(n, "the tree says something else");
	if (tree_remove(&tree, p.record.name) != RC_OK)
		wrong(n, "it could not be removed");
	return true;
}

int
main(int argc, char **argv)
{
	static _Alignas(8) uint8_t good[SMALL_BYTES];
	static uint8_t             scratch[ROOM];
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
	unsigned long accepted = 0;
	size_t        length = small_package(good, "small");
	uint8_t      *room = guarded();

	random_state = argc > 2 ? strtoul(argv[2], NULL, 0) : 0x9e3779b97f4aul;
	tree_begin(&tree);
	if (!take(good, length, 0))
		wrong(0, "the unspoilt package was refused");
	for (unsigned long n = 1; n <= count; n++) {
		size_t   bytes = length;
		unsigned times = 1 + random_below(MUTATIONS);
		uint8_t *at;

		memcpy(scratch, good, length);
		while (times-- > 0)
			bytes = mutate(scratch, bytes);
		/* Aligned as pages are, at either end. */
		at = n % 2 != 0 ? room : room + (ROOM - ((bytes + 7) & ~7ul));
		memset(room, 0xa5, PAGE);
		memset(at, 0, (bytes + 7) & ~7ul);
		memcpy(at, scratch, bytes);
		accepted += take(at, bytes, n);
	}
	printf("mutate: %lu packages, %lu accepted\n", count, accepted);
	if (accepted == 0 || accepted == count)
		wrong(count, "the mutations test nothing");
	printf("mutate: 1 passed, 0 failed\n");
	return 0;
}
