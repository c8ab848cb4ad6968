#include "tests/coordinator/store/crash_disk.hpp"

#include <algorithm>
#include <utility>

#include "core/base/check.hpp"

namespace signet::test {

namespace {

CrashDisk* the_crash_disk = nullptr;

}  // namespace

CrashDisk::CrashDisk() {
  SIGNET_CHECK(the_crash_disk == nullptr, "one disk is mounted at a time");
  the_crash_disk = this;
  use_crash_disk_for_sqlite();
}

CrashDisk::~CrashDisk() {
  the_crash_disk = nullptr;
}

CrashDisk& CrashDisk::mounted() {
  SIGNET_CHECK(the_crash_disk != nullptr, "a disk is mounted");
  return *the_crash_disk;
}

void CrashDisk::die_after(std::uint64_t changes, std::uint64_t luck) {
  dies_at_ = changes_ + changes;
  luck_ = luck;
}

bool CrashDisk::dies_now() {
  return ++changes_ == dies_at_;
}

// --- changes --------------------------------------------------------------------------------

void CrashDisk::apply(Bytes& bytes, const Change& change) {
  if (change.size) return bytes.resize(static_cast<std::size_t>(*change.size));
  const std::size_t end = static_cast<std::size_t>(change.at) + change.data.size();
  if (bytes.size() < end) bytes.resize(end);
  std::ranges::copy(change.data, bytes.begin() + static_cast<std::ptrdiff_t>(change.at));
}

bool CrashDisk::exists(const std::string& path) const {
  const auto file = files_.find(path);
  return file != files_.end() && file->second.there;
}

void CrashDisk::create(const std::string& path, bool name_lasts) {
  if (dead_) return;
  File& file = files_[path];
  if (!file.there) file.now.clear(), file.pending.push_back({0, {}, 0});
  file.there = true;
  file.name_lasts = file.name_lasts || name_lasts;
}

CrashDisk::Outcome CrashDisk::write(const std::string& path, std::uint64_t at, ByteView data) {
  if (dead_) return Outcome::Dead;
  const bool last = dies_now();
  // What is on its way when the process dies is written, or a part of it; a part when the disk
  // fills up.
  if (last || full_) {
    Rng luck(mix(luck_, changes_));
    const std::size_t most = data.size() + (full_ ? 0 : 1);
    data = data.first(most > 0 ? static_cast<std::size_t>(luck.below(most)) : 0);
  }
  if (!data.empty()) {
    File& file = files_[path];
    file.pending.push_back({at, to_bytes(data), std::nullopt});
    apply(file.now, file.pending.back());
  }
  if (last) dead_ = true;
  return last ? Outcome::Dead : full_ ? Outcome::Full : Outcome::Done;
}

CrashDisk::Outcome CrashDisk::resize(const std::string& path, std::uint64_t size) {
  if (dead_ || dies_now()) return dead_ = true, Outcome::Dead;
  File& file = files_[path];
  file.pending.push_back({0, {}, size});
  apply(file.now, file.pending.back());
  return Outcome::Done;
}

CrashDisk::Outcome CrashDisk::synchronise(const std::string& path) {
  if (dead_ || dies_now()) return dead_ = true, Outcome::Dead;
  File& file = files_[path];
  for (const Change& change : file.pending) apply(file.durable, change);
  file.pending.clear();
  file.name_lasts = true;
  return Outcome::Done;
}

CrashDisk::Outcome CrashDisk::remove(const std::string& path, bool name_lasts) {
  if (dead_ || dies_now()) return dead_ = true, Outcome::Dead;
  const auto file = files_.find(path);
  if (file == files_.end()) return Outcome::Done;
  if (name_lasts) {
    files_.erase(file);
  } else {
    file->second.there = false;
  }
  return Outcome::Done;
}

CrashDisk::Outcome CrashDisk::rename(const std::string& from, const std::string& to) {
  if (dead_ || dies_now()) return dead_ = true, Outcome::Dead;
  File moved = std::move(files_[from]);
  files_.erase(from);
  files_[to] = std::move(moved);
  return Outcome::Done;
}

std::uint64_t CrashDisk::size(const std::string& path) const {
  const auto file = files_.find(path);
  return file == files_.end() ? 0 : file->second.now.size();
}

ByteView CrashDisk::read(const std::string& path, std::uint64_t at) const {
  const auto file = files_.find(path);
  if (file == files_.end() || at >= file->second.now.size()) return {};
  return ByteView(file->second.now).subspan(static_cast<std::size_t>(at));
}

// --- power ----------------------------------------------------------------------------------

void CrashDisk::revive(bool power_cut, std::uint64_t luck) {
  dead_ = false;
  dies_at_ = 0;
  if (!power_cut) return;
  Rng rng(luck);
  for (auto it = files_.begin(); it != files_.end();) {
    File& file = it->second;
    // A name that came or went without being synchronised is what luck makes of it.
    const bool unsure = file.there != file.name_lasts;
    if (unsure) file.there = rng.below(2) == 0;
    if (file.there) {
      lose_power(file, rng);
      file.name_lasts = true;
      ++it;
    } else {
      it = files_.erase(it);
    }
  }
}

void CrashDisk::lose_power(File& file, Rng& luck) {
  enum { None, All, First, Sectors };
  const std::uint64_t fate = luck.below(4);
  std::size_t left = file.pending.size();
  if (fate == None) left = 0;
  if (fate == First) left = static_cast<std::size_t>(luck.below(left + 1));
  for (std::size_t i = 0; i < left; ++i) {
    const Change& change = file.pending[i];
    if (fate != Sectors || change.size) {
      if (fate != Sectors || luck.below(2) == 0) apply(file.durable, change);
      continue;
    }
    // Sectors begin at multiples of their size, wherever the write began.
    for (std::size_t from = 0; from < change.data.size();) {
      const std::uint64_t at = change.at + from;
      const std::size_t now = std::min<std::size_t>(
          change.data.size() - from, static_cast<std::size_t>(kSector - at % kSector));
      const auto part = ByteView(change.data).subspan(from, now);
      if (luck.below(2) == 0) apply(file.durable, {at, to_bytes(part), std::nullopt});
      from += now;
    }
  }
  file.pending.clear();
  file.now = file.durable;
}

}  // namespace signet::test
