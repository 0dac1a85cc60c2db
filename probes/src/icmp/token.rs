//! Tokens: what makes a reply unforgeable for those who did not see the request.

use siphasher::sip128::SipHasher24;

/// 16 bytes that only who saw the request can know.
pub(super) type Token = [u8; 16];

/// Makes the token of each echo from a secret. SipHash-2-4 is a pseudo-random function: who knows the tokens of any
/// number of echoes, as every probed host does, cannot tell that of another. Computing it again costs less than keeping
/// it, and an echo in flight takes 24 bytes instead of 40.
#[derive(Clone)]
pub(super) struct TokenKey(SipHasher24);

impl TokenKey {
    /// A secret that nobody else has and that is never written anywhere.
    pub(super) fn random() -> Result<Self, getrandom::Error> {
        let mut secret = [0; 16];
        getrandom::fill(&mut secret)?;
        Ok(Self::of(secret))
    }

    /// The key that a secret makes.
    pub(super) fn of(secret: [u8; 16]) -> Self {
        Self(SipHasher24::new_with_key(&secret))
    }

    /// The token of the echo with this serial.
    pub(super) fn token(&self, serial: u64) -> Token {
        self.0.hash(&serial.to_be_bytes()).as_bytes()
    }
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_one_secret_come_again_and_those_of_another_do_not() {
        let (one, other) = (TokenKey::random().expect("random"), TokenKey::random().expect("random"));
        assert_eq!(one.token(7), one.token(7));
        assert_ne!(one.token(7), one.token(8));
        assert_ne!(one.token(7), other.token(7));
        assert_eq!(format!("{one:?}"), "TokenKey(..)", "the secret is not shown");
    }
}
