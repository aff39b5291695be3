// SPDX-License-Identifier: BSD-3-Clause
#[test]
fn from_outside() {
    assert_eq!(tested::double(-1), -2);
}

#[test]
#[ignore]
fn not_now() {
    unreachable!();
}
