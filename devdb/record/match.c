/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/record/match.h"

#include <stdio.h>
#include <string.h>

/* Heavier than everything below it together. */
enum {
	SCORE_BUS = 1,
	SCORE_CLASS = 2, /* And one for each bit of the mask: 2-26. */
	SCORE_REVISION = 32,
	SCORE_ID = 64,
	SCORE_DEVICE = 128,
	SCORE_SUBSYSTEM = 256,
	CLASS_BASE = 0xff0000,
	FAR_TEXT = 512,
	CLASS_STORAGE = 0x01,
};

static bool
fits(int32_t want, uint32_t have)
{
	return want == ANY || (uint32_t)want == have;
}

/* What does not fit, as text; NULL if all does. */
static const char *
misfit(const struct match_entry *m, const struct board_device *b)
{
	const struct pci_function *f = b->pci;

	if (m->bus != b->bus)
		return "another bus";
	if (m->id[0] != '\0' && strcmp(m->id, b->id) != 0)
		return "another id";
	if (m->bus != CONTROL_BUS_PCI)
		return m->id[0] != '\0' ? NULL : "no id";
	if (f == NULL)
		return "not a function";
	if (!fits(m->vendor, f->vendor) || !fits(m->device, f->device))
		return "another vendor or device";
	if (!fits(m->subvendor, f->subvendor) ||
	    !fits(m->subdevice, f->subdevice))
		return "another subsystem";
	if (m->class != ANY &&
	    ((f->class ^ (uint32_t)m->class) & m->class_mask) != 0)
		return "another class";
	if (f->revision < m->revision_least || f->revision > m->revision_most)
		return "another revision";
	return NULL;
}

int
match_score(const struct match_entry *m, const struct board_device *b)
{
	int score = SCORE_BUS;

	if (misfit(m, b) != NULL)
		return 0;
	if (m->id[0] != '\0')
		score += SCORE_ID;
	if (m->class != ANY)
		score += SCORE_CLASS + __builtin_popcount(m->class_mask);
	if (m->revision_least > 0 || m->revision_most < 255)
		score += SCORE_REVISION;
	if (m->vendor != ANY && m->device != ANY)
		score += SCORE_DEVICE;
	if (m->subvendor != ANY && m->subdevice != ANY)
		score += SCORE_SUBSYSTEM;
	/* Bus alone says nothing: everything would match. */
	return score == SCORE_BUS ? 0 : score;
}

static int
driver_score(const struct catalogue_driver *d, const struct board_device *b)
{
	int best = 0;

	for (unsigned i = 0; i < d->nmatch; i++) {
		int score = match_score(&d->match[i], b);

		best = score > best ? score : best;
	}
	return best;
}

struct verdict
match_find(const struct catalogue *c, const struct board_device *b)
{
	int p = b->prefer[0] != '\0' ? catalogue_find(c, b->prefer) : -1;
	struct verdict v = {0, -1, -1, false};

	for (unsigned i = 0; i < c->count; i++) {
		int score = driver_score(&c->driver[i], b);

		if (score > v.score)
			v = (struct verdict){score, (int)i, -1, false};
		else if (score != 0 && score == v.score)
			v.rival = (int)i;
	}
	if (v.rival >= 0 && p >= 0 && driver_score(&c->driver[p], b) == v.score)
		v = (struct verdict){v.score, p, -1, true};
	return v;
}

static size_t
append(char *out, size_t room, size_t at, const char *driver, const char *what)
{
	int n;

	if (at >= room)
		return at;
	n = snprintf(out + at, room - at, "%s: %s\n", driver, what);
	return n > 0 ? at + (size_t)n : at;
}

/* Made for other devices: nothing of interest to who asks about this one. */
static bool
is_far(const struct match_entry *m, const struct board_device *b)
{
	const char *why = misfit(m, b);

	if (why == NULL)
		return false;
	if (m->bus != CONTROL_BUS_PCI || b->pci == NULL)
		return true;
	if (m->vendor == ANY)
		return ((b->pci->class ^ (uint32_t)m->class) & CLASS_BASE) != 0;
	return !fits(m->vendor, b->pci->vendor) ||
	    !fits(m->device, b->pci->device);
}

static bool
driver_is_far(const struct catalogue_driver *d, const struct board_device *b)
{
	for (unsigned i = 0; i < d->nmatch; i++)
		if (d->match[i].bus == b->bus && !is_far(&d->match[i], b))
			return false;
	return true;
}

/* One line for all drivers that are made for other devices. */
static size_t
append_far(const struct catalogue *c, const struct board_device *b, char *out,
    size_t room, size_t at)
{
	char   names[FAR_TEXT] = "";
	size_t used = 0;

	for (unsigned i = 0; i < c->count; i++) {
		const char *name = c->driver[i].name;

		/* The place of a driver that was removed has no name. */
		if (name[0] == '\0' || !driver_is_far(&c->driver[i], b) ||
		    used + strlen(name) + 3 > sizeof(names))
			continue;
		used += (size_t)snprintf(names + used, sizeof(names) - used,
		    "%s%s", used > 0 ? ", " : "", name);
	}
	return used > 0 ? append(out, room, at, "for other devices", names)
			: at;
}

void
match_why(const struct catalogue *c, const struct board_device *b, char *out,
    size_t room)
{
	struct verdict v = match_find(c, b);
	size_t         at = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < c->count; i++) {
		const struct catalogue_driver *d = &c->driver[i];

		for (unsigned k = 0; k < d->nmatch; k++) {
			const char *why = misfit(&d->match[k], b);
			char        line[48];

			/* What is far is named below, all together. */
			if (d->match[k].bus != b->bus ||
			    is_far(&d->match[k], b))
				continue;
			snprintf(line, sizeof(line), "score %d",
			    match_score(&d->match[k], b));
			at = append(
			    out, room, at, d->name, why != NULL ? why : line);
		}
	}
	at = append_far(c, b, out, room, at);
	if (v.preferred)
		(void)append(out, room, at, "tie, decided by preference",
		    c->driver[v.driver].name);
	else if (v.driver >= 0 && v.rival >= 0)
		(void)append(out, room, at, "tie",
		    "two drivers match equally well; none is bound; 'drv "
		    "prefer' "
		    "decides");
	else if (v.driver < 0)
		(void)append(out, room, at, "result", "no driver matches");
}

void
match_pci_name(uint16_t id, char *out)
{
	snprintf(out, DEVDB_NAME, "%02x:%02x.%x", pci_bus(id), pci_slot(id),
	    pci_func(id));
}

const char *
match_class_name(uint32_t class)
{
	static const struct {
		uint32_t class, mask;
		const char *name;
	} names[] = {
	    {0x000000, 0xff0000, "unclassified"},
	    {0x010000, 0xffff00, "SCSI"},
	    {0x010100, 0xffff00, "IDE"},
	    {0x010600, 0xffff00, "AHCI"},
	    {0x010700, 0xffff00, "SAS"},
	    {0x010800, 0xffff00, "NVMe"},
	    {0x010000, 0xff0000, "storage"},
	    {0x020000, 0xff0000, "network"},
	    {0x030000, 0xff0000, "display"},
	    {0x040000, 0xff0000, "sound"},
	    {0x060000, 0xffff00, "host bridge"},
	    {0x060100, 0xffff00, "ISA bridge"},
	    {0x060400, 0xffff00, "PCI bridge"},
	    {0x060000, 0xff0000, "bridge"},
	    {0x070000, 0xff0000, "serial"},
	    {0x080500, 0xffff00, "SD"},
	    {0x0c0300, 0xffff00, "USB"},
	    {0x0c0500, 0xffff00, "SMBus"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((class & names[i].mask) == names[i].class)
			return names[i].name;
	return "other";
}

bool
match_is_storage(uint32_t class)
{
	return class >> 16 == CLASS_STORAGE || class >> 8 == 0x0805;
}
