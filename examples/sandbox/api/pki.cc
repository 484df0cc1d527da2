#include "examples/sandbox/api/pki.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "inventory/base/digest.h"
#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {
namespace {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free>>;

constexpr long kHour = 3600;
constexpr long kDays30 = 30 * 24 * kHour;

/// The certificate and the key that belong together.
struct Identity {
  Certificate certificate;
  Key key;
};

struct Wish {
  std::string common_name;
  std::string organisation;                                       ///< may be empty
  std::initializer_list<std::pair<int, const char*>> extensions;  ///< NID and value
};

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(fmt::format("OpenSSL: {} failed", what));
}

void name(X509_NAME* subject, const char* field, const std::string& value) {
  if (value.empty()) return;
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.c_str());
  must(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, bytes, -1, -1, 0) == 1, "a name");
}

/// Signed by `issuer`, or by itself.
Identity issue(const Wish& wish, const Identity* issuer) {
  Identity made{Certificate(X509_new()), Key(EVP_EC_gen("P-256"))};
  must(made.certificate && made.key, "a new key");
  X509* certificate = made.certificate.get();
  std::uint64_t serial = 0;
  const std::string random = random_hex(sizeof serial);
  serial = std::stoull(random, nullptr, 16) >> 1;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kHour);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kDays30);
  X509_set_pubkey(certificate, made.key.get());
  name(X509_get_subject_name(certificate), "O", wish.organisation);
  name(X509_get_subject_name(certificate), "CN", wish.common_name);
  X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, signer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : wish.extensions) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "an extension");
  }
  EVP_PKEY* key = issuer == nullptr ? made.key.get() : issuer->key.get();
  must(X509_sign(certificate, key, EVP_sha256()) > 0, "a signature");
  return made;
}

std::string text_of(const Memory& memory) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<size_t>(length)};
}

std::string pem(const Certificate& certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  must(memory && PEM_write_bio_X509(memory.get(), certificate.get()) == 1, "a certificate's text");
  return text_of(memory);
}

std::string pem(const Key& key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  must(memory && PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                          nullptr) == 1,
       "a key's text");
  return text_of(memory);
}

void write_private(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::remove(path);
  const remote::UniqueFd file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  const bool written = file.get() >= 0 && write(file.get(), text.data(), text.size()) ==
                                              static_cast<ssize_t>(text.size());
  if (!written)
    throw std::runtime_error(
        fmt::format("{} cannot be written: {}", path.string(), std::strerror(errno)));
}

void write_identity(const std::filesystem::path& stem, const Identity& identity) {
  write_private(stem.string() + ".crt", pem(identity.certificate));
  write_private(stem.string() + ".key", pem(identity.key));
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Pki::Pki(std::filesystem::path folder) : folder_(std::move(folder)) {
  namespace fs = std::filesystem;
  fs::create_directories(folder_);
  fs::permissions(folder_, fs::perms::owner_all);
  const Identity authority = issue({.common_name = "kubernetes",
                                    .organisation = "",
                                    .extensions = {{NID_basic_constraints, "critical,CA:TRUE"},
                                                   {NID_key_usage, "critical,keyCertSign"}}},
                                   nullptr);
  const Identity server =
      issue({.common_name = "kube-apiserver",
             .organisation = "",
             .extensions = {{NID_ext_key_usage, "serverAuth"},
                            {NID_subject_alt_name,
                             "DNS:kubernetes,DNS:kubernetes.default,IP:127.0.0.1"}}},
            &authority);
  const Identity admin = issue({.common_name = "kubernetes-admin",
                                .organisation = "kubeadm:cluster-admins",
                                .extensions = {{NID_ext_key_usage, "clientAuth"}}},
                               &authority);
  write_private(folder_ / "ca.crt", pem(authority.certificate));
  write_identity(folder_ / "apiserver", server);
  write_identity(folder_ / "admin", admin);
}

std::string Pki::admin_conf(int port) const {
  const auto encoded = [&](const char* name) { return base64_encode(read(file(name))); };
  return fmt::format(R"(apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {}
    server: https://127.0.0.1:{}
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
preferences: {{}}
users:
- name: kubernetes-admin
  user:
    client-certificate-data: {}
    client-key-data: {}
)",
                     encoded("ca.crt"), port, encoded("admin.crt"), encoded("admin.key"));
}

}  // namespace drover::sandbox
