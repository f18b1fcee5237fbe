/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/programs/grant.h"

#include <stdio.h>
#include <string.h>

#include "userland/rt/registers.h"

enum {
	SHOWN = 16, /* Of a word that is wrong. */
};

_Static_assert(GRANT_OWNERS == REG_IN0 - REG_OWN, "a domain's own");

/* fixed 0: the next register of the domain's own. */
static const struct {
	const char *name;
	unsigned    fixed;
} things[GRANTS] = {
    [GRANT_LOG] = {"log", REG_LOG},
    [GRANT_CLOCK] = {"clock", REG_CLOCK},
    [GRANT_DISCRIM] = {"discrim", REG_DISCRIM},
    [GRANT_TIMER] = {"timer", 0},
    [GRANT_RANDOM] = {"random", 0},
    [GRANT_CONSTRUCTORS] = {"constructors", 0},
    [GRANT_DIRECTORIES] = {"directories", 0},
    [GRANT_COLLECTIONS] = {"collections", 0},
    [GRANT_PIPES] = {"pipes", 0},
    [GRANT_DIRECTORY] = {"directory", 0},
    [GRANT_COLLECTION] = {"collection", 0},
    [GRANT_PIPE] = {"pipe", 0},
    [GRANT_DIRECTORY_OF] = {"directory", 0},
    [GRANT_COLLECTION_OF] = {"collection", 0},
    [GRANT_PIPE_OF] = {"pipe", 0},
};

/* What is read, and what of it was said. */
struct reading {
	struct grants g;
	unsigned      names, own;
	bool          nothing, frames;
	char         *why;
	size_t        why_bytes;
};

static bool
is_word(const char *word, size_t n, const char *name)
{
	return strlen(name) == n && memcmp(word, name, n) == 0;
}

/* Text at the end of a string that has its place; too much is cut off. */
static void
append(char *text, size_t text_bytes, const char *more)
{
	size_t used = strlen(text);

	snprintf(text + used, text_bytes - used, "%s", more);
}

static enum status
unknown(const struct reading *r, const char *word, size_t n)
{
	snprintf(r->why, r->why_bytes,
	    "there is no '%.*s'; expected of:", (int)(n < SHOWN ? n : SHOWN),
	    word);
	for (unsigned i = GRANT_NONE + 1; i < GRANT_DIRECTORY_OF; i++) {
		append(r->why, r->why_bytes, " ");
		append(r->why, r->why_bytes, things[i].name);
	}
	append(r->why, r->why_bytes,
	    ", or nothing; frames=N; directory=, collection= or pipe=NAME");
	return RC_ARGUMENT;
}

static enum status
refuse(const struct reading *r, enum status st, const char *why)
{
	snprintf(r->why, r->why_bytes, "%s", why);
	return st;
}

static enum status
read_frames(struct reading *r, const char *digits, size_t n)
{
	uint32_t frames = 0;

	for (size_t i = 0; i < n; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			frames = GRANT_FRAMES_MOST + 1;
		else if (frames <= GRANT_FRAMES_MOST)
			frames = frames * 10 + (uint32_t)(digits[i] - '0');
	}
	if (frames == 0 || frames > GRANT_FRAMES_MOST)
		return refuse(r, RC_ARGUMENT, "frames are 1 to 262144");
	if (r->frames)
		return refuse(r, RC_EXISTS, "its frames are said twice");
	r->g.frames = frames;
	r->frames = true;
	return RC_OK;
}

const char *
grants_owner(const struct grants *g, unsigned at)
{
	return at >= REG_OWN && at < REG_IN0 ? g->of[at - REG_OWN] : "";
}

/* A place for it, in which nothing stands yet; `of` has n bytes. */
static enum status
give(struct reading *r, enum grant what, const char *of, size_t n)
{
	unsigned at = things[what].fixed;

	for (unsigned i = 0; i < CAP_REGISTERS; i++)
		if (r->g.at[i] == what && is_word(of, n, grants_owner(&r->g, i)))
			return refuse(r, RC_EXISTS, "something is said twice");
	if (at == 0 && r->own == GRANT_OWNERS)
		return refuse(r, RC_LIMIT,
		    "no more than four beside log, clock and discrim");
	if (at == 0) {
		memcpy(r->g.of[r->own], of, n);
		at = REG_OWN + r->own++;
	}
	r->g.at[at] = (uint8_t)what;
	r->names++;
	return RC_OK;
}

/* `thing=NAME`, that of another program; RC_NOT_FOUND: it is none of these. */
static enum status
read_of(struct reading *r, const char *word, size_t n)
{
	const char  *sign = memchr(word, '=', n);
	const size_t head = sign != NULL ? (size_t)(sign - word) : n;

	if (head + 1 >= n || n - head - 1 >= PROGRAMS_NAME)
		return RC_NOT_FOUND;
	for (unsigned i = GRANT_DIRECTORY_OF; i < GRANTS; i++)
		if (is_word(word, head, things[i].name))
			return give(r, (enum grant)i, sign + 1, n - head - 1);
	return RC_NOT_FOUND;
}

static enum status
read_word(struct reading *r, const char *word, size_t n)
{
	static const char frames[] = "frames=";
	const size_t      head = sizeof(frames) - 1;
	enum status       st;

	if (n > head && memcmp(word, frames, head) == 0)
		return read_frames(r, word + head, n - head);
	if (is_word(word, n, "nothing")) {
		r->nothing = true;
		return RC_OK;
	}
	for (unsigned i = GRANT_NONE + 1; i < GRANT_DIRECTORY_OF; i++)
		if (is_word(word, n, things[i].name))
			return give(r, (enum grant)i, "", 0);
	st = read_of(r, word, n);
	return st == RC_NOT_FOUND ? unknown(r, word, n) : st;
}

void
grants_default(struct grants *g)
{
	*g = (struct grants){.frames = GRANT_FRAMES};
	g->at[REG_LOG] = GRANT_LOG;
	g->at[REG_CLOCK] = GRANT_CLOCK;
}

enum status
grants_read(struct grants *g, const char *words, size_t bytes, char *why,
    size_t why_bytes)
{
	struct reading r = {
	    .g.frames = GRANT_FRAMES, .why = why, .why_bytes = why_bytes};
	enum status st = RC_OK;
	size_t      n;

	for (size_t at = 0; st == RC_OK && at < bytes; at += n + 1) {
		for (n = 0; at + n < bytes && words[at + n] != ' '; n++)
			;
		if (n > 0)
			st = read_word(&r, words + at, n);
	}
	if (st == RC_OK && r.nothing && r.names > 0)
		st = refuse(&r, RC_ARGUMENT, "nothing, or something?");
	if (st != RC_OK)
		return st;
	grants_default(g);
	if (r.names > 0 || r.nothing)
		*g = r.g;
	g->frames = r.g.frames;
	return RC_OK;
}

bool
grants_same(const struct grants *a, const struct grants *b)
{
	return memcmp(a->at, b->at, sizeof(a->at)) == 0 &&
	    memcmp(a->of, b->of, sizeof(a->of)) == 0;
}

bool
grants_of_others(const struct grants *g)
{
	for (unsigned i = 0; i < CAP_REGISTERS; i++)
		if (g->at[i] >= GRANT_DIRECTORY_OF)
			return true;
	return false;
}

void
grants_say(const struct grants *g, char *text, size_t text_bytes)
{
	char        place[64];
	const char *of;

	text[0] = '\0';
	for (unsigned i = 0; i < CAP_REGISTERS; i++) {
		if (g->at[i] == GRANT_NONE || g->at[i] >= GRANTS)
			continue;
		of = grants_owner(g, i);
		snprintf(place, sizeof(place), "%s%s%s%s in %u",
		    text[0] != '\0' ? ", " : "", things[g->at[i]].name,
		    of[0] != '\0' ? " of " : "", of, i);
		append(text, text_bytes, place);
	}
	if (text[0] == '\0')
		append(text, text_bytes, "nothing");
}
