/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system that the volume builder makes: two ranges of frames, and the
 * objects of system.dtb that lie in them. See README.md for the tree.
 */
#ifndef PERSIST_TOOLS_BUILD_H
#define PERSIST_TOOLS_BUILD_H

#include "kernel/abi/process.h"
#include "persist/format/frame.h"

enum {
	NAME_BYTES = 32,
	OBJECTS_MAX = 256,
	SERVICES_MAX = 64,
	PATCHES_MAX = 64,
	FIRST_COUNT = 1, /* Of every object built; 0 names nothing. */
};

/* A source's frames as they are built: position n is frame[n]. */
struct range {
	enum oid_source source;
	unsigned        nframes, limit;
	uint8_t        *kind; /* enum frame_kind, by position. */
	uint8_t (*frame)[PAGE_SIZE];
	unsigned node_frame; /* The node frame being filled. */
	unsigned node_index; /* Its next free node; 7: full or none. */
};

enum object_type {
	OBJ_DOMAIN,  /* A process with its image and address space. */
	OBJ_SEGMENT, /* Zero pages under a node tree. */
	OBJ_NODE,    /* 32 slots. */
};

struct object {
	enum object_type type;
	char             name[NAME_BYTES];
	int              offset;  /* In the device tree. */
	uint32_t         phandle; /* 0: nothing refers to it. */
	struct range    *range;
	oid              node;  /* Process node, or the node. */
	oid              state; /* State page. */
	struct cap       space; /* Root of address space or segment. */
	unsigned         pages; /* Of a segment. */
	oid             *page;
	uint8_t          flags; /* enum process_flags */
	bool             running;
};

/* A range capability whose extent is known only when all is built. */
struct patch {
	struct cap     *slot;
	struct range   *range;
	const char     *path;
	enum oid_source source;
	uint64_t        first, length;
	bool            from_free, to_end;
};

struct build {
	const void   *fdt;
	const char   *images; /* Folder of NAME.elf. */
	struct range  boot, persistent;
	struct object object[OBJECTS_MAX];
	unsigned      nobjects;
	struct cap    service[SERVICES_MAX];
	unsigned      nservices;
	struct patch  patch[PATCHES_MAX];
	unsigned      npatches;
	uint64_t      positions; /* Persistent frames there may be. */
};

/* Report and end: the builder makes a whole volume or none. */
_Noreturn void die(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
void *must_alloc(size_t n, size_t size);

/* range.c */
void                range_init(struct range *r, enum oid_source source);
oid                 range_frame(struct range *r, enum frame_kind kind);
oid                 range_node(struct range *r, enum node_role role);
void               *range_page(struct range *r, oid o);
struct node_header *range_header(struct range *r, oid node);
struct cap         *range_slot(struct range *r, oid node, unsigned slot);

/* space.c: pages by address, turned into the smallest node tree. */
struct space;
struct space *space_new(struct range *r, const char *owner);
void          space_put(struct space *s, uint64_t address, struct cap c);
void          space_put_at(struct space *s, uint64_t offset, struct cap c);
struct cap    space_finish(struct space *s);

/*
 * elf.c: puts an image into an address space, gives its entry point and its
 * FS base: the start of the writable segment (userland/rt/start.S), or 0.
 */
uint64_t elf_load(struct space *s, struct range *r, const char *path,
    const char *owner, uint64_t *fs_base);
void    *file_read(const char *path, size_t *bytes);

/* tree.c: the device tree, with errors that name the node. */
const char    *tree_path(const struct build *b, int offset);
const char    *tree_string(const struct build *b, int offset, const char *name);
bool           tree_flag(const struct build *b, int offset, const char *name);
bool           tree_has(const struct build *b, int offset, const char *name);
uint64_t       tree_number(const struct build *b, int offset, const char *name,
	  uint64_t otherwise, uint64_t limit);
uint64_t       tree_unit(const struct build *b, int offset, unsigned base);
struct object *tree_target(struct build *b, int offset, const char *name);
void tree_only(const struct build *b, int offset, const char *const *names);
int  tree_first(const struct build *b, int offset);
int  tree_next(const struct build *b, int offset);

/* object.c: first all objects, then their content. */
void objects_declare(struct build *b, int section, struct range *r);
void objects_fill(struct build *b);

/* capability.c */
void capability_read(
    struct build *b, struct range *holder, int offset, struct cap *slot);
void capability_patch(struct build *b);
void services_read(struct build *b, int section);

/* closure.c: the paging closure's calls form a declared acyclic graph (S7). */
void closure_check(struct build *b);

/* image.c: the boot range image of boot/handoff. */
void *image_make(const struct build *b, size_t *bytes);

/* listing.c */
void listing_print(const struct build *b);

#endif
