use super::*;
use huike_store::testing::TestDb;

huike_store::on_both_databases!(
    a_month_with_deaths_restarts_and_a_second_node_breaks_no_invariant,
    a_hook_that_was_forgotten_is_found_on_its_day,
);

fn simulated(db: &TestDb, plan: Plan) -> std::result::Result<Report, Failed> {
    let files = tempfile::tempdir().unwrap();
    // On SQLite a folder of its own: that of the test is held by the test.
    let location = match db.location() {
        Location::Sqlite { .. } => Location::Sqlite { folder: files.path().join("simulated") },
        postgres => postgres.clone(),
    };
    run(location, files.path().to_owned(), plan, &mut |_, _| {})
}

fn a_month_with_deaths_restarts_and_a_second_node_breaks_no_invariant(db: &mut TestDb) {
    let plan = Plan { days: 35, seed: 7, people: 5, customers: 40, sabotage: None };
    let report = simulated(db, plan).unwrap_or_else(|failed| panic!("seed 7: {failed:?}"));
    assert!(report.deaths > 10 && report.restarts > 0 && report.replays > 0, "{report:?}");
    assert!(report.acts > 500 && report.reminders > 50, "{report:?}");
}

fn a_hook_that_was_forgotten_is_found_on_its_day(db: &mut TestDb) {
    let plan = Plan { days: 20, seed: 7, people: 5, customers: 40, sabotage: Some(5) };
    match simulated(db, plan) {
        Err(Failed::Broken { number, what, .. }) => {
            assert_eq!(number, 5, "{what}");
        }
        other => panic!("nobody noticed: {other:?}"),
    }
}
