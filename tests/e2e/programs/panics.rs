// SPDX-License-Identifier: BSD-3-Clause
// Panics that are caught, of its own frames and of std's, and with "uncaught" one that is not.
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("dropped {}", self.0);
    }
}

fn main() {
    let caught = catch_unwind(|| {
        let _guard = Noisy("guard");
        panic!("number {}", std::env::args().count());
    });
    println!("caught: {:?}", caught.unwrap_err().downcast_ref::<String>());

    // The frames of sort_by lie between the panic and the catch.
    let mut items = vec![3, 1, 2];
    let inside = catch_unwind(AssertUnwindSafe(|| {
        items.sort_by(|_, _| panic!("inside"));
    }));
    println!("through std: {}", inside.is_err());

    let thread = std::thread::spawn(|| -> i32 { panic!("in a thread") });
    println!("joined: {:?}", thread.join().unwrap_err().downcast_ref::<&str>());

    let again = catch_unwind(|| resume_unwind(Box::new(42)));
    println!("resumed: {:?}", again.unwrap_err().downcast_ref::<i32>());

    if std::env::args().nth(1).as_deref() == Some("uncaught") {
        panic!("the last one");
    }
}
