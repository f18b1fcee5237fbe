/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: hardware tables as a cache of the tree of nodes.
 *
 * A table is a product of (producer OID, kind, span, offset, level, read-only,
 * no-execute, np) and is shared by all spaces that reach it so (S1). Depend
 * entries lead from a node slot to the table entries built through it, the
 * reverse map from each frame and table to the entries that refer to it (F2).
 * Tables may vanish at any moment but while they are loaded.
 */
#ifndef KERNEL_MEM_MAP_H
#define KERNEL_MEM_MAP_H

#include "kernel/abi/process.h"
#include "kernel/mem/frame.h"

/* A process as this layer sees it. */
struct map_space {
	struct cap   *root;     /* Its space slot. */
	struct frame *holder;   /* The node frame of that slot. */
	struct frame *state;    /* Its state frame: remembers the top table. */
	bool          resident; /* No persistent page may be reached (F9). */
};

/* What a failed walk met. */
struct map_fault {
	enum fault_code code;
	bool            guarded; /* A guarded node covers the address. */
	struct cap guard;  /* Innermost one: as met, restrictions included. */
	uint8_t    rights; /* Of the way to it, its own included. */
	uint64_t   offset; /* Of the address within that guard's segment. */
};

/*
 * Load the space's top table, making it if need be. Cheap when it is loaded
 * already. A void or dead space is not an error: nothing is mapped in it.
 */
must_check enum status map_load(const struct map_space *s);

/* The same, if nothing has happened since it was loaded last; or false. */
bool map_reload(const struct frame *state);


/* No space is loaded any more: at idle, or before its process is destroyed. */
void map_unload(void);

/*
 * Serve a fault: walk the tree, build what is missing, make the page writable
 * if that is what is wanted. RC_OK: retry the access. ST_FAULT: *fault says
 * why it cannot be. ST_WAIT, RC_NO_MEMORY as elsewhere.
 */
must_check enum status map_serve(const struct map_space *s, uint64_t v,
    enum fault_access access, struct map_fault *fault);

/*
 * The commonest part of map_serve, in the space of this state frame, for who
 * asks before that. HIT_FAULT: it would say ST_FAULT and *fault; not asked for
 * if that is NULL. HIT_NOT: nothing has changed.
 */
enum map_hit {
	HIT_NOT,
	HIT_SERVED,
	HIT_FAULT,
};
must_check enum map_hit map_hit(const struct frame *state, uint64_t v,
    enum fault_access access, struct map_fault *fault);

/*
 * The RAM behind a user address, for the kernel's own copies: like map_serve,
 * but gives the frame (prepared for writing if access is ACCESS_WRITE).
 * Device memory is ST_FAULT with FAULT_ACCESS.
 */
must_check enum status map_page(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);

/*
 * The page that the tables of this state frame lead to for v, if they do and
 * allow this access, which is not to execute; else NULL. Nothing changes.
 */
struct frame *map_mapped(
    const struct frame *state, uint64_t v, enum fault_access access);

/*
 * As map_page for the page behind that of the last map_page or map_page_next,
 * which was of this space and in this kernel entry: shorter, for strings.
 */
must_check enum status map_page_next(const struct map_space *s, uint64_t v,
    enum fault_access access, struct frame **out, struct map_fault *fault);

/* --- Invalidation; each has taken effect when it returns ---------------- */

/* A slot of a node is about to change. */
void map_slot_changed(oid node, unsigned slot);

/*
 * So many entries are taken away between two chances for an interrupt (D3); each
 * takes 200 instructions at most.
 */
enum { MAP_PIECE = 64 };

/*
 * Some of what goes with a slot of a node, a node, a page, with whatever a frame
 * holds, or with a device or one page of it, of which so many are left. False:
 * there is more, and an interrupt is due before that is taken away (D3); it is to
 * be called again. True: nothing is left, and the functions here have little to
 * do. To map a page again takes longer than this.
 */
must_check bool map_slot_thin(oid node, unsigned slot);
must_check bool map_node_thin(oid node);
must_check bool map_page_thin(struct frame *f);
must_check bool map_number_thin(uint64_t number);
must_check bool map_device_thin(uint32_t object, unsigned *left);
must_check bool map_device_thin_page(
    uint32_t object, uint64_t page, unsigned *left); /* No flush. */

/* All slots of a node are about to change, or it dies. */
void map_node_changed(oid node);

/*
 * The space slot of a process is about to change. For the loaded process this
 * takes effect at the next map_load, which precedes each return to it. Who knows
 * its top table is to forget it.
 */
void map_space_changed(struct frame *state);

/* All tables made of this object go: it dies, or becomes something else. */
void map_producer_dead(oid producer);

/* Nobody maps this page any more (evict, rescind, move). */
void map_frame_revoke(struct frame *f);

/* Nobody maps this page writable any more (clean). */
void map_frame_protect(struct frame *f);

/* All entries onto a window or MMIO range (kernel object index) go. */
void map_device_revoke(uint32_t object);

/* Those onto one 4 KiB page of it; flush with map_flush after the last. */
void map_device_revoke_page(uint32_t object, uint64_t page);
void map_flush(void);

/* This frame will no longer be part of the cache as a segment. */
void map_cache_revoke(const struct frame *f);

/* As those above, to be followed by map_flush after the last. */
void map_frame_protect_later(struct frame *f);
void map_frame_revoke_later(struct frame *f);

/* --- For memory pressure, snapshot and figures ------------------------- */

/*
 * Free the frame of a table, of a class that serves this one. ST_WAIT: MAP_PIECE of
 * its entries are taken away, and it is to be called again (frame_wait_again); a
 * resident process waits for nothing, and goes on to the end. RC_NO_MEMORY: there
 * is none. Whatever comes, some table is gone after enough calls.
 */
must_check enum status map_reclaim_table(enum frame_class class);
void     map_snapshot(void);      /* The epoch has risen: new flush stamp. */
uint32_t map_table_count(void);
void     map_init(void); /* Once, after mem_init. */
bool     map_ok(void);   /* Checks all tables against the tree. */

/*
 * Device memory behind a CK_MMIO or CK_WINDOW capability, supplied by
 * kernel/device and mem/window: the physical address of a page of it.
 * RC_VOID: dead. RC_ARGUMENT: beyond its end, or a window slot in use by none.
 */
struct map_device {
	paddr           page;
	enum cache_mode cache;
	bool            read_only;
	uint32_t        object; /* For map_device_revoke. */
};
must_check enum status map_device_page(
    const struct cap *c, uint64_t offset, struct map_device *out);

/* The CK_MMIO half of it, supplied by kernel/device. */
must_check enum status mmio_translate(
    const struct cap *c, uint64_t offset, struct map_device *out);

/* Kernel object indices from here on are windows', not kernel/device's. */
enum { WINDOW_OBJECTS = 1 << 24 };

#endif
