// SPDX-License-Identifier: BSD-3-Clause
//! Tests of each kind; one of them fails.
//!
//! ```
//! assert_eq!(tested::double(4), 8);
//! ```

pub fn double(x: i32) -> i32 {
    x * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes() {
        println!("nobody sees this");
        assert_eq!(double(21), 42);
    }

    #[test]
    #[should_panic(expected = "on purpose")]
    fn panics() {
        panic!("on purpose");
    }

    #[test]
    fn fails() {
        println!("before the failure");
        assert_eq!(double(1), 3);
    }
}
