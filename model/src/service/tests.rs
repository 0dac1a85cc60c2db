//! URLs as people paste them.

use proptest::prelude::*;

use super::*;

fn parsed(text: &str) -> Service {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_form_is_read_and_written_back() {
    for (text, canonical) in [
        ("tcp://10.0.0.1:22", "tcp://10.0.0.1:22"),
        ("tcp://[2001:db8::1]:22/", "tcp://[2001:db8::1]:22"),
        ("HTTP://Portal.Example.VN", "http://portal.example.vn/"),
        ("http://portal:8080?x=1", "http://portal:8080/?x=1"),
        ("https://portal:443/a/b?c=%C4%91#status=401", "https://portal/a/b?c=%C4%91#status=401"),
        ("https://[::1]/", "https://[::1]/"),
        ("dns://10.0.0.53/Portal.example.vn.", "dns://10.0.0.53/portal.example.vn"),
        (
            "dns://ns1.example.vn:5353/_sip._tcp.example.vn?type=txt",
            "dns://ns1.example.vn:5353/_sip._tcp.example.vn?type=TXT",
        ),
    ] {
        assert_eq!(parsed(text).to_string(), canonical, "{text}");
        assert_eq!(parsed(canonical), parsed(text), "{text}");
    }
}

#[test]
fn what_cannot_be_probed_is_refused_with_its_remedy() {
    for (text, fact, remedy) in [
        ("portal.example.vn", "is not a service", "tcp://"),
        ("ftp://portal", "is not a service", "tcp://"),
        ("http://cổng.vn/", "'ổ' cannot stand in a URL", "%XX"),
        ("http://portal/a b", "' ' cannot stand", "%XX"),
        ("http://a:b@portal/", "user or password", "before @"),
        ("http:///path", "\"\" is not a host", "one machine"),
        ("http://10.0.0.300/", "is not a host", "one machine"),
        ("http://2001:db8::1/", "is not a host", "[2001:db8::1]"),
        ("http://[10.0.0.1]/", "is not a host", "one machine"),
        ("http://-a.vn/", "is not a host", "one machine"),
        ("http://0.0.0.0/", "0.0.0.0 is no address of a machine", "one machine"),
        ("tcp://portal", "the port is missing", "tcp://10.0.0.1:443"),
        ("tcp://portal:0", "\"0\" is not a port", "1 to 65535"),
        ("tcp://portal:+1", "\"+1\" is not a port", "1 to 65535"),
        ("tcp://portal:22/x", "a TCP port has no \"/x\"", "nothing more"),
        ("https://portal/#top", "\"#top\" does not say", "#status=401"),
        ("https://portal/#status=100", "\"#status=100\" does not say", "#status=401"),
        ("dns://10.0.0.53", "the name that is asked about is missing", "dns://"),
        ("dns://10.0.0.53/a..b", "\"a..b\" is not a name", "dns://"),
        ("dns://10.0.0.53/a?type=ANY", "\"?type=ANY\" does not say", "AAAA"),
    ] {
        let error = text.parse::<Service>().expect_err(text);
        assert!(error.to_string().contains(fact), "{text}: {error}");
        assert!(error.remedy().contains(remedy), "{text}: {}", error.remedy());
    }
    assert_eq!(format!("http://a/{}", "x".repeat(3000)).parse::<Service>(), Err(ServiceError::TooLong(3009)));
}

#[test]
fn any_success_or_redirect_is_expected_unless_one_status_is_named() {
    let expects = |text: &str, status: u16| match parsed(text) {
        Service::Http(http) => http.expects(status),
        Service::Tcp(_) | Service::Dns(_) => panic!("{text}"),
    };
    assert!(expects("http://a/", 200) && expects("http://a/", 302) && expects("http://a/", 399));
    assert!(!expects("http://a/", 400) && !expects("http://a/", 503) && !expects("http://a/", 199));
    assert!(expects("http://a/#status=401", 401) && !expects("http://a/#status=401", 200));
}

#[test]
fn a_stored_service_is_its_text() {
    let service = parsed("https://portal/#status=204");
    let json = serde_json::to_string(&service).expect("JSON");
    assert_eq!(json, "\"https://portal/#status=204\"");
    assert_eq!(serde_json::from_str::<Service>(&json).expect("back"), service);
}

proptest! {
    #[test]
    fn no_text_stops_the_parser_and_what_it_takes_it_writes_the_same(
        text in "(tcp|http|https|dns|x)?(://)?[a-z0-9.:\\[\\]/?#@=+%\u{111}-]{0,40}"
    ) {
        if let Ok(service) = text.parse::<Service>() {
            prop_assert_eq!(service.to_string().parse::<Service>(), Ok(service));
        }
    }
}
