#include "examples/sandbox/world/objects.h"

#include <fmt/format.h>

#include "examples/sandbox/world/metadata.h"
#include "inventory/base/digest.h"

namespace drover::sandbox {

using nlohmann::json;

json metadata(const std::string& name, const std::string& ns, const std::string& uid, long revision,
              Moment created) {
  json object = {{"name", name},
                 {"uid", uid},
                 {"resourceVersion", std::to_string(revision)},
                 {"creationTimestamp", stamp(created)}};
  if (!ns.empty()) object["namespace"] = ns;
  return object;
}

json condition(const std::string& type, bool is, const std::string& reason,
               const std::string& message, Moment since) {
  json object = {
      {"type", type}, {"status", is ? "True" : "False"}, {"lastTransitionTime", stamp(since)}};
  if (!reason.empty()) object["reason"] = reason;
  if (!message.empty()) object["message"] = message;
  return object;
}

std::string derived_uid(const std::string& text) {
  const std::string hex = sha256_hex(text);
  return fmt::format("{}-{}-4{}-a{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 3),
                     hex.substr(15, 3), hex.substr(18, 12));
}

std::string node_address(int number) { return fmt::format("192.0.2.{}", 10 + number); }

json whole(json object, const std::string& kind, const std::string& api_version) {
  object["kind"] = kind;
  object["apiVersion"] = api_version;
  return object;
}

json attachment_json(const Attachment& one) {
  json meta = metadata(one.name, "", one.uid, one.revision, one.created);
  if (one.detaching) meta["deletionTimestamp"] = stamp(*one.detaching);
  return {{"metadata", std::move(meta)},
          {"spec",
           {{"attacher", "csi.sandbox.local"},
            {"nodeName", one.node},
            {"source", {{"persistentVolumeName", one.volume}}}}},
          {"status", {{"attached", true}}}};
}

json volume_json(const World& world, const std::string& name, const std::string& ns) {
  return {{"metadata", metadata(name, "", derived_uid("PersistentVolume " + name), 5, world.born)},
          {"spec",
           {{"claimRef", {{"kind", "PersistentVolumeClaim"}, {"namespace", ns}, {"name", name}}}}},
          {"status", {{"phase", "Bound"}}}};
}

namespace {

json api_service(const World& world, const std::string& name, json state) {
  const size_t dot = name.find('.');
  return {{"metadata", metadata(name, "", derived_uid("APIService " + name), 6, world.born)},
          {"spec", {{"group", name.substr(dot + 1)}, {"version", name.substr(0, dot)}}},
          {"status", {{"conditions", {std::move(state)}}}}};
}

}  // namespace

json api_service_json(const World& world, const std::string& name, bool available) {
  const json state = available
                         ? condition("Available", true, "Passed", "all checks passed", world.born)
                         : condition("Available", false, "MissingEndpoints",
                                     "the Service behind it has no endpoints", world.born);
  json object = api_service(world, name, state);
  object["spec"]["service"] = {
      {"namespace", "default"}, {"name", object["spec"]["group"]}, {"port", 443}};
  return object;
}

std::vector<json> local_api_services(const World& world) {
  std::vector<json> all;
  for (const char* name : {"v1.",
                           "v1.admissionregistration.k8s.io",
                           "v1.apiextensions.k8s.io",
                           "v1.apps",
                           "v1.authentication.k8s.io",
                           "v1.authorization.k8s.io",
                           "v1.autoscaling",
                           "v1.batch",
                           "v1.certificates.k8s.io",
                           "v1.coordination.k8s.io",
                           "v1.discovery.k8s.io",
                           "v1.events.k8s.io",
                           "v1.flowcontrol.apiserver.k8s.io",
                           "v1.networking.k8s.io",
                           "v1.node.k8s.io",
                           "v1.policy",
                           "v1.rbac.authorization.k8s.io",
                           "v1.scheduling.k8s.io",
                           "v1.storage.k8s.io",
                           "v2.autoscaling"}) {
    all.push_back(api_service(world, name,
                              condition("Available", true, "Local",
                                        "Local APIServices are always available", world.born)));
  }
  return all;
}

json webhook_json(const World& world, const std::string& kind, const std::string& ns,
                  const std::string& service) {
  json meta = metadata(service, "", derived_uid(kind + " " + service), 7, world.born);
  meta["generation"] = 1;
  return {{"metadata", std::move(meta)},
          {"webhooks",
           json::array({{{"name", service + ".sandbox.local"},
                         {"clientConfig",
                          {{"service", {{"namespace", ns}, {"name", service}, {"port", 443}}}}},
                         {"failurePolicy", "Fail"},
                         {"admissionReviewVersions", {"v1"}},
                         {"sideEffects", "None"}}})}};
}

json endpoint_slice_json(const World& world, const std::string& ns, const std::string& service) {
  json endpoints;  // null: nobody stands behind the service
  for (const Pod& pod : world.pods) {
    const auto app = pod.spec.labels.find("app");
    const bool behind = pod.ns == ns && app != pod.spec.labels.end() && app->second == service;
    if (!behind || pod.node.empty() || pod.finished) continue;
    const bool going = pod.deleting.has_value();
    endpoints.push_back(
        {{"conditions",
          {{"ready", pod.ready && !going}, {"serving", pod.ready}, {"terminating", going}}},
         {"nodeName", pod.node}});
  }
  const std::string uid = derived_uid("Service " + ns + "/" + service);
  json meta =
      metadata(service + "-" + derived_uid("EndpointSlice " + uid).substr(0, 5), ns,
               derived_uid("EndpointSlice " + ns + "/" + service), world.revision, world.born);
  meta["generation"] = 1;
  meta["labels"] = {{"kubernetes.io/service-name", service}};
  meta["ownerReferences"] = json::array({{{"apiVersion", "v1"},
                                          {"kind", "Service"},
                                          {"name", service},
                                          {"uid", uid},
                                          {"controller", true},
                                          {"blockOwnerDeletion", true}}});
  return {
      {"metadata", std::move(meta)}, {"addressType", "IPv4"}, {"endpoints", std::move(endpoints)}};
}

json lease_json(const std::string& name, const std::string& ns, const std::string& holder,
                int seconds, Moment acquired, Moment renewed, long revision) {
  json spec = {{"holderIdentity", holder},
               {"leaseDurationSeconds", seconds},
               {"renewTime", micro_stamp(renewed)}};
  if (ns != "kube-node-lease") {
    spec["acquireTime"] = micro_stamp(acquired);
    spec["leaseTransitions"] = 1;
  }
  return {{"metadata", metadata(name, ns, derived_uid("Lease " + name), revision, acquired)},
          {"spec", std::move(spec)}};
}

json config_map_json(const std::string& name, const json& data, Moment created, long revision) {
  return {{"metadata",
           metadata(name, "kube-system", derived_uid("ConfigMap " + name), revision, created)},
          {"data", data}};
}

json namespace_json(const World& world, const std::string& name) {
  json meta =
      metadata(name, "", name == "kube-system" ? world.uid : derived_uid("Namespace " + name), 4,
               world.born);
  meta["labels"] = {{"kubernetes.io/metadata.name", name}};
  const bool going = world.terminating_namespaces.count(name) > 0;
  return {{"metadata", std::move(meta)},
          {"spec", {{"finalizers", {"kubernetes"}}}},
          {"status", {{"phase", going ? "Terminating" : "Active"}}}};
}

}  // namespace drover::sandbox
