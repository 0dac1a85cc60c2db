//! The language of what a person asks `phusongd` for: `check` and `init`. The log of the daemon is English.

use std::{ffi::OsString, path::Path};

use clap::ValueEnum;
use phusong_model::{
    Faults,
    config::Config,
    glossary::{self, Lang},
};

/// `--lang`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangArgument {
    /// Tiếng Việt
    Vi,
    /// English
    En,
}

impl From<LangArgument> for Lang {
    fn from(argument: LangArgument) -> Self {
        match argument {
            LangArgument::Vi => Self::Vi,
            LangArgument::En => Self::En,
        }
    }
}

/// `--lang`, else `PHUSONG_LANG`, else the locale as POSIX orders it, else that of the configuration; `variable` looks into
/// the surroundings.
pub(crate) fn lang(asked: Option<LangArgument>, variable: impl Fn(&str) -> Option<OsString>, config: &Path) -> Lang {
    let configured = || Config::load(config).ok().and_then(|config| config.language);
    asked.map(Lang::from).or_else(|| Lang::of_surroundings(variable)).or_else(configured).unwrap_or(Lang::En)
}

/// Why nothing came of a command.
pub(crate) fn error(lang: Lang, error: &anyhow::Error) -> String {
    let words = match (lang, error.downcast_ref::<Faults>()) {
        (Lang::Vi, Some(faults)) => glossary::faults(lang, faults),
        (Lang::Vi | Lang::En, _) => glossary::fault_lines(lang, &format!("{error:#}")),
    };
    format!("{}: {words}", lang.of(("lỗi", "error")))
}

#[cfg(test)]
mod tests {
    use phusong_model::Fault;

    use super::*;

    #[test]
    fn the_first_variable_that_is_set_gives_the_language() {
        let none = Path::new("/nowhere/phusong.toml");
        let of = |set: &[(&str, &str)]| {
            lang(None, |name| set.iter().find(|(own, _)| *own == name).map(|(_, value)| OsString::from(*value)), none)
        };
        assert_eq!(of(&[]), Lang::En);
        assert_eq!(of(&[("LANG", "vi_VN.UTF-8")]), Lang::Vi);
        assert_eq!(of(&[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "C")]), Lang::En);
        assert_eq!(of(&[("LANG", "vi_VN.UTF-8"), ("LC_ALL", "")]), Lang::Vi);
        assert_eq!(of(&[("LC_ALL", "C"), ("PHUSONG_LANG", "vi")]), Lang::Vi);
        assert_eq!(lang(Some(LangArgument::En), |_| Some("vi".into()), none), Lang::En);
    }

    #[test]
    fn faults_are_told_in_both_languages_and_other_errors_as_they_are() {
        let fault = Fault::of_file("links.csv", "\"id\" is empty", "every row needs it").at_line(3);
        let faults = anyhow::Error::from(Faults(vec![fault]));
        let told = "lỗi: links.csv:3: \"id\" để trống\n  gợi ý: hàng nào cũng phải có\n1 lỗi";
        assert_eq!(error(Lang::Vi, &faults), told);
        assert_eq!(error(Lang::En, &faults), format!("error: {faults}"));
        let there = anyhow::anyhow!("p/phusong.toml is there already and is not overwritten");
        assert_eq!(error(Lang::Vi, &there), "lỗi: p/phusong.toml đã có sẵn, không ghi đè");
        assert_eq!(error(Lang::Vi, &anyhow::anyhow!("disk full")), "lỗi: disk full");
    }
}
