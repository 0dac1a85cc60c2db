//! What a command's help says beyond the command line itself.

/// The same in Vietnamese and English.
pub type Pair = (&'static str, &'static str);

/// A command line that works when pasted, and what it is for. A long one is broken as shells allow: by a backslash at the
/// end of a line.
pub type Example = (&'static str, Pair);

/// The help of one command. Its English words about itself and its arguments are the doc comments of the command line;
/// what stands here is the Vietnamese of these, and the examples, which both languages share.
#[derive(Debug)]
pub struct Entry {
    /// The words after `phusong`: `store export`.
    pub path: &'static str,
    /// What it does.
    pub about: &'static str,
    /// Each argument's id, and what it says.
    pub arguments: &'static [Pair],
    /// At least one.
    pub examples: &'static [Example],
    /// What stands below the examples.
    pub notes: Option<Pair>,
}
