//! The texts between quotes of a Rust source, as far as this repository writes them.

/// Where the unit tests of a source begin.
const TESTS: &str = "#[cfg(test)]\nmod tests {";

/// A source in parts: each function by itself, with what stands before the next one.
pub fn functions(source: &str) -> Vec<String> {
    let source = source.split(TESTS).next().unwrap_or_default();
    let mut parts = vec![String::new()];
    for line in source.split_inclusive('\n') {
        let is_first = line.split_once("fn ").is_some_and(|(before, _)| {
            before.split_whitespace().all(|word| word.starts_with("pub") || ["async", "const"].contains(&word))
        });
        if is_first {
            parts.push(String::new());
        }
        parts.last_mut().expect("a part").push_str(line);
    }
    parts
}

/// Each text, escapes resolved and `{}` for whatever is put in; none of comments, log lines and unit tests.
pub fn of(source: &str) -> Vec<String> {
    let source = source.split(TESTS).next().unwrap_or_default();
    let mut texts = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = if rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, next)| next)
        } else if is_log_line(rest) || rest.starts_with("#[expect(") {
            behind_parentheses(rest)
        } else if let Some(raw) = rest.strip_prefix("r\"") {
            let (text, next) = raw.split_once('"').expect("a raw text ends");
            texts.push(text.to_owned());
            next
        } else if first == '"' {
            let (text, next) = quoted(after);
            texts.push(without_names(&text));
            next
        } else if first == '\'' {
            letter(after)
        } else {
            after
        };
    }
    texts
}

fn is_log_line(rest: &str) -> bool {
    let called = rest.strip_prefix("tracing::").and_then(|rest| rest.split_once('('));
    called.is_some_and(|(name, _)| name.ends_with('!'))
}

/// What follows the next parentheses.
fn behind_parentheses(mut rest: &str) -> &str {
    let mut depth = 0;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '"' => rest = quoted(rest).1,
            '(' => depth += 1,
            ')' if depth == 1 => return rest,
            ')' => depth -= 1,
            _ => {}
        }
    }
    rest
}

/// A text and what follows it.
fn quoted(mut rest: &str) -> (String, &str) {
    let mut text = String::new();
    loop {
        let letter = rest.chars().next().expect("a text ends");
        rest = &rest[letter.len_utf8()..];
        match letter {
            '"' => return (text, rest),
            '\\' => {
                let escaped = rest.chars().next().expect("an escape has a letter");
                rest = &rest[escaped.len_utf8()..];
                match escaped {
                    '\n' => rest = rest.trim_start(),
                    'n' => text.push('\n'),
                    '"' | '\\' => text.push(escaped),
                    // Bytes of files and the like: no words.
                    _ => text.push('\u{fffd}'),
                }
            }
            _ => text.push(letter),
        }
    }
}

/// What follows a letter between single quotes, or the name of a lifetime.
fn letter(rest: &str) -> &str {
    if let Some(escaped) = rest.strip_prefix('\\') {
        return escaped.get(1..).and_then(|rest| rest.split_once('\'')).map_or("", |(_, next)| next);
    }
    let mut letters = rest.chars();
    match (letters.next(), letters.next()) {
        (Some(_), Some('\'')) => letters.as_str(),
        _ => rest,
    }
}

/// A text with `{}` in each of its places, whatever they are called, and braces as people read them.
pub fn without_names(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        plain.push_str(before);
        let place = after.split_once('}').filter(|(name, _)| !name.contains([' ', '"', '{', '\'']));
        rest = match place {
            Some((_, next)) => {
                plain.push_str("{}");
                next
            }
            None => {
                plain.push('{');
                after.strip_prefix('{').unwrap_or(after)
            }
        };
    }
    plain.push_str(rest);
    plain.replace("}}", "}")
}
