//! A daemon that the test plays: one connection, one scripted behaviour.

use std::{
    io::{Read, Write},
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    thread::{self, JoinHandle},
};

use serde::Serialize;

/// What it does once the question is there.
pub enum Behaviour {
    /// Answers with a status and a body.
    Answers(u16, Vec<u8>),
    /// Says something that is not HTTP.
    Garbage,
    /// Hangs up.
    HangsUp,
}

impl Behaviour {
    /// Answers with JSON.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::Answers(status, serde_json::to_vec(body).expect("json"))
    }
}

/// A daemon at work.
pub struct Daemon {
    thread: JoinHandle<String>,
}

impl Daemon {
    /// Listens at `socket` for one question.
    pub fn start(socket: &Path, behaviour: Behaviour) -> Self {
        let listener = UnixListener::bind(socket).expect("bind");
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("accept");
            let question = head(&mut stream);
            match behaviour {
                Behaviour::Answers(status, body) => {
                    let length = body.len();
                    let head =
                        format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}");
                    stream.write_all(format!("{head}\r\n\r\n").as_bytes()).expect("head");
                    stream.write_all(&body).expect("body");
                }
                Behaviour::Garbage => stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").expect("garbage"),
                Behaviour::HangsUp => drop(stream),
            }
            question
        });
        Self { thread }
    }

    /// The first line of what it was asked.
    pub fn question(self) -> String {
        let head = self.thread.join().expect("the daemon's thread");
        head.lines().next().expect("a request line").to_owned()
    }
}

fn head(stream: &mut UnixStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("read") == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("an ASCII request")
}
