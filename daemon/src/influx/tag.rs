//! What may become a tag. The list is closed and every value on it comes from the inventory or the configuration, so
//! that no device and no stranger can add a series: InfluxDB keeps an index entry for each one for ever.

use std::borrow::Cow;

use phusong_model::{CommuneCode, CoverageSource, DeviceId, Link, LinkId, LinkKind, OperatorScope, Probe, Technology};

/// A tag with its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Tag<'a> {
    /// Who looked: the configuration's `vantage`.
    Vantage(&'a str),
    /// The commune by its code, never by its name.
    Commune(&'a CommuneCode),
    /// The link.
    Link(&'a LinkId),
    /// What the link is for.
    Kind(LinkKind),
    /// How it was looked at.
    Probe(Probe),
    /// The device that was asked.
    Device(&'a DeviceId),
    /// The interface, as the inventory writes it.
    Interface(InterfaceName<'a>),
    /// Whose coverage.
    Operator(&'a OperatorScope),
    /// At least this technology.
    Technology(Technology),
    /// How a coverage layer came to be.
    Source(CoverageSource),
}

/// An `ifName` as the inventory writes it. There is no other way to make one, least of all from what a device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InterfaceName<'a>(&'a str);

impl<'a> InterfaceName<'a> {
    /// The interface at the end of a link of the inventory.
    pub(super) fn of(link: &'a Link) -> Option<Self> {
        link.interface.as_ref().map(|(_, name)| Self(name))
    }
}

impl Tag<'_> {
    /// The key as the design's table of series names it.
    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::Vantage(_) => "vantage",
            Self::Commune(_) => "commune",
            Self::Link(_) => "link",
            Self::Kind(_) => "kind",
            Self::Probe(_) => "probe",
            Self::Device(_) => "device",
            Self::Interface(_) => "ifname",
            Self::Operator(_) => "operator",
            Self::Technology(_) => "tech",
            Self::Source(_) => "source",
        }
    }

    /// The value, not escaped.
    pub(super) fn value(&self) -> Cow<'_, str> {
        let text = match self {
            Self::Operator(scope) => return scope.id(),
            Self::Vantage(name) => name,
            Self::Commune(code) => code.as_str(),
            Self::Link(id) => id.as_str(),
            Self::Kind(kind) => kind.id(),
            Self::Probe(probe) => probe.id(),
            Self::Device(id) => id.as_str(),
            Self::Interface(InterfaceName(name)) => name,
            Self::Technology(technology) => technology.id(),
            Self::Source(source) => source.id(),
        };
        Cow::Borrowed(text)
    }
}

/// A tag value as line protocol wants it: comma, equals sign and space behind a backslash.
pub(super) fn escaped(value: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 3] = [',', '=', ' '];
    if !value.contains(SPECIAL) {
        return Cow::Borrowed(value);
    }
    let mut out = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        if SPECIAL.contains(&c) {
            out.push('\\');
        }
        out.push(c);
    }
    Cow::Owned(out)
}
