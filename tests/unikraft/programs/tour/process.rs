// SPDX-License-Identifier: BSD-3-Clause
//! The program itself: arguments, environment, time, memory, panics, standard streams.
use crate::Piece;
use std::collections::hash_map::RandomState;
use std::ffi::OsStr;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use std::{backtrace, env, panic, thread};

pub const PIECES: &[Piece] = &[
    ("process::args", args),
    ("process::vars", vars),
    ("process::current_dir", current_dir),
    ("process::current_exe", current_exe),
    ("process::temp_dir", temp_dir),
    ("process::id", id),
    ("process::command", command),
    ("process::random", random),
    ("process::instant", instant),
    ("process::system_time", system_time),
    ("process::sleep", sleep),
    ("process::large", large),
    ("process::alignment", alignment),
    ("process::float", float),
    ("process::panic", panics),
    ("process::backtrace", trace),
    ("process::streams", streams),
];

/// The first argument is two bytes that are no UTF-8.
fn args() {
    let all: Vec<_> = env::args_os().collect();
    assert!(all.len() >= 2, "{all:?}");
    assert!(Path::new(&all[0]).file_name() == Some(OsStr::new("tour")), "{all:?}");
    assert_eq!(all[1].as_bytes(), b"\xff\xfe");
    assert!(all[1].to_str().is_none());
    assert_eq!(all[1].to_string_lossy(), "\u{fffd}\u{fffd}");
}

fn vars() {
    assert_eq!(env::var("TOUR").as_deref(), Ok("a b=\"c\""));
    assert!(env::vars_os().any(|(k, _)| k == "TOUR"));
    assert!(env::var_os("TOUR_NOT").is_none());
    unsafe { env::set_var("TOUR_OWN", "x") };
    assert_eq!(env::var("TOUR_OWN").as_deref(), Ok("x"));
    unsafe { env::remove_var("TOUR_OWN") };
    assert!(env::var_os("TOUR_OWN").is_none());
}

fn current_dir() {
    let before = env::current_dir().unwrap();
    std::fs::create_dir("cwd").unwrap();
    env::set_current_dir("cwd").unwrap();
    assert_eq!(env::current_dir().unwrap(), before.join("cwd"));
    std::fs::write("here", "x").unwrap();
    env::set_current_dir(&before).unwrap();
    assert_eq!(std::fs::read_to_string("cwd/here").unwrap(), "x");
    std::fs::remove_dir_all("cwd").unwrap();
    assert_eq!(env::set_current_dir("cwd").unwrap_err().kind(), ErrorKind::NotFound);
}

/// There is no /proc: an error, not a wrong answer.
fn current_exe() {
    if let Ok(path) = env::current_exe() {
        assert!(path.is_absolute(), "{path:?}");
    }
}

fn temp_dir() {
    let file = env::temp_dir().join("tour");
    std::fs::write(&file, "x").unwrap();
    std::fs::remove_file(&file).unwrap();
}

fn id() {
    assert!(std::process::id() > 0);
    assert_eq!(std::process::id(), std::process::id());
}

fn command() {
    Command::new("/bin/true").spawn().unwrap_err();
    Command::new("true").output().unwrap_err();
    Command::new("true").status().unwrap_err();
    let found = unsafe {
        use std::os::unix::process::CommandExt;
        Command::new("true").pre_exec(|| Ok(())).spawn()
    };
    found.unwrap_err();
}

fn random() {
    let hash = || RandomState::new().build_hasher().finish();
    let first = thread::spawn(hash).join().unwrap();
    let other = thread::spawn(hash).join().unwrap();
    assert_ne!(first, other);
    if env::var_os("TOUR_RANDOM").is_some() {
        println!("random {first:016x}");
    }
}

fn instant() {
    let start = Instant::now();
    let mut last = start;
    for _ in 0..1000 {
        let now = Instant::now();
        assert!(now >= last);
        last = now;
    }
    thread::sleep(Duration::from_millis(20));
    assert!(start.elapsed() >= Duration::from_millis(20));
}

/// After the day on which this was written, and before 2100; on arm64 it begins at 0.
fn system_time() {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let plausible = (1_763_000_000..4_102_000_000).contains(&since);
    assert!(plausible || cfg!(target_arch = "aarch64"), "{since}");
}

fn sleep() {
    for ms in [0, 1, 10, 250] {
        let start = Instant::now();
        thread::sleep(Duration::from_millis(ms));
        let took = start.elapsed().as_millis() as u64;
        assert!(took >= ms && took < ms + 1000, "{ms}: {took}");
    }
    let start = Instant::now();
    thread::sleep(Duration::from_nanos(1));
    assert!(start.elapsed() < Duration::from_secs(1));
}

fn large() {
    let mut v: Vec<u8> = Vec::new();
    v.try_reserve(1 << 40).unwrap_err();
    v.try_reserve_exact(usize::MAX / 2).unwrap_err();
    let mut all = Vec::new();
    for i in 0..64usize {
        all.push(vec![i as u8; 1 << 20]);
    }
    assert!(all.iter().enumerate().all(|(i, v)| v.iter().all(|b| *b == i as u8)));
    let zero = vec![0u8; 8 << 20];
    assert!(zero.iter().all(|b| *b == 0));
    v.try_reserve(1 << 20).unwrap();
}

fn alignment() {
    for shift in 0..16 {
        let layout = std::alloc::Layout::from_size_align(100, 1 << shift).unwrap();
        let at = unsafe { std::alloc::alloc_zeroed(layout) };
        assert!(!at.is_null() && at as usize % (1 << shift) == 0, "{shift}: {at:?}");
        let bigger = unsafe { std::alloc::realloc(at, layout, 5000) };
        assert!(!bigger.is_null() && bigger as usize % (1 << shift) == 0, "{shift}: {bigger:?}");
        let layout = std::alloc::Layout::from_size_align(5000, 1 << shift).unwrap();
        unsafe { std::alloc::dealloc(bigger, layout) };
    }
}

fn float() {
    let text = |x: f64| std::hint::black_box(x).to_string();
    assert_eq!(text(0.1 + 0.2), "0.30000000000000004");
    assert_eq!(text(2f64.sqrt()), "1.4142135623730951");
    assert_eq!(format!("{:.3e}", std::hint::black_box(1e300f64)), "1.000e300");
    assert_eq!(text(std::hint::black_box(2f64).powf(0.5).mul_add(2.0, 1.0)), "3.8284271247461903");
    assert!((std::hint::black_box(1f64).sin() - 0.8414709848078965).abs() < 1e-15);
    assert!((std::hint::black_box(10f64).ln() - std::f64::consts::LN_10).abs() < 1e-15);
    assert_eq!(u128::MAX.to_string(), "340282366920938463463374607431768211455");
    assert_eq!(std::hint::black_box(u128::MAX) as f64, 3.402823669209385e38);
    assert_eq!(std::hint::black_box(1e30f64) as u128, 1000000000000000019884624838656);
    assert_eq!(std::hint::black_box(u128::MAX) / 1_000_000_007, 340282364538961911690641225597);
    assert_eq!("1e-7".parse::<f32>().unwrap(), 1e-7);
}

fn panics() {
    let caught = panic::catch_unwind(|| {
        let _guard = String::from("dropped on the way");
        panic!("number {}", std::hint::black_box(7))
    });
    assert_eq!(caught.unwrap_err().downcast_ref::<String>().unwrap(), "number 7");
    let joined = thread::spawn(|| panic!("in a thread")).join();
    assert_eq!(joined.unwrap_err().downcast_ref::<&str>().unwrap(), &"in a thread");
    let v: Vec<u8> = std::hint::black_box(Vec::new());
    panic::catch_unwind(|| v[1]).unwrap_err();
    let resumed = panic::catch_unwind(|| panic::resume_unwind(Box::new(3u8)));
    assert_eq!(resumed.unwrap_err().downcast_ref::<u8>(), Some(&3));
}

fn trace() {
    let found = backtrace::Backtrace::force_capture();
    assert_eq!(found.status(), backtrace::BacktraceStatus::Captured);
    assert!(found.to_string().lines().count() > 3, "{found}");
}

/// The input is two lines, the second without an end.
fn streams() {
    let lines: Vec<String> = io::stdin().lines().map(|l| l.unwrap()).collect();
    assert_eq!(lines, ["first", "second \u{4}\u{16}\u{e9}"]);
    assert_eq!(io::read_to_string(io::stdin()).unwrap(), "");
    io::stdout().lock().write_all(b"").unwrap();
    io::stdout().flush().unwrap();
    io::stderr().flush().unwrap();
    assert!(thread::available_parallelism().unwrap().get() >= 1);
    let _ = io::stdout().is_terminal();
}
