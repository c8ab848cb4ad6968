#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/data/dataset.hpp"
#include "core/signs/sign_vector.hpp"
#include "core/wire/messages.hpp"

namespace signet {

/// Who a message came from, as the transport says it: a routing id, one for each connection.
using PeerId = std::string;

/// Most agents of one run: a tally counts 16-bit voters, and a name costs memory for ever.
inline constexpr std::size_t kMembersMax = 65'535;
/// Most names that are kept of those that have left and never were ready: without keys, whoever
/// reaches the port makes up as many as it likes.
inline constexpr std::size_t kStrangersMax = 1024;

/// What an agent has to say in a round.
enum class Answer {
  Vote,
  Abstention,
  Pause,  ///< no vote for now: the board's own business goes first; it may still vote in this round
};

/// An agent that has joined this run at least once.
struct Member {
  std::string name;
  AgentId id;
  PeerId peer;  ///< empty: never seen since the coordinator started
  Instant last_heard{};
  std::optional<Instant> looked_for;  ///< when it was last asked whether it is there
  DataSummary data;

  // Changed by the Roster alone, which counts them.
  bool live = false;      ///< heard of within the silence limit
  bool ready = false;     ///< its data are loaded and fit
  bool known = false;     ///< it was ready once, in this or an earlier start of the run
  bool awaited = false;   ///< the open round waits for it, until the deadline
  bool answered = false;  ///< in the open round: voted or abstained
  bool voted = false;     ///< in the open round
  bool paused = false;    ///< in the open round: answered, and may still vote
  bool lost = false;      ///< not live since it fell silent; else it left, or was not here yet
  bool proven = false;    ///< by its key, to be who it is
  bool hung_up = false;   ///< the connection of `peer` is closed; it may come back over another

  // The open round.
  Vote vote;  ///< figures only; the sign views are not kept
  SignVector signs, abstained;
  SignVector opposite;  ///< of signs, where its vote counts against itself
  int weight = 1;       ///< with which it counts; 0: not at all

  // Over the run.
  double response_s = 0;  ///< smoothed time from round open to answer; 0: not measured
  double mismatch = 0;    ///< smoothed share of coordinates where it differed from the majority
  std::uint64_t votes = 0, abstentions = 0, late = 0, resyncs = 0;
  std::uint64_t joins = 0, farewells = 0;      ///< in this life of the coordinator
  std::uint64_t turns = 0;                     ///< how often its weight changed its side
  bool differs = false;                        ///< takes a snapshot and has not voted since
  std::optional<std::uint64_t> saved_samples;  ///< as the store knows them; none: not at all
  std::array<std::uint64_t, 13> refusals{};    ///< by RefusalReason
  std::string last_abstention;
  bool abstaining = false;   ///< its last answer was an abstention
  bool busy = false;         ///< it said last that it computes a gradient, or catches up
  Instant last_answer{};     ///< vote or abstention
  double lateness = 0;       ///< smoothed share of its votes that came too late
  std::string last_failure;  ///< with which it left, if it said that it cannot go on
};

/// Who may vote: joining, silence, leaving; and who did. Members are kept in the order of their
/// names, so that nothing that is computed over them depends on who came first.
///
/// Cost: all counts are kept, and the order of silence is: what a vote needs takes O(log members),
/// what a round needs O(participants).
class Roster {
 public:
  /// In the order of their names.
  struct ByName {
    bool operator()(const Member* a, const Member* b) const { return a->name < b->name; }
  };
  using Participants = std::set<Member*, ByName>;

  explicit Roster(Duration silence) : silence_(silence) {}

  /// A member of an earlier start of this run.
  void remember(std::string name, AgentId id, std::uint64_t samples);

  /// Binds `peer` to `name`, making the member if it is new. A peer that was somebody else leaves
  /// that member. Fails with Denied when another peer of this name was heard of within `taken_for`
  /// and has not hung up, Malformed when the name is not 1 to 64 characters of [A-Za-z0-9._-], Full
  /// when kMembersMax agents have joined. The member of a name that has left and never was ready
  /// may be gone after this: kStrangersMax of them are kept, those that were heard last.
  Result<Member*> join(const PeerId& peer, const std::string& name, Instant now,
                       Duration taken_for);

  /// Gives a member another name and a number of its own, for a store that knows the old ones; it
  /// stays where it is, with all it did. Null, and nothing, where there is none called `from`.
  /// There must be none called `to`.
  Member* rename(const std::string& from, const std::string& to);

  /// The live member behind a peer, or null.
  Member* find(const PeerId& peer);
  Member* find_name(std::string_view name);
  /// `member` must be live.
  void heard(Member& member, Instant now);
  void leave(Member& member);
  /// The connection of `peer` is closed. Whoever it was may say its name over another one.
  void hang_up(const PeerId& peer);
  void mark_ready(Member& member);

  /// From now on rounds wait for `member`, until give_up() or leave().
  void await(Member& member);
  void give_up(Member& member);
  /// Its answer in the open round, the second one where the first was a pause; rounds wait for it
  /// from now on.
  void answer(Member& member, Answer answer);
  /// Nobody has answered in the new round.
  void open_round();

  /// Members whose silence is over the limit at `now`; they are not live any more.
  std::vector<Member*> lose_silent(Instant now);
  /// When the next one may become silent; kNever without live members.
  Instant next_silence() const;

  std::size_t live_count() const { return by_silence_.size(); }
  std::size_t ready_count() const { return ready_; }  ///< live and ready
  // Of the open round, whether they are still here or not.
  std::size_t answered_count() const { return answered_; }
  std::size_t voted_count() const { return voted_; }
  std::size_t paused_count() const { return paused_; }
  /// Live, awaited, and silent in the open round so far.
  std::size_t missing_count() const { return missing_; }
  /// Ready to vote, or have answered in the open round and left since. Nobody else has a part in
  /// it.
  const Participants& participants() const { return participants_; }
  const std::map<std::string, Member, std::less<>>& members() const { return members_; }

 private:
  /// The one that was silent for longest first.
  using BySilence = std::set<std::pair<Instant, Member*>>;

  static bool missing(const Member& member) {
    return member.live && member.awaited && !member.answered;
  }
  static bool takes_part(const Member& member) {
    return (member.live && member.ready) || member.answered;
  }
  void forget_peer(const Member& member);
  void forget_strangers();
  /// Runs `change`, which may set the member's flags, and keeps the counts right.
  template <typename Change>
  void update(Member& member, Change change);

  Duration silence_;
  std::map<std::string, Member, std::less<>> members_;
  std::map<PeerId, Member*> peers_;  // of live members
  BySilence by_silence_;             // live members
  BySilence strangers_;              // not live, and never ready
  Participants participants_;
  std::size_t ready_ = 0, answered_ = 0, voted_ = 0, paused_ = 0, missing_ = 0;
  std::uint32_t next_id_ = 1;
};

/// True for 1 to 64 characters of [A-Za-z0-9._-].
bool valid_agent_name(std::string_view name);

}  // namespace signet
