/* SPDX-License-Identifier: BSD-3-Clause */
#include "ld/teach.h"

#include <fnmatch.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/kv.h"
#include "base/mem.h"
#include "base/str.h"
#include "core/share.h"
#include "ld/complaint.h"

enum { MAX_NAMES = 8 };

static int
check(const char *path, const struct kv *table, struct err *e)
{
	static const char *const keys[] = {"provides", "host", "symbol"};

	for (size_t i = 0; i < table->n; i++) {
		const struct kv_entry *en = &table->entries[i];
		bool known = false;

		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			known = known || strcmp(en->key, keys[k]) == 0;
		if (!known)
			return err_set(
			    e, ERR_INPUT, "%s:%u: unknown key '%.40s'", path, en->line, en->key);
		if (i == 0 && strcmp(en->key, "provides") != 0)
			return err_set(
			    e, ERR_INPUT, "%s:%u: %s before any provides", path, en->line, en->key);
		if (!*en->value)
			return err_set(e, ERR_INPUT, "%s:%u: %s is empty", path, en->line, en->key);
	}
	return 0;
}

int
teach_load(const char *path, struct kv *table, struct err *e)
{
	if (kv_load(path, table, e) < 0)
		return -1;
	if (check(path, table, e) == 0)
		return 0;
	kv_free(table);
	return -1;
}

const char *
teach_find(const struct kv *table, const char *symbol, bool host)
{
	const char *text = NULL;

	for (size_t i = 0; i < table->n; i++) {
		const struct kv_entry *en = &table->entries[i];

		if (strcmp(en->key, "provides") == 0)
			text = host ? NULL : en->value;
		else if (strcmp(en->key, "host") == 0)
			text = host ? en->value : text;
		else if (fnmatch(en->value, symbol, 0) == 0)
			return text;
	}
	return NULL;
}

void
teach_lines(const struct kv *table, const struct strv *symbols, bool host, struct str *out)
{
	AUTOFREE const char **texts = xcalloc(symbols->n + 1, sizeof(*texts));

	for (size_t i = 0; i < symbols->n; i++)
		texts[i] = teach_find(table, symbols->v[i], host);
	for (size_t i = 0; i < symbols->n; i++) {
		const char *text = texts[i];
		size_t n = 0;

		if (!text)
			continue;
		str_add(out, "  ");
		for (size_t k = i; k < symbols->n; k++) {
			if (texts[k] != text)
				continue;
			texts[k] = NULL;
			if (n++ < MAX_NAMES)
				str_addf(out, "%s%s", n > 1 ? ", " : "", symbols->v[k]);
		}
		if (n > MAX_NAMES)
			str_addf(out, " and %zu more", n - MAX_NAMES);
		str_addf(out, ": %s\n", text);
	}
}

/* Installed, the table lies beside targets/ and templates/; in the source tree it is in
 * share/. */
static int
load_table(struct kv *table)
{
	static const char *const places[] = {"symbols.conf", "share/symbols.conf"};
	struct err ignored = {0};
	AUTOFREE char *share = share_find(&ignored);

	for (size_t i = 0; share && i < ARRAY_LEN(places); i++) {
		AUTOFREE char *path = xasprintf("%s/%s", share, places[i]);

		if (fs_is_file(path))
			return teach_load(path, table, &ignored);
	}
	return -1;
}

void
teach_add(const char *said, bool host, struct str *out)
{
	AUTO(strv) symbols = {0};
	AUTO(kv) table = {0};

	complaint_undefined(said, &symbols);
	if (symbols.n > 0 && load_table(&table) == 0)
		teach_lines(&table, &symbols, host, out);
}
