//! Manual pages, made from the command line itself, in both languages.
//!
//! clap_mangen writes what the command line says of itself; what a page has beyond that is in `sections`.

mod sections;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, Command};
use clap_mangen::{Man, roff::Roff};
use phusong_model::{
    Fault, Faults,
    glossary::{Lang, integer},
    printable,
};
use serde::Serialize;

use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    help,
    program::{json, print},
};

/// The section of manuals that programs are in.
const SECTION: &str = "1";

/// Who reads a page learns from this line how its letters are encoded: `man-db` and `preconv` look for it.
const ENCODING: &str = "'\\\" -*- mode: troff; coding: utf-8 -*-\n";

#[derive(Debug, Args)]
pub struct ManArguments {
    /// Write a page for each command, in both languages, into this folder: man1 and vi/man1, where man looks
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

/// A page and the name of its file.
struct Page {
    file: String,
    text: Vec<u8>,
}

/// What was written.
#[derive(Serialize)]
struct Written {
    schema: &'static str,
    files: Vec<PathBuf>,
}

/// Writes the page to stdout, or all pages into a folder.
pub fn run(
    arguments: &Arguments,
    asked: &ManArguments,
    environment: &Environment,
    out: &mut dyn io::Write,
) -> Result<u8, Failure> {
    let lang = environment.lang(arguments.lang);
    let Some(dir) = &asked.dir else {
        let pages = pages(lang).map_err(Failure::Output)?;
        let first = pages.first().map(|page| page.text.as_slice()).unwrap_or_default();
        out.write_all(first).and_then(|()| out.flush()).map_err(Failure::Output)?;
        return Ok(phusong_gaps::ANSWERED);
    };
    let files = write_all(dir)?;
    let text = match arguments.format() {
        Format::Table => {
            let count = integer(lang, files.len() as u64);
            let dir = dir.to_string_lossy();
            let (dir, quoted) = (printable(&dir), crate::remedy::quoted(dir.as_ref().as_ref()));
            lang.pick(
                format!("đã ghi {count} trang vào {dir}\n  đọc: MANPATH={quoted} man phusong-status\n"),
                format!("wrote {count} pages into {dir}\n  read: MANPATH={quoted} man phusong-status\n"),
            )
        }
        Format::Json | Format::Csv => json(&Written { schema: "phusong.man/1", files })?,
    };
    print(out, &text).map(|()| phusong_gaps::ANSWERED)
}

/// Writes the pages of both languages as a tree of manuals has them.
fn write_all(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let fault = |path: &Path, error: &io::Error| {
        let hint = "name a folder in which you may write";
        Failure::File(Faults(vec![Fault::of_file(path, error.to_string(), hint)]))
    };
    let mut files = Vec::new();
    for (lang, folder) in [(Lang::En, dir.join("man1")), (Lang::Vi, dir.join("vi").join("man1"))] {
        fs::create_dir_all(&folder).map_err(|error| fault(&folder, &error))?;
        for page in pages(lang).map_err(|error| fault(&folder, &error))? {
            let path = folder.join(&page.file);
            fs::write(&path, &page.text).map_err(|error| fault(&path, &error))?;
            files.push(path);
        }
    }
    Ok(files)
}

/// The page of each command, the program's own first.
fn pages(lang: Lang) -> io::Result<Vec<Page>> {
    let mut command = help::command(lang).disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    gather(&command, "", lang, &mut pages)?;
    Ok(pages)
}

fn gather(command: &Command, path: &str, lang: Lang, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command, path, lang)?);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        gather(sub, &help::below(path, sub.get_name()), lang, pages)?;
    }
    Ok(())
}

fn page(command: &Command, path: &str, lang: Lang) -> io::Result<Page> {
    let name = name(path);
    // The page tells of subcommands by their own pages, and `help` has none.
    let command = without_help(command.clone().display_name(&name));
    let man = Man::new(command.clone()).section(SECTION);
    let mut text = Vec::new();
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    man.render_options_section(&mut text)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut text)?;
    }
    let mut roff = Roff::default();
    sections::all(&mut roff, &command, path, lang);
    roff.to_writer(&mut text)?;
    let (title, text) = (title(&name, lang), sections::headings(&String::from_utf8_lossy(&text), lang));
    Ok(Page { file: format!("{name}.{SECTION}"), text: format!("{ENCODING}{title}{text}").into_bytes() })
}

/// The first line that troff reads. It has no date, since the same program writes the same page on any day; clap_mangen would
/// leave that argument out, and the next ones would take its place.
fn title(name: &str, lang: Lang) -> String {
    let (name, version) = (name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let manual = lang.of(("Hướng dẫn sử dụng phusong", "phusong manual"));
    format!(".TH \"{name}\" \"{SECTION}\" \"\" \"phusong {version}\" \"{manual}\"\n")
}

/// The name of a command's page: `phusong-store-export`.
fn name(path: &str) -> String {
    help::below("phusong", path).trim_end().replace(' ', "-")
}

/// The same command without its built-in subcommand `help`.
fn without_help(command: Command) -> Command {
    command.mut_subcommands(|sub| {
        let is_help = sub.get_name() == "help";
        sub.hide(is_help)
    })
}
