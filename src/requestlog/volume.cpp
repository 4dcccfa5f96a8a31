#include "requestlog/volume.hpp"

#include <algorithm>
#include <boost/json/array.hpp>

#include "requestlog/statement.hpp"
#include "requestlog/times.hpp"
#include "storage/store.hpp"

namespace punctual::requestlog {

namespace {

std::expected<std::int64_t, storage::Error> oldest(storage::Connection& connection, const Filter& filter,
                                                   std::int64_t otherwise) {
  Statement statement("SELECT started FROM requests WHERE TRUE");
  statement.and_filter(filter).sql(" ORDER BY started, id LIMIT 1");
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  return rows->empty() ? otherwise : rows->front().integer(0);
}

}  // namespace

std::expected<Volume, storage::Error> count_volume(storage::Connection& connection, const Filter& filter,
                                                   std::size_t buckets, deadline::WallTime now) {
  const auto count = static_cast<std::int64_t>(std::clamp<std::size_t>(buckets, 1, volume_buckets_max));
  Filter bounded = filter;
  bounded.to = filter.to.value_or(storage::to_microseconds(now));
  if (!bounded.from) {
    const auto first = oldest(connection, filter, *bounded.to - 1);
    if (!first) return std::unexpected(first.error());
    bounded.from = *first;
  }
  Volume volume;
  volume.from = *bounded.from;
  volume.width = std::max<std::int64_t>((*bounded.to - *bounded.from + count - 1) / count, 1);
  volume.buckets.resize(static_cast<std::size_t>(count));

  Statement statement("SELECT (started - ");
  statement.value(volume.from).sql(") / ").value(volume.width);
  statement.sql(" AS bucket, outcome, COUNT(*) FROM requests WHERE TRUE").and_filter(bounded);
  statement.sql(" GROUP BY 1, 2");
  const auto rows = statement.run(connection);
  if (!rows) return std::unexpected(rows.error());
  for (const auto row : *rows) {
    const auto bucket = static_cast<std::size_t>(std::clamp<std::int64_t>(row.integer(0), 0, count - 1));
    volume.buckets[bucket][row.text(1)] += row.integer(2);
  }
  return volume;
}

boost::json::object to_json(const Volume& volume) {
  boost::json::array buckets;
  for (std::size_t i = 0; i < volume.buckets.size(); ++i) {
    boost::json::object counts;
    for (const auto& [outcome, count] : volume.buckets[i])
      counts[outcome] = count;
    buckets.push_back({{"time", rfc3339(volume.from + static_cast<std::int64_t>(i) * volume.width)},
                       {"outcomes", std::move(counts)}});
  }
  return {{"from", rfc3339(volume.from)},
          {"bucket_seconds", seconds(volume.width)},
          {"buckets", std::move(buckets)}};
}

}  // namespace punctual::requestlog
