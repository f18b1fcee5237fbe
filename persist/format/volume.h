/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The volume header (block 16) and the superblocks (blocks 17 and 18).
 *
 * The header says what the volume is and is written once. A superblock says
 * where one generation and those retained beside it lie; commits write the two
 * slots alternately, and the newest that verifies counts.
 */
#ifndef PERSIST_FORMAT_VOLUME_H
#define PERSIST_FORMAT_VOLUME_H

#include "persist/format/layout.h"

enum {
	VOLUME_MAGIC = 0x4c4f5641, /* "AVOL" */
	VOLUME_VERSION = 1,
	SUPER_MAGIC = 0x50555341, /* "ASUP" */
	SUPER_VERSION = 1,
	SUPER_SLOTS = 2,
	MEMBERS_MAX = 8,   /* Disks of one volume (S17). */
	RETAINED_MAX = 12, /* Generations in one superblock. */
};

/* Format features that a generation needs to be opened (S13). */
enum format_needs {
	NEED_MAP_1 = 1 << 0,   /* This map, its dead lists and its bitmap. */
	NEED_FRAME_1 = 1 << 1, /* This node frame and state page. */
	NEEDS_KNOWN = NEED_MAP_1 | NEED_FRAME_1,
};

struct volume_header {
	uint32_t magic;
	uint32_t version;
	uint32_t checksum; /* CRC32C of the block with this field zero. */
	uint32_t check;    /* enum check_algorithm */
	uint8_t  uuid[16]; /* Of the volume: the same on each member. */
	uint64_t blocks;   /* In the partition, this volume's. */
	uint64_t slot_block[BOOT_SLOTS];
	uint64_t slot_blocks; /* In each of the two areas. */
	uint64_t data_block;  /* First block of the data area. */
	uint64_t data_blocks;
	/*
	 * Persistent frames 0 to positions - 1 may exist; the map never grows
	 * beyond them, which bounds what a commit must write (F7).
	 */
	uint64_t positions;
	uint64_t journal_block; /* Ring of Page.journal (S10); 0: none. */
	uint64_t journal_blocks;
	uint64_t made;    /* Seconds since 1970, or 0. */
	uint32_t members; /* Disks that make up the volume (S17). */
	uint32_t member;  /* Which of them this is. */
	uint8_t  member_uuid[MEMBERS_MAX][16];
	char     label[64];
	uint8_t  unused[3784];
};

_Static_assert(offsetof(struct volume_header, uuid) == 16, "uuid");
_Static_assert(offsetof(struct volume_header, blocks) == 32, "blocks");
_Static_assert(offsetof(struct volume_header, positions) == 80, "positions");
_Static_assert(offsetof(struct volume_header, members) == 112, "members");
_Static_assert(sizeof(struct volume_header) == BLOCK_SIZE, "one block");

/*
 * A tree of the map: levels 0 is empty, 1 a single leaf block, 2 a block of
 * pointers to leaf blocks, and so on.
 */
struct map_root {
	uint64_t block;
	uint64_t birth; /* Generation that wrote the root block (F8). */
	uint64_t check; /* 48 bits, check_map(). */
	uint32_t levels;
	uint32_t unused;
};

enum generation_flags {
	GEN_PINNED = 1 << 0, /* By `gen keep`; never dropped. */
	/*
	 * The next commit may drop it and reuse its blocks: not to be opened.
	 * Declared one commit ahead, so that a fall-back to this superblock
	 * never offers a generation whose blocks its successor reused.
	 */
	GEN_CONDEMNED = 1 << 1,
};

/* One generation: the current one, or one retained from before. */
struct generation {
	uint64_t        number;
	uint64_t        commit; /* Random identity (S9, D13). */
	uint64_t        parent; /* Commit id of the one it was made from. */
	uint64_t        time;   /* Seconds since 1970, or 0 (D13). */
	uint64_t        boot;
	uint64_t        call_number;
	uint64_t        blocks; /* That it uses, metadata included. */
	uint64_t        frames; /* Objects that exist in it. */
	struct map_root objects;
	struct map_root record; /* Running list, S3 tables, reserve table. */
	uint32_t        record_pages;
	uint32_t        needs; /* enum format_needs */
	uint32_t        flags; /* enum generation_flags */
	uint32_t        unused;
	/*
	 * Its dead list: the blocks that its predecessor in this superblock
	 * uses and it does not (F8). Key + 1 of the newest list block, 0: none.
	 */
	uint64_t        dead;
	uint64_t        dead_entries;
	char            label[32];
};

struct superblock {
	uint32_t magic;
	uint32_t version;
	uint32_t checksum; /* CRC32C of the block with this field zero. */
	uint32_t generations;
	uint8_t  volume[16];
	uint64_t number;  /* Generation; as in the last of the array. */
	uint64_t highest; /* Number ever given: rollback keeps it (S9). */
	uint64_t boot;    /* Highest boot number known (F6). */
	uint64_t journal_sequence; /* Reserved (S10). */
	uint32_t members;
	uint32_t unused0;
	uint8_t  member_uuid[MEMBERS_MAX][16];
	struct map_root   space; /* The bitmap. */
	struct map_root   lists; /* The blocks of all dead lists. */
	uint64_t          used;  /* Blocks that any of the generations uses. */
	uint8_t           unused1[504];
	struct generation generation[RETAINED_MAX]; /* Oldest first. */
	uint8_t           unused2[1016];
};

_Static_assert(sizeof(struct map_root) == 32, "map root");
_Static_assert(offsetof(struct generation, objects) == 64, "objects");
_Static_assert(offsetof(struct generation, dead) == 144, "dead list");
_Static_assert(sizeof(struct generation) == 192, "generation");
_Static_assert(offsetof(struct superblock, volume) == 16, "volume");
_Static_assert(offsetof(struct superblock, space) == 200, "space");
_Static_assert(offsetof(struct superblock, generation) == 776, "array");
_Static_assert(sizeof(struct superblock) == BLOCK_SIZE, "one block");

#endif
