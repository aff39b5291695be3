// SPDX-License-Identifier: BSD-3-Clause
//! The network, on loopback. Without one, that it says so.
use crate::Piece;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::thread;
use std::time::{Duration, Instant};

pub const PIECES: &[Piece] = &[
    ("net::tcp", tcp),
    ("net::tcp_many", tcp_many),
    ("net::tcp_large", tcp_large),
    ("net::refused", refused),
    ("net::connect_timeout", connect_timeout),
    ("net::read_timeout", read_timeout),
    ("net::nonblocking", nonblocking),
    ("net::shutdown", shutdown),
    ("net::options", options),
    ("net::udp", udp),
    ("net::names", names),
    ("net::pair", pair),
];

/// None: this program has no network, as TOUR_NET says.
fn listener() -> Option<TcpListener> {
    let made = TcpListener::bind("127.0.0.1:0");
    if std::env::var_os("TOUR_NET").is_some() {
        return Some(made.unwrap());
    }
    made.map(|_| ()).unwrap_err();
    None
}

fn tcp() {
    let Some(l) = listener() else { return };
    let at = l.local_addr().unwrap();
    assert_ne!(at.port(), 0);
    let t = thread::spawn(move || {
        let (mut s, peer) = l.accept().unwrap();
        assert_eq!(peer.ip(), Ipv4Addr::LOCALHOST);
        let mut line = String::new();
        BufReader::new(s.try_clone().unwrap()).read_line(&mut line).unwrap();
        s.write_all(line.to_uppercase().as_bytes()).unwrap();
    });
    let mut s = TcpStream::connect(at).unwrap();
    assert_eq!(s.peer_addr().unwrap(), at);
    s.write_all(b"hello\n").unwrap();
    let mut text = String::new();
    s.read_to_string(&mut text).unwrap();
    assert_eq!(text, "HELLO\n");
    t.join().unwrap();
}

fn tcp_many() {
    let Some(l) = listener() else { return };
    let at = l.local_addr().unwrap();
    let t = thread::spawn(move || {
        for s in l.incoming().take(50) {
            s.unwrap().write_all(b"x").unwrap();
        }
    });
    for _ in 0..50 {
        let mut text = Vec::new();
        TcpStream::connect(at).unwrap().read_to_end(&mut text).unwrap();
        assert_eq!(text, b"x");
    }
    t.join().unwrap();
}

fn tcp_large() {
    let Some(l) = listener() else { return };
    let at = l.local_addr().unwrap();
    let t = thread::spawn(move || {
        let (mut s, _) = l.accept().unwrap();
        let mut all = Vec::new();
        s.read_to_end(&mut all).unwrap();
        all
    });
    let data: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    let mut s = TcpStream::connect(at).unwrap();
    s.write_all(&data).unwrap();
    drop(s);
    assert!(t.join().unwrap() == data);
}

fn refused() {
    let Some(l) = listener() else { return };
    let at = l.local_addr().unwrap();
    drop(l);
    assert_eq!(TcpStream::connect(at).unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

fn connect_timeout() {
    let Some(l) = listener() else { return };
    let at = l.local_addr().unwrap();
    TcpStream::connect_timeout(&at, Duration::from_secs(5)).unwrap();
    drop(l);
    TcpStream::connect_timeout(&at, Duration::from_secs(5)).unwrap_err();
}

fn read_timeout() {
    let Some(l) = listener() else { return };
    let mut s = TcpStream::connect(l.local_addr().unwrap()).unwrap();
    let wait = Duration::from_millis(50);
    s.set_read_timeout(Some(wait)).unwrap();
    assert_eq!(s.read_timeout().unwrap(), Some(wait));
    let start = Instant::now();
    let e = s.read(&mut [0; 8]).unwrap_err().kind();
    assert!(e == ErrorKind::WouldBlock || e == ErrorKind::TimedOut, "{e:?}");
    assert!(start.elapsed() >= wait - Duration::from_millis(10), "{:?}", start.elapsed());
}

fn nonblocking() {
    let Some(l) = listener() else { return };
    l.set_nonblocking(true).unwrap();
    assert_eq!(l.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    let mut s = TcpStream::connect(l.local_addr().unwrap()).unwrap();
    s.set_nonblocking(true).unwrap();
    assert_eq!(s.read(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
    l.set_nonblocking(false).unwrap();
    let (mut other, _) = l.accept().unwrap();
    s.set_nonblocking(false).unwrap();
    other.write_all(b"now").unwrap();
    let mut buf = [0; 3];
    s.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"now");
}

fn shutdown() {
    let Some(l) = listener() else { return };
    let mut s = TcpStream::connect(l.local_addr().unwrap()).unwrap();
    let (mut other, _) = l.accept().unwrap();
    s.write_all(b"last").unwrap();
    s.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    other.read_to_string(&mut text).unwrap();
    assert_eq!(text, "last");
    other.write_all(b"answer").unwrap();
    drop(other);
    text.clear();
    s.read_to_string(&mut text).unwrap();
    assert_eq!(text, "answer");
}

fn options() {
    let Some(l) = listener() else { return };
    let s = TcpStream::connect(l.local_addr().unwrap()).unwrap();
    s.set_nodelay(true).unwrap();
    assert!(s.nodelay().unwrap());
    s.set_ttl(40).unwrap();
    assert_eq!(s.ttl().unwrap(), 40);
    assert!(s.take_error().unwrap().is_none());
}

fn udp() {
    if listener().is_none() {
        return;
    }
    let a = UdpSocket::bind("127.0.0.1:0").unwrap();
    let b = UdpSocket::bind("127.0.0.1:0").unwrap();
    a.send_to(b"one", b.local_addr().unwrap()).unwrap();
    let mut buf = [0; 16];
    let (n, from) = b.recv_from(&mut buf).unwrap();
    assert_eq!((&buf[..n], from), (&b"one"[..], a.local_addr().unwrap()));
    b.connect(from).unwrap();
    b.send(b"two").unwrap();
    assert_eq!(a.recv(&mut buf).unwrap(), 3);
    a.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    a.recv(&mut buf).unwrap_err();
}

fn names() {
    let found: Vec<SocketAddr> = "127.0.0.1:80".to_socket_addrs().unwrap().collect();
    assert_eq!(found, [SocketAddr::from(([127, 0, 0, 1], 80))]);
    if listener().is_none() {
        return;
    }
    let found: Vec<SocketAddr> = "localhost:80".to_socket_addrs().unwrap().collect();
    assert!(found.contains(&SocketAddr::from(([127, 0, 0, 1], 80))), "{found:?}");
    assert!("name.invalid:80".to_socket_addrs().is_err());
}

fn pair() {
    let Ok((mut a, mut b)) = std::os::unix::net::UnixStream::pair() else { return };
    a.write_all(b"x").unwrap();
    let mut buf = [0; 1];
    b.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"x");
}
