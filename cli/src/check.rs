//! `phusong check`: what `phusongd check` says, by the same code. It is the answer that was asked for, so it goes to
//! stdout, faults and all.

use std::io::Write;

use crate::{
    arguments::{Arguments, Format},
    environment::Environment,
    failure::Failure,
    program::{json, print},
};

pub fn run(arguments: &Arguments, environment: &Environment, out: &mut dyn Write) -> Result<u8, Failure> {
    let report = phusong_checks::report(&environment.config_path(arguments.config.as_deref()));
    let text = match arguments.format() {
        Format::Table => report.words(environment.lang(arguments.lang)) + "\n",
        Format::Json | Format::Csv => json(&report.document())?,
    };
    print(out, &text).map(|()| report.exit_code())
}
