//! What a packet from outside is worth.

use std::{net::IpAddr, time::Duration};

use super::{
    counters::{Counters, Refusal},
    echoes::{Echo, Echoes},
    evidence::{About, Errors},
    flights::{Arrival, Flights},
    inbox::Received,
    packet::{Echoed, Message, parse},
    quoted::Quoted,
    round::record,
    socket::IcmpSocket,
};

/// All that a packet can change, while one socket is read.
pub(super) struct Judge<'a> {
    pub(super) socket: &'a IcmpSocket,
    pub(super) flights: &'a mut Flights,
    pub(super) targets: &'a [IpAddr],
    pub(super) echoes: &'a mut Echoes,
    pub(super) errors: &'a mut Errors,
    pub(super) counters: &'a mut Counters,
    pub(super) timeout: Duration,
}

impl Judge<'_> {
    /// Credits a packet to the echo that it answers or quotes, or counts why not.
    pub(super) fn packet(&mut self, received: &Received<'_>) -> Result<(), Refusal> {
        self.counters.control_truncated += u64::from(received.control_truncated);
        let judged = parse(self.socket.wire(), received.bytes).and_then(|message| match message {
            Message::Reply(echoed) => self.reply(received, &echoed),
            Message::Error(quoted) => self.error(received.source.ok_or(Refusal::ForeignError)?, &quoted),
        });
        self.counted(judged)
    }

    /// Takes an ICMP error that the kernel has queued.
    pub(super) fn queued_error(&mut self, router: IpAddr, quoted: Result<Quoted, Refusal>) -> Result<(), Refusal> {
        let judged = quoted.and_then(|quoted| self.error(router, &quoted));
        self.counted(judged)
    }

    fn reply(&mut self, received: &Received<'_>, echoed: &Echoed) -> Result<(), Refusal> {
        if echoed.identifier != self.socket.identifier() {
            return Err(Refusal::ForeignIdentifier);
        }
        let source = received.source.ok_or(Refusal::ForeignSource)?;
        let arrival = Arrival { source, stamp: received.stamp, drained: received.drained };
        let (place, rtt) = self.flights.accept(self.targets, echoed, &arrival, self.timeout)?;
        self.counters.replies += 1;
        record(self.echoes, place, Echo::Reply(rtt));
        Ok(())
    }

    fn error(&mut self, router: IpAddr, quoted: &Quoted) -> Result<(), Refusal> {
        let about = About {
            targets: self.targets,
            identifier: self.socket.identifier(),
            first_sequence: self.flights.first_sequence(),
            echoes: self.echoes,
            flights: self.flights,
        };
        self.errors.take(&about, router, quoted)?;
        self.counters.icmp_errors += 1;
        Ok(())
    }

    fn counted(&mut self, judged: Result<(), Refusal>) -> Result<(), Refusal> {
        judged.inspect_err(|reason| self.counters.refuse(*reason))
    }
}
