//! Each way to be wrong, with its place and its remedy.

use super::judged;

/// Text, line and column of the fault, its message, and what its hint says.
const WRONG: [(&str, u64, u64, &str, &str); 47] = [
    ("[icmp]\nperoid = \"10s\"\n", 2, 1, "unknown key \"peroid\"", "did you mean \"period\"?"),
    ("[icmp]\ncolour = 1\n", 2, 1, "unknown key", "known are: anchors, echoes"),
    ("[imcp]\n", 1, 2, "unknown key \"imcp\"", "did you mean \"icmp\"?"),
    ("[[snmp.credentials]]\n", 1, 8, "unknown key", "did you mean \"credential\"?"),
    ("[geodata]\n[[geodata.layer]]\nfile=\"f\"\nsource=\"declared\"\nradio=\"4G\"\n", 5, 1, "unknown key", "known are"),
    ("[influx]\ntoken = \"abc\"\n", 2, 1, "unknown key \"token\"", "never written here"),
    ("[icmp]\nperiod = 10\n", 2, 10, "invalid type: integer `10`", "as in: period = \"10s\""),
    ("[icmp]\nperiod = \"ten\"\n", 2, 10, "not a length of time", "as in: period = \"10s\""),
    ("[icmp]\nperiod = \"-5s\"\n", 2, 10, "negative", "as in"),
    ("[icmp]\nperiod = \"1500ms\"\n", 2, 10, "whole seconds", "choose"),
    ("[icmp]\nperiod = \"0s\"\n", 2, 10, "out of range", "choose 1s to 60m"),
    ("[icmp]\nperiod = \"2h\"\n", 2, 10, "out of range", "choose 1s to 60m"),
    ("[icmp]\nperiod = \"999999999999999999s\"\nspacing = \"999999999999999999s\"\n", 2, 10, "out of range", "choose"),
    ("[icmp]\nperiod = \"9999999999999999999999999s\"\n", 2, 10, "not a length of time", "as in"),
    ("[icmp]\nperiod = \"2s\"\n", 2, 10, "a round with its re-probe takes 3.5 s", "lengthen period"),
    ("[icmp]\nechoes = 0\n", 2, 10, "0 is out of range", "choose 1 to 20"),
    ("[icmp]\nechoes = 21\n", 2, 10, "21 is out of range", "choose 1 to 20"),
    ("[icmp]\nechoes = 70000\n", 2, 10, "70000", "as in: echoes = 5"),
    ("[icmp]\nspacing = \"1ms\"\n", 2, 11, "out of range", "choose 10ms"),
    ("[icmp]\nanchors = [\"10.0.0.1\", \"10.0.0.256\"]\n", 2, 24, "invalid IP address", "docs/configuration.md"),
    ("[icmp]\nanchors = [\"10.0.0.1\", \"224.0.0.1\"]\n", 2, 24, "multicast", "gateway"),
    ("[icmp]\nanchors = [\"10.0.0.1\", \"10.0.0.1\"]\n", 2, 24, "twice", "remove"),
    ("[rule]\ndown_lost = 11\n", 2, 13, "11 of 10 can never happen", "at most down_of"),
    ("[rule]\ndown_of = 41\n", 2, 11, "out of range", "choose 1 to 40"),
    ("[rule]\nup_received = 0\n", 2, 15, "out of range", "choose 1 to 40"),
    ("[snmp]\nperiod = \"1s\"\n", 2, 10, "waited for 4 s", "lengthen period"),
    ("[snmp]\nretries = 6\n", 2, 11, "too many", "choose 0 to 5"),
    ("[[snmp.credential]]\nname = \"a\"\nversion = \"2\"\n", 3, 11, "unknown variant `2`", "as in: version = \"3\""),
    ("[[snmp.credential]]\nversion = \"3\"\nuser = \"u\"\n", 1, 1, "\"name\" is missing", "as in: name = \"routers\""),
    ("[[snmp.credential]]\nname = \"a\"\nversion = \"2c\"\n", 1, 1, "needs a community", "add: community"),
    ("[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\n", 1, 1, "needs a user", "add: user"),
    (
        "[[snmp.credential]]\nname = \"a\"\nversion = \"2c\"\ncommunity = \"credential:c\"\nuser = \"u\"\n",
        5,
        8,
        "belongs to version 3",
        "remove it",
    ),
    (
        "[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\nauth = \"SHA\"\n",
        5,
        8,
        "auth needs auth_password",
        "add",
    ),
    (
        "[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\npriv = \"AES\"\npriv_password = \"credential:p\"\n",
        5,
        8,
        "priv needs auth",
        "add: auth",
    ),
    (
        "[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\nauth = \"MD5\"\n",
        5,
        8,
        "unknown variant `MD5`",
        "SHA-256",
    ),
    (
        "[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\n[[snmp.credential]]\nname = \"a\"\nversion = \"3\"\nuser = \"u\"\n",
        6,
        8,
        "two credentials named \"a\"",
        "its own name",
    ),
    ("[api]\nlisten = \"0.0.0.0:8640\"\n", 2, 10, "can be reached from the network", "ssh -L"),
    ("[api]\nlisten = \"localhost:8640\"\n", 2, 10, "invalid socket address", "as in: listen = \"127.0.0.1:8640\""),
    ("[api]\nsocket = \"\"\n", 2, 10, "path is empty", "name"),
    ("vantage = \"Hà Giang\"\n", 1, 11, "cannot be part of an id", "tag"),
    ("[inventory]\nprovince = \"a\\u001bb\"\n", 2, 12, "control characters", "as people read it"),
    ("[inventory]\nexample = \"yes\"\n", 2, 11, "expected a boolean", "as in: example = false"),
    (
        "[influx]\nurl = \"http://i\"\norg = \"o\"\nbucket = \"b\"\n",
        1,
        1,
        "\"token_file\" is missing",
        "as in: token_file",
    ),
    (
        "[influx]\nurl = \"https://i\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"credential:t\"\n",
        2,
        7,
        "https is not supported yet",
        "until https is supported",
    ),
    (
        "[influx]\nurl = \"http://i/p\"\norg = \"o\"\nbucket = \"b\"\ntoken_file = \"credential:t\"\n",
        2,
        7,
        "path is not supported yet",
        "until paths are supported",
    ),
    (
        "[influx]\nurl = \"http://i\"\norg = \"\"\nbucket = \"b\"\ntoken_file = \"credential:t\"\n",
        3,
        7,
        "1 to 200 bytes",
        "write the name",
    ),
    ("icmp = 5\n", 1, 8, "invalid type: integer `5`", "see \"icmp\" in docs"),
];

#[test]
fn each_fault_has_its_place_and_its_remedy() {
    for (text, line, column, message, hint) in WRONG {
        let faults = judged(text).expect_err(text).0;
        let fits = |fault: &&crate::Fault| fault.message.contains(message);
        let fault = faults.iter().find(fits).unwrap_or_else(|| panic!("{text}\n{faults:#?}"));
        assert_eq!((fault.line, fault.column), (Some(line), Some(column)), "{text}{fault}");
        assert!(fault.hint.contains(hint), "{text}{fault}");
    }
}
