//! What the questions of a storm night take on the command line.

pub const SITREP_EXAMPLES: &str = "\
Examples:
  phusong sitrep                            now, compared with an hour ago
  phusong sitrep --since 3h --lang vi       compared with the report of three hours ago
  phusong sitrep --since \"2026-09-10 12:00\" --until \"2026-09-10 13:00\"
  phusong sitrep --csv > sitrep.csv         a row for each figure";
