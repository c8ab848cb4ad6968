#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coordinator/store/sqlite_handle.hpp"
#include "coordinator/store/store.hpp"

// Inside this room only: a StoredRound as rows of the tables rounds and updates.

namespace signet {

/// Wants the first round; its rows are for read_round_row(). A pruned round has no row in updates.
inline constexpr std::string_view kSelectRounds =
    "SELECT r.round, rate, digest, train_loss, elapsed_s, voters, abstained, refused,"
    " u.round IS NULL, checksum, signs, ties, controller, agents"
    " FROM rounds r LEFT JOIN updates u ON u.round = r.round WHERE r.round >= ? ORDER BY r.round";

/// False when the checksum is wrong.
bool read_round_row(const SqliteRows& row, StoredRound& round);

/// Fails as SqliteHandle::run() does. Belongs into a transaction.
Status insert_round_rows(SqliteHandle& file, const StoredRound& round);
/// Without what a pruned round has not. Fails likewise.
Status insert_round_figures(SqliteHandle& file, const StoredRound& round);

/// Each name after its length as 4 bytes: names may hold any character.
Bytes pack_names(const std::vector<std::string>& names);
/// False when the bytes are not pack_names()'s.
bool unpack_names(ByteView packed, std::vector<std::string>& names);
/// Of what replays a round; `names` are its agents, packed. SQLite checks the structure of its
/// file, not the content of its rows.
std::uint64_t round_checksum(const StoredRound& round, ByteView names);

}  // namespace signet
