//! One run: arguments in, an answer or a failure out, and the exit code.

use std::{
    borrow::Cow,
    ffi::OsString,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

use clap::Parser;
use phusong_model::{
    LinkId, MaintenanceId, OutageId, Window,
    answer::{Answer, AskError, Body, Notice, Query},
    command::{AckOrder, PlanAnswer, RetryOrder, VerifyOrder},
    printable,
};
use serde::Serialize;

use crate::{
    ack,
    arguments::{
        AckArguments, Arguments, Command, Format, InfluxAction, MaintenanceAction, MaintenanceArguments, NotifyAction,
        NotifyArguments, PlanArguments, ProfileAction,
    },
    arrange,
    ask::{self, daemon::Refusal},
    check, completions, doctor,
    environment::Environment,
    failure::{self, Failure},
    geojson, help, import, influx, maintenance, man, nagios, notify, paint, ping, probe, profile,
    progress::{Length, Progress},
    remedy::Starter,
    report::Report,
    sheet, show, since,
    site::Site,
    store, verify, watch,
};

/// Runs the program for this process.
#[must_use]
pub fn main() -> ExitCode {
    let environment = Environment::of_process();
    let words: Vec<OsString> = std::env::args_os().collect();
    let mut out = io::stdout().lock();
    if completions::complete(&words, &environment, &mut out) {
        return ExitCode::SUCCESS;
    }
    // stderr is not locked: a bar is drawn by a thread of its own.
    ExitCode::from(run(words, &environment, &mut out, &mut io::stderr()))
}

/// Runs the program and returns its exit code. `arguments` begins with the program's own name.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> u8 {
    let words: Vec<OsString> = arguments.into_iter().collect();
    let environment = &environment.configured(help::option(&words, "--config").as_deref().map(Path::new));
    if nagios::is_asked(&words) {
        return nagios::run(words, environment, out, err);
    }
    let (asked, outcome) = match Arguments::try_parse_from(&words) {
        Ok(arguments) => {
            let outcome = reply(&arguments, environment, out, err);
            (Some(arguments), outcome)
        }
        Err(error) => (None, help::reply(&error, &words, environment, out, err)),
    };
    match outcome {
        Ok(code) => code,
        // The reader has seen enough: `phusong links | head`.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(failure) => {
            say(err, &failure.message(environment.lang(asked.as_ref().and_then(|asked| asked.lang))));
            if asked.is_some_and(|asked| asked.format() == Format::Json) {
                // The words on stderr and the exit code say it too, so a closed stdout loses nothing.
                let _closed = json(&Report::of(&failure)).and_then(|text| print(out, &text));
            }
            failure.exit_code()
        }
    }
}

/// Answers, and gives the exit code of the answer.
fn reply(
    arguments: &Arguments,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    arguments.fit_together()?;
    match arguments.asked() {
        Some(Command::Ping(asked)) => return ping(arguments, asked, environment, out, err),
        Some(Command::Probe(_)) => return probe(arguments, environment, out),
        Some(Command::Maintenance(MaintenanceArguments { action: Some(MaintenanceAction::Add(asked)) })) => {
            return plan(arguments, asked, environment, out);
        }
        Some(Command::Maintenance(MaintenanceArguments { action: Some(MaintenanceAction::End { id }) })) => {
            return end_work(arguments, MaintenanceId(*id), environment, out);
        }
        Some(Command::Ack(asked)) => return acknowledge(arguments, asked, environment, out),
        Some(Command::Notify(NotifyArguments { action: Some(NotifyAction::Test { channel }) })) => {
            return notify_test(arguments, channel.clone(), environment, out);
        }
        Some(Command::Store(asked)) => {
            return store::run(store::Run { arguments, environment, out, err }, &asked.action);
        }
        Some(Command::Influx(asked)) => return influx(arguments, asked.action.as_ref(), environment, (out, err)),
        Some(Command::Import(asked)) => {
            return import::run(import::Run { arguments, environment, out, err }, &asked.action);
        }
        Some(Command::Check) => return check::run(arguments, environment, out),
        Some(Command::Completions(asked)) => return completions::run(asked, out),
        Some(Command::Man(asked)) => return man::run(arguments, asked, environment, out),
        Some(Command::Profile(asked)) => return profile(arguments, &asked.action, environment, out),
        Some(Command::Doctor) => return doctor::run(arguments, environment, out),
        Some(Command::Watch(asked)) => return watch::run(arguments, asked, environment, out),
        Some(
            Command::Status(_)
            | Command::Links(_)
            | Command::Outages(_)
            | Command::Outage(_)
            | Command::Top(_)
            | Command::Gaps(_)
            | Command::Coverage(_)
            | Command::Commune(_)
            | Command::Link(_)
            | Command::Indicators(_)
            | Command::Availability(_)
            | Command::Topology(_)
            | Command::Sitrep
            | Command::Ready(_)
            | Command::Notify(NotifyArguments { action: None | Some(NotifyAction::List) })
            | Command::Maintenance(MaintenanceArguments { action: None | Some(MaintenanceAction::List) }),
        )
        | None => {}
    }
    let narrow = arguments.narrow()?;
    let answer = answer(arguments, environment, err)?;
    let answer = arrange::arrange(answer, narrow.sort.as_deref(), narrow.limit)?;
    let text = render(&answer, arguments, environment)?;
    remarks_of_csv(&answer, arguments, environment, err);
    print(out, &text)?;
    Ok(phusong_gaps::exit_code(&answer, arguments.checks()))
}

/// Pings from here.
fn ping(
    arguments: &Arguments,
    asked: &ping::PingArguments,
    environment: &Environment,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, Failure> {
    let target = match asked.target().parse() {
        Ok(address) => ping::Target { address, link: None },
        Err(_no_address) => target(answer(arguments, environment, err)?)?,
    };
    let plan = asked.plan();
    let pinged = match arguments.format() {
        Format::Table => ping::stream(&target, &plan, environment.lang(arguments.lang), out)?,
        Format::Json | Format::Csv => {
            let pinged = ping::silent(&target, &plan)?;
            print(out, &json(&pinged.report(&target))?)?;
            pinged
        }
    };
    Ok(pinged.exit_code(arguments.check))
}

/// The address of the link that was found.
fn target(answer: Answer) -> Result<ping::Target, Failure> {
    let Body::Link(body) = answer.body else {
        return Err(Failure::Question { refusal: Refusal::Known(AskError::NoLink), conditions: Vec::new() });
    };
    let link = body.link.link;
    match body.link.address {
        Some(address) => Ok(ping::Target { address, link: Some(link) }),
        None => Err(Failure::NoAddress { link, decides: body.link.target }),
    }
}

/// Has the daemon look now, and pings beside it.
fn probe(arguments: &Arguments, environment: &Environment, out: &mut dyn Write) -> Result<u8, Failure> {
    let site = Site::find(arguments, environment)?;
    let (commune, lang) = (arguments.commune()?, environment.lang(arguments.lang));
    let (mut written, mut heard) = (Ok(()), false);
    let on_echo = |link: &LinkId, number, echo: &ping::Echo| {
        if arguments.format() == Format::Table && written.is_ok() {
            written = print(out, &(printable(&probe::heard(link, number, echo, lang)).into_owned() + "\n"));
            heard = true;
        }
    };
    let probed = probe::probe(&site.socket, arguments.link().as_deref(), commune.as_deref(), on_echo)
        .map_err(|fault| Failure::NoProbe { fault, starter: site.starter.clone() })?
        .map_err(|refusal| Failure::Question { refusal, conditions: Vec::new() })?;
    written?;
    let is_demo = matches!(site.starter, Starter::Demo { .. });
    let told = told(arguments, environment, &probed.report(), |view| probed.lines(is_demo, view))?;
    print(out, &format!("{}{told}", if heard { "\n" } else { "" }))?;
    Ok(probed.exit_code(arguments.check))
}

/// Announces work.
fn plan(
    arguments: &Arguments,
    asked: &PlanArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let commune = arguments.commune()?;
    let order = maintenance::order(asked, commune, arguments.group.clone(), environment.now())?;
    let given = maintenance::plan(&Site::find(arguments, environment)?, &order, environment.now())?;
    planned(&given, arguments, environment, out)
}

/// Ends announced work.
fn end_work(
    arguments: &Arguments,
    id: MaintenanceId,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let given = maintenance::end(&Site::find(arguments, environment)?, id, environment.now())?;
    planned(&given, arguments, environment, out)
}

/// Takes notice of an outage.
fn acknowledge(
    arguments: &Arguments,
    asked: &AckArguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let order = AckOrder { note: asked.note.clone(), ticket: asked.ticket.clone() };
    let given =
        ack::give_notice(&Site::find(arguments, environment)?, OutageId(asked.outage), &order, environment.now())?;
    let text = told(arguments, environment, &given, |view| ack::told(&given.ack, view))?;
    print(out, &text).map(|()| phusong_gaps::ANSWERED)
}

/// Tries whether messages arrive.
fn notify_test(
    arguments: &Arguments,
    channel: Option<String>,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let tried = notify::test(&Site::find(arguments, environment)?, channel)?;
    let text = told(arguments, environment, &tried, |view| notify::lines(&tried, view))?;
    print(out, &text)?;
    let all_arrived = tried.channels.iter().all(|tried| tried.delivered && tried.fault.is_none());
    Ok(if all_arrived { phusong_gaps::ANSWERED } else { phusong_gaps::FINDINGS })
}

/// The replicas in InfluxDB.
fn influx(
    arguments: &Arguments,
    action: Option<&InfluxAction>,
    environment: &Environment,
    (out, err): (&mut dyn Write, &mut dyn Write),
) -> Result<u8, Failure> {
    let site = Site::find(arguments, environment)?;
    let found =
        |findings: bool| if findings && arguments.check { phusong_gaps::FINDINGS } else { phusong_gaps::ANSWERED };
    let (text, code) = match action {
        None | Some(InfluxAction::Status) => {
            let answer = answer(arguments, environment, err)?;
            let health = if let Body::Status(body) = &answer.body { body.health.as_ref() } else { None };
            let status = influx::Status::read(&site.config, health)?;
            let code = phusong_gaps::exit_code(&answer, false).max(found(status.has_findings()));
            (told(arguments, environment, &status, |view| status.lines(view))?, code)
        }
        Some(InfluxAction::Rejected { replica }) => {
            let refused = influx::Refused::read(&site.config, replica.as_deref())?;
            (told(arguments, environment, &refused, |view| refused.lines(view))?, found(refused.has_findings()))
        }
        Some(InfluxAction::Retry { replica, discard }) => {
            let order = RetryOrder { replica: replica.clone(), discard: *discard };
            let answer = influx::retry(&site, &order)?;
            (
                told(arguments, environment, &answer, |view| influx::retried_lines(&answer, view))?,
                influx::retry_code(&answer),
            )
        }
        Some(InfluxAction::Verify { replica }) => {
            let Query { since, until, .. } = query(arguments, environment)?;
            let order = VerifyOrder { replica: replica.clone(), since, until };
            let progress = Progress::begin(arguments, environment, verify::COMPARING, Length::Unknown);
            let answer = verify::verify(&site, &order, environment.now(), progress.meter())?;
            progress.end(err, &verify::summary(&answer, environment.lang(arguments.lang)));
            (told(arguments, environment, &answer, |view| verify::lines(&answer, view))?, verify::exit_code(&answer))
        }
    };
    print(out, &text).map(|()| code)
}

/// Says what work is announced now.
fn planned(
    given: &PlanAnswer,
    arguments: &Arguments,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let text = told(arguments, environment, given, |view| maintenance::told(given, view))?;
    print(out, &text).map(|()| phusong_gaps::ANSWERED)
}

/// Vendor profiles: needs neither daemon nor store.
fn profile(
    arguments: &Arguments,
    action: &ProfileAction,
    environment: &Environment,
    out: &mut dyn Write,
) -> Result<u8, Failure> {
    let known = || {
        let path = environment.config_path(arguments.config.as_deref());
        profile::known(&path, arguments.config.is_some())
    };
    let (text, code) = match action {
        ProfileAction::List => {
            let profiles = known()?;
            (
                told(arguments, environment, &profile::list(&profiles), |view| profile::list_lines(&profiles, view))?,
                phusong_gaps::ANSWERED,
            )
        }
        ProfileAction::Show { name } => {
            let profiles = known()?;
            let one = profile::find(&profiles, name)?;
            let table = arguments.format() == Format::Table;
            (if table { one.text().to_owned() } else { json(&profile::show(one))? }, phusong_gaps::ANSWERED)
        }
        ProfileAction::Test { file, walk, expect } => {
            let tried = profile::test(file, walk, expect.as_deref())?;
            (told(arguments, environment, &tried.report(), |view| tried.lines(view))?, tried.exit_code())
        }
    };
    print(out, &text)?;
    Ok(code)
}

/// Words for people, else the document for programs. What has no rows was not asked for them.
pub fn told(
    arguments: &Arguments,
    environment: &Environment,
    document: &impl Serialize,
    lines: impl FnOnce(&show::View) -> Vec<String>,
) -> Result<String, Failure> {
    match arguments.format() {
        Format::Table => Ok(drawn(arguments, environment, lines)),
        Format::Json | Format::Csv => json(document),
    }
}

/// Lines for people, as their terminal can show them.
pub fn drawn(
    arguments: &Arguments,
    environment: &Environment,
    lines: impl FnOnce(&show::View) -> Vec<String>,
) -> String {
    let view = show::View {
        lang: environment.lang(arguments.lang),
        width: environment.width(),
        paint: environment.paint(),
        now: environment.now(),
    };
    let text = lines(&view).join("\n") + "\n";
    if arguments.ascii { paint::ascii(&text) } else { text }
}

/// The answer of the daemon, or of the store when it is away, which is then said.
pub fn answer(arguments: &Arguments, environment: &Environment, err: &mut dyn Write) -> Result<Answer, Failure> {
    let lang = environment.lang(arguments.lang);
    let query = query(arguments, environment)?;
    let site = Site::find(arguments, environment)?;
    let (answer, fault) = ask::either(&site, &query, environment.now())?;
    if let Some(fault) = fault {
        say(err, &failure::daemon_away(lang, &fault, &site.starter, site.folder(), answer.data_age_ms));
    }
    Ok(answer)
}

/// The window that is asked about, as the command line says it.
pub fn window(arguments: &Arguments, environment: &Environment) -> Result<Window, Failure> {
    query(arguments, environment).map(|query| query.window(environment.now()))
}

fn query(arguments: &Arguments, environment: &Environment) -> Result<Query, Failure> {
    let now = environment.now();
    let instant = |text: Option<&str>| text.map(|text| since::parse(text, now)).transpose();
    let end = |text: Option<&str>| text.map(|text| since::parse_end(text, now)).transpose();
    let (since, until) = match (arguments.month.as_deref(), arguments.between.as_deref()) {
        (Some(month), _) => {
            let month = since::month(month, now)?;
            (Some(month.from), Some(month.to))
        }
        (None, Some([from, to])) => (instant(Some(from))?, end(Some(to))?),
        (None, _) => (instant(arguments.since.as_deref())?, end(arguments.until.as_deref())?),
    };
    if let Some((since, until)) = since.zip(until).filter(|(since, until)| since >= until) {
        return Err(Failure::Backwards { since, until });
    }
    let (commune, group, narrow) = (arguments.commune()?, arguments.group.clone(), arguments.narrow()?);
    let (at, length_ms) = arguments.meeting().map_or(Ok((None, None)), |meeting| meeting.window(now))?;
    Ok(Query {
        topic: arguments.topic(),
        since,
        until,
        commune,
        link: arguments.link(),
        group,
        by: arguments.by(),
        kind: narrow.kind()?,
        state: narrow.state()?,
        district: narrow.district,
        operator: narrow.operator,
        open: arguments.open(),
        outage: arguments.outage(),
        rank: arguments.rank()?,
        shapes: arguments.geojson(),
        at,
        length_ms,
        all: arguments.all_branches(),
    })
}

fn render(answer: &Answer, arguments: &Arguments, environment: &Environment) -> Result<String, Failure> {
    if arguments.geojson() {
        let text = geojson::document(answer).map_err(|error| Failure::Output(error.into()))?;
        return Ok(json_for_terminals(&text) + "\n");
    }
    let columns = arguments.narrow()?.columns;
    match arguments.format() {
        Format::Table => {
            let view = show::View {
                lang: environment.lang(arguments.lang),
                width: environment.width(),
                paint: environment.paint(),
                now: answer.generated,
            };
            let text = match columns {
                Some(columns) => show::with_foot(view.table(sheet::table(answer, &columns, &view)?), answer, &view),
                None => show::render(answer, &view),
            };
            Ok(if arguments.ascii { paint::ascii(&text) } else { text })
        }
        Format::Json => json(answer),
        Format::Csv => sheet::csv(answer, columns.as_deref()),
    }
}

/// One document of JSON.
pub fn json(document: &impl Serialize) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(document).map_err(|e| Failure::Output(e.into()))?;
    Ok(json_for_terminals(&text) + "\n")
}

/// The same JSON with characters that a terminal would obey written as `\uXXXX`; they stand inside strings only.
fn json_for_terminals(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match printable(c.encode_utf8(&mut [0; 4])) {
            Cow::Owned(_) if c != '\n' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            Cow::Owned(_) | Cow::Borrowed(_) => out.push(c),
        }
    }
    out
}

/// A CSV file has no room for remarks, so they go to stderr; that of the daemon's absence is there already.
fn remarks_of_csv(answer: &Answer, arguments: &Arguments, environment: &Environment, err: &mut dyn Write) {
    if arguments.format() != Format::Csv {
        return;
    }
    let lang = environment.lang(arguments.lang);
    for notice in answer.notices.iter().filter(|n| !matches!(n, Notice::DaemonAway { .. })) {
        say(err, &printable(&phusong_model::glossary::notice(lang, notice)));
    }
}

/// Writes data.
pub fn print(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Writes words for people. When even stderr is gone there is nobody left to tell.
pub fn say(err: &mut dyn Write, text: &str) {
    let _nobody_left = writeln!(err, "{text}");
}
