#include "bench/configurations.hpp"

#include <fmt/format.h>

namespace punctual::bench {

namespace {

// The members that our own record has, as far as nginx knows them. Written in batches, as ours are.
constexpr std::string_view json_log = R"(
  log_format record escape=json '{{"time":"$time_iso8601","request_id":"$request_id","path":"$uri",'
    '"status":$status,"duration":$request_time,"upstream":"$upstream_addr","upstream_status":"$upstream_status",'
    '"connect":"$upstream_connect_time","first_byte":"$upstream_header_time","answer":"$upstream_response_time",'
    '"bytes_in":$request_length,"bytes_out":$bytes_sent,"client":"$remote_addr:$remote_port",'
    '"agent":"$http_user_agent"}}';
  access_log {}/access.log record buffer=64k flush=50ms;
)";

constexpr std::string_view nginx_text = R"(daemon off;
master_process off;
pid {0}/nginx.pid;
error_log {0}/error.log crit;
worker_rlimit_nofile {1};
events {{ worker_connections {1}; multi_accept on; }}
http {{
{2}
  client_body_temp_path {0}/client_body;
  proxy_temp_path {0}/proxy;
  fastcgi_temp_path {0}/fastcgi;
  uwsgi_temp_path {0}/uwsgi;
  scgi_temp_path {0}/scgi;
  keepalive_requests 1000000000;
  upstream model {{
    server 127.0.0.1:{3};
    keepalive 1024;
    keepalive_requests 1000000000;
  }}
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_buffering off;
  server {{
    listen 127.0.0.1:{4} backlog=4096;
    location / {{ proxy_pass http://model; proxy_read_timeout 600s; }}
{5}  }}
}}
)";

constexpr std::string_view gateway_text = R"([server]
listen = ["127.0.0.1:{0}"]
threads = 1
data = "{1}"
log_level = "warning"

[timeouts]
chat_seconds = 600
first_token_seconds = 300
idle_seconds = 300
attempt_seconds = 500
connect_seconds = 5
heartbeat_seconds = 60

[[providers]]
name = "upstream"
kind = "openai"
base_url = "http://127.0.0.1:{2}/v1"

[[rules]]
priority = 40
match = "exact"
pattern = "gpt-4o"
targets = [{{ provider = "upstream" }}]

[[rules]]
priority = 30
match = "prefix"
pattern = "claude-"
targets = [{{ provider = "upstream" }}]

[[rules]]
priority = 20
match = "regex"
pattern = "llama-[0-9]+b.*"
targets = [{{ provider = "upstream" }}]

[[rules]]
priority = 10
match = "glob"
pattern = "bench-*"
targets = [{{ provider = "upstream" }}]
timeouts = {{ idle_seconds = 200 }}
)";

}  // namespace

std::string nginx_configuration(const ProxyPlace& place, AccessLog log,
                                const std::vector<deadline::Duration>& limits) {
  const std::string log_text =
      log == AccessLog::off ? "  access_log off;" : fmt::format(json_log, place.folder);
  std::string locations;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    locations +=
        fmt::format("    location /limit/{}/ {{ proxy_pass http://model; proxy_read_timeout {}ms; }}\n", i,
                    limits[i] / std::chrono::milliseconds(1));
  }
  return fmt::format(nginx_text, place.folder, place.connections, log_text, place.upstream, place.port,
                     locations);
}

std::string gateway_configuration(const ProxyPlace& place) {
  return fmt::format(gateway_text, place.port, place.folder, place.upstream);
}

}  // namespace punctual::bench
