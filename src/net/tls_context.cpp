#include "net/tls_context.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>

namespace punctual::net {

namespace {

std::string last_error() {
  std::array<char, 256> text{};
  const auto code = ERR_get_error();
  if (code == 0) return "unknown reason";
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

bool is_address(const std::string& host) {
  std::array<unsigned char, 16> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

TlsContext::~TlsContext() {
  for (auto& [host, session] : sessions_)
    SSL_SESSION_free(session);
  SSL_CTX_free(context_);
}

std::expected<std::unique_ptr<TlsContext>, std::string> TlsContext::client(const std::string& ca_file) {
  std::unique_ptr<TlsContext> context(new TlsContext);
  context->context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX* raw = context->context_;
  if (!raw) return std::unexpected("cannot create a TLS context: " + last_error());
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(raw);
  if (!ca_file.empty() && SSL_CTX_load_verify_file(raw, ca_file.c_str()) != 1) {
    return std::unexpected("cannot read CA certificates from " + ca_file + ": " + last_error());
  }
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, &TlsContext::keep_session);
  return context;
}

std::expected<std::unique_ptr<TlsContext>, std::string> TlsContext::server(
    const std::string& certificate_file, const std::string& key_file) {
  std::unique_ptr<TlsContext> context(new TlsContext);
  context->context_ = SSL_CTX_new(TLS_server_method());
  SSL_CTX* raw = context->context_;
  if (!raw) return std::unexpected("cannot create a TLS context: " + last_error());
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_mode(
      raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_use_certificate_chain_file(raw, certificate_file.c_str()) != 1) {
    return std::unexpected("cannot use the certificate in " + certificate_file + ": " + last_error());
  }
  if (SSL_CTX_use_PrivateKey_file(raw, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return std::unexpected("cannot use the private key in " + key_file + ": " + last_error());
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    return std::unexpected("the private key in " + key_file + " does not belong to the certificate in " +
                           certificate_file);
  }
  return context;
}

ssl_st* TlsContext::open(const std::string& host) {
  // OpenSSL takes an empty name for "any name".
  if (host.empty()) return nullptr;
  SSL* connection = SSL_new(context_);
  if (!connection) return nullptr;
  SSL_set_connect_state(connection);
  bool named = false;
  if (is_address(host)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
  } else {
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    named = SSL_set_tlsext_host_name(connection, host.c_str()) == 1 &&
            SSL_set1_host(connection, host.c_str()) == 1;
  }
  if (!named) {
    SSL_free(connection);
    return nullptr;
  }
  auto& [name, session] = *sessions_.try_emplace(host, nullptr).first;
  if (session) SSL_set_session(connection, session);
  SSL_set_app_data(connection, &session);
  return connection;
}

ssl_st* TlsContext::accept() {
  SSL* connection = SSL_new(context_);
  if (connection) SSL_set_accept_state(connection);
  return connection;
}

// Takes over the reference to `session` by returning 1.
int TlsContext::keep_session(ssl_st* connection, ssl_session_st* session) {
  auto& kept = *static_cast<SSL_SESSION**>(SSL_get_app_data(connection));
  SSL_SESSION_free(kept);
  kept = session;
  return 1;
}

}  // namespace punctual::net
