// SPDX-License-Identifier: BSD-3-Clause
//! Files and folders, in a folder of their own.
use crate::Piece;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, IoSlice, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub const PIECES: &[Piece] = &[
    ("fs::write", write),
    ("fs::append", append),
    ("fs::seek", seek),
    ("fs::positioned", positioned),
    ("fs::vectored", vectored),
    ("fs::lines", lines),
    ("fs::truncate", truncate),
    ("fs::create_new", create_new),
    ("fs::metadata", metadata),
    ("fs::times", times),
    ("fs::permissions", permissions),
    ("fs::rename", rename),
    ("fs::copy", copy),
    ("fs::errors", errors),
    ("fs::folders", folders),
    ("fs::read_dir", read_dir),
    ("fs::remove_all", remove_all),
    ("fs::symlink", symlink),
    ("fs::hard_link", hard_link),
    ("fs::canonicalize", canonicalize),
    ("fs::sync", sync),
    ("fs::lock", lock),
    ("fs::clone", clone),
    ("fs::unlinked", unlinked),
    ("fs::many", many),
    ("fs::large", large),
    ("fs::devices", devices),
];

/// A folder that goes with its value.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Dir {
        let path = std::env::temp_dir().join(format!("tour-{name}"));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Dir(path)
    }
    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn write() {
    let d = Dir::new("write");
    fs::write(d.at("f"), "one").unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"one");
    fs::write(d.at("f"), "2").unwrap();
    assert_eq!(fs::read_to_string(d.at("f")).unwrap(), "2");
    fs::write(d.at("empty"), "").unwrap();
    assert_eq!(fs::read(d.at("empty")).unwrap(), b"");
}

fn append() {
    let d = Dir::new("append");
    let open = || OpenOptions::new().append(true).create(true).open(d.at("f")).unwrap();
    open().write_all(b"one\n").unwrap();
    open().write_all(b"two\n").unwrap();
    assert_eq!(fs::read_to_string(d.at("f")).unwrap(), "one\ntwo\n");
}

fn seek() {
    let d = Dir::new("seek");
    let mut f = File::create_new(d.at("f")).unwrap();
    drop(f);
    f = OpenOptions::new().read(true).write(true).open(d.at("f")).unwrap();
    f.write_all(b"0123456789").unwrap();
    assert_eq!(f.stream_position().unwrap(), 10);
    assert_eq!(f.seek(SeekFrom::Start(3)).unwrap(), 3);
    let mut buf = [0; 4];
    f.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"3456");
    assert_eq!(f.seek(SeekFrom::Current(-2)).unwrap(), 5);
    f.write_all(b"xy").unwrap();
    assert_eq!(f.seek(SeekFrom::End(-1)).unwrap(), 9);
    f.rewind().unwrap();
    let mut all = String::new();
    assert_eq!(f.read_to_string(&mut all).unwrap(), 10);
    assert_eq!(all, "01234xy789");
    f.seek(SeekFrom::Start(12)).unwrap();
    f.write_all(b"z").unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"01234xy789\0\0z");
    assert_eq!(f.seek(SeekFrom::Current(-100)).unwrap_err().kind(), ErrorKind::InvalidInput);
}

fn positioned() {
    let d = Dir::new("positioned");
    let f = OpenOptions::new().read(true).write(true).create_new(true).open(d.at("f")).unwrap();
    f.write_all_at(b"0123456789", 0).unwrap();
    f.write_all_at(b"ab", 4).unwrap();
    let mut buf = [0; 6];
    f.read_exact_at(&mut buf, 3).unwrap();
    assert_eq!(&buf, b"3ab678");
    assert_eq!((&f).stream_position().unwrap(), 0);
}

fn vectored() {
    let d = Dir::new("vectored");
    let mut f = File::create(d.at("f")).unwrap();
    let n = f.write_vectored(&[IoSlice::new(b"one "), IoSlice::new(b"two")]).unwrap();
    assert_eq!(n, 7);
    assert_eq!(fs::read(d.at("f")).unwrap(), b"one two");
}

fn lines() {
    let d = Dir::new("lines");
    let text: String = (0..5000).map(|i| format!("line {i}\n")).collect();
    fs::write(d.at("f"), &text).unwrap();
    let f = BufReader::new(File::open(d.at("f")).unwrap());
    assert_eq!(f.lines().map(|l| l.unwrap()).last().unwrap(), "line 4999");
}

fn truncate() {
    let d = Dir::new("truncate");
    fs::write(d.at("f"), "0123456789").unwrap();
    let f = OpenOptions::new().write(true).open(d.at("f")).unwrap();
    f.set_len(4).unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"0123");
    f.set_len(6).unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"0123\0\0");
    f.set_len(2).unwrap();
    f.write_all_at(b"z", 5).unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"01\0\0\0z");
    f.set_len(100_000).unwrap();
    let all = fs::read(d.at("f")).unwrap();
    assert!(all.len() == 100_000 && all[6..].iter().all(|b| *b == 0));
    File::create(d.at("f")).unwrap();
    assert_eq!(fs::metadata(d.at("f")).unwrap().len(), 0);
}

fn create_new() {
    let d = Dir::new("create_new");
    File::create_new(d.at("f")).unwrap();
    assert_eq!(File::create_new(d.at("f")).unwrap_err().kind(), ErrorKind::AlreadyExists);
}

fn metadata() {
    let d = Dir::new("metadata");
    fs::write(d.at("f"), "12345").unwrap();
    let m = fs::metadata(d.at("f")).unwrap();
    assert!(m.is_file() && !m.is_dir() && !m.is_symlink() && m.len() == 5);
    assert_ne!(m.ino(), fs::metadata(&d.0).unwrap().ino());
    assert!(fs::metadata(&d.0).unwrap().is_dir());
    assert!(d.at("f").exists() && !d.at("g").exists());
    assert!(d.at("f").try_exists().unwrap() && !d.at("g").try_exists().unwrap());
    assert_eq!(File::open(d.at("f")).unwrap().metadata().unwrap().len(), 5);
}

fn times() {
    let d = Dir::new("times");
    let f = File::create(d.at("f")).unwrap();
    let age = SystemTime::now().duration_since(f.metadata().unwrap().modified().unwrap());
    assert!(age.map_or(true, |a| a < Duration::from_secs(3600)), "{:?}", f.metadata());
    let when = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    f.set_modified(when).unwrap();
    assert_eq!(fs::metadata(d.at("f")).unwrap().modified().unwrap(), when);
}

fn permissions() {
    let d = Dir::new("permissions");
    fs::write(d.at("f"), "x").unwrap();
    fs::set_permissions(d.at("f"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(fs::metadata(d.at("f")).unwrap().permissions().mode() & 0o777, 0o640);
    let mut p = fs::metadata(d.at("f")).unwrap().permissions();
    p.set_readonly(true);
    File::open(d.at("f")).unwrap().set_permissions(p).unwrap();
    assert!(fs::metadata(d.at("f")).unwrap().permissions().readonly());
}

fn rename() {
    let d = Dir::new("rename");
    fs::write(d.at("a"), "a").unwrap();
    fs::write(d.at("b"), "b").unwrap();
    fs::rename(d.at("a"), d.at("b")).unwrap();
    assert!(!d.at("a").exists());
    assert_eq!(fs::read(d.at("b")).unwrap(), b"a");
    fs::create_dir(d.at("d")).unwrap();
    fs::rename(d.at("b"), d.at("d/c")).unwrap();
    assert_eq!(fs::read(d.at("d/c")).unwrap(), b"a");
    fs::rename(d.at("d"), d.at("e")).unwrap();
    assert_eq!(fs::read(d.at("e/c")).unwrap(), b"a");
}

fn copy() {
    let d = Dir::new("copy");
    let text = vec![7u8; 300_000];
    fs::write(d.at("a"), &text).unwrap();
    assert_eq!(fs::copy(d.at("a"), d.at("b")).unwrap(), 300_000);
    assert!(fs::read(d.at("b")).unwrap() == text);
    let mut from = File::open(d.at("a")).unwrap();
    let mut to = File::create(d.at("c")).unwrap();
    assert_eq!(std::io::copy(&mut from, &mut to).unwrap(), 300_000);
    assert!(fs::read(d.at("c")).unwrap() == text);
}

fn errors() {
    let d = Dir::new("errors");
    fs::write(d.at("f"), "x").unwrap();
    fs::create_dir(d.at("d")).unwrap();
    fs::write(d.at("d/f"), "x").unwrap();
    let kind = |e: std::io::Error| e.kind();
    assert_eq!(kind(File::open(d.at("none")).unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(fs::read(d.at("none/f")).unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(fs::read(d.at("f/g")).unwrap_err()), ErrorKind::NotADirectory);
    assert_eq!(kind(fs::create_dir(d.at("d")).unwrap_err()), ErrorKind::AlreadyExists);
    assert_eq!(kind(fs::remove_dir(d.at("d")).unwrap_err()), ErrorKind::DirectoryNotEmpty);
    assert_eq!(kind(fs::remove_file(d.at("none")).unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(fs::read_dir(d.at("none")).unwrap_err()), ErrorKind::NotFound);
    assert_eq!(kind(fs::read(Path::new("a\0b")).unwrap_err()), ErrorKind::InvalidInput);
    assert_eq!(kind(fs::write(d.at("d"), "x").unwrap_err()), ErrorKind::IsADirectory);
    assert!(File::open(d.at("f")).unwrap().write_all(b"x").is_err());
}

fn folders() {
    let d = Dir::new("folders");
    fs::create_dir_all(d.at("a/b/c")).unwrap();
    fs::create_dir_all(d.at("a/b/c")).unwrap();
    fs::remove_dir(d.at("a/b/c")).unwrap();
    assert!(d.at("a/b").is_dir() && !d.at("a/b/c").exists());
}

fn read_dir() {
    let d = Dir::new("read_dir");
    for i in 0..50 {
        fs::write(d.at(&format!("f{i:02}")), "x").unwrap();
    }
    fs::create_dir(d.at("z")).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(&d.0).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.file_type().unwrap().is_dir(), entry.file_name() == "z");
        assert_eq!(entry.metadata().unwrap().is_dir(), entry.file_name() == "z");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names.len(), 51, "{names:?}");
    assert_eq!((names[0].as_str(), names[50].as_str()), ("f00", "z"));
}

fn remove_all() {
    let d = Dir::new("remove_all");
    fs::create_dir_all(d.at("t/a/b")).unwrap();
    for path in ["t/f", "t/a/f", "t/a/b/f"] {
        fs::write(d.at(path), "x").unwrap();
    }
    fs::remove_dir_all(d.at("t")).unwrap();
    assert!(!d.at("t").exists());
}

fn symlink() {
    let d = Dir::new("symlink");
    fs::write(d.at("f"), "x").unwrap();
    std::os::unix::fs::symlink("f", d.at("l")).unwrap();
    assert_eq!(fs::read_link(d.at("l")).unwrap(), Path::new("f"));
    assert_eq!(fs::read(d.at("l")).unwrap(), b"x");
    assert!(fs::symlink_metadata(d.at("l")).unwrap().is_symlink());
    fs::remove_file(d.at("l")).unwrap();
    assert!(d.at("f").exists());
}

/// There are none on ramfs: an error that says so.
fn hard_link() {
    let d = Dir::new("hard_link");
    fs::write(d.at("f"), "x").unwrap();
    if let Err(e) = fs::hard_link(d.at("f"), d.at("h")) {
        assert!(matches!(e.kind(), ErrorKind::Unsupported | ErrorKind::PermissionDenied), "{e}");
        return;
    }
    fs::remove_file(d.at("f")).unwrap();
    assert_eq!(fs::read(d.at("h")).unwrap(), b"x");
}

fn canonicalize() {
    let d = Dir::new("canonicalize");
    fs::create_dir(d.at("a")).unwrap();
    fs::write(d.at("f"), "x").unwrap();
    assert_eq!(fs::canonicalize(d.at("a/../f")).unwrap(), fs::canonicalize(&d.0).unwrap().join("f"));
    assert_eq!(fs::canonicalize(d.at("g")).unwrap_err().kind(), ErrorKind::NotFound);
}

fn sync() {
    let d = Dir::new("sync");
    let mut f = File::create(d.at("f")).unwrap();
    f.write_all(b"x").unwrap();
    f.sync_data().unwrap();
    f.sync_all().unwrap();
}

fn lock() {
    let d = Dir::new("lock");
    let f = File::create(d.at("f")).unwrap();
    f.lock().unwrap();
    f.unlock().unwrap();
    f.try_lock_shared().unwrap();
    f.unlock().unwrap();
}

fn clone() {
    let d = Dir::new("clone");
    let mut f = File::create(d.at("f")).unwrap();
    let mut g = f.try_clone().unwrap();
    f.write_all(b"a").unwrap();
    g.write_all(b"b").unwrap();
    drop(f);
    g.write_all(b"c").unwrap();
    assert_eq!(fs::read(d.at("f")).unwrap(), b"abc");
}

fn unlinked() {
    let d = Dir::new("unlinked");
    fs::write(d.at("f"), "still here").unwrap();
    let mut f = File::open(d.at("f")).unwrap();
    fs::remove_file(d.at("f")).unwrap();
    let mut text = String::new();
    f.read_to_string(&mut text).unwrap();
    assert_eq!(text, "still here");
}

fn many() {
    let d = Dir::new("many");
    let open: Vec<File> = (0..200).map(|i| File::create(d.at(&i.to_string())).unwrap()).collect();
    drop(open);
    for _ in 0..2000 {
        File::open(d.at("7")).unwrap();
    }
}

fn large() {
    let d = Dir::new("large");
    let block = vec![0x5au8; 1 << 20];
    let mut f = File::create(d.at("f")).unwrap();
    for _ in 0..16 {
        f.write_all(&block).unwrap();
    }
    assert_eq!(fs::metadata(d.at("f")).unwrap().len(), 16 << 20);
    assert!(fs::read(d.at("f")).unwrap().iter().all(|b| *b == 0x5a));
}

/// With the preset "fs" only: other kits have no /dev.
fn devices() {
    if !Path::new("/dev/null").exists() {
        return;
    }
    fs::write("/dev/null", "x").unwrap();
    assert_eq!(fs::read("/dev/null").unwrap(), b"");
    let mut buf = [1; 64];
    File::open("/dev/zero").unwrap().read_exact(&mut buf).unwrap();
    assert_eq!(buf, [0; 64]);
    File::open("/dev/urandom").unwrap().read_exact(&mut buf).unwrap();
    assert_ne!(buf, [0; 64]);
}
