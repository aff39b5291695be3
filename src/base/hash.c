/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

struct hash {
	EVP_MD_CTX *ctx;
};

/* libcrypto always has SHA-256: only running out of memory brings us here. */
static void
must(int ok)
{
	if (ok != 1)
		abort();
}

struct hash *
hash_new(void)
{
	struct hash *h = xcalloc(1, sizeof(*h));

	h->ctx = EVP_MD_CTX_new();
	must(h->ctx != NULL);
	must(EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL));
	return h;
}

void
hash_add(struct hash *h, const void *data, size_t n)
{
	must(EVP_DigestUpdate(h->ctx, data, n));
}

void
hash_field(struct hash *h, const char *label, const char *value)
{
	AUTOFREE char *head = NULL;

	if (value)
		head = xasprintf("%zu:%s=%zu:", strlen(label), label, strlen(value));
	else
		head = xasprintf("%zu:%s-", strlen(label), label);
	hash_add(h, head, strlen(head));
	if (value)
		hash_add(h, value, strlen(value));
}

void
hash_end(struct hash *h, char hex[HASH_HEX + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};

	must(EVP_DigestFinal_ex(h->ctx, digest, NULL));
	for (size_t i = 0; i < HASH_HEX / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void
hash_text(const char *text, char hex[HASH_HEX + 1])
{
	struct hash *h = hash_new();

	hash_add(h, text, strlen(text));
	hash_end(h, hex);
}

int
hash_file(const char *path, char hex[HASH_HEX + 1], struct err *e)
{
	AUTOFREE unsigned char *buf = xmalloc(1 << 16);
	AUTOFREE char *shown = str_printable(path, 4096);
	AUTOFD int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hash *h = NULL;
	ssize_t n = 0;
	int saved = 0;

	if (fd < 0)
		return err_errno(e, "cannot open %s", shown);
	h = hash_new();
	do {
		n = read(fd, buf, 1 << 16);
		if (n > 0)
			hash_add(h, buf, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	saved = errno;
	hash_end(h, hex);
	errno = saved;
	return n < 0 ? err_errno(e, "cannot read %s", shown) : 0;
}
