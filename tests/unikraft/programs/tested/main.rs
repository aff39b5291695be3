// SPDX-License-Identifier: BSD-3-Clause
fn main() {
    println!("{}", tested::double(2));
}

#[test]
fn in_the_program() {
    assert_eq!(tested::double(2), 4);
}
