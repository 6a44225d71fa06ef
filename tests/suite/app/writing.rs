//! From the confirmed key to the server and back.

use kglass::app::Overlay;

use super::driver::{Driver, table};

#[tokio::test]
async fn a_confirmed_delete_reaches_the_server_with_what_the_operator_saw() {
    let mut driver = Driver::new().await;
    driver.break_glass("restarter").await;
    driver.go_to("ledger-0").await;
    let before = driver.stage.pod();
    driver.press("ctrl-d tab enter").await;
    assert!(driver.said().starts_with("deleted pods/ledger-0"), "{}", driver.said());
    let deletes = driver
        .stage
        .changes()
        .into_iter()
        .filter(|(_, act, _)| act.starts_with("delete pods"));
    assert_eq!(deletes.count(), 1);
    // Gone, or on its way within its grace period; whatever is there later is another one.
    if let Some(pod) = driver.stage.server.object("pods", "shop", "ledger-0") {
        let same = pod["metadata"]["uid"].as_str() == before.uid.as_deref();
        assert!(!same || pod["metadata"]["deletionTimestamp"].is_string(), "{pod}");
    }
}

#[tokio::test]
async fn a_scale_goes_down_and_undo_brings_it_back_as_a_second_write() {
    let mut driver = Driver::new().await;
    driver.break_glass("restarter").await;
    driver.command("deploy").await;
    driver.rows().await;
    driver.go_to("web").await;
    let replicas = |driver: &Driver| {
        driver
            .stage
            .server
            .object("deployments", "shop", "web")
            .map(|o| o["spec"]["replicas"].clone())
    };
    let first = replicas(&driver).expect("it is there");
    driver.press("s ctrl-u 0 enter y").await;
    assert!(
        driver.said().starts_with("scaled deployments.apps/web"),
        "{}",
        driver.said()
    );
    assert_eq!(replicas(&driver), Some(0.into()));
    driver
        .until("the row that shows it", |state| {
            let table = table(state).expect("a table");
            let row = table.cursor_line().expect("a row");
            row.cells.iter().any(|cell| cell.text.as_str() == "0/0")
        })
        .await;
    driver.press("u").await;
    assert!(
        matches!(driver.state.overlay, Some(Overlay::Confirm(_))),
        "{}",
        driver.said()
    );
    driver.press("y").await;
    assert_eq!(replicas(&driver), Some(first));
    assert_eq!(driver.refusals, Vec::<String>::new());
}

#[tokio::test]
async fn a_restart_is_one_key_and_y() {
    let mut driver = Driver::new().await;
    driver.break_glass("restarter").await;
    driver.command("deploy").await;
    driver.rows().await;
    driver.go_to("web").await;
    driver.press("r y").await;
    assert!(
        driver.said().starts_with("restarted deployments.apps/web"),
        "{}",
        driver.said()
    );
}

#[tokio::test]
async fn an_object_that_changed_behind_the_screen_is_refused_by_its_resource_version() {
    let mut driver = Driver::new().await;
    driver.break_glass("restarter").await;
    driver.command("deploy").await;
    driver.rows().await;
    driver.go_to("web").await;
    driver.press("s ctrl-u 0 enter y").await;
    // The screen has not heard of its own write yet: what it shows is the version before.
    driver.press("s ctrl-u 5 enter y").await;
    assert!(driver.said().contains("409"), "{}", driver.said());
    let web = driver
        .stage
        .server
        .object("deployments", "shop", "web")
        .expect("it is there");
    assert_eq!(web["spec"]["replicas"], 0);
}

#[tokio::test]
async fn a_confirmation_after_the_end_builds_nothing() {
    let mut driver = Driver::new().await;
    driver.break_glass("restarter").await;
    driver.go_to("ledger-0").await;
    driver.press("ctrl-d tab").await;
    driver.lose_authority();
    driver.press("enter").await;
    assert!(
        driver.said().contains("was not sent: the glass is not broken"),
        "{}",
        driver.said()
    );
    assert!(driver.stage.server.object("pods", "shop", "ledger-0").is_some());
    assert!(
        !driver
            .stage
            .changes()
            .iter()
            .any(|(_, act, _)| act.starts_with("delete pods"))
    );
}

#[tokio::test]
async fn in_normal_mode_no_key_changes_anything_on_the_server() {
    let mut driver = Driver::new().await;
    let before = driver.stage.changes().len();
    for line in ["po", "deploy"] {
        driver.command(line).await;
        driver.rows().await;
        for key in ["ctrl-d", "ctrl-k", "s", "r", "y"] {
            driver.press(key).await;
            driver.press("y tab enter esc esc").await;
            if table(&driver.state).is_none() {
                driver.command(line).await;
            }
            driver.rows().await;
        }
    }
    assert_eq!(driver.stage.changes().len(), before);
}
