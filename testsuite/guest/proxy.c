/* SPDX-License-Identifier: BSD-2-Clause */
/* The proxies themselves; see proxy.h. */
#include "testsuite/guest/proxy.h"

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/guard.order.h"
#include "kernel/abi/node.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "testsuite/guest/conform.h"

enum { CAPS = 4, KERNEL_CAPS = 3 };

#define A_DOMAIN (UINT64_C(1) << CK_START)

static uint8_t strings[1 + PROXY_SERVERS][STRING_MAX]
    __attribute__((aligned(4096)));

static const struct looks {
	uint8_t  kind, order, cap;
	uint64_t first, last, but;
} looks[] = {
#define PROXY_LOOKS(kind, order, cap, first, last, but, what, why, test) \
	{kind, order, cap, first, last, but},
#define PROXY_USE(use, kind, what, why)
#define PROXY_EXCEPTION(test, use, checks, first)
#include "testsuite/guest/proxy.def"
#undef PROXY_LOOKS
};

/*
 * Does the kernel look into capability i of this order itself? Then a proxy can
 * stand there for these kinds alone, which is what a domain is to the kernel.
 */
static bool
kernel_looks(unsigned kind, const struct message *m, unsigned i, uint64_t *but)
{
	const struct conform_order *o;

	for (unsigned k = 0; (o = conform_order(k)) != NULL; k++) {
		if (o->kind != kind || o->number != m->word[0] ||
		    i >= o->ncaps || o->caps[i] == UINT64_MAX)
			continue;
		*but = o->caps[i] & A_DOMAIN;
		return true;
	}
	for (unsigned k = 0; k < sizeof(looks) / sizeof(looks[0]); k++) {
		if (looks[k].kind != kind || looks[k].order != m->word[0] ||
		    looks[k].cap != i || m->word[1] < looks[k].first ||
		    m->word[1] > looks[k].last)
			continue;
		*but = looks[k].but;
		return true;
	}
	return false;
}

/* Wrap what is in `first` and the next n - 1 into `to` and those behind it. */
static enum status
wrap(uint64_t instance, capreg first, unsigned n, capreg to)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, P_SERVICE),
	};
	enum status st = RC_OK;

	if (instance == 0) {
		for (unsigned i = 0; i < n && st == RC_OK; i++)
			st = proxy_wrap_here(first + i, to + i);
		return st;
	}
	for (unsigned i = 0; i < n; i++)
		m.control |= CONTROL_SEND(i, first + i) |
		    CONTROL_RECEIVE(i, to + i);
	ant_invoke_words(&m);
	return message_status(&m);
}

/* Those that came with the message, or came back, go on as proxies. */
static enum status
wrap_message(uint64_t instance, const struct message *m)
{
	enum status st = RC_OK;

	if (m->control >> RESULT_RECEIVED_SHIFT & 7)
		st = wrap(instance, P_IN, KERNEL_CAPS, P_OUT);
	if (message_has_cap(m, 3) && st == RC_OK)
		st = wrap(instance, P_IN + 3, 1, P_OUT + 3);
	return st;
}

/* The capabilities to send, of those that m brought. */
static uint64_t
send_out(const struct message *m, unsigned n)
{
	uint64_t control = 0;

	for (unsigned i = 0; i < n; i++)
		if (message_has_cap(m, i))
			control |= CONTROL_SEND(i, P_OUT + i);
	return control;
}

/* What is sent next has the string that came last. */
static void
string_on(struct message *m)
{
	m->send = m->receive;
	m->send_bytes = (uint32_t)message_received(m);
}

/* The next answer: nobody waits, or he gets a code and nothing else. */
static uint64_t
answer_code(struct message *m, bool answer, uint64_t code)
{
	m->word[0] = code;
	m->send_bytes = 0;
	return control_make(INVOKE_RETURN, answer ? P_IN + 3 : 0);
}

/*
 * To a domain: the message goes on with whatever came with it. The server
 * answers him who called; only when there is no server do we.
 */
static uint64_t
pass_on(uint64_t instance, struct message *m, unsigned index, bool answer)
{
	enum status st = wrap_message(instance, m);

	if (answer && proxied(index)->kind == CK_START &&
	    (proxied(index)->rights & CR_NO_CALL))
		st = RC_RIGHTS;
	if (st != RC_OK)
		return answer_code(m, answer, st);
	string_on(m);
	proxy_fetch(index, P_TARGET);
	m->control = control_make(INVOKE_SEND, P_TARGET) | send_out(m, CAPS);
	ant_invoke(m);
	return answer_code(m, answer && m->word[0] != RC_OK, m->word[0]);
}

/* Invoke it, and pass on what it answers to him who called. */
static uint64_t
call(uint64_t instance, struct message *m, bool answer)
{
	enum status st = RC_OK;

	string_on(m);
	if (!answer) {
		m->control = control_make(INVOKE_SEND, P_TARGET) |
		    send_out(m, CAPS);
		ant_invoke(m);
		return answer_code(m, false, RC_OK);
	}
	m->control = control_make(INVOKE_CALL, P_TARGET) |
	    send_out(m, KERNEL_CAPS) | CONTROL_RECEIVE(0, P_IN) |
	    CONTROL_RECEIVE(1, P_IN + 1) | CONTROL_RECEIVE(2, P_IN + 2);
	ant_invoke(m);
	string_on(m);
	if (m->control >> RESULT_RECEIVED_SHIFT & 7)
		st = wrap(instance, P_IN, KERNEL_CAPS, P_OUT);
	if (st != RC_OK)
		return answer_code(m, true, st);
	return control_make(INVOKE_RETURN, P_IN + 3) | send_out(m, KERNEL_CAPS);
}

/* To the kernel: it gets the real thing where it looks. */
static uint64_t
perform(struct message *m, unsigned index, bool answer)
{
	const unsigned kind = proxied(index)->kind;
	enum status    st = RC_OK;
	uint64_t       but = 0;

	for (unsigned i = 0; i < KERNEL_CAPS && st == RC_OK; i++) {
		if (!message_has_cap(m, i))
			continue;
		if (!kernel_looks(kind, m, i, &but) ||
		    !proxy_unwrap_here(P_IN + i, but, P_OUT + i))
			st = wrap(0, P_IN + i, 1, P_OUT + i);
	}
	if (message_has_cap(m, 3) && !answer && st == RC_OK)
		st = wrap(0, P_IN + 3, 1, P_OUT + 3);
	if (st != RC_OK)
		return answer_code(m, answer, st);
	proxy_fetch(index, P_TARGET);
	return call(0, m, answer);
}

/* What is done with a message; gives the control word for the answer. */
static uint64_t
serve(uint64_t instance, struct message *m)
{
	const unsigned index = message_data(m);
	uint64_t       kind = CK_VOID;
	bool           answer;

	if (index == PROXY_WRAP) {
		m->word[0] = wrap(0, P_IN, KERNEL_CAPS, P_OUT);
		string_on(m);
		return control_make(INVOKE_RETURN, P_IN + 3) |
		    send_out(m, KERNEL_CAPS);
	}
	if (message_has_cap(m, 3))
		OK(discrim_classify(P_DISCRIM, P_IN + 3, &kind, NULL, NULL));
	answer = kind == CK_RESUME;
	switch (proxied(index)->kind) {
	case CK_START:
	case CK_RESUME:
		return pass_on(instance, m, index, answer);
	case CK_FORWARDER:
		if (instance == 0)
			return perform(m, index, answer);
		ignore_status(wrap_message(instance, m));
		proxy_fetch(index, P_TARGET);
		return call(instance, m, answer);
	default:
		return perform(m, index, answer);
	}
}

void
proxy_run(uint64_t instance)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0),
	    .receive = strings[instance],
	    .receive_limit = STRING_MAX,
	};

	for (;;) {
		for (unsigned i = 0; i < CAPS; i++)
			m.control |= CONTROL_RECEIVE(i, P_IN + i);
		ant_invoke(&m);
		m.control = serve(instance, &m);
	}
}
