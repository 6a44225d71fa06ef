//! Watches: resumed from what a list saw, from nothing, streaming lists, bookmarks, tables.

use super::super::step::{METADATA, Step, TABLE, get};
use super::core;

pub fn steps() -> Vec<Step> {
    let watch = |query: &str| {
        core(&format!(
            "configmaps?watch=true&timeoutSeconds=1&labelSelector=contract%3Dyes{query}"
        ))
    };
    let one = |query: &str| {
        core(&format!(
            "configmaps?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Db{query}"
        ))
    };
    let streaming = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    vec![
        get("watch resumed", &watch("&resourceVersion={before}")),
        get(
            "watch resumed with selector left",
            &core("configmaps?watch=1&timeoutSeconds=1&resourceVersion={before}&labelSelector=patched%3Dyes"),
        ),
        get("watch one resumed", &one("&resourceVersion={before}")),
        get("watch one resumed as table", &one("&resourceVersion={before}")).accept(TABLE),
        get("watch one resumed as metadata", &one("&resourceVersion={before}")).accept(METADATA),
        get("watch from nothing", &watch("")),
        get("watch from zero", &watch("&resourceVersion=0")),
        get("watch as table", &watch("")).accept(TABLE),
        get("watch as table without objects", &watch("&includeObject=None")).accept(TABLE),
        get("watch streaming list", &watch(streaming)),
        get("watch streaming list as table", &watch(streaming)).accept(TABLE),
        get(
            "watch streaming list without match",
            &watch("&sendInitialEvents=true&allowWatchBookmarks=true"),
        ),
        get(
            "watch match without initial",
            &watch("&resourceVersionMatch=NotOlderThan"),
        ),
        get("watch a bad revision", &watch("&resourceVersion=nope")),
        get(
            "watch an unknown field",
            &core("configmaps?watch=1&timeoutSeconds=1&fieldSelector=data%3Dx"),
        ),
        get("watch refused", &core("secrets?watch=1&timeoutSeconds=1")).by("viewer"),
        get(
            "watch by name allowed",
            &core("pods?watch=1&timeoutSeconds=1&fieldSelector=metadata.name%3Dcrash"),
        )
        .by("viewer"),
        get(
            "watch promotions",
            "/apis/shop.example.com/v1/namespaces/contract/promotions?watch=1&timeoutSeconds=1",
        ),
        get("watch no such resource", &core("nopes?watch=1&timeoutSeconds=1")),
    ]
}
