/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devdb/catalogue/tree.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/small.h"

static char           why[PACKAGE_WHY];
static struct tree    tree;
static struct package package;

static _Alignas(8) uint8_t blob[SMALL_BYTES];

static enum status
read(size_t bytes)
{
	/* Exactly as long as it is, so that the sanitizer sees one byte more.
	 */
	void       *copy = malloc(bytes);
	enum status st;

	CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
	memcpy(copy, blob, bytes);
	st = package_read(&package, copy, bytes, why);
	free(copy);
	return st;
}

/* S7: refused, and the words say why. */
static void
refused(size_t bytes, const char *text)
{
	CU_ASSERT_EQUAL(read(bytes), RC_CORRUPT);
	if (strstr(why, text) == NULL)
		fprintf(stderr, "expected '%s', got '%s'\n", text, why);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, text));
}

/* package.1: what the tool makes is accepted. */
static void
good(void)
{
	size_t bytes = small_package(blob, "small");

	CU_ASSERT_EQUAL(read(bytes), RC_OK);
	CU_ASSERT_STRING_EQUAL(why, "");
	CU_ASSERT_STRING_EQUAL(package.record.name, "small");
	CU_ASSERT_STRING_EQUAL(package.title, "a small test driver");
	CU_ASSERT_EQUAL(package.record.match[0].vendor, 0x1234);
	CU_ASSERT_EQUAL(package.record.unit[0].bars, 1);
	CU_ASSERT_EQUAL(package.record.unit[0].where, ANY);
	CU_ASSERT(package.record.added);
	CU_ASSERT_EQUAL(package.image_bytes, sizeof(struct small_image));
}

static void
header(unsigned word, uint32_t value, const char *text)
{
	size_t bytes = small_package(blob, "small");

	for (unsigned i = 0; i < 4; i++)
		blob[4 * word + i] = (uint8_t)(value >> (24 - 8 * i));
	refused(bytes, text);
}

/* S7: version 17, its own length, blocks in order and inside. */
static void
headers(void)
{
	size_t bytes = small_package(blob, "small");

	header(0, 0xd00dfeee, "no device tree");
	header(1, (uint32_t)bytes + 4, "length");
	header(1, (uint32_t)bytes - 4, "length");
	header(5, 16, "version 17");
	header(5, 18, "version 17");
	header(6, 17, "version 17");
	header(2, 0x42, "not aligned");
	header(2, ((uint32_t)bytes + 7) & ~3u, "outside");
	header(3, 0x48, "outside");
	header(8, (uint32_t)bytes, "outside");
	header(9, 0xfffffffc, "outside");
	header(4, 8, "outside");
	(void)small_package(blob, "small");
	refused(20, "too short");
	refused(bytes - 1, "length");
}

/* The package with one node or property more, put in at some place. */
static size_t
with(const char *path, const char *node, const char *property, uint32_t value)
{
	int at, result = 0;

	(void)small_package(blob, "small");
	CU_ASSERT_EQUAL_FATAL(fdt_open_into(blob, blob, SMALL_BYTES), 0);
	at = fdt_path_offset(blob, path);
	CU_ASSERT_FATAL(at >= 0);
	if (node != NULL)
		result = fdt_add_subnode(blob, at, node);
	else
		result = fdt_setprop_u32(blob, at, property, value);
	CU_ASSERT_FATAL(result >= 0);
	CU_ASSERT_EQUAL_FATAL(fdt_pack(blob), 0);
	return fdt_totalsize(blob);
}

#define DRIVER "/fragment@0/__overlay__/small"

/* S7: no fix-ups, no symbols, no phandles, whatever they say. */
static void
references(void)
{
	refused(with("/", "__fixups__", NULL, 0), "fix-ups");
	refused(with("/", "__local_fixups__", NULL, 0), "fix-ups");
	refused(with("/", "__symbols__", NULL, 0), "fix-ups");
	refused(with(DRIVER, "__fixups__", NULL, 0), "fix-ups");
	refused(with(DRIVER, NULL, "phandle", 1), "phandles");
	refused(
	    with(DRIVER "/match/pci", NULL, "linux,phandle", 1), "phandles");
}

/* S7: exactly one fragment, for /drivers, with exactly one node. */
static void
fragments(void)
{
	struct small_image im;

	refused(with("/", "fragment@1", NULL, 0), "exactly one fragment");
	refused(with("/", NULL, "compatible", 0), "exactly one fragment");
	refused(
	    with("/fragment@0", "more", NULL, 0), "exactly one __overlay__");
	refused(
	    with("/fragment@0", NULL, "target", 1), "exactly one __overlay__");
	refused(with("/fragment@0/__overlay__", "more", NULL, 0),
	    "exactly one driver");
	small_image(&im);
	small_begin(blob, "/");
	small_driver(blob, "small", &im);
	refused(small_end(blob, 4), "not /drivers");
}

/* S7: only the schema's properties, in their forms, once. */
static void
properties(void)
{
	refused(with(DRIVER, NULL, "image-hash", 0), "unknown property");
	refused(with(DRIVER "/needs", NULL, "all-of-it", 0),
	    "unknown property all-of-it");
	refused(with(DRIVER, "registers", NULL, 0), "unknown node registers");
	refused(with(DRIVER, NULL, "title", 7), "title has the wrong form");
	refused(with(DRIVER "/match/pci", "deeper", NULL, 0), "unknown node");
	refused(with(DRIVER "/match", "bus-less", NULL, 0), "lacks bus");
}

/* A number that the record's rules refuse. */
static void
number(const char *node, const char *name, uint32_t value, const char *text)
{
	char path[96];

	snprintf(path, sizeof(path), DRIVER "/%s", node);
	refused(with(path, NULL, name, value), text);
}

/* S7: numbers within their limits; nothing that is the boot range's. */
static void
limits(void)
{
	number("policy", "priority", 12, "the paging path's");
	number("policy", "priority", 256, "beyond 15");
	number("policy", "restart-limit", 0, "without limit");
	number("policy", "heartbeat-ms", 0, "its class or a bus");
	number("policy", "heartbeat-ms", 0xffffffff, "heartbeat");
	number("needs", "dma-pages", 0x10001, "more than a driver's record");
	number("needs", "bars", 6, "BAR");
	number("needs", "bars", 0xffffffff, "BAR");
	number("needs", "isa-irqs", 16, "beyond 15");
	number("needs", "messages", 5, "more than");
	number("needs", "dma-bits", 65, "DMA");
}

static void
image(struct small_image *im, const char *text)
{
	small_begin(blob, "/drivers");
	small_driver(blob, "small", im);
	refused(small_end(blob, 4), text);
}

/* package.2: an ELF for another machine, no ELF, one that is too large. */
static void
images(void)
{
	struct small_image im;

	small_image(&im);
	im.header.e_machine = EM_AARCH64;
	image(&im, "another machine (ELF machine 183)");
	small_image(&im);
	im.header.e_ident[EI_CLASS] = ELFCLASS32;
	image(&im, "another machine");
	small_image(&im);
	im.header.e_ident[0] = 0;
	image(&im, "no ELF file");
	small_image(&im);
	im.header.e_entry = 0;
	image(&im, "no program");
	small_image(&im);
	im.segment.p_flags = PF_R | PF_W | PF_X;
	image(&im, "no program");
	small_image(&im);
	im.segment.p_memsz = UINT64_C(200) * PAGE_SIZE;
	image(&im, "needs 200 pages");
}

/* S7: only names that people can type, and no terminal sequences. */
static void
names(void)
{
	struct small_image im;

	small_image(&im);
	refused(small_package(blob, "Small"), "the name is not");
	refused(
	    small_package(blob, "averyveryverylongname"), "the name is not");
	small_begin(blob, "/drivers");
	small_driver(blob, "small", &im);
	CU_ASSERT(small_end(blob, 4) > 0);
	CU_ASSERT_EQUAL(fdt_setprop_inplace(blob, fdt_path_offset(blob, DRIVER),
			    "title", "a small\033[2Jt driver", 20),
	    0);
	refused(fdt_totalsize(blob), "title has the wrong form");
}

/* Applies the package in blob. */
static enum status
apply(size_t bytes)
{
	static _Alignas(8) uint8_t overlay[PACKAGE_TREE + 256];
	uint8_t                    hash[TREE_HASH];

	CU_ASSERT_EQUAL_FATAL(package_read(&package, blob, bytes, why), RC_OK);
	hash_bytes(package.image, package.image_bytes, hash);
	CU_ASSERT_EQUAL_FATAL(
	    overlay_make(blob, &package, hash, overlay, sizeof(overlay)),
	    RC_OK);
	return tree_apply(&tree, package.record.name, overlay);
}

/* tree.1: one of each name; what was refused has changed nothing. */
static void
apply_and_remove(void)
{
	static uint8_t before[TREE_BYTES];
	int            node;

	tree_begin(&tree);
	CU_ASSERT_EQUAL(apply(small_package(blob, "one")), RC_OK);
	CU_ASSERT_EQUAL(apply(small_package(blob, "two")), RC_OK);
	memcpy(before, tree_fdt(&tree), TREE_BYTES);
	CU_ASSERT_EQUAL(apply(small_package(blob, "one")), RC_EXISTS);
	CU_ASSERT_EQUAL(memcmp(before, tree_fdt(&tree), TREE_BYTES), 0);
	node = tree_find(&tree, "one");
	CU_ASSERT_FATAL(node >= 0);
	CU_ASSERT_PTR_NULL(fdt_getprop(tree_fdt(&tree), node, "image", NULL));
	CU_ASSERT_PTR_NOT_NULL(
	    fdt_getprop(tree_fdt(&tree), node, "image-hash", NULL));
	CU_ASSERT_EQUAL(tree_remove(&tree, "one"), RC_OK);
	CU_ASSERT_EQUAL(tree_remove(&tree, "one"), RC_NOT_FOUND);
	CU_ASSERT(tree_find(&tree, "two") >= 0);
}

/* tree.2: a full tree refuses and stays whole (the old is kept, S7). */
static void
full(void)
{
	enum status st = RC_OK;
	char        name[16];
	unsigned    n;

	tree_begin(&tree);
	for (n = 0; n < 1000; n++) {
		snprintf(name, sizeof(name), "driver%u", n);
		st = apply(small_package(blob, name));
		if (st != RC_OK)
			break;
	}
	CU_ASSERT_EQUAL(st, RC_FULL);
	CU_ASSERT(n > 50);
	CU_ASSERT_EQUAL(fdt_check_full(tree_fdt(&tree), TREE_BYTES), 0);
	CU_ASSERT(tree_find(&tree, "driver0") >= 0);
	CU_ASSERT_EQUAL(tree_remove(&tree, "driver0"), RC_OK);
	CU_ASSERT_EQUAL(apply(small_package(blob, name)), RC_OK);
}

/* hash.1: FIPS 180-4's examples, and every length of the last block. */
static void
hashes(void)
{
	static const uint8_t abc[TREE_HASH] = {0xba, 0x78, 0x16, 0xbf, 0x8f,
	    0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
	    0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff,
	    0x61, 0xf2, 0x00, 0x15, 0xad};
	static const uint8_t two[] = {
	    0x24, 0x8d, 0x6a, 0x61, 0xd2, 0x06, 0x38, 0xb8};
	static const char text[] =
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t hash[TREE_HASH];

	hash_bytes("abc", 3, hash);
	CU_ASSERT_EQUAL(memcmp(hash, abc, sizeof(abc)), 0);
	hash_bytes(text, sizeof(text) - 1, hash);
	CU_ASSERT_EQUAL(memcmp(hash, two, sizeof(two)), 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(good),
    RUNNER_TEST(headers),
    RUNNER_TEST(references),
    RUNNER_TEST(fragments),
    RUNNER_TEST(properties),
    RUNNER_TEST(limits),
    RUNNER_TEST(images),
    RUNNER_TEST(names),
    RUNNER_TEST(apply_and_remove),
    RUNNER_TEST(full),
    RUNNER_TEST(hashes),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "package", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
