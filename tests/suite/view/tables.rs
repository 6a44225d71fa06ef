//! Tables and lists.

use std::sync::Arc;

use kglass::app::{Fact, RowKey, Screen};
use kglass::cluster::{Freshness, Query, ReadError, ReadErrorKind, Reading, ServerAnswer};
use kglass::model::ColumnKind;

use super::fixture::{
    NOW, SECOND, World, age, column, deployments, pod, pod_columns, pods, row, shop_pods, snapshot, text,
};
use super::{LARGE, MIDDLE, SMALL, accept, sized};

#[test]
fn pods_in_normal_mode_at_every_size() {
    for size in [SMALL, MIDDLE, LARGE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&["j"]);
        accept(&sized("table__pods", size), &world);
    }
}

#[test]
fn wide_columns_of_all_namespaces_give_way_by_importance() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&["0"]);
        let mut rows = shop_pods("shop");
        rows.extend(shop_pods("shop-staging-europe-west"));
        world.rows(snapshot("pods", pod_columns(), rows));
        world.freshness(Freshness::Live);
        world.press(&["ctrl-w", "shift-n"]);
        accept(&sized("table__all_namespaces_wide", size), &world);
    }
}

#[test]
fn marks_changes_filter_and_staleness_are_seen() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&["j", "space", "j", "space", "/"]);
    world.write("check");
    world.press(&["enter"]);
    world.freshness(Freshness::Stale {
        since_boot_ms: world.state.now.boot_ms - 8 * SECOND,
    });
    let now = world.state.now;
    if let Some(Screen::Table(table)) = world.state.screens.current_mut() {
        let key = table.row(0).map(RowKey::of).expect("a row");
        table.changed = vec![(key, 3, now)];
    }
    accept("table__marked_changed_filtered_stale", &world);
}

#[test]
fn a_filter_that_cannot_be_read_says_so() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.press(&["/"]);
    world.write("check(");
    accept("table__bad_filter", &world);
}

#[test]
fn loading_counts_and_emptiness_is_explained() {
    let mut world = World::new(SMALL.0, SMALL.1);
    accept("table__loading", &world);
    world.freshness(Freshness::Stale {
        since_boot_ms: world.state.now.boot_ms - 8 * SECOND,
    });
    accept("table__silent_from_the_start", &world);
    world.rows(snapshot("pods", pod_columns(), Vec::new()));
    world.freshness(Freshness::Live);
    accept("table__empty", &world);
    world.rows(pods("shop"));
    world.freshness(Freshness::Loading { rows: 12_400 });
    world.press(&["/"]);
    world.write("nothing-like-it");
    world.press(&["enter"]);
    accept("table__nothing_matches", &world);
}

#[test]
fn a_context_that_cannot_be_opened_says_why() {
    let mut world = World::started(SMALL.0, SMALL.1);
    accept("connection__none_yet", &world);
    world.tell(Fact::ConnectFailed {
        context: "prod-eu".into(),
        error: "context prod-eu in /home/alice/.kube/config: the server https://192.0.2.1:6443 does not answer (connection refused); is the VPN up?".into(),
    });
    world.press(&["k"]);
    accept("connection__failed", &world);
}

#[test]
fn a_refused_list_shows_cause_and_cure() {
    let mut world = World::new(SMALL.0, SMALL.1);
    world.answer(
        |query| matches!(query, Query::Rows(_)),
        Reading::Failed(ReadError {
            kind: ReadErrorKind::Forbidden,
            cause: "alice may not list pods in the namespace shop (403 from https://192.0.2.1:6443)".into(),
            cure: "ask for the verb list on pods in shop, or choose another namespace with :ns".into(),
            retrying: false,
        }),
    );
    accept("table__forbidden", &world);
}

#[test]
fn a_base_identity_that_could_write_is_named_in_the_header() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.answer_rights(ServerAnswer::ClientOnly {
            could: vec![
                "delete pods".into(),
                "patch deployments".into(),
                "create pods/exec".into(),
            ],
        });
        accept(&sized("table__client_only", size), &world);
    }
}

#[test]
fn a_hostile_cluster_cannot_break_the_lines() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    let evil = "\u{1b}[2J\u{1b}]0;pwn\u{7}red\u{202e}dnuor\u{2066}";
    let wide = "見本市のポッド名前がとても長い場合の表示確認用";
    let zalgo = format!("z{}algo", "\u{301}\u{302}\u{303}\u{304}".repeat(9));
    let long = "x".repeat(300);
    let rows = vec![
        pod(
            "shop",
            evil,
            "1/1",
            "Running\r\nFORGED 1/1 Running",
            0,
            None,
            SECOND,
            "n",
        ),
        pod("shop", wide, "0/1", "\u{9b}31mCrash", 0, None, SECOND, "n"),
        pod("shop", &zalgo, "1/1", "Running", 0, None, SECOND, "n"),
        pod(
            "shop",
            &long,
            &"9".repeat(50),
            &"S".repeat(90),
            u32::MAX,
            Some(SECOND),
            SECOND,
            "n",
        ),
        pod(
            "shop",
            "zero\u{200b}width\u{feff}and\u{ad}tags\u{e0041}",
            "1/1",
            "",
            0,
            None,
            SECOND,
            "n",
        ),
        pod("shop", "", "", "", 0, None, SECOND, ""),
    ];
    world.rows(snapshot("pods", pod_columns(), rows));
    world.freshness(Freshness::Live);
    world.press(&["shift-a", "j"]);
    accept("table__hostile", &world);
}

#[test]
fn deployments_name_their_writes_and_what_they_need() {
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&[":"]);
        world.write("deploy");
        world.press(&["enter"]);
        world.rows(deployments());
        world.freshness(Freshness::Refreshed {
            at_boot_ms: world.state.now.boot_ms - 12 * SECOND,
        });
        world.press(&["j"]);
        accept(&sized("table__deployments", size), &world);
    }
}

#[test]
fn a_kind_with_many_columns_keeps_its_name() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    let columns: Arc<[_]> = std::iter::once(column("NAME", ColumnKind::Text, false))
        .chain((1..=12).map(|n| column(&format!("COLUMN {n}"), ColumnKind::Text, false)))
        .chain([column("AGE", ColumnKind::Age, false)])
        .collect();
    let cells = std::iter::once(text("certificate-of-the-shop"))
        .chain((1..=12).map(|n| text(&format!("value-{n}"))))
        .chain([age(SECOND)])
        .collect();
    world.rows(snapshot(
        "pods",
        columns,
        vec![row(Some("shop"), "certificate-of-the-shop", None, cells)],
    ));
    world.freshness(Freshness::Live);
    accept("table__too_many_columns", &world);
}

#[test]
fn a_context_says_what_it_names() {
    let place = |name: &str, cluster: &str, user: &str, namespace: &str| kglass::cluster::ContextPlace {
        name: name.into(),
        cluster: cluster.into(),
        user: user.into(),
        namespace: namespace.into(),
    };
    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.tell(Fact::ContextPlaces(
            vec![
                place(
                    "prod-eu",
                    "arn:aws:eks:eu-west-1:111111111111:cluster/prod-eu",
                    "alice",
                    "shop",
                ),
                place(
                    "prod-us",
                    "arn:aws:eks:us-east-1:111111111111:cluster/prod-us",
                    "alice-\u{1b}[31m",
                    "",
                ),
                place("staging", "staging", "", "default"),
            ]
            .into(),
        ));
        world.press(&[":"]);
        world.write("ctx");
        world.press(&["enter"]);
        accept(&sized("contexts__what_they_name", size), &world);
    }
}

#[test]
fn contexts_messages_and_help() {
    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.tell(Fact::Contexts {
        names: [
            "arn:aws:eks:eu-west-1:111111111111:cluster/production-of-the-shop-in-europe-with-a-long-name",
            "arn:aws:eks:eu-west-1:222222222222:cluster/production-of-the-shop-in-europe-with-a-long-name",
            "gke_shop-prod_europe-west1_prod-eu",
            "prod-eu",
        ]
        .map(String::from)
        .into(),
        current: "prod-eu".into(),
    });
    world.press(&[":"]);
    world.write("ctx");
    world.press(&["enter", "j"]);
    accept("contexts__alike", &world);

    let mut world = World::with_pods(SMALL.0, SMALL.1);
    world.tell(Fact::Notice {
        text: "session mfrggzdfmztwq2lk was found open and is closed as recovered".into(),
        is_error: false,
    });
    let long = "the watch of pods in shop broke: connection reset by peer while reading the response of https://192.0.2.1:6443; kglass tries again in 2 s, nothing needs to be done";
    world.tell_at(
        NOW.plus_ms(90 * SECOND),
        Fact::Notice {
            text: long.into(),
            is_error: true,
        },
    );
    accept("messages__newest_is_cut", &world);
    world.press(&[":"]);
    world.write("messages");
    world.press(&["enter"]);
    accept("messages__all", &world);

    for size in [SMALL, MIDDLE] {
        let mut world = World::with_pods(size.0, size.1);
        world.press(&["?"]);
        accept(&sized("help__of_pods", size), &world);
    }
}
