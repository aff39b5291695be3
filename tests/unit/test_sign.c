/* SPDX-License-Identifier: BSD-3-Clause */
/* sign.h. The keys and signatures were made by minisign 0.11. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sign.h"
#include "support.h"

static const char pub_text[] = "untrusted comment: minisign public key 1F24B7046F6A06EA\n"
			       "RWTqBmpvBLckH8W/Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbDq\n";
static const char other_text[] = "untrusted comment: minisign public key BCFC038A0D21E094\r\n"
				 "RWSU4CENigP8vAXZEgpiYoNdKIa2StO/kyQ/Bq1+w4Q2hutJ4hkWlcXE\r\n";
static const char secret_text[] =
    "untrusted comment: minisign encrypted secret key\n"
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA6gZqbwS3JB9WbLTrsWWH"
    "27nGx2EzPbzXLl83lwHVgSLgcq4DK1FG/MW/"
    "Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbDqAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAA=\n";
static const char locked_text[] = "untrusted comment: minisign encrypted secret key\n"
				  "RWRTY0Iy6QqQohyNzZfrCebJQaVYFnZSFcNAyBpOBzXqO7FTjgQAAAACAAAAAAAA"
				  "AEAAAAAALJOTK7IEmkI//zaYkFg32njA"
				  "f4+mjh2g7X9g6AZN6qoQTBmxYMC0a0LBQte/"
				  "b0u7znoByrn52jcCMQVUDjqAyLvr7y01exdlhqMRYAPySavzB2o322mpVaU4"
				  "gu0d4SrEZbd8x5U+3Dk=\n";
static const char new_sig[] =
    "untrusted comment: signature from minisign secret key\n"
    "RUTqBmpvBLckH8XgWgqpahaeVOOFwZvanMe9y3Hka4D1QhB4cP2qxNMYbZtzy0+UzJb/pxJGlgAtzAy/"
    "gBZJ01SYExsWZKb7"
    "mA8=\n"
    "trusted comment: a comment\n"
    "HFX1k+4oow4Saxl3u36KqsHW1sP1JrbVhpdsG7plQQMS+89tBPxYRmAio4rjLL1kJEYGv8I5BIxGxEdB5pPABw==\n";
static const char old_sig[] =
    "untrusted comment: signature from minisign secret key\n"
    "RWTqBmpvBLckH1qlFf58HpqVcCQYmbA+"
    "eOQAAaUoCKwE9RBvxHEgu2KEYa33BrrcT3YAz8btgyhrU8YlOQOZXANeYx113LMv"
    "rww=\n"
    "trusted comment: an old one\n"
    "bGAhxrNllAYNn/CNqHrsV/ctZBfKXLKPFfEIjkFyyQp83OxnsdYqjeYIXL2l/SyLljpDrDhadA/+UOf8OdFnAA==\n";

static struct sign_pub
pub(const char *text)
{
	struct sign_pub key;
	struct err e = {0};

	assert_ok(sign_pub_parse("key", text, &key, &e), &e);
	return key;
}

static void
test_verify(void **state)
{
	struct sign_pub keys[] = {pub(other_text), pub(pub_text)};
	const struct {
		const char *sig, *comment;
	} t[] = {{new_sig, "a comment"}, {old_sig, "an old one"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		AUTOFREE char *comment = NULL;
		AUTO(str) broken = {0};
		struct err e = {0};

		assert_ok(sign_verify("m", "hello\n", 6, t[i].sig, keys, 2, &comment, &e), &e);
		assert_string_equal(comment, t[i].comment);
		assert_int_equal(sign_verify("m", "hellO\n", 6, t[i].sig, keys, 2, NULL, &e), -1);
		assert_int_equal(e.cls, ERR_INTEGRITY);
		assert_string_equal(e.msg, "m: the signature does not match");
		assert_int_equal(sign_verify("m", "hello\n", 6, t[i].sig, keys, 1, NULL, &e), -1);
		assert_string_equal(e.msg,
		    "m: signed by the key 1F24B7046F6A06EA, which is not trusted here\n"
		    "  trusted: BCFC038A0D21E094");
		/* Any other byte anywhere but in the first comment. */
		str_add(&broken, t[i].sig);
		for (size_t at = strcspn(t[i].sig, "\n") + 1; at < broken.len; at++) {
			char was = broken.buf[at];

			broken.buf[at] = was == 'A' ? 'B' : 'A';
			if (sign_verify("m", "hello\n", 6, broken.buf, keys, 2, NULL, &e) == 0 &&
			    at + 1 < broken.len)
				fail_msg("the change of byte %zu is not noticed", at);
			broken.buf[at] = was;
		}
		for (size_t n = 0; n + 1 < broken.len; n++) {
			AUTOFREE char *cut = xstrndup(t[i].sig, n);

			assert_int_equal(
			    sign_verify("m", "hello\n", 6, cut, keys, 2, NULL, &e), -1);
			assert_int_equal(e.cls, ERR_INTEGRITY);
		}
	}
}

static void
test_sign(void **state)
{
	struct sign_pub key = pub(pub_text);
	AUTO(sign_secret) secret = {0};
	AUTOFREE char *sig = NULL;
	AUTOFREE char *comment = NULL;
	char id[SIGN_ID_HEX + 1];
	struct err e = {0};

	(void)state;
	assert_false(sign_secret_locked(secret_text));
	assert_ok(sign_secret_parse("s", secret_text, NULL, &secret, &e), &e);
	sign_id(secret.id, id);
	assert_string_equal(id, "1F24B7046F6A06EA");
	/* Ed25519 is deterministic: minisign's own signature, comments apart. */
	sig = sign_make(&secret, "hello\n", 6, "a comment", &e);
	assert_non_null(sig);
	assert_string_equal(strchr(sig, '\n'), strchr(new_sig, '\n'));
	assert_ok(sign_verify("m", "hello\n", 6, sig, &key, 1, &comment, &e), &e);
	assert_null(sign_make(&secret, "x", 1, "two\nlines", &e));
	assert_int_equal(e.cls, ERR_USAGE);
}

static void
test_bad_keys(void **state)
{
	static const char *const pubs[] = {"", "untrusted comment: x\n", "RWTq\n",
	    "untrusted comment: x\nRWTqBmpvBLckH8W/Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbD\n",
	    "untrusted comment: x\nRXTqBmpvBLckH8W/Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUyhcbDq\n",
	    "untrusted comment: x\nRWTqBmpvBLckH8W/Ogw1Sn9usicM7ubUnzRuOqpt8busUkBcGUy!cbDq\n",
	    secret_text};
	AUTO(sign_secret) secret = {0};
	AUTO(str) broken = {0};
	struct sign_pub key;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pubs); i++) {
		assert_int_equal(sign_pub_parse("k.pub", pubs[i], &key, &e), -1);
		assert_string_equal(e.msg, "k.pub: is not a public key of minisign's");
		assert_int_equal(e.cls, ERR_INPUT);
	}
	assert_int_equal(sign_secret_parse("k", pub_text, NULL, &secret, &e), -1);
	assert_string_equal(e.msg, "k: is not a secret key of minisign's");
	/* One that does not give its own public key. */
	str_add(&broken, secret_text);
	broken.buf[150] = broken.buf[150] == 'A' ? 'B' : 'A';
	assert_int_equal(sign_secret_parse("k", broken.buf, NULL, &secret, &e), -1);
	assert_string_equal(e.msg, "k: the secret key is damaged");
	assert_true(sign_secret_locked(locked_text));
	assert_int_equal(sign_secret_parse("k", locked_text, NULL, &secret, &e), -1);
	assert_string_equal(e.msg, "k: needs its password");
	assert_int_equal(e.cls, ERR_USAGE);
}

static void
test_password(void **state)
{
	AUTO(sign_secret) secret = {0};
	char id[SIGN_ID_HEX + 1];
	struct err e = {0};

	(void)state;
	assert_ok(sign_secret_parse("k", locked_text, "pw", &secret, &e), &e);
	sign_id(secret.id, id);
	assert_string_equal(id, "BCFC038A0D21E094");
	assert_int_equal(sign_secret_parse("k", locked_text, "wrong", &secret, &e), -1);
	assert_string_equal(e.msg, "k: the password is wrong");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_verify),
	    cmocka_unit_test(test_sign),
	    cmocka_unit_test(test_bad_keys),
	    cmocka_unit_test(test_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
