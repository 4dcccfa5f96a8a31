// What TLS connections share: trust, certificates, sessions to resume.
//
// Clients trust the system's CA store, send SNI, and require the certificate to name the host (RFC 6125,
// RFC 9525); TLS 1.2 is the lowest version. Created at start, per loop; not for use by several threads.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace punctual::net {

class TlsContext {
 public:
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // For connections that we open. `ca_file` adds a PEM file to the trusted ones (empty: the system's alone).
  static std::expected<std::unique_ptr<TlsContext>, std::string> client(const std::string& ca_file);

  // For connections that we accept; both are PEM files. The error names the file.
  static std::expected<std::unique_ptr<TlsContext>, std::string> server(const std::string& certificate_file,
                                                                        const std::string& key_file);

  // A connection object that the caller owns; for clients, set up for `host` (a name or an address) and with
  // the session last seen for it. nullptr when no certificate could name the host, or without memory.
  ssl_st* open(const std::string& host);
  ssl_st* accept();

 private:
  TlsContext() = default;
  static int keep_session(ssl_st* connection, ssl_session_st* session);

  ssl_ctx_st* context_ = nullptr;
  // Bounded by the number of providers: only hosts that the configuration names are connected to.
  std::map<std::string, ssl_session_st*, std::less<>> sessions_;
};

}  // namespace punctual::net
