// SPDX-License-Identifier: BSD-3-Clause
// Ends with the status that its argument names, without returning from main.
use std::io::Write;

fn main() {
    let status = std::env::args().nth(1).unwrap().parse().unwrap();

    print!("leaving");
    std::io::stdout().flush().unwrap();
    std::process::exit(status);
}
