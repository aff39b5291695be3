# SPDX-License-Identifier: BSD-3-Clause
#
#   make              the programs, in build/
#   make quickstart   what is missing, a std, a project, and "cargo run" in it
#   make check        every test, and what the tests need
#   make install      into $(DESTDIR)$(PREFIX)
#
# CC, CFLAGS, LDFLAGS, PREFIX, DESTDIR and BUILD mean what they always mean.
# SAN=1 builds with ASan and UBSan, WERROR=1 stops at warnings.

VERSION = 0.1.0
PREFIX ?= /usr/local
BUILD ?= build$(if $(SAN),-san)
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CLANG_FORMAT ?= clang-format

# What kraft-rust links, and what it loads at the first use (src/base/lazy.h), of which
# only the headers are needed here. The other programs need none of them.
LINKED = yaml-0.1 jansson libcrypto
LOADED = libcurl libarchive

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef \
	-Wcast-qual -Wwrite-strings -Wformat=2 -Wnull-dereference -Wswitch-enum \
	-Wimplicit-fallthrough $(if $(WERROR),-Werror)
ifdef SAN
HARDEN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
HARDEN_LD = -fsanitize=address,undefined
else
HARDEN = -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_LD = -pie -Wl,-z,relro,-z,now
endif
BASE_CFLAGS = -std=c17 -D_GNU_SOURCE -Isrc -MMD -MP $(WARNINGS) $(HARDEN) \
	-DKRAFT_RUST_VERSION='"$(VERSION)"'
# Only base and the unit tests may see the libraries' headers; the flags are
# needed at all only where those are outside the compiler's own search path.
LIB_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(LINKED) $(LOADED) 2>/dev/null)
LIBS = $(shell $(PKG_CONFIG) --libs $(LINKED) 2>/dev/null) -ldl
COMPILE = $(CC) $(BASE_CFLAGS) $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(HARDEN_LD) -Wl,--as-needed $(LDFLAGS)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
BASE_OBJS = $(call objects,src/base/*.c)
CORE_OBJS = $(call objects,src/core/*.c)
CMD_OBJS = $(call objects,src/cmd/*.c)
LD_OBJS = $(call objects,src/ld/*.c)
WRAP_OBJS = $(call objects,src/wrap/*.c)
ARCHIVES = $(BUILD)/libcore.a $(BUILD)/libbase.a
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZERS = $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
DATA = $(shell find targets templates -type f)

# "make V=1" shows the commands.
ifeq ($(V),)
say = @printf '  %-5s %s\n' $(1) $(2);
else
say =
endif

all: $(BUILD)/kraft-rust $(BUILD)/kraftld $(BUILD)/kraft-rustc $(BUILD)/kraft-rustdoc

$(BUILD)/kraft-rust: $(CMD_OBJS) $(call objects,src/main.c) $(ARCHIVES)
	$(call say,LINK,$@)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/kraftld: $(filter-out %/main.o,$(LD_OBJS)) $(BUILD)/src/ld/main.o $(ARCHIVES)
	$(call say,LINK,$@)$(LINK) -o $@ $^

$(BUILD)/kraft-rustc: $(WRAP_OBJS) $(BUILD)/libbase.a
	$(call say,LINK,$@)$(LINK) -o $@ $^

$(BUILD)/kraft-rustdoc: $(BUILD)/kraft-rustc
	@ln -sf kraft-rustc $@

$(BUILD)/libbase.a: $(BASE_OBJS)
$(BUILD)/libcore.a: $(CORE_OBJS)
# Everything of kraftld and of the commands but main, for the tests.
$(BUILD)/libld.a: $(filter-out %/main.o,$(LD_OBJS))
$(BUILD)/libcmd.a: $(CMD_OBJS)
$(BUILD)/libwrap.a: $(filter-out %/main.o,$(WRAP_OBJS))
$(BUILD)/%.a:
	@rm -f $@
	$(call say,AR,$@)$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) -c -o $@ $<

$(BUILD)/tests/test_%: tests/unit/test_%.c $(BUILD)/libld.a $(BUILD)/libcmd.a $(BUILD)/libwrap.a \
		$(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,TEST,$@)$(COMPILE) -Itests/unit -o $@ $< $(BUILD)/libcmd.a $(BUILD)/libld.a \
		$(BUILD)/libwrap.a $(ARCHIVES) $(HARDEN_LD) $(LDFLAGS) -lcmocka $(LIBS)

# The fuzz targets' corpora, run once each without libFuzzer.
$(BUILD)/tests/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $(BUILD)/libld.a $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,TEST,$@)$(COMPILE) -o $@ $(filter %.c,$^) $(BUILD)/libld.a $(ARCHIVES) \
		$(HARDEN_LD) $(LDFLAGS) $(LIBS)

# The same with libFuzzer, on objects of their own: "make fuzz", or "make fuzz-args".
FUZZ_SECONDS ?= 60
FUZZ_MAKE = $(MAKE) --no-print-directory BUILD=$(BUILD)/fuzz CC=clang SAN=1 \
	CFLAGS='-O1 -g -fsanitize=fuzzer-no-link'
fuzz: $(FUZZERS:%=fuzz-%)
fuzz-build:
	$(FUZZ_MAKE) $(FUZZERS:%=$(BUILD)/fuzz/tests/fuzz_%)
fuzz-%: fuzz-build
	@mkdir -p $(BUILD)/corpus/$*
	$(BUILD)/fuzz/tests/fuzz_$* -max_total_time=$(FUZZ_SECONDS) -close_fd_mask=3 \
		-artifact_prefix=$(BUILD)/ $(BUILD)/corpus/$* tests/fuzz/corpus/$*

$(BUILD)/tests/fuzz_%: tests/fuzz/fuzz_%.c $(BUILD)/libld.a $(ARCHIVES)
	@mkdir -p $(@D)
	$(call say,TEST,$@)$(COMPILE) -fsanitize=fuzzer -o $@ $< $(BUILD)/libld.a $(ARCHIVES) \
		$(HARDEN_LD) $(LDFLAGS) $(LIBS)

# A caller that ignores signals (nohup, a background job) hands that on, and the
# programs respect it; the tests of what they do with signals need the default. What
# make tells its children is not for the compilers that tests start.
TEST_ENV = env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
	--default-signal=HUP,INT,TERM,PIPE

# The tests. "check" installs what they need; the single steps assume it is there.
check: deps-check
	@+for step in check-layers check-headers check-docs unit replay cli e2e; do \
		$(MAKE) --no-print-directory $$step || exit 1; \
	done

unit: $(UNIT_TESTS)
	@failed=0; for test in $(UNIT_TESTS); do $(TEST_ENV) $$test || failed=1; done; exit $$failed

replay: $(FUZZERS:%=$(BUILD)/tests/replay_%)
	@for name in $(FUZZERS); do \
		$(BUILD)/tests/replay_$$name tests/fuzz/corpus/$$name/* || exit 1; \
	done

cli: all
	BUILD='$(abspath $(BUILD))' $(TEST_ENV) bats tests/cli

e2e: all
	BUILD='$(abspath $(BUILD))' $(TEST_ENV) bats tests/e2e

# Kits from Unikraft's own sources, when UNIKRAFT_ROOT and UNIKRAFT_LIBS name them.
check-unikraft: all
	BUILD='$(abspath $(BUILD))' tests/unikraft/run

bench: all
	tests/deps build rust bench
	BUILD='$(abspath $(BUILD))' tests/bench/run
	BUILD='$(abspath $(BUILD))' tests/bench/dist
	BUILD='$(abspath $(BUILD))' tests/bench/kraftld
	BUILD='$(abspath $(BUILD))' tests/bench/kits

check-layers:
	tests/check-layers

# Each header compiles alone.
check-headers:
	@for header in $(wildcard src/*/*.h); do \
		$(CC) $(filter-out -MMD -MP,$(BASE_CFLAGS)) $(LIB_CFLAGS) -fsyntax-only -x c $$header || exit 1; \
	done

check-docs: all
	BUILD='$(abspath $(BUILD))' tests/check-docs

format:
	$(CLANG_FORMAT) -i $(wildcard src/*.c src/*/*.[ch] tests/unit/*.[ch] tests/fuzz/*.c)

# What is missing on Debian and Ubuntu, and a hint elsewhere.
deps:
	tests/deps build
deps-check:
	tests/deps build rust check
	tests/deps arm64 || echo 'deps: the tests of arm64 will be skipped'

# The main job, for the user who calls it: see tests/quickstart.
quickstart:
	tests/deps build rust
	@$(MAKE) --no-print-directory all
	BUILD='$(abspath $(BUILD))' tests/quickstart

MANPAGES = $(wildcard docs/*.1 docs/*.5)
install: all
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	$(INSTALL) -m 755 $(BUILD)/kraft-rust $(BUILD)/kraftld $(BUILD)/kraft-rustc \
		$(DESTDIR)$(PREFIX)/bin
	ln -sf kraft-rustc $(DESTDIR)$(PREFIX)/bin/kraft-rustdoc
	for dir in $(sort $(dir $(DATA))); do \
		$(INSTALL) -d $(DESTDIR)$(PREFIX)/share/kraft-rust/$$dir; \
	done
	for file in $(DATA); do \
		$(INSTALL) -m 644 $$file $(DESTDIR)$(PREFIX)/share/kraft-rust/$$file; \
	done
	$(INSTALL) -m 644 share/symbols.conf $(DESTDIR)$(PREFIX)/share/kraft-rust
	for file in $(shell cd share && find librust -type f); do \
		$(INSTALL) -D -m 644 share/$$file $(DESTDIR)$(PREFIX)/share/kraft-rust/$$file || exit 1; \
	done
	for page in $(MANPAGES); do \
		$(INSTALL) -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
	done
	$(INSTALL) -m 644 share/completions/kraft-rust.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/kraft-rust
	$(INSTALL) -m 644 share/completions/_kraft-rust \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kraft-rust
	$(INSTALL) -m 644 share/completions/kraft-rust.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kraft-rust.fish

clean:
	rm -rf build build-san

.PHONY: all unit replay cli check-unikraft e2e fuzz bench check check-layers check-headers check-docs format \
	deps deps-check quickstart install clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
