/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a user's things live. */
#ifndef KRAFT_RUST_CORE_HOME_H
#define KRAFT_RUST_CORE_HOME_H

struct err;

struct home {
	char *data;   /* $KRAFT_RUST_HOME, else $XDG_DATA_HOME/kraft-rust, else
			 ~/.local/share/kraft-rust */
	char *cache;  /* $XDG_CACHE_HOME/kraft-rust, else ~/.cache/kraft-rust */
	char *config; /* $XDG_CONFIG_HOME/kraft-rust, else ~/.config/kraft-rust */
};

/* Absolute paths, nothing created. Relative XDG variables are ignored, as the
 * XDG Base Directory Specification demands; a relative KRAFT_RUST_HOME is an
 * error (ERR_USAGE), and so is no HOME where one is needed. */
int home_find(struct home *h, struct err *e);
void home_free(struct home *h);

#endif
