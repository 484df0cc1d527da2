#include "plans/logs/pod_logs.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using ContainerKind = ContainerDetail::Kind;
using State = ContainerDetail::State;

PodDetail pod(const std::string& ns, const std::string& name,
              const std::vector<std::string>& containers = {"app"}) {
  PodDetail pod;
  pod.pod.ns = ns;
  pod.pod.name = name;
  pod.pod.uid = "u-" + name;
  pod.pod.node = "w1";
  for (const std::string& container : containers)
    pod.containers.push_back({.name = container, .id = "id-" + container, .state = State::Running});
  return pod;
}

std::string chosen(const PodLogQuery& query, const std::vector<PodDetail>& pods) {
  const auto found = choose_log_sources(query, pods);
  if (!found) return found.error().message + " -> " + found.error().remedy;
  std::string text;
  for (const LogSource& source : found->sources)
    text += source.ns + '/' + source.pod + '/' + source.container + ' ';
  for (const std::string& note : found->notes) text += "(" + note + ")";
  return text;
}

}  // namespace

TEST_CASE("what is asked of the API for logs") {
  CHECK(find_log_pods({.pod = "web-1"}).path == "/api/v1/pods?fieldSelector=metadata.name%3Dweb-1");
  CHECK(find_log_pods({.selector = "app=web,!old", .ns = "shop"}).path ==
        "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb%2C%21old");
  const LogSource source{.ns = "shop", .pod = "web-1", .container = "app"};
  const std::string path = "/api/v1/namespaces/shop/pods/web-1/log?container=app&timestamps=true";
  CHECK(read_log(source, {}, "").path == path);
  PodLogQuery query{.previous = true, .window = {.since = std::chrono::seconds(600), .tail = 0}};
  CHECK(read_log(source, query, "").path == path + "&previous=true&sinceSeconds=600&tailLines=0");
  query = {.follow = true, .window = {.tail = 5}};
  CHECK(read_log(source, query, "").path == path + "&follow=true&tailLines=5");
  // Gone on with, the window has been shown already.
  CHECK(read_log(source, query, "2026-11-28T10:00:00+02:00").path ==
        path + "&follow=true&sinceTime=2026-11-28T10%3A00%3A00%2B02%3A00");
  CHECK(read_log_pod(source).path == "/api/v1/namespaces/shop/pods/web-1");
}

TEST_CASE("one pod by its name") {
  CHECK(chosen({.pod = "web-1"}, {pod("shop", "web-1")}) == "shop/web-1/app ");
  CHECK(chosen({.pod = "web-1"}, {}) ==
        "there is no pod web-1 in any namespace -> `drover top pods` shows what there is; "
        "node/NAME names a node");
  CHECK(chosen({.pod = "web-1", .ns = "shop"}, {}) ==
        "there is no pod web-1 in namespace shop -> without -n all namespaces are looked at");
  CHECK(chosen({.pod = "web-1"}, {pod("shop", "web-1"), pod("bar", "web-1")}) ==
        "2 namespaces have a pod web-1: bar, shop -> choose one with -n");
}

TEST_CASE("one container of several") {
  PodDetail two = pod("shop", "web-1", {"app", "proxy"});
  two.containers.push_back({.name = "migrate", .kind = ContainerKind::Init});
  CHECK(chosen({.pod = "web-1"}, {two}) ==
        "shop/web-1/app (pod shop/web-1 has several containers, this is app; -c chooses of app, "
        "proxy)");
  CHECK(chosen({.pod = "web-1", .container = "migrate"}, {two}) == "shop/web-1/migrate ");
  CHECK(chosen({.pod = "web-1", .container = "prox"}, {two}) ==
        "pod shop/web-1 has no container prox -> did you mean proxy?");
  CHECK(chosen({.pod = "web-1", .container = "sidecar"}, {two}) ==
        "pod shop/web-1 has no container sidecar -> it has app, proxy, migrate");
  two.default_container = "proxy";
  CHECK(chosen({.pod = "web-1"}, {two}) == "shop/web-1/proxy ");
  two.default_container = "gone";
  CHECK(chosen({.pod = "web-1"}, {two}).starts_with("shop/web-1/app "));
}

TEST_CASE("the pods of a selector") {
  const std::vector<PodDetail> both = {pod("shop", "a"), pod("shop", "b", {"app", "proxy"})};
  CHECK(chosen({.selector = "app=web", .container = "proxy"}, both) == "shop/b/proxy ");
  CHECK(chosen({.selector = "app=web", .container = "none"}, both)
            .starts_with("pod shop/a has no container none"));
  CHECK(chosen({.selector = "app=web"}, {}) ==
        "the selector app=web takes no pod in any namespace -> `drover top pods` shows what there "
        "is");
  std::vector<PodDetail> many;
  for (size_t i = 0; i <= kMostFollowed; ++i) many.push_back(pod("shop", "p" + std::to_string(i)));
  CHECK(choose_log_sources({.selector = "a"}, many)->sources.size() == kMostFollowed + 1);
  const auto refused = choose_log_sources({.selector = "a", .follow = true}, many);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Refused);
}

TEST_CASE("what the end of a log means") {
  const LogSource source{
      .ns = "shop", .pod = "web-1", .uid = "u-web-1", .container = "app", .id = "id-app"};
  const auto judged = [&](const LogSource& of, const PodDetail* now) {
    const LogEnd end = judge_log_end(of, now);
    return std::string(end.kind == LogEnd::Over        ? "over: "
                       : end.kind == LogEnd::BrokenOff ? "broken off"
                                                       : "not begun: ") +
           end.why;
  };
  PodDetail now = pod("shop", "web-1");
  CHECK(judged(source, nullptr) == "over: pod shop/web-1 is gone");
  CHECK(judged(source, &now) == "broken off");
  PodDetail other = now;
  other.pod.uid = "u-2";
  CHECK(judged(source, &other) == "over: pod shop/web-1 is gone, and another one has its name");

  ContainerDetail& app = now.containers[0];
  app.last_end = ContainerEnd{.exit_code = 137, .reason = "OOMKilled"};
  app.id = "id-new";
  CHECK(judged(source, &now) ==
        "over: container app ended with exit code 137 (OOMKilled), and was started again");
  app.state = State::Waiting;
  app.reason = "CrashLoopBackOff";
  CHECK(judged(source, &now) ==
        "over: container app ended with exit code 137 (OOMKilled); now CrashLoopBackOff");
  app.state = State::Ended;
  app.reason.clear();
  app.end = ContainerEnd{.exit_code = 0, .reason = "Completed"};
  CHECK(judged(source, &now) == "over: container app ended with exit code 0 (Completed)");

  LogSource unborn = source;
  unborn.id.clear();
  PodDetail waiting = pod("shop", "web-1");
  waiting.containers[0] = {.name = "app", .state = State::Waiting, .reason = "ContainerCreating"};
  CHECK(judged(unborn, &waiting) ==
        "not begun: container app of pod shop/web-1: ContainerCreating");
  waiting.containers[0] = {.name = "app", .id = "id-first", .state = State::Running};
  CHECK(judged(unborn, &waiting) == "broken off");
}

TEST_CASE("a kubelet that fails is named, with what to look at") {
  const LogSource source{.ns = "shop", .pod = "web-1", .container = "app", .node = "w1"};
  const Error error = log_refusal(source, read_log(source, {}, ""),
                                  {.status = 500, .body = "dial tcp 10.0.0.21:10250: refused"});
  CHECK(error.kind == ErrorKind::Unreachable);
  CHECK(error.remedy.find("`drover logs node/w1`") != std::string::npos);
  const Error denied = log_refusal(source, read_log(source, {}, ""), {.status = 403, .body = "no"});
  CHECK(denied.remedy.find("pods/log") != std::string::npos);
}

}  // namespace drover::plans
