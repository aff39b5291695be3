/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of kitbuild.h share. */
#ifndef KRAFT_RUST_CORE_KITBUILD_PRIVATE_H
#define KRAFT_RUST_CORE_KITBUILD_PRIVATE_H

#include "core/kit.h"
#include "core/kitbuild.h"
#include "core/recipe.h"

/* The library in whose place a program is linked, and its object in the build. */
#define KITBUILD_APP "appkraftrust"

struct kitbuild_job {
	const struct kitbuild *b;
	char *work;  /* everything below is in there */
	char *app;   /* the application: a library with an empty main() */
	char *build; /* Unikraft's O= */
	char *log;
	char *stage;    /* the kit, while it is made */
	char *debug;    /* its separate part: kitdebug.h */
	char *link_dbg; /* the image that Unikraft linked, and the one it made of it */
	char *image;
	char *boots;  /* what starts: the image, or a binary made of it */
	size_t files; /* how many the kit has so far: numbers their names */
};

/* Write the configuration that the presets come to. */
int kitbuild_configure(const struct kitbuild_job *j, const char *path, struct err *e);
/* Hold the configuration that Unikraft made of it against what the presets require. */
int kitbuild_check_config(const struct kitbuild_job *j, const char *made, struct err *e);
/* The names of the presets that there are, owned. */
int kitbuild_presets(const char *share, struct strv *names, struct err *e);

/* Of the commands that ran, the link: its arguments for GNU ld into k, its files into
 * the stage. *at is the number of the link among the commands. */
int kitbuild_take_link(
    struct kitbuild_job *j, const struct recipes *ran, struct kit *k, size_t *at, struct err *e);
/* The commands behind the link that make the image, into k: as steps that kraftld does
 * itself when they give the same image as Unikraft's, else as recorded. */
int kitbuild_take_steps(
    struct kitbuild_job *j, const struct recipes *ran, size_t link, struct kit *k, struct err *e);
/* Copy a file into <stage>/<dir>/ under a name that is not taken; returns {kit}/...,
 * owned by the caller. Objects and archives lose their debug information, which for
 * objects goes into the separate part. */
char *kitbuild_take_file(
    struct kitbuild_job *j, const char *path, const char *dir, bool object, struct err *e);

#endif
