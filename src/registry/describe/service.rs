//! Services.

use serde_json::Value;

use super::conditions;
use super::page::Page;
use super::value::{list, selector, shown, shown_at, text};

pub fn add(page: &mut Page, object: &Value) {
    page.fact("Selector", &selector(object, "/spec/selector"));
    page.fact("Type", text(object, "/spec/type"));
    page.maybe("IP Family Policy", text(object, "/spec/ipFamilyPolicy"));
    let words = |pointer: &str| list(object, pointer).iter().map(shown).collect::<Vec<_>>().join(", ");
    page.maybe("IP Families", &words("/spec/ipFamilies"));
    page.maybe("IP", text(object, "/spec/clusterIP"));
    page.maybe("IPs", &words("/spec/clusterIPs"));
    page.maybe("External IPs", &words("/spec/externalIPs"));
    page.maybe("External Name", text(object, "/spec/externalName"));
    page.maybe("LoadBalancer Class", text(object, "/spec/loadBalancerClass"));
    let ingress = list(object, "/status/loadBalancer/ingress").iter().map(|at| {
        let (ip, name) = (text(at, "/ip"), text(at, "/hostname"));
        if ip.is_empty() { name.to_owned() } else { ip.to_owned() }
    });
    page.maybe("LoadBalancer Ingress", &ingress.collect::<Vec<_>>().join(", "));
    for port in list(object, "/spec/ports") {
        let name = match text(port, "/name") {
            "" => "<unset>",
            name => name,
        };
        let protocol = text(port, "/protocol");
        page.fact("Port", &format!("{name}  {}/{protocol}", shown_at(port, "/port")));
        page.fact("TargetPort", &format!("{}/{protocol}", shown_at(port, "/targetPort")));
        let node = shown_at(port, "/nodePort");
        if !node.is_empty() {
            page.fact("NodePort", &format!("{name}  {node}/{protocol}"));
        }
    }
    page.maybe("Session Affinity", text(object, "/spec/sessionAffinity"));
    page.maybe("External Traffic Policy", text(object, "/spec/externalTrafficPolicy"));
    page.maybe("Internal Traffic Policy", text(object, "/spec/internalTrafficPolicy"));
    conditions::add(page, object);
}
