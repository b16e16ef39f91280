use super::*;
use std::path::PathBuf;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

/// The rows of a written CSV, the last two columns of each.
fn found(path: &Path) -> Vec<(String, f32)> {
    let text = std::fs::read_to_string(path).unwrap();
    let last_two = |line: &str| {
        let mut cells = line.rsplit(',');
        let confidence = cells.next().unwrap().parse().unwrap();
        (cells.next().unwrap().to_owned(), confidence)
    };
    text.lines().skip(1).map(last_two).collect()
}

#[test]
fn a_list_of_companies_gets_its_clusters_and_keeps_its_columns() {
    let folder = folder();
    let input = file(
        &folder,
        "list.csv",
        "客户编号,公司名称,联系人,联系电话,备注\n\
         A1,江苏星澜科技有限公司,王芳,139 1234 5671,\"老客户, 重要\"\n\
         A2,星澜科技,王芳,13912345671,\n\
         A3,江苏星澜科技有限公司杭州分公司,李明,13712345672,\n\
         A4,宁波远麓食品有限公司,陈立,13612345673,\n\
         ,,,,\n\
         A5,寧波遠麓食品有限公司,陈立,+86 13612345673,\n",
    );
    let output = folder.path().join("out.csv");
    let relations = folder.path().join("rel.csv");
    let report = dedupe(&input, &output, Some(&relations)).unwrap();
    assert_eq!((report.records, report.clusters, report.duplicates, report.relations), (5, 3, 4, 1));
    let rows = found(&output);
    let clusters: Vec<&str> = rows.iter().map(|(cluster, _)| cluster.as_str()).collect();
    assert_eq!(clusters, ["1", "1", "2", "3", "3"]);
    assert!(rows.iter().all(|(_, confidence)| *confidence > 0.5), "{rows:?}");
    let text = std::fs::read_to_string(&output).unwrap();
    assert!(text.starts_with("客户编号,公司名称,联系人,联系电话,备注,cluster,confidence\n"));
    assert!(text.contains("A1,江苏星澜科技有限公司,王芳,139 1234 5671,\"老客户, 重要\",1,"));
    assert!(text.contains(",+86 13612345673,"));
    assert_eq!(std::fs::read_to_string(&relations).unwrap(), "child_id,parent_id\nA3,A1\n");
}

#[test]
fn columns_are_known_by_their_content_when_titles_say_nothing() {
    let folder = folder();
    let input = file(
        &folder,
        "list.csv",
        "c1,c2,c3\n宁波远麓食品有限公司,13652817673,li@example.cn\n远麓食品有限公司,13652817673,\n上海青屿贸易有限公司,13512345674,hu@example.com\n",
    );
    let output = folder.path().join("out.csv");
    let report = dedupe(&input, &output, None).unwrap();
    let holds: Vec<Holds> = report.columns.iter().map(|(_, holds)| *holds).collect();
    assert_eq!(holds, [Holds::Name, Holds::Phone, Holds::Email]);
    assert_eq!(report.clusters, 2);
}

#[test]
fn a_list_of_english_persons_is_resolved_by_its_own_columns() {
    let folder = folder();
    let input = file(
        &folder,
        "persons.csv",
        "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id\n\
         rec-1-org, michaela, neumann, 8, stanley street, miami, winston hills, 4223, nsw, 19151111, 5304218\n\
         rec-1-dup-0, micheala, neumann, 8, stanley street, miami, winston hill, 4223, nsw, 19151111, 5304218\n\
         rec-2-org, courtney, painter, 12, pinkerton circuit, bega flats, richlands, 4560, vic, 19161214, 4066625\n\
         rec-2-dup-0, painter, courtney, 12, pinkerton circuit, , richlnads, 4560, vic, 19161214, 4066652\n\
         rec-3-org, charles, green, 38, salkauskas crescent, kela, dapto, 4566, nsw, 19480930, 4365168\n",
    );
    let output = folder.path().join("out.csv");
    dedupe(&input, &output, None).unwrap();
    let clusters: Vec<String> = found(&output).into_iter().map(|(cluster, _)| cluster).collect();
    assert_eq!(clusters, ["1", "1", "2", "2", "3"]);
}

#[test]
fn a_workbook_goes_in_and_out() {
    let folder = folder();
    let input = folder.path().join("list.xlsx");
    let columns =
        ["公司名称", "电话"].map(|title| huike_tabular::Column::new(title, huike_tabular::ColumnKind::Text));
    let mut writer =
        huike_tabular::Writer::create(&input, "客户", huike_tabular::Format::Xlsx, &columns).unwrap();
    for (name, phone) in [
        ("宁波远麓食品有限公司", "13612345673"),
        ("远麓食品", "13612345673"),
        ("上海青屿贸易有限公司", "13512345674"),
    ] {
        let cells = [name, phone].map(|text| huike_tabular::OutCell::Text(text.to_owned()));
        writer.write_row(&cells).unwrap();
    }
    writer.finish().unwrap();
    let output = folder.path().join("out.xlsx");
    assert_eq!(dedupe(&input, &output, None).unwrap().clusters, 2);
    let (mut sheet, layout) = open(&output).unwrap();
    assert_eq!(layout.titles(), ["公司名称", "电话", "cluster", "confidence"]);
    assert_eq!(sheet.rows(2).count(), 3);
}

#[test]
fn what_can_not_be_compared_is_refused_with_its_columns() {
    let folder = folder();
    let output = folder.path().join("out.csv");
    let input = file(&folder, "list.csv", "颜色,数量\n红,1\n蓝,2\n");
    let refused = dedupe(&input, &output, None).unwrap_err();
    assert!(refused.message().contains("颜色、数量"), "{}", refused.message());
    assert!(!output.exists());
    assert!(dedupe(&folder.path().join("none.csv"), &output, None).is_err());
    assert!(matches!(
        dedupe(&file(&folder, "empty.csv", ""), &output, None),
        Err(DedupeError::Refused(Refusal::Empty))
    ));
}
