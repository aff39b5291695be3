/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/sign.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

/* The binary parts of the files (minisign: src/minisign.h). Everything is bytes, so
 * there is no padding. */
struct pub_file {
	unsigned char alg[2], id[SIGN_ID], key[SIGN_KEY];
};

struct secret_file {
	unsigned char alg[2], kdf[2], check_alg[2], salt[32], ops[8], mem[8];
	/* From here on under the password: */
	unsigned char id[SIGN_ID], seed[SIGN_KEY], pub[SIGN_KEY], check[32];
};

enum { SECRET_PLAIN = 54, SECRET_LOCKED = 104, SIG = 64, DIGEST = 64 };
_Static_assert(sizeof(struct secret_file) == SECRET_PLAIN + SECRET_LOCKED, "minisign's layout");

struct sig_file {
	unsigned char alg[2], id[SIGN_ID], sig[SIG];
};

enum { COMMENT_MAX = 8192 };
#define UNTRUSTED "untrusted comment: "
#define TRUSTED "trusted comment: "

void
sign_id(const unsigned char id[SIGN_ID], char hex[SIGN_ID_HEX + 1])
{
	for (size_t i = 0; i < SIGN_ID; i++)
		snprintf(hex + 2 * i, 3, "%02X", id[SIGN_ID - 1 - i]);
}

/* The line at *at without its end, and *at behind it; NULL when there is none. */
static char *
next_line(const char **at)
{
	size_t len = strcspn(*at, "\n");
	char *line;

	if (!**at)
		return NULL;
	line = xstrndup(*at, len);
	*at += len + ((*at)[len] == '\n');
	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	return line;
}

static void
encode(struct str *out, const void *data, size_t n)
{
	AUTOFREE unsigned char *buf = xmalloc((n + 2) / 3 * 4 + 1);

	EVP_EncodeBlock(buf, data, (int)n);
	str_add(out, (const char *)buf);
	str_addc(out, '\n');
}

/* Exactly n bytes of base64, in the one way that they are written. */
static bool
decode(const char *text, void *out, size_t n)
{
	size_t chars = (n + 2) / 3 * 4;
	AUTOFREE unsigned char *buf = xmalloc(chars / 4 * 3);
	AUTO(str) again = {0};
	bool ok;

	if (!text || strlen(text) != chars ||
	    EVP_DecodeBlock(buf, (const unsigned char *)text, (int)chars) < 0)
		return false;
	encode(&again, buf, n);
	ok = strncmp(again.buf, text, chars) == 0;
	if (ok)
		memcpy(out, buf, n);
	OPENSSL_cleanse(buf, chars / 4 * 3);
	OPENSSL_cleanse(again.buf, again.len);
	return ok;
}

/* The first two lines that every file of minisign's has. */
static bool
head(const char **at, void *out, size_t n)
{
	AUTOFREE char *comment = next_line(at);
	AUTOFREE char *data = next_line(at);

	return comment && str_starts(comment, UNTRUSTED) && decode(data, out, n);
}

int
sign_pub_parse(const char *name, const char *text, struct sign_pub *pub, struct err *e)
{
	struct pub_file file;

	if (!head(&text, &file, sizeof(file)) || memcmp(file.alg, "Ed", 2) != 0)
		return err_set(e, ERR_INPUT, "%s: is not a public key of minisign's", name);
	memcpy(pub->id, file.id, SIGN_ID);
	memcpy(pub->key, file.key, SIGN_KEY);
	return 0;
}

bool
sign_secret_locked(const char *text)
{
	struct secret_file file;
	bool locked = head(&text, &file, sizeof(file)) && memcmp(file.kdf, "Sc", 2) == 0;

	OPENSSL_cleanse(&file, sizeof(file));
	return locked;
}

static uint64_t
little_endian(const unsigned char bytes[8])
{
	uint64_t v = 0;

	for (int i = 7; i >= 0; i--)
		v = v << 8 | bytes[i];
	return v;
}

/* libsodium's way from its two limits to scrypt's parameters (libsodium:
 * crypto_pwhash_scryptsalsa208sha256.c, pickparams). */
static void
scrypt_params(uint64_t ops, uint64_t mem, uint64_t *n, uint64_t *p)
{
	const uint64_t r = 8;
	uint64_t max_n, max_rp;
	unsigned log = 1;

	if (ops < 32768)
		ops = 32768;
	max_n = ops < mem / 32 ? ops / (r * 4) : mem / (r * 128);
	while (log < 63 && (UINT64_C(1) << log) <= max_n / 2)
		log++;
	*n = UINT64_C(1) << log;
	*p = 1;
	if (ops >= mem / 32) {
		max_rp = ops / 4 / *n;
		*p = (max_rp > 0x3fffffff ? 0x3fffffff : max_rp) / r;
	}
}

static int
unlock(const char *name, struct secret_file *file, const char *password, struct err *e)
{
	/* minisign itself asks for 1 GiB; more is a file that means us harm. */
	const uint64_t most = UINT64_C(2) << 30;
	uint64_t ops = little_endian(file->ops), mem = little_endian(file->mem), n, p;
	unsigned char stream[SECRET_LOCKED], *locked = file->id;
	int ok;

	scrypt_params(ops, mem, &n, &p);
	if (mem > most || ops > most || p == 0)
		return err_set(e, ERR_INPUT, "%s: the cost of its password is out of range", name);
	ok = EVP_PBE_scrypt(password, strlen(password), file->salt, sizeof(file->salt), n, 8, p,
	    most + (64 << 20), stream, sizeof(stream));
	for (size_t i = 0; i < sizeof(stream); i++)
		locked[i] ^= stream[i];
	OPENSSL_cleanse(stream, sizeof(stream));
	return ok == 1 ? 0 : err_set(e, ERR_FAIL, "%s: not enough memory for its password", name);
}

static EVP_PKEY *
private_key(const unsigned char seed[SIGN_KEY])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_KEY);

	if (!key)
		abort();
	return key;
}

/* The seed gives the public key: the key file carries both, and only the right
 * password makes them fit. */
static bool
fits(const struct secret_file *file)
{
	EVP_PKEY *key = private_key(file->seed);
	unsigned char pub[SIGN_KEY] = {0};
	size_t n = sizeof(pub);
	bool ok = EVP_PKEY_get_raw_public_key(key, pub, &n) == 1 &&
		  memcmp(pub, file->pub, sizeof(pub)) == 0;

	EVP_PKEY_free(key);
	return ok;
}

static int
secret_from(const char *name, struct secret_file *file, const char *password,
    struct sign_secret *secret, struct err *e)
{
	bool locked = memcmp(file->kdf, "Sc", 2) == 0;

	if (memcmp(file->alg, "Ed", 2) != 0 || memcmp(file->check_alg, "B2", 2) != 0 ||
	    (!locked && memcmp(file->kdf, "\0\0", 2) != 0))
		return err_set(
		    e, ERR_INPUT, "%s: is a secret key of a kind that is not known", name);
	if (locked && !password)
		return err_set(e, ERR_USAGE, "%s: needs its password", name);
	if (locked && unlock(name, file, password, e) < 0)
		return -1;
	if (!fits(file))
		return locked ? err_set(e, ERR_USAGE, "%s: the password is wrong", name)
			      : err_set(e, ERR_INPUT, "%s: the secret key is damaged", name);
	memcpy(secret->id, file->id, SIGN_ID);
	memcpy(secret->seed, file->seed, SIGN_KEY);
	memcpy(secret->pub, file->pub, SIGN_KEY);
	return 0;
}

int
sign_secret_parse(const char *name, const char *text, const char *password,
    struct sign_secret *secret, struct err *e)
{
	struct secret_file file;
	int rc;

	if (head(&text, &file, sizeof(file)))
		rc = secret_from(name, &file, password, secret, e);
	else
		rc = err_set(e, ERR_INPUT, "%s: is not a secret key of minisign's", name);
	OPENSSL_cleanse(&file, sizeof(file));
	return rc;
}

void
sign_secret_free(struct sign_secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}

static void
digest(const void *data, size_t n, unsigned char out[DIGEST])
{
	unsigned size = 0;

	if (EVP_Digest(data, n, out, &size, EVP_blake2b512(), NULL) != 1 || size != DIGEST)
		abort();
}

static void
sign_bytes(EVP_PKEY *key, const void *data, size_t n, unsigned char sig[SIG])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = SIG;

	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) != 1 ||
	    EVP_DigestSign(ctx, sig, &size, data, n) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
}

static bool
verify_bytes(const struct sign_pub *pub, const void *data, size_t n, const unsigned char sig[SIG])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub->key, SIGN_KEY);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	if (!key || !ctx)
		abort();
	ok = EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
	     EVP_DigestVerify(ctx, sig, SIG, data, n) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return ok;
}

/* What the second signature of a file covers: the first one and the comment. */
static void
add_global(struct str *out, const unsigned char sig[SIG], const char *trusted)
{
	str_addn(out, sig, SIG);
	str_add(out, trusted);
}

char *
sign_make(const struct sign_secret *secret, const void *data, size_t n, const char *trusted,
    struct err *e)
{
	struct sig_file file = {.alg = {'E', 'D'}};
	unsigned char hash[DIGEST], global_sig[SIG];
	char id[SIGN_ID_HEX + 1];
	AUTO(str) global = {0};
	AUTO(str) out = {0};
	EVP_PKEY *key;

	if (strlen(trusted) >= COMMENT_MAX || strpbrk(trusted, "\r\n")) {
		err_set(e, ERR_USAGE, "a signature's comment is one line of less than %d bytes",
		    COMMENT_MAX);
		return NULL;
	}
	key = private_key(secret->seed);
	digest(data, n, hash);
	memcpy(file.id, secret->id, SIGN_ID);
	sign_bytes(key, hash, sizeof(hash), file.sig);
	add_global(&global, file.sig, trusted);
	sign_bytes(key, global.buf, global.len, global_sig);
	EVP_PKEY_free(key);
	sign_id(secret->id, id);
	str_addf(&out, UNTRUSTED "signature from kraft-rust secret key %s\n", id);
	encode(&out, &file, sizeof(file));
	str_addf(&out, TRUSTED "%s\n", trusted);
	encode(&out, global_sig, sizeof(global_sig));
	return str_take(&out);
}

static const struct sign_pub *
find_key(const unsigned char id[SIGN_ID], const struct sign_pub *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].id, id, SIGN_ID) == 0)
			return &keys[i];
	return NULL;
}

static int
foreign(const char *name, const unsigned char id[SIGN_ID], const struct sign_pub *keys, size_t n,
    struct err *e)
{
	char hex[SIGN_ID_HEX + 1];

	sign_id(id, hex);
	err_set(e, ERR_INTEGRITY, "%s: signed by the key %s, which is not trusted here", name, hex);
	for (size_t i = 0; i < n; i++) {
		sign_id(keys[i].id, hex);
		err_hint(e, "trusted: %s", hex);
	}
	return -1;
}

static bool
main_signature(const struct sig_file *file, const struct sign_pub *key, const void *data, size_t n)
{
	unsigned char hash[DIGEST];

	if (memcmp(file->alg, "Ed", 2) == 0)
		return verify_bytes(key, data, n, file->sig);
	digest(data, n, hash);
	return verify_bytes(key, hash, sizeof(hash), file->sig);
}

int
sign_verify(const char *name, const void *data, size_t n, const char *signature,
    const struct sign_pub *keys, size_t n_keys, char **trusted, struct err *e)
{
	struct sig_file file;
	bool read = head(&signature, &file, sizeof(file));
	AUTOFREE char *line = next_line(&signature);
	AUTOFREE char *last = next_line(&signature);
	const struct sign_pub *key;
	unsigned char global_sig[SIG];
	AUTO(str) global = {0};

	if (!read || (memcmp(file.alg, "Ed", 2) != 0 && memcmp(file.alg, "ED", 2) != 0) || !line ||
	    !str_starts(line, TRUSTED) || !decode(last, global_sig, sizeof(global_sig)))
		return err_set(
		    e, ERR_INTEGRITY, "%s: its signature is not one of minisign's", name);
	key = find_key(file.id, keys, n_keys);
	if (!key)
		return foreign(name, file.id, keys, n_keys, e);
	if (!main_signature(&file, key, data, n))
		return err_set(e, ERR_INTEGRITY, "%s: the signature does not match", name);
	add_global(&global, file.sig, line + strlen(TRUSTED));
	if (!verify_bytes(key, global.buf, global.len, global_sig))
		return err_set(e, ERR_INTEGRITY, "%s: the signature's comment was changed", name);
	if (trusted)
		*trusted = xstrdup(line + strlen(TRUSTED));
	return 0;
}
