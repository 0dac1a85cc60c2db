//! Mutations from a seed of their own, so that a failing one comes again on every machine.

/// Numbers that lengths and counters go wrong at.
const INTERESTING: [u8; 9] = [0, 1, 4, 0x30, 0x7f, 0x80, 0x82, 0x84, 0xff];
/// Changes of one mutation: one shows the fault, several get past a check.
const MOST_CHANGES: usize = 4;

pub struct Mutations {
    state: u64,
}

impl Mutations {
    /// The mutations of a corpus.
    pub fn new(corpus: &str) -> Self {
        // FNV-1a: any spread of the name will do.
        let state = corpus
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self { state }
    }

    /// splitmix64.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the limit; 0 for a limit of 0.
    pub fn below(&mut self, limit: usize) -> usize {
        let limit = limit.max(1) as u64;
        usize::try_from(self.next() % limit).expect("below a usize")
    }

    /// A mutation of a seed, with pieces of another one.
    pub fn of(&mut self, seed: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(MOST_CHANGES) {
            self.change(&mut bytes, other);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let place = self.below(bytes.len());
        let random = self.next().to_be_bytes()[0];
        match self.below(8) {
            0 => change_at(bytes, place, |byte| byte ^ (1 << (random % 8))),
            1 => change_at(bytes, place, |_| random),
            2 => change_at(bytes, place, |_| INTERESTING[usize::from(random) % INTERESTING.len()]),
            3 => change_at(bytes, place, |byte| byte.wrapping_add(1 + random % 3).wrapping_sub(2)),
            4 => bytes.truncate(place),
            5 => bytes.insert(place, random),
            6 => {
                let until = bytes.len().min(place + 1 + usize::from(random % 16));
                bytes.drain(place.min(until)..until);
            }
            _ => {
                let from = self.below(other.len());
                let until = other.len().min(from + 1 + usize::from(random % 32));
                bytes.splice(place..place, other[from.min(until)..until].iter().copied());
            }
        }
    }
}

fn change_at(bytes: &mut [u8], place: usize, to: impl FnOnce(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte = to(*byte);
    }
}
