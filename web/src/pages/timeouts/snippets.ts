// What to paste into the configuration of the layer in front, so that it outlasts the gateway and lets streams through.

export interface Snippet {
  /** Where it goes, or what to know where nothing can be set. */
  note: string;
  text?: string;
}

type Maker = (seconds: number, address: string) => Snippet;

const MAKERS: Record<string, Maker> = {
  nginx: (seconds, address) => ({
    note: "Into the server block; then nginx -s reload. Without proxy_buffering off, streams arrive in lumps.",
    text: `location /v1/ {
    proxy_pass http://${address};
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_read_timeout ${seconds}s;
    proxy_send_timeout ${seconds}s;
}`,
  }),
  caddy: (seconds, address) => ({
    note: "Into the Caddyfile. Caddy has no limit of its own unless these are set.",
    text: `reverse_proxy ${address} {
    flush_interval -1
    transport http {
        response_header_timeout ${seconds}s
        read_timeout ${seconds}s
    }
}`,
  }),
  traefik: (seconds) => ({
    note: "Into the static configuration. readTimeout counts the reading of the request, not the answer.",
    text: `entryPoints:
  websecure:
    transport:
      respondingTimeouts:
        readTimeout: 60s
        writeTimeout: 0s
serversTransport:
  forwardingTimeouts:
    responseHeaderTimeout: ${seconds}s`,
  }),
  haproxy: (seconds, address) => ({
    note: "Into haproxy.cfg: the limit of the server and that of the client both count.",
    text: `frontend public
    timeout client ${seconds}s
backend punctual
    timeout server ${seconds}s
    option http-no-delay
    server gateway ${address}`,
  }),
  envoy: (seconds) => ({
    note: "Into the route. Its total of 15 s is there unless timeout is set.",
    text: `routes:
  - match: { prefix: "/v1/" }
    route:
      cluster: punctual
      timeout: ${seconds}s
      idle_timeout: ${seconds}s`,
  }),
  kong: (seconds, address) => ({
    note: "Into the declarative configuration; milliseconds.",
    text: `services:
  - name: punctual
    url: http://${address}
    read_timeout: ${seconds * 1000}
    write_timeout: ${seconds * 1000}
    routes:
      - name: punctual
        paths: ["/v1"]
        strip_path: false
        response_buffering: false`,
  }),
  cloudflare: (seconds) => ({
    note: "Only Enterprise can change it. Otherwise stream: keep-alives hold the line open. Or set the name to DNS only.",
    text: `curl -X PATCH https://api.cloudflare.com/client/v4/zones/$ZONE/settings/proxy_read_timeout \\
  -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  --data '{"value": ${Math.min(seconds, 6000)}}'`,
  }),
  alb: (seconds) => ({
    note: "At most 4000 s.",
    text: `aws elbv2 modify-load-balancer-attributes --load-balancer-arn $ARN \\
  --attributes Key=idle_timeout.timeout_seconds,Value=${Math.min(seconds, 4000)}`,
  }),
  "api-gateway": (seconds) => ({
    note: "More than 29 s needs a raised quota, and a regional API. It counts streams too: a load balancer suits them better.",
    text: `aws apigateway update-integration --rest-api-id $API --resource-id $RESOURCE --http-method POST \\
  --patch-operations op=replace,path=/timeoutInMillis,value=${seconds * 1000}`,
  }),
  cloudfront: () => ({
    note: "In the origin of the distribution; more than 60 s needs a raised quota. Streamed answers are kept open by keep-alives.",
    text: `"CustomOriginConfig": { "OriginReadTimeout": 60, "OriginKeepaliveTimeout": 60 }`,
  }),
  "google-load-balancer": (seconds) => ({
    note: "The timeout of the backend service counts the whole answer.",
    text: `gcloud compute backend-services update $NAME --global --timeout=${seconds}s`,
  }),
  "azure-app-service": () => ({
    note: "230 s are fixed. Stream, so that keep-alives hold the line open; or set limits below it.",
  }),
  heroku: () => ({
    note: "30 s to the first byte and 55 s between bytes are fixed. Stream, so that keep-alives hold the line open.",
  }),
  browser: (seconds) => ({
    note: "Where the page calls fetch.",
    text: `fetch(url, { signal: AbortSignal.timeout(${seconds * 1000}) })`,
  }),
  client: (seconds) => ({
    note: "In the OpenAI SDK for Python; others have an option of the same name. SDKs announce it, and the gateway then answers in time.",
    text: `client = OpenAI(base_url="https://HOST/v1", timeout=${seconds})`,
  }),
};

/** Nothing for a kind of which nothing is known. */
export const snippetFor = (kind: string, seconds: number, address: string): Snippet | undefined =>
  MAKERS[kind]?.(seconds, address);
