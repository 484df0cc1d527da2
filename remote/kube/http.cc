#include "remote/kube/http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace drover::remote {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout{5'000};
// How long a poll may last although nothing happens; libcurl's own deadlines end it earlier.
constexpr int kPollMs = 1'000;

struct EasyCleanup {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct MultiCleanup {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct ListCleanup {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, EasyCleanup>;
using Multi = std::unique_ptr<CURLM, MultiCleanup>;
using List = std::unique_ptr<curl_slist, ListCleanup>;

// libcurl wants this before its first handle.
CURLcode global_init() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  return code;
}

// What the callbacks of one transfer read and write.
struct HttpTransfer {
  std::string_view unsent;
  std::string answer;
  size_t limit = 0;
  bool too_large = false;
  bool headers_whole = false;
  bool framed = false;  // the headers say where the body ends
  const std::function<bool(std::string_view)>* sink = nullptr;  // never an empty one
  CURL* easy = nullptr;
  bool sink_had_enough = false;
};

size_t give_body(char* buffer, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<HttpTransfer*>(user);
  const size_t length = transfer.unsent.copy(buffer, size * count);
  transfer.unsent.remove_prefix(length);
  return length;
}

bool is_success(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300;
}

size_t take_body(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<HttpTransfer*>(user);
  const size_t length = size * count;
  if (transfer.sink != nullptr && is_success(transfer.easy)) {
    transfer.sink_had_enough = !(*transfer.sink)(std::string_view(data, length));
    return transfer.sink_had_enough ? 0 : length;
  }
  transfer.too_large = length > transfer.limit - transfer.answer.size();
  if (transfer.too_large) return 0;
  try {
    transfer.answer.append(data, length);
  } catch (const std::bad_alloc&) {
    transfer.too_large = true;
    return 0;
  }
  return length;
}

bool starts_with_word(std::string_view line, std::string_view lower_case) {
  return line.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), line.begin(),
                    [](char want, char c) { return want == (c >= 'A' && c <= 'Z' ? c | 32 : c); });
}

// Watches what libcurl lets pass: a header block that the end of the stream cut off, and a body
// that ends where the stream ends, whether that end was meant (TLS close_notify) or not.
size_t take_header(char* data, size_t size, size_t count, void* user) {
  auto& transfer = *static_cast<HttpTransfer*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) transfer.headers_whole = transfer.framed = false;
  if (line == "\r\n" || line == "\n") transfer.headers_whole = true;
  if (starts_with_word(line, "content-length:") || starts_with_word(line, "transfer-encoding:"))
    transfer.framed = true;
  return size * count;
}

// Sets options and remembers the first one that failed.
class Options {
 public:
  explicit Options(CURL* easy) : easy_(easy) {}

  template <class T>
  Options& set(CURLoption option, T value) {
    if (code_ == CURLE_OK) code_ = curl_easy_setopt(easy_, option, value);
    return *this;
  }
  // Not copied: the text must outlive the handle.
  Options& blob(CURLoption option, std::string_view text) {
    curl_blob blob{const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
    return set(option, &blob);
  }
  CURLcode code() const { return code_; }

 private:
  CURL* easy_;
  CURLcode code_ = CURLE_OK;
};

List header_list(const HttpRequest& request) {
  List list;
  const auto add = [&list](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
      (void)list.release();
      list.reset(longer);
    }
  };
  add("Accept: application/json");
  if (request.verb != Verb::Get) {
    add("Content-Type: " + request.content_type);
    add("Expect:");  // else a body above 1 MiB waits for an interim answer
  }
  if (request.token) {
    std::string line = fmt::format("Authorization: Bearer {}", request.token->reveal());
    add(line);
    wipe(line);
  }
  return list;
}

// With TLS 1.3 a client certificate is refused after the client has finished its handshake, by an
// alert that is read in place of the answer. The request is then not looked at.
bool refuses_certificate(std::string_view text) {
  const auto has = [&](std::string_view word) { return text.find(word) != text.npos; };
  return has(" alert ") && (has("certificate") || has("unknown ca") || has("access denied") ||
                            has("handshake failure"));
}

Error http_error(ErrorKind kind, std::string message) {
  Error error;
  error.kind = kind;
  error.message = std::move(message);
  return error;
}

// The transfer ended with `code`; `text` is what libcurl says to that, `sent` whether any byte of
// the request may have left before.
Error failure(CURLcode code, const std::string& text, bool sent,
              const std::string& peer = "the server") {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return http_error(ErrorKind::Timeout,
                        (sent ? "no whole answer in time: " : "no connection in time: ") + text);
    case CURLE_PEER_FAILED_VERIFICATION:
      return http_error(ErrorKind::Authentication,
                        peer + "'s certificate is not accepted: " + text);
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
      return http_error(ErrorKind::Authentication,
                        "our client certificate or its authority cannot be used: " + text);
    case CURLE_COULDNT_RESOLVE_HOST:  // also a socket path that is too long
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
      if (refuses_certificate(text))
        return http_error(ErrorKind::Authentication, peer + " refused our certificate: " + text);
      return http_error(ErrorKind::Unreachable,
                        (sent ? "the connection broke: " : "no connection: ") + text);
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
      return http_error(ErrorKind::Internal, "libcurl: " + text);
    default:
      return http_error(ErrorKind::Api, "the answer cannot be understood: " + text);
  }
}

}  // namespace

struct HttpChannel::Impl {
  explicit Impl(HttpSettings values) : settings(std::move(values)) {
    init = global_init();
    if (init != CURLE_OK) return;
    multi.reset(curl_multi_init());
    easy.reset(curl_easy_init());
    if (!multi || !easy) {
      init = CURLE_OUT_OF_MEMORY;
      return;
    }
    curl_multi_setopt(multi.get(), CURLMOPT_MAXCONNECTS, 1L);
    init = set_fixed();
  }

  CURLcode set_fixed() {
    const ApiCredentials& credentials = *settings.credentials;
    Options options(easy.get());
    if (!credentials.certificate_pem.empty()) {
      options.blob(CURLOPT_SSLCERT_BLOB, credentials.certificate_pem)
          .set(CURLOPT_SSLCERTTYPE, "PEM")
          .blob(CURLOPT_SSLKEY_BLOB, credentials.key_pem.reveal())
          .set(CURLOPT_SSLKEYTYPE, "PEM");
    }
    if (!settings.connect_to.empty()) {
      // Whatever host and port the URL has.
      connect_to.reset(curl_slist_append(nullptr, ("::" + settings.connect_to).c_str()));
      if (!connect_to) return CURLE_OUT_OF_MEMORY;
      options.set(CURLOPT_CONNECT_TO, connect_to.get());
    }
    if (!settings.machine_authorities) {
      options
          .blob(CURLOPT_CAINFO_BLOB, credentials.ca_pem)
          // Without this the public authorities of this machine could vouch for the server too.
          .set(CURLOPT_CAPATH, nullptr);
    }
    return options.set(CURLOPT_NOSIGNAL, 1L)
        .set(CURLOPT_PROXY, "")
        .set(CURLOPT_PROTOCOLS_STR, settings.tls ? "https" : "http")
        .set(CURLOPT_FOLLOWLOCATION, 0L)
        .set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1))
        .set(CURLOPT_PATH_AS_IS, 1L)
        .set(CURLOPT_ACCEPT_ENCODING, "gzip")
        .set(CURLOPT_USERAGENT, settings.user_agent.c_str())
        .set(CURLOPT_ERRORBUFFER, reason.data())
        .set(CURLOPT_READFUNCTION, give_body)
        .set(CURLOPT_READDATA, &transfer)
        .set(CURLOPT_WRITEFUNCTION, take_body)
        .set(CURLOPT_WRITEDATA, &transfer)
        .set(CURLOPT_HEADERFUNCTION, take_header)
        .set(CURLOPT_HEADERDATA, &transfer)
        .code();
  }

  CURLcode set_request(const HttpRequest& request, curl_slist* headers) {
    const std::string url =
        fmt::format("{}://{}:{}{}{}", settings.tls ? "https" : "http", settings.name, settings.port,
                    settings.base_path, request.path);
    const long timeout = static_cast<long>(std::max<long long>(request.timeout.count(), 1));
    Options options(easy.get());
    const bool direct = request.socket_path.empty();
    options.set(CURLOPT_UNIX_SOCKET_PATH, direct ? nullptr : request.socket_path.c_str())
        .set(CURLOPT_URL, url.c_str())
        .set(CURLOPT_HTTPHEADER, headers)
        .set(CURLOPT_TIMEOUT_MS, timeout)
        .set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
    if (request.verb == Verb::Get) {
      options.set(CURLOPT_HTTPGET, 1L)
          .set(CURLOPT_CUSTOMREQUEST, nullptr)
          .set(CURLOPT_FRESH_CONNECT, 0L);
    } else {
      // libcurl sends a request again by itself when a kept connection dies before the first byte
      // of the answer. A connection of its own prevents that, and a body that cannot be rewound
      // does.
      options.set(CURLOPT_POST, 1L)
          .set(CURLOPT_POSTFIELDS, nullptr)
          .set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()))
          .set(CURLOPT_CUSTOMREQUEST, std::string(verb_name(request.verb)).c_str())
          .set(CURLOPT_FRESH_CONNECT, 1L);
    }
    return options.code();
  }

  // Runs the prepared transfer to its end; nothing if `stop` came first.
  std::optional<CURLcode> run(const std::stop_token& stop) {
    if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK) return CURLE_FAILED_INIT;
    std::optional<CURLcode> end = CURLE_FAILED_INIT;
    {
      const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi.get()); });
      int running = 1;
      while (curl_multi_perform(multi.get(), &running) == CURLM_OK && running > 0) {
        if (stop.stop_requested()) {
          end.reset();
          break;
        }
        if (curl_multi_poll(multi.get(), nullptr, 0, kPollMs, nullptr) != CURLM_OK) break;
      }
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left))
      if (message->msg == CURLMSG_DONE) end = message->data.result;
    curl_multi_remove_handle(multi.get(), easy.get());
    return end;
  }

  // True from the moment at which the first byte of the request may have left.
  bool began_sending() const {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_PRETRANSFER_TIME_T, &microseconds);
    return microseconds > 0;
  }

  ApiResponse response(long status) {
    ApiResponse result;
    result.status = static_cast<int>(status);
    result.body = std::move(transfer.answer);
    curl_off_t seconds = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0) result.retry_after = std::chrono::seconds(seconds);
    return result;
  }

  std::string why(CURLcode code) const {
    long number = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_OS_ERRNO, &number);
    // libcurl would name the URL's host and port, to which nothing ever connects.
    if (code == CURLE_COULDNT_CONNECT && tunnelled)
      return "socket of the tunnel: " + std::system_category().message(static_cast<int>(number));
    return reason[0] != '\0' ? reason.data() : curl_easy_strerror(code);
  }

  // What the transfer that ended with `end` amounts to.
  Result<ApiResponse> judge(const std::optional<CURLcode>& end) {
    if (!end) return http_error(ErrorKind::Cancelled, "stopped before the answer came");
    if (transfer.too_large)
      return http_error(ErrorKind::Api,
                        fmt::format("the answer is above {} bytes", transfer.limit));
    const bool enough = transfer.sink_had_enough && *end == CURLE_WRITE_ERROR;
    if (*end != CURLE_OK && !enough)
      return failure(*end, why(*end), began_sending(), settings.peer);
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (!transfer.headers_whole)
      return failure(CURLE_PARTIAL_FILE, "the answer ended within its header", true);
    // A proxy's error page may come like that, and what matters of it is the status.
    if (!transfer.framed && status < 400 && status != 204)
      return failure(CURLE_PARTIAL_FILE, "the answer does not say where it ends", true);
    return response(status);
  }

  Result<ApiResponse> exchange(const HttpRequest& request, const std::stop_token& stop) {
    if (init != CURLE_OK) return failure(init, curl_easy_strerror(init), false);
    transfer = HttpTransfer{request.body, {}, settings.answer_limit};
    if (request.sink) {
      transfer.sink = &request.sink;
      transfer.easy = easy.get();
    }
    tunnelled = !request.socket_path.empty();
    reason[0] = '\0';
    const List headers = header_list(request);
    const CURLcode prepared = set_request(request, headers.get());
    if (prepared != CURLE_OK) return failure(prepared, curl_easy_strerror(prepared), false);
    const std::optional<CURLcode> end = run(stop);
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, nullptr);

    Result<ApiResponse> result = judge(end);
    const bool certain = result || !began_sending() || request.verb == Verb::Get ||
                         result.error().kind == ErrorKind::Authentication;
    if (certain) return result;
    return http_error(ErrorKind::Unknown, "the request was sent and its outcome is not known: " +
                                              result.error().message);
  }

  HttpSettings settings;
  CURLcode init = CURLE_OK;
  std::array<char, CURL_ERROR_SIZE> reason{};
  HttpTransfer transfer;
  bool tunnelled = true;
  List connect_to;
  Multi multi;
  Easy easy;  // goes before `multi`, which keeps its connections
};

HttpChannel::HttpChannel(HttpSettings settings)
    : impl_(std::make_unique<Impl>(std::move(settings))) {}

HttpChannel::HttpChannel(HttpChannel&&) noexcept = default;
HttpChannel& HttpChannel::operator=(HttpChannel&&) noexcept = default;
HttpChannel::~HttpChannel() = default;

Result<ApiResponse> HttpChannel::perform(const HttpRequest& request, std::stop_token stop) {
  if (!request.path.starts_with('/'))
    return http_error(ErrorKind::Internal, "a request path must begin with /: " + request.path);
  if (stop.stop_requested())
    return http_error(ErrorKind::Cancelled, "stopped before the request was sent");
  return impl_->exchange(request, stop);
}

}  // namespace drover::remote
