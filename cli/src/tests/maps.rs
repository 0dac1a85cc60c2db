//! `--rank`.

use phusong_model::answer::{Body, GapRank};
use serde_json::{Value, json};

use super::{
    Site,
    daemon::{Behaviour, Daemon},
    samples,
};

#[test]
fn an_unknown_rank_is_answered_with_those_there_are() {
    let site = Site::new();
    let english = site.phusong(&["gaps", "--rank", "cost"]);
    assert_eq!((english.code, english.out.as_str()), (2, ""));
    let vietnamese = site.phusong(&["gaps", "--rank", "cost", "--lang", "vi"]);
    assert_eq!(vietnamese.code, 2);
    insta::assert_snapshot!(format!("{}{}", english.err, vietnamese.err), @r#"
    error: gaps are not ranked by "cost"
      one of: score, people, households, settlements, area, persistence
    lỗi: không có cách xếp hạng nào là "cost"
      chọn một: score, people, households, settlements, area, persistence
    "#);
    let report: Value = serde_json::from_str(&site.phusong(&["gaps", "--rank", "cost", "--json"]).out).expect("JSON");
    assert_eq!((&report["error"], &report["suggestions"][0]), (&json!("unknown-rank"), &json!("score")));
    let blind = Body::Gaps { items: samples::gaps(), blind: Vec::new(), ranked_by: GapRank::Households };
    let daemon = Daemon::start(&site.socket(), Behaviour::json(200, &samples::answer(blind)));
    assert_eq!(site.phusong(&["gaps", "--rank", "Households"]).code, 0);
    assert!(daemon.question().contains("rank=households"));
}
