use std::{borrow::Cow, collections::BTreeSet};

use proptest::prelude::*;

use super::{
    sentence::{Place, Sentence},
    tables::sentences,
    *,
};
use crate::nfc;

fn vi(text: &str) -> String {
    fault_text(Lang::Vi, text)
}

/// What only a library says, for which there is no sentence.
const OF_LIBRARIES: [&str; 1] = ["cannot recurse further; max recursion depth met"];

/// The outcome of reading files, after a look at whether all faults of them are known in Vietnamese to their end.
pub(crate) fn told<T>(read: Result<T, Faults>) -> Result<T, Faults> {
    for fault in read.as_ref().err().into_iter().flat_map(|faults| &faults.0) {
        assert!(is_told(&fault.hint), "a remedy without Vietnamese: {fault}");
        let of_library = OF_LIBRARIES.contains(&fault.message.as_str());
        assert!(is_told(&fault.message) != of_library, "a fault without Vietnamese: {fault}");
    }
    read
}

#[test]
fn every_sentence_has_its_vietnamese_with_the_same_places() {
    let mut seen = BTreeSet::new();
    for (english, vietnamese) in fault_sentences() {
        assert!(Sentence::of(english, vietnamese).is_some(), "places that differ: {english}\n{vietnamese}");
        assert!(seen.insert(english), "twice: {english}");
        assert_eq!(vietnamese, nfc(vietnamese), "{vietnamese:?} is not NFC or has stray spaces");
        assert_eq!(english, english.trim(), "{english:?} has stray spaces");
    }
    assert_eq!(seen.len(), sentences().len());
}

/// What may stay as it is: commands, keys with their values, and names that are the same in both languages.
#[test]
fn only_commands_and_names_are_the_same_in_both_languages() {
    let same: Vec<&str> =
        fault_sentences().filter(|(english, vietnamese)| english == vietnamese).map(|(e, _)| e).collect();
    let expected =
        ["null", "chmod o-rw {}", "operator = \"viettel\"", "technology = \"4G\"", "systemctl restart phusongd"];
    assert_eq!(same, expected);
}

/// An English sentence in a Vietnamese table would be one of these words' fault.
#[test]
fn vietnamese_has_no_english_words_between_its_own() {
    const ENGLISH: [&str; 16] = [
        "the", "is", "not", "of", "and", "or", "with", "write", "give", "remove", "name", "this", "it", "has", "file",
        "more",
    ];
    for (english, vietnamese) in fault_sentences().filter(|(english, vietnamese)| english != vietnamese) {
        let mut quoted = false;
        let words = vietnamese.split_whitespace().filter(|word| {
            let here = quoted;
            quoted ^= word.matches(['"', '`']).count() % 2 == 1;
            !here
        });
        let found: Vec<&str> = words.filter(|word| ENGLISH.contains(word)).collect();
        let keys = ["name =", "on", "chmod"];
        assert!(
            found.is_empty() || keys.iter().any(|key| vietnamese.contains(key)),
            "{found:?}: {vietnamese} ({english})"
        );
    }
}

#[test]
fn a_message_is_told_with_what_it_is_about() {
    for (english, vietnamese) in [
        ("\"name\" is empty", "\"name\" để trống"),
        ("Trang 1, row 7: \"Tên thôn\": no name", "Trang 1, hàng 7: \"Tên thôn\": không có tên"),
        ("feature 3: its geometry is 2 lines, not an area", "đối tượng 3: hình là 2 đường, không phải vùng"),
        (
            "a.zip: record 4: ring 2: an edge spans more than 180 degrees",
            "a.zip: bản ghi 4: vòng 2: một cạnh dài hơn 180 độ",
        ),
        (
            "Trang 1!D7: \"Vĩ độ\": 00691-nala: 22,6 / 105,3 is not right; likely: swapped: the two coordinates are swapped",
            "Trang 1!D7: \"Vĩ độ\": 00691-nala: 22,6 / 105,3 không đúng; có lẽ: swapped: hai tọa độ bị đảo",
        ),
        (
            "it may be 105,1 / 22,2 if the two coordinates are swapped; or 104,9 / 22,2 if they are metres, in VN-2000 / UTM zone 48N (EPSG:3405)",
            "có thể là 105,1 / 22,2 nếu hai tọa độ bị đảo; hoặc 104,9 / 22,2 nếu đây là số mét, theo VN-2000 / UTM zone 48N (EPSG:3405)",
        ),
        (
            "\"floor\": unknown variant `6G`, expected one of `3G`, `4G`",
            "\"floor\": không có giá trị `6G`; các giá trị dùng được: `3G`, `4G`",
        ),
        (
            "\"echoes\": invalid type: string \"5\", expected u16",
            "\"echoes\": kiểu dữ liệu không đúng: chuỗi \"5\", cần số nguyên không âm",
        ),
        ("did you mean 00691 Đồng Văn or 00700 Đồng Yên?", "ý bạn là 00691 Đồng Văn hoặc 00700 Đồng Yên?"),
        ("no zone of VN-2000 has 0.98 as \"scale_factor\"", "không múi nào của VN-2000 có \"scale_factor\" bằng 0.98"),
        (
            "a tick with its round of services takes 12.5 s, longer than the 10 s of [icmp] period",
            "một vòng đo kể cả vòng hỏi dịch vụ mất 12,5 giây, dài hơn 10 giây của period trong [icmp]",
        ),
        ("links.csv:3:1: \"id\" is empty; every row needs it", "links.csv:3:1: \"id\" để trống; hàng nào cũng phải có"),
    ] {
        assert_eq!(vi(english), vietnamese);
        assert!(is_told(english), "{english}");
        assert_eq!(fault_text(Lang::En, english), english);
    }
}

#[test]
fn words_of_others_are_quoted_and_said_to_be_so() {
    let unknown = Fault::of_file(
        "a.toml",
        "expected `=`",
        "this is not TOML: a line reads key = \"text\", key = 5, or [section]",
    );
    let told = fault(Lang::Vi, &unknown.at_line(2).at_column(7));
    let expected = "a.toml:2:7: nguyên văn: expected `=`\n  \
                    gợi ý: đây không phải TOML: mỗi dòng viết khóa = \"chữ\", khóa = 5, hoặc [mục]";
    assert_eq!(told, expected);
    assert!(!is_told("expected `=`") && !is_told("a.csv: expected `=`"));
    assert_eq!(vi("not readable as XML: tag mismatch: x; y"), "không đọc được như XML: tag mismatch: x; y");
    let hostile = Fault::of_file("a\u{1b}[2J", "\"\u{1b}[31m\" is empty", "every row needs it");
    assert!(!fault(Lang::Vi, &hostile).contains('\u{1b}'));
}

#[test]
fn the_words_of_many_faults_are_told_line_by_line() {
    let all = Faults(vec![
        Fault::of_file("links.csv", "there is no such file", "phusongd init DIR writes templates to start from"),
        Fault::of_others("sites.csv", 1_204, "repair those above and check again: they often share one cause"),
    ]);
    let expected = "links.csv: không có tệp này\n  \
                    gợi ý: phusongd init THƯ_MỤC tạo sẵn các tệp mẫu\n\
                    sites.csv: và 1204 lỗi nữa\n  \
                    gợi ý: sửa các lỗi trên rồi kiểm tra lại: chúng thường có chung một nguyên nhân\n\
                    1.205 lỗi";
    assert_eq!(faults(Lang::Vi, &all), expected);
    assert_eq!(faults(Lang::En, &all), all.to_string());
    let as_told = fault_lines(Lang::Vi, &all.to_string());
    assert_eq!(as_told.replace("1205", "1.205"), faults(Lang::Vi, &all), "what comes as text over the socket");
}

#[test]
fn a_text_of_very_many_parts_is_told_at_once() {
    let text = "a: b; ".repeat(2_000);
    assert_eq!(vi(&text), text);
    let deep = "it may be ".repeat(2_000);
    assert!(vi(&deep).starts_with("có thể là"));
}

/// What stands in places: ids, numbers, paths, quoted names, coordinates, words of others.
fn quoted() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,9}(-[0-9]{1,5})?",
        "[0-9]{1,6}",
        "/[a-z]{1,6}/[a-z]{1,6}\\.(csv|toml|gpkg)",
        "\"(Nà Hang|Thái Hoà|x y|viettel)\"",
        "10[0-9],[0-9]{5} / 2[0-9],[0-9]{5}",
        "(xã|phường) (Đồng Văn|Hà Giang 1)",
    ]
}

fn piece(place: Place) -> BoxedStrategy<String> {
    match place {
        Place::Quoted => quoted().boxed(),
        Place::Text => "tag [0-9]{3} \\((Compression|Predictor)\\)".boxed(),
        Place::List => (quoted(), quoted()).prop_map(|(one, other)| format!("{one} or {other}")).boxed(),
        Place::Number => "[1-9][0-9]{0,4}\\.[0-9]{1,2}".boxed(),
    }
}

/// A sentence with something in each of its places, in both languages.
fn filled() -> impl Strategy<Value = (String, String)> {
    (0..sentences().len()).prop_flat_map(|nth| {
        let sentence = &sentences()[nth];
        let pieces: Vec<BoxedStrategy<String>> = sentence.places.iter().map(|place| piece(*place)).collect();
        pieces.prop_map(move |pieces| {
            let english = sentence.english(&pieces);
            let told: Vec<Cow<'_, str>> = sentence
                .places
                .iter()
                .zip(&pieces)
                .map(|(place, piece)| match place {
                    Place::Quoted => Cow::Borrowed(piece.as_str()),
                    Place::Text => Cow::Owned(piece.replace("tag", "thẻ")),
                    Place::List => Cow::Owned(piece.replace(" or ", " hoặc ")),
                    Place::Number => Cow::Owned(piece.replace('.', ",")),
                })
                .collect();
            (english, sentence.tell(&told))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// No sentence is taken for another one, and nothing that was put in is lost.
    #[test]
    fn what_was_put_into_a_sentence_comes_back_in_vietnamese((english, vietnamese) in filled()) {
        prop_assert_eq!(vi(&english), vietnamese);
        prop_assert!(is_told(&english));
    }

    /// Behind a place, a file or a column it is the same sentence.
    #[test]
    fn what_stands_before_a_sentence_changes_nothing((english, vietnamese) in filled(), about in "[a-z]{1,8}\\.csv") {
        prop_assert_eq!(vi(&format!("{about}: line 5: {english}")), format!("{about}: dòng 5: {vietnamese}"));
    }

    #[test]
    fn no_text_stops_the_reader(text in any::<String>()) {
        let _ = vi(&text);
    }
}
