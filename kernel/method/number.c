/* SPDX-License-Identifier: BSD-2-Clause */
/* Number and discrim: kinds without an object. */
#include "kernel/method/proto.h"
#include "kernel/object/deliver.h"

enum status
method_number_get(struct invocation *inv)
{
	inv_commit(inv);
	inv->out_word[1] = inv->self.cap.word;
	inv->out_word[2] = inv->self.cap.count;
	return RC_OK;
}

static bool
is_resume(const struct ref *r)
{
	return r->kind == CK_RESUME || r->kind == CK_RESTART;
}

/* A resume capability whose call has been answered is as dead as any (F1). */
static enum status
settle(struct ref *r)
{
	enum status st = is_resume(r) ? deliver_target(r, false) : RC_OK;

	if (st != RC_VOID)
		return st;
	*r = (struct ref){.kind = CK_VOID};
	return RC_OK;
}

/* What rights and data of a resume capability hold is no one's business. */
enum status
method_discrim_classify(struct invocation *inv)
{
	struct ref *r  = &inv->cap[0];
	enum status st = settle(r);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = r->kind;
	inv->out_word[2] = is_resume(r) ? 0 : r->rights;
	inv->out_word[3] = is_resume(r) ? 0 : r->data;
	return RC_OK;
}

/*
 * The hint is no part of a capability's meaning (M1), except that in a number
 * and a range those bits are value.
 */
static bool
same(const struct ref *a, const struct ref *b)
{
	bool     whole = a->kind == CK_NUMBER || a->kind == CK_RANGE;
	uint64_t mask  = whole ? UINT64_MAX : OID_MASK;

	if (a->kind != b->kind)
		return false;
	if (a->kind == CK_VOID)
		return true;
	return a->rights == b->rights && a->data == b->data &&
	    a->cap.count == b->cap.count &&
	    ((a->cap.word ^ b->cap.word) & mask) == 0;
}

enum status
method_discrim_compare(struct invocation *inv)
{
	enum status st = settle(&inv->cap[0]);

	if (st == RC_OK)
		st = settle(&inv->cap[1]);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = same(&inv->cap[0], &inv->cap[1]);
	return RC_OK;
}

/*
 * The brand is compared as it stands in its slot: two capabilities to one
 * object of one allocation, which is the same question as whether both are
 * alive and equal, since the sent one is alive.
 */
enum status
method_discrim_branded(struct invocation *inv)
{
	const struct ref *object = &inv->cap[0];
	struct ref        brand = {0};

	if (object->kind == CK_START || object->kind == CK_PROCESS) {
		brand.cap    = ref_slots(object)[SLOT_BRAND];
		brand.kind   = brand.cap.type;
		brand.rights = brand.cap.rights;
		brand.data   = brand.cap.data;
	}
	inv_commit(inv);
	inv->out_word[1] =
	    brand.kind != CK_VOID && same(&brand, &inv->cap[1]);
	return RC_OK;
}

/*
 * Weak goes along with all that is fetched (restrict_weak), so one look at the
 * rights answers for everything behind a node. A page has nothing behind it.
 * What a boot service leads to may be something else after the next boot.
 */
static bool
is_discreet(const struct ref *r)
{
	const unsigned sealed = CR_READ_ONLY | CR_WEAK;

	if (r->service != 0)
		return false;
	switch (r->kind) {
	case CK_VOID:
	case CK_NUMBER:
	case CK_DISCRIM:
		return true;
	case CK_PAGE:
		return (r->rights & CR_READ_ONLY) != 0;
	case CK_NODE:
		return (r->rights & sealed) == sealed;
	default:
		return false;
	}
}

enum status
method_discrim_discreet(struct invocation *inv)
{
	enum status st = settle(&inv->cap[0]);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = is_discreet(&inv->cap[0]);
	return RC_OK;
}
