#include "inventory/cluster/certificate.h"

#include "inventory/cluster/json.h"

namespace drover {
namespace {

Certificate read_certificate(const JsonField& item) {
  return {.name = item["name"].text(),
          .authority = item["caName"].text(),
          .expires = item["expirationDate"].text(),
          .left = item["residualTime"].big_number(),
          .external = item["externallyManaged"].flag(),
          .missing = item["missing"].flag()};
}

}  // namespace

Result<std::vector<Certificate>> parse_certificates(std::string_view output) {
  constexpr std::string_view kKind = "CertificateExpirationInfo";
  const size_t begin = output.find('{');
  if (begin == output.npos)
    return Error{.kind = ErrorKind::Command, .message = "kubeadm printed no JSON"};
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(output.substr(begin), kKind));
  std::string problem;
  const JsonField info(&whole, "", &problem);
  std::vector<Certificate> all;
  for (const char* list : {"certificates", "certificateAuthorities"}) {
    for (const JsonField& item : info[list].items()) all.push_back(read_certificate(item));
  }
  if (problem.empty()) return all;
  return Error{.kind = ErrorKind::Command, .message = "kubeadm: " + problem};
}

}  // namespace drover
