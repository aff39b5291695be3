// SPDX-License-Identifier: BSD-3-Clause
// A line for each part of std that it tries.
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{mpsc, Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

fn threads() {
    let sum = Arc::new(Mutex::new(0));
    let all: Vec<_> = (1..=8)
        .map(|n| {
            let sum = Arc::clone(&sum);
            thread::spawn(move || *sum.lock().unwrap() += n)
        })
        .collect();
    for t in all {
        t.join().unwrap();
    }
    println!("threads: {}", sum.lock().unwrap());
}

fn channels() {
    let (tx, rx) = mpsc::channel();
    for id in 0..3 {
        let tx = tx.clone();
        thread::spawn(move || tx.send(id * id).unwrap());
    }
    drop(tx);
    let mut got: Vec<i32> = rx.iter().collect();
    got.sort();
    println!("channels: {got:?}");
}

fn maps() {
    let mut count: HashMap<&str, usize> = HashMap::new();
    for word in "one two one three one two".split(' ') {
        *count.entry(word).or_default() += 1;
    }
    println!("map: {} {} {}", count["one"], count["two"], count["three"]);
}

fn files() {
    let path = env::temp_dir().join(format!("tour-{}", std::process::id()));
    fs::write(&path, "written\n").unwrap();
    fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"appended").unwrap();
    println!("file: {}", fs::read_to_string(&path).unwrap().replace('\n', ", "));
    fs::remove_file(&path).unwrap();
    println!("gone: {:?}", fs::metadata(&path).unwrap_err().kind());
}

fn tcp() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut peer, _) = listener.accept().unwrap();
        let mut text = [0; 4];
        peer.read_exact(&mut text).unwrap();
        peer.write_all(&text.map(|c| c.to_ascii_uppercase())).unwrap();
    });
    let mut client = TcpStream::connect(address).unwrap();
    let mut answer = String::new();
    client.write_all(b"ping").unwrap();
    client.read_to_string(&mut answer).unwrap();
    server.join().unwrap();
    println!("tcp: {answer}");
}

fn main() {
    let start = Instant::now();

    println!("args: {:?}", env::args().skip(1).collect::<Vec<_>>());
    println!("env: {:?}", env::var("TOUR"));
    threads();
    channels();
    maps();
    files();
    tcp();
    thread::sleep(Duration::from_millis(20));
    println!("slept: {}", start.elapsed() >= Duration::from_millis(20));
    println!("float: {:.3}", (2.0f64).sqrt().sin());
}
