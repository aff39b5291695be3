// SPDX-License-Identifier: BSD-3-Clause
// A crate with tests: one that passes, one that panics as it should, and one that
// fails when TOUR is set.
/// Twice the number.
///
/// ```
/// assert_eq!(tested::double(4), 8);
/// ```
pub fn double(n: i32) -> i32 {
    2 * n
}

#[cfg(test)]
mod tests {
    #[test]
    fn passes() {
        assert_eq!(super::double(2), 4);
    }

    #[test]
    fn may_fail() {
        println!("looking at TOUR");
        assert!(std::env::var_os("TOUR").is_none(), "TOUR is set");
    }

    #[test]
    #[should_panic(expected = "out of bounds")]
    fn panics() {
        let empty: Vec<i32> = Vec::new();
        println!("{}", empty[super::double(1) as usize]);
    }
}
