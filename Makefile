# SPDX-License-Identifier: BSD-3-Clause
#
#   make              both programs, in build/
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

# Which library serves which program: kraftld needs none of them.
PACKAGES = yaml-0.1 jansson libcrypto

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
LIB_CFLAGS = $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null)
COMPILE = $(CC) $(BASE_CFLAGS) $(LIB_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(HARDEN_LD) -Wl,--as-needed $(LDFLAGS)

objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))
BASE_OBJS = $(call objects,src/base/*.c)
CORE_OBJS = $(call objects,src/core/*.c)
CMD_OBJS = $(call objects,src/cmd/*.c)
LD_OBJS = $(call objects,src/ld/*.c)
ARCHIVES = $(BUILD)/libcore.a $(BUILD)/libbase.a
UNIT_TESTS = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZERS = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

all: $(BUILD)/kraft-rust $(BUILD)/kraftld

$(BUILD)/kraft-rust: $(CMD_OBJS) $(call objects,src/main.c) $(ARCHIVES)
	$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/kraftld: $(filter-out %/main.o,$(LD_OBJS)) $(BUILD)/src/ld/main.o $(ARCHIVES)
	$(LINK) -o $@ $^

$(BUILD)/libbase.a: $(BASE_OBJS)
$(BUILD)/libcore.a: $(CORE_OBJS)
# Everything of kraftld and of the commands but main, for the tests.
$(BUILD)/libld.a: $(filter-out %/main.o,$(LD_OBJS))
$(BUILD)/libcmd.a: $(CMD_OBJS)
$(BUILD)/%.a:
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<

unit: $(UNIT_TESTS)
$(BUILD)/tests/test_%: tests/unit/test_%.c $(BUILD)/libld.a $(BUILD)/libcmd.a $(ARCHIVES)
	@mkdir -p $(@D)
	$(COMPILE) -Itests/unit -o $@ $< $(BUILD)/libld.a $(BUILD)/libcmd.a $(ARCHIVES) \
		$(HARDEN_LD) $(LDFLAGS) -lcmocka $(LIBS)

.PHONY: all unit
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
