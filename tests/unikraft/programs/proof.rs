// SPDX-License-Identifier: BSD-3-Clause
//! One thing at a time, as the first argument says.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};
use std::{env, fs, panic, process, thread};

struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        println!("dropped");
    }
}

/// All of them there at once.
fn threads(n: u64) {
    let together = Arc::new(Barrier::new(n as usize));
    let all: Vec<_> = (0..n)
        .map(|i| {
            let together = together.clone();
            thread::spawn(move || {
                together.wait();
                i
            })
        })
        .collect();
    println!("sum {}", all.into_iter().map(|t| t.join().unwrap()).sum::<u64>());
}

fn sleep() {
    let start = Instant::now();
    thread::sleep(Duration::from_millis(500));
    println!("slept {}", start.elapsed().as_millis() / 500 * 500);
}

fn files() {
    fs::create_dir_all("/a/b").unwrap();
    fs::write("/a/b/c", "data").unwrap();
    println!("{:?}", fs::read_to_string("/a/b/c"));
    for entry in fs::read_dir("/a").unwrap() {
        println!("{:?}", entry.unwrap().path());
    }
}

/// Fetches what the machine outside has, then serves two requests.
fn serve(from: &str) {
    let mut page = String::new();
    let mut s = TcpStream::connect(from).unwrap();
    s.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    s.read_to_string(&mut page).unwrap();
    println!("{}", page.lines().last().unwrap_or(""));
    let l = TcpListener::bind("0.0.0.0:80").unwrap();
    println!("listening");
    for s in l.incoming().take(2) {
        let mut s = s.unwrap();
        let mut line = String::new();
        BufReader::new(&s).read_line(&mut line).unwrap();
        println!("{}", line.trim_end());
        let text = format!("hello from {}\n", line.trim_end());
        write!(s, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        // The machine must not end before the other side has everything.
        s.shutdown(Shutdown::Write).unwrap();
        std::io::copy(&mut s, &mut std::io::sink()).unwrap();
    }
    process::exit(3);
}

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    let word = |i: usize| args.get(i).map_or("", String::as_str);
    match word(0) {
        "threads" => threads(word(1).parse().unwrap()),
        "sleep" => sleep(),
        "files" => files(),
        "cat" => print!("{}", fs::read_to_string(word(1)).unwrap()),
        "echo" => print!("{}", std::io::read_to_string(std::io::stdin()).unwrap()),
        "serve" => serve(word(1)),
        "exit" => process::exit(word(1).parse().unwrap()),
        "abort" => process::abort(),
        "panic" => {
            let _loud = Loud;
            panic!("on purpose");
        }
        "caught" => println!("caught {}", panic::catch_unwind(|| panic!("in here")).is_err()),
        "joined" => println!("joined {}", thread::spawn(|| panic!("there")).join().is_err()),
        "loop" => loop {
            thread::yield_now();
        },
        _ => println!("Hello, world!"),
    }
}
