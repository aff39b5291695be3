// SPDX-License-Identifier: BSD-3-Clause
//! What programs expect of std, piece by piece: "ok NAME" or "bad NAME: why" for each, and
//! the number of bad ones as exit status. Arguments choose pieces by the beginning of their
//! name; the first argument is skipped, so that there is always one.
mod fs;
mod net;
mod process;
mod sync;

use std::panic::{catch_unwind, AssertUnwindSafe};

pub type Piece = (&'static str, fn());

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|s| s.to_string()))
        .unwrap_or_default()
}

fn main() {
    let wanted: Vec<String> =
        std::env::args_os().skip(2).map(|a| a.into_string().unwrap()).collect();
    let mut bad = 0;

    std::panic::set_hook(Box::new(|_| {}));
    for (name, piece) in [process::PIECES, fs::PIECES, sync::PIECES, net::PIECES].concat() {
        if !wanted.is_empty() && !wanted.iter().any(|w| name.starts_with(w.as_str())) {
            continue;
        }
        match catch_unwind(AssertUnwindSafe(piece)) {
            Ok(()) => println!("ok {name}"),
            Err(e) => {
                println!("bad {name}: {}", message(&*e).replace('\n', " "));
                bad += 1;
            }
        }
    }
    std::process::exit(bad);
}
