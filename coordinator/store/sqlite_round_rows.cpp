#include "coordinator/store/sqlite_round_rows.hpp"

#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"

namespace signet {
Bytes pack_names(const std::vector<std::string>& names) {
  Bytes packed;
  for (const auto& name : names) {
    const auto size = static_cast<std::uint32_t>(name.size());
    const ByteView length = view_bytes(std::span(&size, 1)), text = view_bytes(name);
    packed.insert(packed.end(), length.begin(), length.end());
    packed.insert(packed.end(), text.begin(), text.end());
  }
  return packed;
}

bool unpack_names(ByteView packed, std::vector<std::string>& names) {
  while (!packed.empty()) {
    std::uint32_t size = 0;
    if (packed.size() < sizeof size) return false;
    std::memcpy(&size, packed.data(), sizeof size);
    packed = packed.subspan(sizeof size);
    if (packed.size() < size) return false;
    names.push_back(to_text(packed.first(size)));
    packed = packed.subspan(size);
  }
  return true;
}

std::uint64_t round_checksum(const StoredRound& round, ByteView names) {
  std::uint64_t sum =
      mix(mix(round.round.value, std::bit_cast<std::uint32_t>(round.rate)), round.digest);
  for (const ByteView part :
       {ByteView(round.signs), ByteView(round.ties), ByteView(round.controller), names})
    sum = mix(sum, digest(part));
  return sum;
}

bool read_round_row(const SqliteRows& row, StoredRound& round) {
  round.round = RoundId{row.unsigned_integer(0)};
  round.rate = static_cast<float>(row.real(1));
  round.digest = row.unsigned_integer(2);
  round.train_loss = row.real(3);
  round.elapsed_s = row.real(4);
  round.voters = static_cast<std::uint32_t>(row.integer(5));
  round.abstained = static_cast<std::uint32_t>(row.integer(6));
  round.refused = static_cast<std::uint32_t>(row.integer(7));
  if (row.integer(8) != 0) return true;
  round.signs = row.bytes(10);
  round.ties = row.bytes(11);
  round.controller = row.bytes(12);
  const Bytes names = row.bytes(13);
  return unpack_names(names, round.agents) &&
         row.unsigned_integer(9) == round_checksum(round, names);
}

Status insert_round_figures(SqliteHandle& file, const StoredRound& round) {
  return file.run(
      "INSERT INTO rounds (round, rate, digest, train_loss, elapsed_s,"
      " voters, abstained, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      round.round.value, round.rate, round.digest, round.train_loss, round.elapsed_s, round.voters,
      round.abstained, round.refused);
}

Status insert_round_rows(SqliteHandle& file, const StoredRound& round) {
  if (auto saved = insert_round_figures(file, round); !saved) return saved;
  const Bytes names = pack_names(round.agents);
  return file.run(
      "INSERT INTO updates (round, checksum, signs, ties, controller, agents)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      round.round.value, round_checksum(round, names), round.signs, round.ties, round.controller,
      names);
}

}  // namespace signet
