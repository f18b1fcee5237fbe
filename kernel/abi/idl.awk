# SPDX-License-Identifier: BSD-2-Clause
#
# Reads interface descriptions and writes what is made from them.
#
#     awk -f idl.awk -v mode=MODE -v path=PATH FILE...
#
# The language, one statement a line, # starts a comment:
#
#     interface NAME CK_KIND   a kind that the kernel implements
#     service NAME             an interface that a domain implements
#     doc TEXT                 of the interface, or of the order above it
#     order NAME NUMBER        the rest belongs to the order above it:
#     needs RIGHT...           write (neither read-only nor weak), clear (not
#                              opaque), call (not no-call)
#     by FUNCTION              of the kernel: the order is one that several
#                              kinds share, and has no method of its own
#     in NAME, out NAME        words 1 to 4, in turn
#     incap NAME KIND|KIND...  capabilities 0 to 2, in turn; any: no check
#     outcap NAME
#     instring MIN MAX         the string's length in bytes; without this
#     outstring MAX            statement a string is refused, or not received
#     error CODE TEXT
#
# Modes: order, stub, serve and manual take one file; proto, dispatch, names
# take all kernel interfaces (names also status.h); conform takes them too and
# lists each status that each order may answer; table takes any number.
# PATH is the description's path from the root: it names the header. With
# -v proto=FILE, dispatch includes that instead of the kernel's proto.h.
#
# Written for mawk: no arrays of arrays, no functions of gawk's own.

BEGIN {
	failed = 0; n = 0; statuses = 0
	split("order stub serve manual proto dispatch names conform table", \
	    list, " ")
	for (i in list)
		known_mode[list[i]] = 1
	split("auto break case char const continue default do double else " \
	    "enum extern float for goto if inline int long register " \
	    "restrict return short signed sizeof static struct switch " \
	    "typedef union unsigned void volatile while self inv rq m_ st_",
	    list, " ")
	for (i in list)
		reserved[list[i]] = 1
	forbid["write"] = "CR_READ_ONLY | CR_WEAK"
	forbid["clear"] = "CR_OPAQUE"
	forbid["call"] = "CR_NO_CALL"
	if (!(mode in known_mode)) {
		print "idl.awk: unknown mode '" mode "'" > "/dev/stderr"
		failed = 1
		exit 1
	}
}

function bad(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text > "/dev/stderr"
	failed = 1
	exit 1
}

function is_name(s) {
	return s ~ /^[a-z][a-z0-9_]*$/
}

function is_size(s) {
	return s ~ /^(0|[1-9][0-9]*)$/ && s + 0 <= 65536
}

# The rest of the line from field k on, without leading blanks.
function rest(k,   s) {
	s = $0
	for (; k > 1; k--)
		sub(/^[ \t]*[^ \t]+/, "", s)
	sub(/^[ \t]+/, "", s)
	sub(/[ \t]+$/, "", s)
	return s
}

function fields(count, usage) {
	if (NF != count)
		bad("expected: " usage)
}

function need_order() {
	if (o == 0)
		bad("'" $1 "' before any order")
}

# A C identifier for a parameter, used once in its order.
function take(name) {
	if (!is_name(name))
		bad("'" name "' is not a name in lower case")
	if (name in reserved)
		bad("'" name "' is a reserved word")
	if ((n, o, name) in used)
		bad("'" name "' is used twice in order " oname[n, o])
	used[n, o, name] = 1
	return name
}

# status.h, for mode names: enumerators only.
FILENAME ~ /\.h$/ {
	if ($1 ~ /^RC_[A-Z0-9_]+,?$/) {
		sub(/,$/, "", $1)
		if ($1 !~ /^RC_(KERNEL_COUNT|KERNEL_LAST|SERVER)$/)
			status[++statuses] = $1
	}
	next
}

FNR == 1 { opened = 0; o = 0 }

/^[ \t]*(#|$)/ { next }

$1 == "interface" || $1 == "service" {
	if ($1 == "interface")
		fields(3, "interface NAME CK_KIND")
	else
		fields(2, "service NAME")
	if (opened)
		bad("a second interface in one file")
	if (!is_name($2))
		bad("'" $2 "' is not a name in lower case")
	if ($1 == "interface" && $3 !~ /^CK_[A-Z0-9_]+$/)
		bad("'" $3 "' is not a kind")
	if ($2 in by_name)
		bad("'" $2 "' is described twice")
	opened = 1
	o = 0
	n++
	iname[n] = $2
	ibase[n] = FILENAME
	sub(/\.idl$/, "", ibase[n])
	by_name[$2] = n
	is_service[n] = $1 == "service"
	ikind[n] = is_service[n] ? "CK_START" : $3
	upper[n] = toupper($2)
	orders[n] = 0
	next
}

!opened { bad("expected 'interface' or 'service' first") }

$1 == "doc" {
	if (NF < 2)
		bad("expected: doc TEXT")
	text = rest(2)
	if (o == 0)
		idoc[n] = idoc[n] (idoc[n] == "" ? "" : " ") text
	else
		odoc[n, o] = odoc[n, o] (odoc[n, o] == "" ? "" : " ") text
	next
}

$1 == "order" {
	fields(3, "order NAME NUMBER")
	if (!is_name($2))
		bad("'" $2 "' is not a name in lower case")
	if ($3 !~ /^(0|[1-9][0-9]*)$/ || $3 + 0 > 255)
		bad("an order's number is 0 to 255")
	if ((n, "name", $2) in taken)
		bad("order '" $2 "' is described twice")
	if ((n, "number", $3) in taken)
		bad("order number " $3 " is used twice")
	taken[n, "name", $2] = taken[n, "number", $3] = 1
	o = ++orders[n]
	oname[n, o] = $2
	onum[n, o] = $3 + 0
	if (top[n] == "" || onum[n, o] > top[n])
		top[n] = onum[n, o]
	nin[n, o] = nout[n, o] = nincap[n, o] = noutcap[n, o] = 0
	nerr[n, o] = 0
	next
}

$1 == "needs" {
	need_order()
	if (NF < 2)
		bad("expected: needs write|clear|call")
	for (i = 2; i <= NF; i++) {
		if (!($i in forbid))
			bad("'" $i "' is not write, clear or call")
		if (index(" " needs[n, o] " ", " " $i " "))
			bad("'" $i "' is needed twice")
		needs[n, o] = needs[n, o] (needs[n, o] == "" ? "" : " ") $i
	}
	next
}

$1 == "by" {
	need_order()
	fields(2, "by FUNCTION")
	if (!is_name($2))
		bad("'" $2 "' is not a name in lower case")
	if (is_service[n])
		bad("a service's orders are its own")
	if ((n, o) in shared)
		bad("a second 'by'")
	shared[n, o] = $2
	next
}

$1 == "in" || $1 == "out" {
	need_order()
	fields(2, $1 " NAME")
	if ($1 == "in")
		inword[n, o, ++nin[n, o]] = take($2)
	else
		outword[n, o, ++nout[n, o]] = take($2)
	if (nin[n, o] > 4 || nout[n, o] > 4)
		bad("more than 4 words")
	next
}

$1 == "incap" {
	need_order()
	fields(3, "incap NAME KIND[|KIND]... or any")
	k = ++nincap[n, o]
	if (k > 3)
		bad("more than 3 capabilities")
	incap[n, o, k] = take($2)
	count = split($3, list, "|")
	for (i = 1; i <= count; i++)
		if (!is_name(list[i]) || (list[i] == "any" && count > 1))
			bad("'" $3 "' is not a list of kinds")
	inkind[n, o, k] = $3
	inwhere[n, o, k] = FILENAME ":" FNR
	next
}

$1 == "outcap" {
	need_order()
	fields(2, "outcap NAME")
	if (++noutcap[n, o] > 3)
		bad("more than 3 capabilities")
	outcap[n, o, noutcap[n, o]] = take($2)
	next
}

$1 == "instring" {
	need_order()
	fields(3, "instring MIN MAX")
	if (!is_size($2) || !is_size($3) || $2 + 0 > $3 + 0 || $3 == 0)
		bad("MIN <= MAX <= 65536, and MAX is not 0")
	if ((n, o) in smax)
		bad("a second instring")
	smin[n, o] = $2 + 0
	smax[n, o] = $3 + 0
	take("send")
	take("send_bytes")
	next
}

$1 == "outstring" {
	need_order()
	fields(2, "outstring MAX")
	if (!is_size($2) || $2 == 0)
		bad("MAX is 1 to 65536")
	if ((n, o) in rmax)
		bad("a second outstring")
	rmax[n, o] = $2 + 0
	take("string")
	take("limit")
	take("length")
	next
}

$1 == "error" {
	need_order()
	if (NF < 3 || $2 !~ /^[A-Z][A-Z0-9_]*$/)
		bad("expected: error CODE TEXT")
	k = ++nerr[n, o]
	err[n, o, k] = $2
	errtext[n, o, k] = rest(3)
	next
}

{ bad("unknown statement '" $1 "'") }

# ------------------------------------------------------------- writing

function fail(text) {
	print text > "/dev/stderr"
	failed = 1
	exit 1
}

# Every interface and order says what it is; kernel kinds must be known.
function check_all(   i, j, k, m, count) {
	for (i = 1; i <= n; i++) {
		if (idoc[i] == "")
			fail("interface " iname[i] " has no doc")
		for (j = 1; j <= orders[i]; j++) {
			if (odoc[i, j] == "")
				fail("order " iname[i] "." oname[i, j] \
				    " has no doc")
			for (k = 1; k <= nincap[i, j]; k++) {
				if (mode != "dispatch")
					continue
				count = split(inkind[i, j, k], list, "|")
				for (m = 1; m <= count; m++)
					if (list[m] != "any" &&
					    !(list[m] in by_name))
						fail(inwhere[i, j, k] \
						    ": unknown kind '" \
						    list[m] "'")
			}
		}
	}
}

# An identifier for the interface: void and other words of C get a _.
function ident(i) {
	return iname[i] in reserved ? iname[i] "_" : iname[i]
}

# The name of an order's number.
function code(i, j,   s) {
	s = upper[i]
	return (iname[i] in reserved ? s "_" : s "_") toupper(oname[i, j])
}

function head(what) {
	print "/* SPDX-License-Identifier: BSD-2-Clause */"
	print "/*"
	print " * " what
	print " * Made by kernel/abi/idl.awk from " path "."
	print " */"
}

function guard_name(suffix,   s) {
	s = path
	sub(/\.idl$/, "", s)
	s = toupper(s "_" suffix)
	gsub(/[^A-Z0-9]/, "_", s)
	return s
}

function open_guard(suffix,   g) {
	g = guard_name(suffix)
	print "#ifndef " g
	print "#define " g
	print ""
}

function close_guard() {
	print ""
	print "#endif"
}

# Collect the words of a list that is broken at 80 columns.
function list_start(text) {
	line = text
	started = 0
}
function list_add(item) {
	if (started)
		line = line ","
	if (length(line) + 1 + length(item) > 77) {
		print line
		line = "    " item
	} else {
		line = line (started ? " " : "") item
	}
	started = 1
}
# One more operand of |.
function list_or(item) {
	print line " |"
	line = "\t\t" item
}
function list_end(text) {
	print line text
}

function doc_comment(i, j,   k, count, s) {
	count = split(odoc[i, j], list, " ")
	print "/*"
	s = " *"
	for (k = 1; k <= count; k++) {
		gsub(/\*\//, "*", list[k])
		if (length(s) + 1 + length(list[k]) > 78) {
			print s
			s = " *"
		}
		s = s " " list[k]
	}
	print s
	print " */"
}

function write_order(   i, j) {
	i = 1
	head("Order numbers.")
	open_guard("order.h")
	if (orders[i] > 0) {
		print "enum " iname[i] "_order {"
		for (j = 1; j <= orders[i]; j++)
			print "\t" code(i, j) " = " onum[i, j] ","
		print "\t" upper[i] "_ORDER_LIMIT = " top[i] + 1 ","
		print "};"
	} else {
		print "/* This kind has no orders. */"
	}
	close_guard()
}

# --------------------------------------------------------------- stub

function stub_parameters(i, j, text,   k) {
	list_start(text "(")
	list_add("capreg self")
	for (k = 1; k <= nin[i, j]; k++)
		list_add("uint64_t " inword[i, j, k])
	for (k = 1; k <= nincap[i, j]; k++)
		list_add("capreg " incap[i, j, k])
	if ((i, j) in smax) {
		list_add("const void *send")
		list_add("size_t send_bytes")
	}
	if ((i, j) in rmax) {
		list_add("void *string")
		list_add("size_t limit")
		list_add("size_t *length")
	}
	for (k = 1; k <= noutcap[i, j]; k++)
		list_add("capreg " outcap[i, j, k])
	for (k = 1; k <= nout[i, j]; k++)
		list_add("uint64_t *" outword[i, j, k])
	list_end(")")
}

function write_stub_body(i, j,   k, call) {
	print "\tstruct message m_ = {"
	list_start("\t    .control = ")
	list_add("control_make(INVOKE_CALL, self)")
	for (k = 1; k <= nincap[i, j]; k++)
		list_or("CONTROL_SEND(" k - 1 ", " incap[i, j, k] ")")
	for (k = 1; k <= noutcap[i, j]; k++)
		list_or("CONTROL_RECEIVE(" k - 1 ", " outcap[i, j, k] ")")
	list_end(",")
	list_start("\t    .word = {")
	list_add(code(i, j))
	for (k = 1; k <= nin[i, j]; k++)
		list_add(inword[i, j, k])
	list_end("},")
	if ((i, j) in smax) {
		print "\t    .send = send,"
		print "\t    .send_bytes = message_bytes(send_bytes),"
	}
	if ((i, j) in rmax) {
		print "\t    .receive = string,"
		print "\t    .receive_limit = message_bytes(limit),"
	}
	print "\t};"
	call = ((i, j) in smax || (i, j) in rmax) ? "ant_call" : "ant_call_words"
	if (nout[i, j] == 0 && !((i, j) in rmax)) {
		print ""
		print "\treturn " call "(&m_);"
		return
	}
	print "\tenum status st_ = " call "(&m_);"
	print ""
	print "\tif (st_ != RC_OK)"
	print "\t\treturn st_;"
	if ((i, j) in rmax) {
		print "\tif (length != NULL)"
		print "\t\t*length = message_received(&m_);"
	}
	for (k = 1; k <= nout[i, j]; k++) {
		print "\tif (" outword[i, j, k] " != NULL)"
		print "\t\t*" outword[i, j, k] " = m_.word[" k "];"
	}
	print "\treturn RC_OK;"
}

function write_stub(   i, j, base) {
	i = 1
	head("Client stubs.")
	open_guard("stub.h")
	base = path
	sub(/\.idl$/, "", base)
	print "#include \"userland/rt/invoke.h\""
	print "#include \"" base ".order.h\""
	for (j = 1; j <= orders[i]; j++) {
		print ""
		doc_comment(i, j)
		print "static inline must_check enum status"
		stub_parameters(i, j, iname[i] "_" oname[i, j])
		print "{"
		write_stub_body(i, j)
		print "}"
	}
	close_guard()
}

# ------------------------------------------------- the kernel's methods

function method_name(i, j) {
	if ((i, j) in shared)
		return shared[i, j]
	return "method_" iname[i] "_" oname[i, j]
}

function write_proto(   i, j, k) {
	head("One function for each order of the kernel.")
	print "#ifndef KERNEL_METHOD_PROTO_H"
	print "#define KERNEL_METHOD_PROTO_H"
	print ""
	print "#include \"kernel/abi/status.h\""
	print "#include \"kernel/abi/types.h\""
	print ""
	print "struct invocation;"
	print ""
	print "/* Checks a prepared invocation and calls its method. */"
	print "enum status method_dispatch(struct invocation *inv) must_check;"
	for (i = 1; i <= n; i++) {
		if (orders[i] > 0)
			print ""
		for (j = 1; j <= orders[i]; j++) {
			if (method_name(i, j) in declared)
				continue
			declared[method_name(i, j)] = 1
			list_start("enum status " method_name(i, j) "(")
			list_add("struct invocation *inv")
			for (k = 1; k <= nin[i, j]; k++)
				list_add("uint64_t " inword[i, j, k])
			list_end(") must_check;")
		}
	}
	print ""
	print "#endif"
}

# The rights that must not be taken away, as an expression of C.
function forbidden(i, j,   k, count, s) {
	count = split(needs[i, j], list, " ")
	s = ""
	for (k = 1; k <= count; k++)
		s = s (s == "" ? "" : " | ") forbid[list[k]]
	return s == "" ? "0" : s
}

function kind_mask(kinds,   k, count, s) {
	if (kinds == "any")
		return "ANY_KIND"
	count = split(kinds, list, "|")
	s = ""
	for (k = 1; k <= count; k++)
		s = s (s == "" ? "" : " | ") \
		    "KIND(" ikind[by_name[list[k]]] ")"
	return s
}

# One function for each order, of one type, so that a table can name it.
function write_thunks(i,   j, k) {
	for (j = 1; j <= orders[i]; j++) {
		print "static enum status"
		print "call_" iname[i] "_" oname[i, j] "(struct invocation *inv)"
		print "{"
		list_start("\treturn " method_name(i, j) "(")
		list_add("inv")
		for (k = 1; k <= nin[i, j]; k++)
			list_add("inv->word[" k "]")
		list_end(");")
		print "}"
		print ""
	}
}

function write_checks(i,   j, k) {
	print "static const struct order " iname[i] "_orders[] = {"
	for (j = 1; j <= orders[i]; j++) {
		print "\t[" code(i, j) "] = {"
		print "\t    .call = call_" iname[i] "_" oname[i, j] ","
		print "\t    .forbidden = " forbidden(i, j) ","
		if ((i, j) in smax) {
			print "\t    .string_min = " smin[i, j] ","
			print "\t    .string_room = " smax[i, j] - smin[i, j] ","
		}
		if (nincap[i, j] > 0)
			print "\t    .cap_count = " nincap[i, j] ","
		for (k = 1; k <= nincap[i, j]; k++)
			print "\t    .caps[" k - 1 "] = " \
			    kind_mask(inkind[i, j, k]) ","
		print "\t},"
	}
	print "};"
	print ""
}

function write_order_type() {
	print "/* What an order demands of its message, and who serves it. */"
	print "struct order {"
	print "\tenum status (*call)(struct invocation *inv); /* NULL: none. */"
	print "\tuint8_t forbidden; /* Bits of enum cap_rights that must be clear. */"
	print "\tuint8_t cap_count;"
	print "\tuint32_t string_min, string_room; /* Least; how many more. */"
	print "\tuint64_t caps[3]; /* The kinds that each may have. */"
	print "};"
	print ""
	print "#define KIND(k) (UINT64_C(1) << (k))"
	print "#define ANY_KIND UINT64_MAX"
	print ""
	print "_Static_assert(CK_COUNT <= 64, \"a mask of kinds is 64 bits\");"
	print ""
}

function write_kinds(   i) {
	print "static const struct {"
	print "\tconst struct order *orders;"
	print "\tuint64_t            count;"
	print "} kinds[CK_COUNT] = {"
	for (i = 1; i <= n; i++)
		if (orders[i] > 0)
			print "\t[" ikind[i] "] = {" iname[i] "_orders, " \
			    top[i] + 1 "},"
	print "};"
	print ""
}

function write_dispatch(   i) {
	head("Checks and calls of the kernel's methods.")
	print "#include \"" (proto == "" ? "kernel/method/proto.h" : proto) "\""
	print ""
	print "#include \"kernel/abi/cap.h\""
	for (i = 1; i <= n; i++)
		if (orders[i] > 0)
			print "#include \"" ibase[i] ".order.h\""
	print "#include \"kernel/object/invocation.h\""
	print ""
	write_order_type()
	for (i = 1; i <= n; i++)
		if (orders[i] > 0) {
			write_thunks(i)
			write_checks(i)
		}
	write_kinds()
	print "enum status"
	print "method_dispatch(struct invocation *inv)"
	print "{"
	print "\tconst unsigned      kind = inv->self.kind;"
	print "\tconst struct order *o;"
	print ""
	print "\tif (kind >= CK_COUNT || inv->word[0] >= kinds[kind].count)"
	print "\t\treturn RC_ORDER;"
	print "\to = &kinds[kind].orders[inv->word[0]];"
	print "\tif (o->call == NULL)"
	print "\t\treturn RC_ORDER;"
	print "\tif ((inv->self.rights & o->forbidden) != 0)"
	print "\t\treturn RC_RIGHTS;"
	print "\tif (inv->string_bytes - o->string_min > o->string_room)"
	print "\t\treturn RC_STRING;"
	print "\tfor (unsigned i = 0; i < o->cap_count; i++)"
	print "\t\tif ((o->caps[i] >> inv->cap[i].kind & 1) == 0)"
	print "\t\t\treturn RC_CAPABILITY;"
	print "\treturn o->call(inv);"
	print "}"
}

# -------------------------------------------------------------- names

function write_lookup(name, table, text) {
	print "static inline const char *"
	print name "(uint64_t code)"
	print "{"
	print "\tif (code >= sizeof(" table ") / sizeof(" table "[0]) ||"
	print "\t    " table "[code] == NULL)"
	print "\t\treturn \"" text "\";"
	print "\treturn " table "[code];"
	print "}"
	print ""
}

function write_order_names(   i, j) {
	for (i = 1; i <= n; i++) {
		if (orders[i] == 0)
			continue
		print "static const char *const order_names_" iname[i] "[] = {"
		for (j = 1; j <= orders[i]; j++)
			print "\t[" onum[i, j] "] = \"" oname[i, j] "\","
		print "};"
		print ""
	}
	print "static const struct {"
	print "\tconst char *const *names;"
	print "\tsize_t count;"
	print "} order_names[CK_COUNT] = {"
	for (i = 1; i <= n; i++)
		if (orders[i] > 0)
			print "\t[" ikind[i] "] = {order_names_" iname[i] \
			    ", " top[i] + 1 "},"
	print "};"
	print ""
	print "static inline const char *"
	print "order_name(uint64_t kind, uint64_t order)"
	print "{"
	print "\tif (kind >= CK_COUNT || order >= order_names[kind].count ||"
	print "\t    order_names[kind].names[order] == NULL)"
	print "\t\treturn \"unknown\";"
	print "\treturn order_names[kind].names[order];"
	print "}"
	print ""
}

function write_names(   i) {
	head("Names of kinds, orders and result codes.")
	print "#ifndef KERNEL_ABI_NAMES_H"
	print "#define KERNEL_ABI_NAMES_H"
	print ""
	print "#include \"kernel/abi/cap.h\""
	print "#include \"kernel/abi/status.h\""
	print ""
	print "static const char *const kind_names[CK_COUNT] = {"
	for (i = 1; i <= n; i++)
		print "\t[" ikind[i] "] = \"" iname[i] "\","
	print "};"
	print ""
	write_lookup("kind_name", "kind_names", "unknown")
	write_order_names()
	if (statuses > 0) {
		print "static const char *const status_names[] = {"
		for (i = 1; i <= statuses; i++)
			print "\t[" status[i] "] = \"" status[i] "\","
		print "};"
		print ""
		write_lookup("status_name", "status_names", "RC_UNKNOWN")
	}
	print "#endif"
}

# -------------------------------------------------------------- serve

function serve_parameters(i, j, text, after,   k) {
	list_start(text "(")
	list_add("struct request *rq")
	for (k = 1; k <= nin[i, j]; k++)
		list_add("uint64_t " inword[i, j, k])
	for (k = 1; k <= nout[i, j]; k++)
		list_add("uint64_t *" outword[i, j, k])
	list_end(")" after)
}

function write_serve_case(i, j,   k) {
	print "\tcase " code(i, j) ":"
	print "\t\tif (!request_string(rq, " \
	    ((i, j) in smax ? smin[i, j] ", " smax[i, j] : "0, 0") "))"
	print "\t\t\treturn RC_STRING;"
	for (k = 1; k <= nincap[i, j]; k++)
		if (inkind[i, j, k] != "any") {
			print "\t\tif (!request_has_cap(rq, " k - 1 "))"
			print "\t\t\treturn RC_CAPABILITY;"
		}
	if ((i, j) in rmax)
		print "\t\trequest_out_string(rq, " rmax[i, j] ");"
	list_start("\t\treturn " iname[i] "_do_" oname[i, j] "(")
	list_add("rq")
	for (k = 1; k <= nin[i, j]; k++)
		list_add("rq->word[" k "]")
	for (k = 1; k <= nout[i, j]; k++)
		list_add("&rq->out[" k "]")
	list_end(");")
}

function write_serve(   i, j, base) {
	i = 1
	head("The server's side.")
	open_guard("serve.h")
	base = path
	sub(/\.idl$/, "", base)
	print "#include \"userland/rt/server.h\""
	print "#include \"" base ".order.h\""
	for (j = 1; j <= orders[i]; j++) {
		print ""
		doc_comment(i, j)
		print "enum status"
		serve_parameters(i, j, iname[i] "_do_" oname[i, j], ";")
	}
	print ""
	print "/* Checks a request and calls the function above for its order. */"
	print "static inline enum status"
	print iname[i] "_serve(struct request *rq)"
	print "{"
	print "\tswitch (rq->word[0]) {"
	for (j = 1; j <= orders[i]; j++)
		write_serve_case(i, j)
	print "\tdefault:"
	print "\t\treturn RC_ORDER;"
	print "\t}"
	print "}"
	close_guard()
}

# ------------------------------------------------------------ conformance

# One entry, unless this order has it already.
function write_entry(i, j, status) {
	if ((i, j, status) in entered)
		return
	entered[i, j, status] = 1
	print "CONFORM_ENTRY(" ident(i) ", " oname[i, j] ", " status ")"
}

# Some capability of the order must be of certain kinds.
function picky(i, j,   k) {
	for (k = 1; k <= nincap[i, j]; k++)
		if (inkind[i, j, k] != "any")
			return 1
	return 0
}

function write_conform_order(i, j,   k) {
	print "CONFORM_ORDER(" ident(i) ", " oname[i, j] ", " ikind[i] ", " \
	    onum[i, j] ", " forbidden(i, j) ","
	printf "    %d, %d, %d", (i, j) in smax ? smin[i, j] : 0,
	    (i, j) in smax ? smax[i, j] : 0, nincap[i, j]
	for (k = 1; k <= 3; k++)
		printf ", %s", k <= nincap[i, j] ? \
		    kind_mask(inkind[i, j, k]) : "ANY_KIND"
	print ")"
	write_entry(i, j, "RC_OK")
	if (needs[i, j] != "")
		write_entry(i, j, "RC_RIGHTS")
	write_entry(i, j, "RC_STRING")
	if (picky(i, j))
		write_entry(i, j, "RC_CAPABILITY")
	for (k = 1; k <= nerr[i, j]; k++)
		write_entry(i, j, err[i, j, k])
}

# CONFORM_KIND opens an interface, CONFORM_ORDER an order of it, CONFORM_ENTRY
# is a status that the order may answer. What every kind answers when it is
# dead, and to an order that it has not, is not repeated.
function write_conform(   i, j) {
	head("Each kind, each order, each status that it may answer.")
	for (i = 1; i <= n; i++) {
		print "CONFORM_KIND(" ident(i) ", " ikind[i] ", " \
		    (orders[i] > 0 ? top[i] + 1 : 0) ")"
		for (j = 1; j <= orders[i]; j++)
			write_conform_order(i, j)
	}
}

# ------------------------------------------------------ table and manual

function joined(what, i, j, count,   k, s) {
	s = ""
	for (k = 1; k <= count; k++) {
		if (what == "in")
			t = inword[i, j, k]
		else if (what == "out")
			t = outword[i, j, k]
		else if (what == "incap")
			t = incap[i, j, k] ":" inkind[i, j, k]
		else if (what == "outcap")
			t = outcap[i, j, k]
		else
			t = err[i, j, k]
		s = s (s == "" ? "" : ",") t
	}
	return s == "" ? "-" : s
}

function write_table(   i, j, right) {
	for (i = 1; i <= n; i++)
		for (j = 1; j <= orders[i]; j++) {
			right = needs[i, j] == "" ? "-" : needs[i, j]
			gsub(/ /, ",", right)
			printf "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			    iname[i], oname[i, j], onum[i, j],
			    joined("in", i, j, nin[i, j]),
			    joined("out", i, j, nout[i, j]),
			    joined("incap", i, j, nincap[i, j]),
			    joined("outcap", i, j, noutcap[i, j]),
			    (i, j) in smax ? smin[i, j] "-" smax[i, j] : "-",
			    (i, j) in rmax ? rmax[i, j] : "-",
			    right, joined("error", i, j, nerr[i, j])
		}
}

function manual_line(label, text) {
	if (text != "-" && text != "") {
		gsub(/,/, ", ", text)
		gsub(/:/, ": ", text)
		print "- " label ": " text
	}
}

function write_manual(   i, j, k) {
	i = 1
	print "# " iname[i]
	print ""
	print (is_service[i] ? "A service, called through a start capability." \
	    : "A kind of the kernel, `" ikind[i] "`.")
	print ""
	print idoc[i]
	for (j = 1; j <= orders[i]; j++) {
		print ""
		print "## " iname[i] "." oname[i, j] " (" onum[i, j] ")"
		print ""
		print odoc[i, j]
		print ""
		manual_line("needs", needs[i, j])
		manual_line("words in", joined("in", i, j, nin[i, j]))
		manual_line("words out", joined("out", i, j, nout[i, j]))
		manual_line("capabilities in",
		    joined("incap", i, j, nincap[i, j]))
		manual_line("capabilities out",
		    joined("outcap", i, j, noutcap[i, j]))
		if ((i, j) in smax)
			print "- string in: " smin[i, j] " to " smax[i, j] \
			    " bytes"
		if ((i, j) in rmax)
			print "- string out: at most " rmax[i, j] " bytes"
		for (k = 1; k <= nerr[i, j]; k++)
			print "- `" err[i, j, k] "`: " errtext[i, j, k]
	}
}

END {
	if (failed)
		exit 1
	if (n == 0)
		fail("idl.awk: no interface in the input")
	if (n > 1 && mode ~ /^(order|stub|serve|manual)$/)
		fail("idl.awk: mode " mode " takes one file")
	check_all()
	if (mode == "order")
		write_order()
	else if (mode == "stub")
		write_stub()
	else if (mode == "serve")
		write_serve()
	else if (mode == "manual")
		write_manual()
	else if (mode == "proto")
		write_proto()
	else if (mode == "dispatch")
		write_dispatch()
	else if (mode == "conform")
		write_conform()
	else if (mode == "names")
		write_names()
	else
		write_table()
}
