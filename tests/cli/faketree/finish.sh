#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
printf finished >>"$1"
