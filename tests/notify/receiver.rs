//! A receiver of webhooks that answers as it is told and keeps what it got.

use std::{
    io::{BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha2::Sha256;

use crate::http::{Request, read_request};

/// A delivery as it came.
#[derive(Debug, Clone)]
pub struct Got {
    /// Method and target.
    pub line: String,
    pub id: String,
    pub time: String,
    pub signature: String,
    pub authorization: String,
    pub body: Vec<u8>,
    /// What was answered.
    pub status: u16,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Turns and events of its messages.
    pub fn told(&self) -> Vec<String> {
        let json = self.json();
        let messages = json["messages"].as_array().expect("messages").clone();
        messages
            .iter()
            .map(|message| format!("{} {}", message["turn"].as_str().unwrap_or("?"), message["event"]))
            .collect()
    }

    /// Whether somebody who knows the key signed it.
    pub fn is_signed_with(&self, key: &[u8]) -> bool {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
        mac.update([self.id.as_bytes(), b".", self.time.as_bytes(), b".", &self.body].concat().as_slice());
        self.signature == format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

struct State {
    status: u16,
    header: String,
    got: Vec<Got>,
}

/// The receiver; it lives as long as the test program.
#[derive(Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        let state = State { status: 200, header: String::new(), got: Vec::new() };
        let receiver = Self { address, state: Arc::new(Mutex::new(state)) };
        let serving = receiver.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.serve(stream));
            }
        });
        receiver
    }

    /// From now on answers this, with one more header line.
    pub fn answers(&self, status: u16, header: &str) {
        let mut state = self.state();
        (state.status, state.header) = (status, header.to_owned());
    }

    pub fn got(&self) -> Vec<Got> {
        self.state().got.clone()
    }

    /// What was taken, that is answered with 200.
    pub fn taken(&self) -> Vec<Got> {
        self.got().into_iter().filter(|got| got.status == 200).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Ok(Some(request)) = read_request(&mut reader) {
            let answer = self.answer(&request);
            if reader.get_mut().write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: &Request) -> String {
        let mut state = self.state();
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let (status, more) = (state.status, state.header.clone());
        state.got.push(Got {
            line: request.line.clone(),
            id: header("webhook-id"),
            time: header("webhook-timestamp"),
            signature: header("webhook-signature"),
            authorization: header("authorization"),
            body: request.body.clone(),
            status,
        });
        format!("HTTP/1.1 {status} X\r\n{more}Content-Length: 5\r\n\r\nwords")
    }
}
