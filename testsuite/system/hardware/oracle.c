/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/hardware/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/shell.h"

static void
row_split(char (*cell)[CELL], const char *line, size_t length)
{
	unsigned column = 0, n = 0;

	for (size_t i = 0; i < length && column < COLUMNS; i++) {
		if (line[i] == ' ' && (i + 1 >= length || line[i + 1] == ' ')) {
			while (i + 1 < length && line[i + 1] == ' ')
				i++;
			column++;
			n = 0;
		} else if (n + 1 < CELL) {
			cell[column][n++] = line[i];
		}
	}
}

bool
table_get(struct table *t, struct vm *vm, const char *line)
{
	char *answer = shell_run(vm, line), *at, *end;

	memset(t, 0, sizeof(*t));
	at = answer != NULL ? strchr(answer, '\n') : NULL;
	while (at != NULL && (end = strchr(at + 1, '\n')) != NULL &&
	    t->rows < ROWS) {
		row_split(t->cell[t->rows++], at + 1, (size_t)(end - at - 1));
		at = end;
	}
	free(answer);
	if (t->rows == 0)
		fprintf(stderr, "hardware: %s lists nothing\n", line);
	return t->rows > 0;
}

char (*table_find(struct table *t, unsigned column, const char *begin))[CELL]
{
	for (unsigned i = 0; i < t->rows; i++)
		if (strncmp(t->cell[i][column], begin, strlen(begin)) == 0)
			return t->cell[i];
	return NULL;
}

bool
oracle_pins(struct vm *vm, struct pin pin[PINS])
{
	char       *text = vm_hmp(vm, "info pic");
	const char *at = text;
	unsigned    n = 0, number, vector;
	char        line[200];

	while (at != NULL && (at = strstr(at, "  pin ")) != NULL) {
		snprintf(
		    line, sizeof(line), "%.*s", (int)strcspn(at, "\r\n"), at);
		if (sscanf(line, " pin %u 0x%*x dest=%*x vec=%u", &number,
			&vector) == 2 &&
		    number < PINS) {
			pin[number] = (struct pin){
			    .masked = strstr(line, " masked ") != NULL,
			    .level = strstr(line, " level ") != NULL,
			    .vector = vector,
			};
			n++;
		}
		at++;
	}
	free(text);
	return n == PINS;
}

long long
oracle_raised(struct vm *vm, unsigned pin)
{
	char       *text = vm_hmp(vm, "info irq");
	const char *at = text != NULL ? strstr(text, "for ioapic:") : NULL;
	const char *end = at != NULL ? strstr(at, "\nIRQ statistics") : NULL;
	char        word[20];
	long long   n = 0;

	snprintf(word, sizeof(word), "\n%2u: ", pin);
	if (at != NULL)
		at = strchr(at, '\n');
	for (; at != NULL && (end == NULL || at < end);
	     at = strchr(at + 1, '\n')) {
		unsigned  number;
		long long raised;

		if (sscanf(at, "\n%u: %lld", &number, &raised) == 2 &&
		    number == pin) {
			n = raised;
			break;
		}
	}
	free(text);
	return n;
}

long long
oracle_messages(const char *trace, unsigned vector)
{
	FILE     *f = fopen(trace, "r");
	char      line[300], word[40];
	long long n = 0;

	snprintf(word, sizeof(word), " vector %u trigger_mode", vector);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, "apic_deliver_irq") != NULL &&
		    strstr(line, word) != NULL;
	if (f == NULL || fclose(f) != 0)
		return -1;
	return n;
}

/* The name at the end of a line of the view: `  FIRST-LAST (...): NAME`. */
static bool
line_holds(const char *line, uint64_t address, char *name, size_t size)
{
	unsigned long first, last;
	const char   *at;

	if (sscanf(line, " %lx-%lx (", &first, &last) != 2 || address < first ||
	    address > last)
		return false;
	at = strstr(line, "): ");
	if (at == NULL)
		return false;
	at += 3;
	snprintf(name, size, "%.*s", (int)strcspn(at, "\r\n"), at);
	return true;
}

const char *
oracle_region(const char *mtree, const char *root, uint64_t address)
{
	static char name[120];
	char        head[60];
	const char *at, *end;

	snprintf(head, sizeof(head), " Root memory region: %s", root);
	at = strstr(mtree, head);
	end = at != NULL ? strstr(at, "FlatView") : NULL;
	while (at != NULL && (end == NULL || at < end)) {
		at = strchr(at, '\n');
		if (at == NULL)
			break;
		if (line_holds(++at, address, name, sizeof(name)))
			return name;
	}
	return "";
}

static void
regions_take(struct pci_function *f, const json_t *regions)
{
	json_t *r;
	size_t  i;

	json_array_foreach(regions, i, r)
	{
		const char *type = json_string_value(
		    json_object_get(r, "type"));

		if (f->regions == sizeof(f->region) / sizeof(f->region[0]))
			return;
		f->region[f->regions].memory = strcmp(type, "memory") == 0;
		f->region[f->regions].bytes = (uint64_t)json_integer_value(
		    json_object_get(r, "size"));
		f->region[f->regions++].address = (uint64_t)json_integer_value(
		    json_object_get(r, "address"));
	}
}

static unsigned
number(const json_t *o, const char *name)
{
	return (unsigned)json_integer_value(json_object_get(o, name));
}

unsigned
oracle_pci(struct vm *vm, struct pci_function *f, unsigned most)
{
	json_t  *buses = vm_qmp(vm, "query-pci", NULL), *bus, *d;
	size_t   i, k;
	unsigned n = 0;

	json_array_foreach(buses, i, bus)
	{
		json_array_foreach(json_object_get(bus, "devices"), k, d)
		{
			const json_t *id = json_object_get(d, "id");

			if (n == most)
				break;
			f[n] = (struct pci_function){.regions = 0};
			snprintf(f[n].name, sizeof(f[n].name), "%02x:%02x.%x",
			    number(d, "bus") & 0xff, number(d, "slot") & 0x1f,
			    number(d, "function") & 7);
			snprintf(f[n].id, sizeof(f[n].id), "%04x:%04x",
			    number(id, "vendor") & 0xffff,
			    number(id, "device") & 0xffff);
			regions_take(&f[n++], json_object_get(d, "regions"));
		}
	}
	json_decref(buses);
	return n;
}
