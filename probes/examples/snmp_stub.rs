//! A fast SNMPv2c agent on every address of 127.0.0.0/8 at once: system group, interfaces and their extended table, all
//! values ready but for the device's clock. It answers from the address that was asked, so that the pollers and not the
//! agents are measured. It runs until it is ended.
//!
//! ```text
//! snmp_stub --port 16161 --rows 48
//! ```

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::{
    io::{IoSlice, IoSliceMut},
    net::{Ipv4Addr, UdpSocket},
    os::fd::AsRawFd,
    process::ExitCode,
};

use clap::Parser;
use nix::{
    errno::Errno,
    libc::in_pktinfo,
    sys::socket::{
        ControlMessage, ControlMessageOwned, MsgFlags, MultiHeaders, SockaddrIn, recvmmsg, sendmsg, setsockopt,
        sockopt::{Ipv4PacketInfo, RcvBufForce},
    },
};

use self::{
    ber::{INTEGER, OBJECT, OCTETS, SEQUENCE, element, expect, number, take, unsigned},
    tree::Tree,
};

#[path = "snmp_stub/ber.rs"]
mod ber;
#[path = "snmp_stub/tree.rs"]
mod tree;

const BATCH: usize = 64;
const LONGEST: usize = 1500;
/// Room for whatever a poller has in flight at once.
const RECEIVE_BUFFER: usize = 16 << 20;
/// An answer ends before it is longer than a packet (RFC 3416 section 4.2.3).
const LONGEST_BINDINGS: usize = 1300;

const GET: u8 = 0xa0;
const GET_NEXT: u8 = 0xa1;
const RESPONSE: u8 = 0xa2;
const GET_BULK: u8 = 0xa5;
const VERSION_2C: u64 = 1;

/// A fast SNMPv2c agent on every address of 127.0.0.0/8
#[derive(Debug, Parser)]
struct Arguments {
    /// UDP port; a free one when it is 0. It is printed
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Interfaces
    #[arg(long, default_value_t = 48)]
    rows: u32,
    /// Community that is answered
    #[arg(long, default_value = "public")]
    community: String,
}

fn main() -> ExitCode {
    match serve(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("snmp_stub: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn serve(arguments: &Arguments) -> anyhow::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, arguments.port))?;
    setsockopt(&socket, Ipv4PacketInfo, &true)?;
    setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER)?;
    println!("{}", socket.local_addr()?.port());
    let mut tree = Tree::new(arguments.rows);
    let mut buffers = vec![[0; LONGEST]; BATCH];
    loop {
        let mut slices: Vec<_> = buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
        // nix does not reset the length of control messages, so every call gets headers of its own.
        let mut headers = MultiHeaders::<SockaddrIn>::preallocate(BATCH, Some(nix::cmsg_space!(in_pktinfo)));
        let wait_for_one = MsgFlags::MSG_WAITFORONE;
        let received = match recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), wait_for_one, None) {
            Err(Errno::EINTR) => continue,
            received => received?,
        };
        tree.tick();
        for message in received {
            let asked = message.cmsgs()?.find_map(|control| packet_info(&control));
            let (Some(asked), Some(poller)) = (asked, message.address) else { continue };
            let Some(answer) = message.iovs().next().and_then(|request| answer(request, &tree, arguments)) else {
                continue;
            };
            // Out of the address that was asked, whatever way the routes say.
            let from = in_pktinfo { ipi_ifindex: 0, ipi_spec_dst: asked.ipi_addr, ipi_addr: asked.ipi_addr };
            let controls = [ControlMessage::Ipv4PacketInfo(&from)];
            // A poller that is gone is no reason to stop: the others are still there.
            let _ = sendmsg(socket.as_raw_fd(), &[IoSlice::new(&answer)], &controls, MsgFlags::empty(), Some(&poller));
        }
    }
}

fn packet_info(control: &ControlMessageOwned) -> Option<in_pktinfo> {
    let ControlMessageOwned::Ipv4PacketInfo(info) = control else { return None };
    Some(*info)
}

/// The answer to a request; none to what is not one, or names another community.
fn answer(request: &[u8], tree: &Tree, arguments: &Arguments) -> Option<Vec<u8>> {
    let (message, _) = expect(SEQUENCE, request)?;
    let (version, message) = expect(INTEGER, message)?;
    let (community, message) = expect(OCTETS, message)?;
    if unsigned(version) as u64 != VERSION_2C || community != arguments.community.as_bytes() {
        return None;
    }
    let (operation, pdu, _) = take(message)?;
    let (identifier, pdu) = expect(INTEGER, pdu)?;
    let (non_repeaters, pdu) = expect(INTEGER, pdu)?;
    let (repetitions, pdu) = expect(INTEGER, pdu)?;
    let names = names(expect(SEQUENCE, pdu)?.0)?;
    let mut bindings = Vec::with_capacity(LONGEST);
    match operation {
        GET => names.iter().for_each(|name| tree.get(name, &mut bindings)),
        GET_NEXT => names.iter().for_each(|name| tree.at(tree.after(name), name, &mut bindings)),
        GET_BULK => {
            let (once, columns) = names.split_at(unsigned(non_repeaters).min(names.len()));
            once.iter().for_each(|name| tree.at(tree.after(name), name, &mut bindings));
            let columns: Vec<_> = columns.iter().map(|name| (tree.after(name), *name)).collect();
            for repetition in 0..unsigned(repetitions) {
                columns.iter().for_each(|(place, name)| tree.at(place + repetition, name, &mut bindings));
                if bindings.len() > LONGEST_BINDINGS {
                    break;
                }
            }
        }
        _ => return None,
    }
    let no_error = number(INTEGER, 0);
    let pdu = [element(INTEGER, identifier), no_error.clone(), no_error, element(SEQUENCE, &bindings)].concat();
    let message = [number(INTEGER, VERSION_2C), element(OCTETS, community), element(RESPONSE, &pdu)].concat();
    Some(element(SEQUENCE, &message))
}

/// The names in a list of bindings.
fn names(mut bindings: &[u8]) -> Option<Vec<&[u8]>> {
    let mut names = Vec::new();
    while !bindings.is_empty() {
        let (binding, rest) = expect(SEQUENCE, bindings)?;
        names.push(expect(OBJECT, binding)?.0);
        bindings = rest;
    }
    Some(names)
}
