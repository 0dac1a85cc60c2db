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
    /// Begins an answer with this body, and says no more until the asker hangs up.
    Stalls(u16, Vec<u8>),
    /// Begins an answer with this body and hangs up.
    BreaksOff(u16, Vec<u8>),
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
                Behaviour::Answers(status, body) => write(&mut stream, status, &body, body.len()),
                Behaviour::Stalls(status, body) => {
                    write(&mut stream, status, &body, body.len() + 1);
                    let _until_the_asker_is_gone = stream.read(&mut [0]);
                }
                Behaviour::BreaksOff(status, body) => write(&mut stream, status, &body, body.len() + 1),
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

/// Writes an answer that promises a body of `length` bytes.
fn write(stream: &mut UnixStream, status: u16, body: &[u8], length: usize) {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(&[head.as_bytes(), body].concat()).expect("an answer");
}

fn head(stream: &mut UnixStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("read") == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("an ASCII request")
}
