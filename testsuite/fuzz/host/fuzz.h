/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer of the kernel's object code on the host: the real kernel/object,
 * method, mem, sched and entry on the fake machine, and beside it a model of
 * what they promise, which shares no code with them.
 *
 *     machine.c   boots the machine, peeks into it without disturbing it
 *     store.c     the store: late, in any order, sometimes failing
 *     spoil.c     what it says that is not true
 *     model.c     objects, capabilities, what is alive
 *     space.c     address spaces and strings
 *     message.c   messages, resume capabilities
 *     deliver.c   what a process gets
 *     faults.c    faults and keepers
 *     media.c     what may come of what cannot be read
 *     loans.c     what is lent, and the CPU that is stepped for it
 *     resident.c  who never waits for the pager, and what it replies
 *     orders.c    what dispatch refuses; which model an order has
 *     nodes.c     the models of data: numbers, pages, nodes, forwarders
 *     owners.c    the models of authority: ranges, processes, keepers, time
 *     reserves.c  the model of priorities and reserves
 *     compare.c   is the kernel's state the model's?
 *     generate.c  what is invoked, with what
 *     step.c      what happens next
 *     warden.c    who runs when nobody does
 *     main.c      episodes, seeds
 *
 * The driver is the CPU: it lets the loaded process invoke, touch memory or
 * trap. When the kernel has left, either the process waits (then nothing may
 * have changed) or it is done; then the model does the same, and what both
 * have touched is compared. Every so often all is.
 */
#ifndef TESTSUITE_FUZZ_HOST_FUZZ_H
#define TESTSUITE_FUZZ_HOST_FUZZ_H

#include "kernel/abi/cap.h"
#include "kernel/abi/invoke.h"
#include "kernel/abi/process.h"
#include "kernel/abi/status.h"
#include "persist/format/frame.h"
#include "testsuite/unit/kernel/fake/fake.h"

/* --- The model ------------------------------------------------------------ */

enum {
	SCARCE      = 24 + 64, /* Frames that the kernel keeps for tables. */
	POSITIONS = 56, /* Frames of each source that the model knows. */
	ARENA_FIRST = 32, /* Those below are what processes are made of. */
	WARDEN = 24 * 8, /* Ephemeral, beyond everybody's reach. */
	FRAMES = 2 * POSITIONS,
	NOWHERE = UINT32_MAX,
	SERIALS = 1 << 19, /* Incarnations and calls of one episode. */

	NUMBER_SERVICE = 1,
	NUMBER_SERVICE_VALUE = 77,

	/* Where the program counter stands. */
	PC_FREE = 0x1000,
	PC_INVOKE = 0x2000,
	PC_TOUCH = 0x3000,
	SYSCALL_BYTES = 2,
	OUT_MOST = 8192,
	MACHINE_ACTIVITIES = 48,
	RESERVES_MODEL = 31,
	IDS_MODEL = 4096,
};

/* A capability as the model sees it: of an incarnation, not of a count. */
struct mcap {
	uint8_t  kind, rights;
	uint16_t data;
	uint32_t at;     /* Object: model frame * 8 + index. */
	uint32_t serial; /* Its incarnation; of a resume, the call. */
	uint32_t high;   /* Number, schedule: count. */
	uint64_t low;    /* Number; first frame of a range. */
	uint64_t length; /* Of a range. */
};

/* A process, beside its node. */
struct mproc {
	uint32_t state_at, state_serial; /* Its state page. */
	uint32_t call;                   /* What it waits with. */
	uint8_t  state, fault, access, fault_rights;
	bool     restarted; /* It may be told of the restart (S3). */
	bool     has_notice;
	bool     resident; /* It never waits for the pager (F5). */
	bool     parcel;   /* A parcel is reserved for the reply. */
	uint64_t address, info;
	uint64_t notices;
	uint64_t fs, gs;
	struct registers regs;
	uint8_t          name[16];
};

struct mnode {
	uint32_t     serial;
	uint8_t      role;
	bool         blocked; /* A forwarder. */
	uint64_t     word;
	struct mcap  slot[NODE_SLOTS];
	struct mproc p;
};

struct mframe {
	uint32_t     serial; /* Of a page or state page. */
	uint8_t      kind;   /* enum frame_kind */
	struct mnode node[FRAME_NODES];
	uint8_t      data[PAGE_SIZE];
};

/* A processor-capacity reserve; id 0: none. */
struct mreserve {
	uint32_t id;
	uint64_t period, budget, used;
};

/* What a restart brings back as it was. */
struct mstate {
	struct mframe frame[POSITIONS];
	int64_t       top_count[POSITIONS][8]; /* The highest ever learned. */
	struct mreserve reserve[RESERVES_MODEL]; /* Of the second source. */
	uint32_t      ids[IDS_MODEL]; /* All that were ever made. */
	unsigned      nids;
};

struct model {
	struct mstate source[2]; /* 0 ephemeral, 1 persistent. */
	struct mstate frozen, committed;
	bool          freezing;
	uint32_t      next_serial;
	/* The kernel's number for each incarnation or call, once seen. */
	uint64_t number[SERIALS];
	bool     learned[SERIALS];
	uint64_t last_call; /* The highest call number seen (F1). */
	struct malarm {
		uint32_t at, serial;
		uint8_t  bit;
		uint64_t when;
	} alarm[256];
	unsigned nalarms;
};
extern struct model model;

struct mframe *frame_at(uint32_t at); /* at / 8 is the frame. */
struct mnode  *node_at(uint32_t at);
struct mproc  *proc_at(uint32_t at);
uint64_t       frame_number_of(uint32_t at);
uint32_t       at_of_number(uint64_t number, unsigned index); /* NOWHERE */
bool           at_persistent(uint32_t at);
uint32_t       new_serial(void);

/* Is there a process, with a state page of its own? */
/* All processes; the last one is followed by NOWHERE. */
const uint32_t *processes(void);
void            processes_changed(void);

bool is_process(uint32_t at);
bool is_whole(uint32_t at);

/* What it is worth now: boot services resolved; dead ones are void. */
struct mcap cap_now(const struct mcap *c);
struct mcap object_cap(unsigned kind, uint32_t at);

/* What is unread: the object it names; a process, or its state page. */
bool cap_unread(const struct mcap *c);
bool process_unread(uint32_t at);

/* RC_MEDIA: its state page is unread; RC_STATE: it has none. */
enum status process_now(uint32_t at);

void make_page(uint32_t at);
void make_nodes(uint32_t at);
void kill_page(uint32_t at);
void kill_node(uint32_t at);
void kill_process(uint32_t at);
void free_frame(uint32_t at);
void model_restart(void);

/* What was changed since the last comparison. */
void     touch(uint32_t at); /* A node or a page. */
unsigned touched_count(void);
uint32_t touched(unsigned i);
void     touched_clear(void);

/* --- Address spaces -------------------------------------------------------- */

struct reach {
	uint32_t    page; /* NOWHERE: a fault. */
	uint8_t     fault;
	bool        guarded;
	uint8_t     rights; /* Of the way to the guard. */
	struct mcap guard;
	uint64_t    offset;
};
struct reach space_reach(uint32_t at, uint64_t v, enum fault_access a);

/* The same where nothing is mapped yet: FAULT_MEDIA where it meets what is unread. */
struct reach space_walk(uint32_t at, uint64_t v, enum fault_access a);

/* The frames of [v, v + bytes): how many can be had; *r is the first fault. */
uint32_t space_extent(uint32_t at, uint64_t v, uint32_t bytes,
    enum fault_access a, struct reach *r, uint64_t *where);
void space_read(uint32_t at, uint64_t v, void *to, uint32_t bytes);
void space_write(uint32_t at, uint64_t v, const void *from, uint32_t bytes);
bool user_range(uint64_t v, uint64_t bytes);

/* --- Invocations ----------------------------------------------------------- */

struct op {
	uint32_t    x; /* Who invokes. */
	uint64_t    control;
	unsigned    kind; /* enum invoke_kind */
	uint64_t    word[MESSAGE_WORDS];
	struct mcap self;
	struct mcap cap[MESSAGE_CAPS]; /* Sent, alive or void. */
	uint32_t    string_bytes;
	uint8_t    *string;

	/* What the kernel answered, where the model allows several answers. */
	enum status              actual;
	const struct state_page *kernel; /* Its state page now, or NULL. */
	struct mcap              unread; /* What it came to, and no further. */

	struct mcap out_cap[MESSAGE_CAPS];
	uint64_t    out_word[MESSAGE_WORDS];
	uint8_t    *out; /* Room for OUT_MOST. */
	uint32_t    out_bytes;
	bool        any_words, any_string; /* Not for the model to say. */
	bool        via_word, via_cap; /* What forwarders have put in. */
	struct mcap forwarder;
	bool        gone; /* It destroyed itself. */
};

/* The model of one order; NULL: it has none. */
typedef enum status order_fn(struct op *o);
order_fn *order_model(unsigned kind, uint64_t number);
bool      orders_complete(bool say);

/* Not tried here: see orders.c. */
bool needs_cpu(unsigned kind, uint64_t order);

/* Does dispatch let it pass? By the generated list. */
enum status order_refuses(const struct op *o);

/* --- Messages -------------------------------------------------------------- */

struct mmessage {
	uint8_t     source;
	uint16_t    data;
	uint64_t    word[MESSAGE_WORDS];
	struct mcap cap[MESSAGE_CAPS];
	uint8_t    *string; /* Whose bytes are `fits`. */
	uint32_t    fits;
	bool        truncated;
};

static inline unsigned
control_field(uint64_t word, unsigned shift)
{
	return (unsigned)(word >> shift) & 31;
}

static inline unsigned
send_register(uint64_t control, unsigned i)
{
	return control_field(
	    control, CONTROL_SEND_SHIFT + CONTROL_REG_BITS * i);
}

static inline unsigned
receive_register(uint64_t control, unsigned i)
{
	return control_field(
	    control, CONTROL_RECEIVE_SHIFT + CONTROL_REG_BITS * i);
}

/* The whole invocation of x, which the kernel has not put off. */
void invoke_model(uint32_t x, const struct state_page *kernel);
void deliver_model(uint32_t to, struct mmessage *m);
void bare(uint32_t x, unsigned kind, enum status st); /* The words alone. */
void to_process(struct op *o);
uint32_t length_of(const struct state_page *k); /* Of what it has got. */
void notices_model(uint32_t at);
void restarted_model(uint32_t at);

/* x faults: does somebody hear of it, or does it stay? */
void fault_model(uint32_t x, enum fault_code code, enum fault_access access,
    uint64_t info, uint64_t address, const struct reach *r);

/* Its own string is not there: the instruction will run again. */
void string_fault(uint32_t x, uint64_t where, const struct reach *r);

/* Would awaits() say yes: a resume or restart capability of the last call? */
bool answers(const struct mcap *c);
uint32_t model_wait(uint32_t x); /* It waits: the call's serial. */
struct mcap resume_cap(unsigned kind, uint32_t x); /* It waits for this. */

/* --- What cannot be read --------------------------------------------------- */

/* As space_extent, of what o sends: the kernel may say that it is unread. */
uint32_t sent_extent(const struct op *o, uint64_t v, uint32_t bytes,
    struct reach *r, uint64_t *where);

/*
 * What a process gets of `bytes`, of which it should get `ideal`: so much
 * as the kernel says, if what is behind it is unread.
 */
uint32_t received_extent(uint32_t at, uint64_t v, uint32_t ideal,
    uint32_t bytes, uint32_t kernel);

/* May it fail to store one of these outside? */
bool caps_in_doubt(const struct mcap *c, unsigned n);
bool answered_media(const struct op *o);

/* A return that nobody hears of could have come to anything: a call instead. */
void result_must_be_seen(uint32_t x, uint64_t *control);

/* --- Loans ------------------------------------------------------------------ */

/* What a process that is stepped reaches, and what it sends. */
struct reach stepped_reach(uint32_t x, uint64_t v, enum fault_access a);
bool         is_lent(uint32_t x, uint64_t v, enum fault_access a);
bool         is_lent_sent(uint32_t x, uint64_t v);
uint32_t     sent_space_extent(uint32_t x, uint64_t v, uint32_t bytes,
	struct reach *r, uint64_t *where);
void sent_read(uint32_t x, uint64_t v, uint8_t *to, uint32_t bytes);

void loan_drop(uint32_t at);
void loans_reset(void);
/* Its string was read, and then it had to wait: it will ask for it again. */
void loan_put_off(uint32_t x);
void loan_look(uint32_t x); /* It is to run: has it what it was lent? */
void loans_unstepped(void); /* Who could not be stepped has faulted. */

/* The CPU: a touch for rbp; what it does when told to step; stores it flags? */
uint64_t      any_touch(enum fault_access a);
enum hal_step step_of(const struct state_page *s);
bool          shows_flags(const struct registers *r);

/* --- Resident processes ------------------------------------------------------ */

bool is_resident(uint32_t at);

/* Does a persistent process wait with it? Is that one out of memory by now? */
bool is_awaited_outside(const struct mcap *c);
bool is_away(const struct mcap *c);

/*
 * Was x refused, since only the pager could bring what it came to? first: the
 * capability that it has invoked; *order: its order refused it.
 */
bool resident_refused(struct op *o, const struct mcap *first, bool *order);
bool resident_not_sent(const struct op *o); /* A return that came to nothing. */
bool resident_in_doubt(const struct op *o); /* Is it void? The kernel knows not. */
bool resident_void_by_order(const struct op *o);
void resident_way(uint32_t x, uint64_t *control); /* What it may invoke. */
void resident_waits(uint32_t x); /* It was put off: may it be? */

/* Its reply that did not come to him in memory: *st is its answer. */
bool resident_reply(
    struct op *o, const struct mmessage *m, enum status *st);

/* Its answer as a keeper: it lies ready; it was too late. */
bool resident_answers(const struct op *o, bool kill);
bool resident_too_late(const struct op *o);
bool resident_is_stale(const struct op *o);
bool resident_knows(const struct op *o); /* Though he is unread. */
void killed_model(uint32_t at);

void answers_reset(void);
void answers_look(void);
bool is_answered(uint32_t at); /* Something lies ready for it. */

/* --- Priorities and reserves ----------------------------------------------- */

bool some_reserve(uint32_t *id); /* False: there is none. */
void time_passes(uint32_t x, uint64_t ns);
void reserves_restarted(void);
void reserves_look(uint32_t x); /* x is to run; NOWHERE: nobody. */

/* --- Comparing ------------------------------------------------------------- */

/* The kernel's object, wherever it is; NULL: not to be seen now. */
struct peek {
	uint8_t     kind;
	uint32_t    count;
	const void *data;
	bool        foreign; /* Not converted to this boot yet (F6). */
};
struct peek        peek(uint64_t number);
struct state_page *peek_state(uint32_t process);

void compare_touched(void);
void compare_all(void);
void invariants(void);

/* Everything up to here was right; this is not. Does not return. */
_Noreturn void wrong(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
#define MUST(c)                               \
	do {                                  \
		if (!(c))                     \
			wrong("%s", #c);      \
	} while (0)

/* --- The machine ----------------------------------------------------------- */

void machine_boot(bool fresh); /* All anew, or again from the volume. */
void machine_regrant(uint32_t at);
unsigned machine_give_page(uint32_t at); /* To lend: its slot, or 0. */
bool machine_give(uint32_t at, unsigned slot, const struct mcap *c);
struct cap cap_of_kernel(const struct mcap *c);

extern enum fake_exit last_exit;
#define ENTER(statement) (last_exit = FAKE_LEAVES(statement))

/* --- The store ------------------------------------------------------------- */

void store_reset(bool fresh);
void store_bind(void);
void store_build(void); /* The first generation, from the model. */
bool store_work(unsigned most); /* False: it had nothing to do. */
void store_lie(void);
bool store_quiet(void);
/* The kernel's request, for an object by its frame number. */
const struct request *refused_drop(uint64_t number);
bool store_committing(void);
void store_snapshot_begins(void);
void snapshot_began(void);
void store_peek(uint64_t position, struct peek *out);

/*
 * The last fetch of its frame failed, or the last stat; so it is not in memory,
 * and who needs it cannot have it now.
 */
bool unread(uint32_t at);
bool unstated(uint32_t at);
bool any_unread(void);

/* --- The driver ------------------------------------------------------------ */

struct figures {
	uint64_t steps, invocations, done, touches, faults, snapshots, commits,
	    restarts, waits, fetches, cleans, lies, compared, unread, media, loans, stepped, refused, parcels;
	uint64_t by_kind[CK_COUNT];
};
extern struct figures figures;

extern uint64_t random_state;
extern bool     verbose;

static inline uint64_t
random64(void)
{
	uint64_t x = random_state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return random_state = x;
}

static inline uint64_t
below(uint64_t n)
{
	return random64() % n;
}

static inline bool
one_in(uint64_t n)
{
	return below(n) == 0;
}

uint64_t any_address(void);
void     new_invocation(uint32_t x); /* Into its registers. */
void     system_call(uint32_t x);
void     tick(struct state_page *s);
void     store_step(unsigned most);
void     warden(void);
unsigned alive(void); /* How many can still do something. */
void     step(void);

#endif
