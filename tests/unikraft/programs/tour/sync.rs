// SPDX-License-Identifier: BSD-3-Clause
//! Threads and what they wait for.
use crate::Piece;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Barrier, Condvar, LazyLock, Mutex, Once, OnceLock, RwLock};
use std::thread;
use std::time::{Duration, Instant};

pub const PIECES: &[Piece] = &[
    ("sync::spawn", spawn),
    ("sync::builder", builder),
    ("sync::scope", scope),
    ("sync::park", park),
    ("sync::yield_now", yield_now),
    ("sync::locals", locals),
    ("sync::mutex", mutex),
    ("sync::poison", poison),
    ("sync::condvar", condvar),
    ("sync::rwlock", rwlock),
    ("sync::barrier", barrier),
    ("sync::once", once),
    ("sync::mpsc", channel),
    ("sync::mpsc_sync", rendezvous),
    ("sync::timeout", timeout),
    ("sync::many", many),
    ("sync::nested", nested),
];

const SHORT: Duration = Duration::from_millis(30);

/// It lasted as long as it was to, and not for ever.
fn lasted(start: Instant) {
    let took = start.elapsed();
    assert!(took >= SHORT && took < Duration::from_secs(5), "{took:?}");
}

fn spawn() {
    let t = thread::spawn(|| thread::current().id());
    let id = t.thread().id();
    assert_eq!(t.join().unwrap(), id);
    assert_ne!(id, thread::current().id());
}

fn builder() {
    let t = thread::Builder::new().name("worker-1".into()).stack_size(256 << 10);
    let t = t.spawn(|| thread::current().name().map(str::to_owned)).unwrap();
    assert_eq!(t.join().unwrap().as_deref(), Some("worker-1"));
    assert_eq!(thread::current().name(), Some("main"));
    let deep = thread::Builder::new().stack_size(8 << 20).spawn(|| {
        fn down(n: u64) -> u64 {
            let page = std::hint::black_box([n; 512]);
            if n == 0 { 0 } else { 1 + down(n - 1) + page[1] - n }
        }
        down(500)
    });
    assert_eq!(deep.unwrap().join().unwrap(), 500);
}

fn scope() {
    let mut v = vec![1, 2, 3, 4];
    thread::scope(|s| {
        for x in v.iter_mut() {
            s.spawn(move || *x *= 10);
        }
    });
    assert_eq!(v, [10, 20, 30, 40]);
}

fn park() {
    let start = Instant::now();
    thread::park_timeout(SHORT);
    lasted(start);
    let woken = Arc::new(AtomicU32::new(0));
    let seen = woken.clone();
    let t = thread::spawn(move || {
        while seen.load(SeqCst) == 0 {
            thread::park();
        }
    });
    thread::sleep(SHORT);
    woken.store(1, SeqCst);
    t.thread().unpark();
    t.join().unwrap();
}

/// The scheduler is cooperative: a thread that waits for another has to yield.
fn yield_now() {
    let done = Arc::new(AtomicU32::new(0));
    let set = done.clone();
    let t = thread::spawn(move || set.store(1, SeqCst));
    while done.load(SeqCst) == 0 {
        thread::yield_now();
    }
    t.join().unwrap();
}

struct Counted(Arc<AtomicU32>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

fn locals() {
    thread_local! {
        static PLAIN: Cell<u32> = const { Cell::new(1) };
        static HELD: Cell<Option<Counted>> = const { Cell::new(None) };
    }
    let dropped = Arc::new(AtomicU32::new(0));
    for _ in 0..10 {
        let dropped = dropped.clone();
        thread::spawn(move || {
            HELD.with(|h| h.set(Some(Counted(dropped))));
            PLAIN.with(|p| p.set(p.get() + 1));
            assert_eq!(PLAIN.get(), 2);
        })
        .join()
        .unwrap();
    }
    assert_eq!(dropped.load(SeqCst), 10);
    assert_eq!(PLAIN.get(), 1);
}

fn mutex() {
    let sum = Arc::new(Mutex::new(0));
    let all: Vec<_> = (0..8)
        .map(|i| {
            let sum = sum.clone();
            thread::spawn(move || {
                for _ in 0..1000 {
                    let mut held = sum.lock().unwrap();
                    let before = *held;
                    if i == 0 {
                        thread::yield_now();
                    }
                    *held = before + 1;
                }
            })
        })
        .collect();
    for t in all {
        t.join().unwrap();
    }
    assert_eq!(*sum.lock().unwrap(), 8000);
    let held = sum.lock().unwrap();
    let other = sum.clone();
    assert!(thread::spawn(move || other.try_lock().is_err()).join().unwrap());
    drop(held);
}

fn poison() {
    let m = Arc::new(Mutex::new(0));
    let other = m.clone();
    let t = thread::spawn(move || {
        let _held = other.lock();
        panic!("while holding it");
    });
    t.join().unwrap_err();
    assert!(m.is_poisoned() && m.lock().is_err());
}

fn condvar() {
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    let start = Instant::now();
    let (held, result) = pair.1.wait_timeout(pair.0.lock().unwrap(), SHORT).unwrap();
    assert!(result.timed_out());
    lasted(start);
    drop(held);
    let other = pair.clone();
    let t = thread::spawn(move || {
        thread::sleep(SHORT);
        *other.0.lock().unwrap() = true;
        other.1.notify_all();
    });
    let held = pair.1.wait_while(pair.0.lock().unwrap(), |ready| !*ready).unwrap();
    assert!(*held);
    drop(held);
    t.join().unwrap();
}

fn rwlock() {
    let l = RwLock::new(1);
    let (a, b) = (l.read().unwrap(), l.read().unwrap());
    assert!(*a + *b == 2 && l.try_write().is_err());
    drop((a, b));
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| *l.write().unwrap() += 1);
            s.spawn(|| assert!(*l.read().unwrap() >= 1));
        }
    });
    assert_eq!(*l.read().unwrap(), 5);
}

fn barrier() {
    let b = Barrier::new(5);
    let leaders = AtomicU32::new(0);
    thread::scope(|s| {
        for _ in 0..5 {
            s.spawn(|| leaders.fetch_add(b.wait().is_leader().into(), SeqCst));
        }
    });
    assert_eq!(leaders.load(SeqCst), 1);
}

fn once() {
    static ONCE: Once = Once::new();
    static CELL: OnceLock<u32> = OnceLock::new();
    static LAZY: LazyLock<Vec<u32>> = LazyLock::new(|| {
        thread::sleep(SHORT);
        vec![1, 2, 3]
    });
    let count = AtomicU32::new(0);
    thread::scope(|s| {
        for _ in 0..4 {
            s.spawn(|| ONCE.call_once(|| count.store(1 + count.load(SeqCst), SeqCst)));
            s.spawn(|| assert_eq!(LAZY.len(), 3));
            s.spawn(|| assert_eq!(*CELL.get_or_init(|| 9), 9));
        }
    });
    assert_eq!(count.load(SeqCst), 1);
}

fn channel() {
    let (to, from) = mpsc::channel();
    for i in 0..4u64 {
        let to = to.clone();
        thread::spawn(move || (0..1000).for_each(|k| to.send(i * 1000 + k).unwrap()));
    }
    drop(to);
    assert_eq!(from.iter().sum::<u64>(), (0..4000).sum());
    assert_eq!(from.try_recv(), Err(TryRecvError::Disconnected));
}

fn rendezvous() {
    let (to, from) = mpsc::sync_channel(0);
    let t = thread::spawn(move || (0..100).for_each(|i| to.send(i).unwrap()));
    assert_eq!(from.iter().sum::<i32>(), 4950);
    t.join().unwrap();
}

fn timeout() {
    let (to, from) = mpsc::channel::<u32>();
    let start = Instant::now();
    assert_eq!(from.recv_timeout(SHORT), Err(RecvTimeoutError::Timeout));
    lasted(start);
    let t = thread::spawn(move || {
        thread::sleep(SHORT);
        to.send(1).unwrap();
    });
    assert_eq!(from.recv_timeout(Duration::from_secs(10)), Ok(1));
    t.join().unwrap();
}

/// More than there are at once, one behind the other: each gives back what it had.
fn many() {
    for i in 0..1500 {
        assert_eq!(thread::spawn(move || i + 1).join().unwrap(), i + 1);
    }
}

fn nested() {
    let t = thread::spawn(|| thread::spawn(|| thread::spawn(|| 7).join().unwrap()).join().unwrap());
    assert_eq!(t.join().unwrap(), 7);
}
