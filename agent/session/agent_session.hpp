#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/session/catch_up.hpp"
#include "agent/session/events.hpp"
#include "core/base/random.hpp"
#include "core/base/time.hpp"

namespace signet {

/// One board's part of the protocol: join, load, train, vote, apply, catch up, leave.
///
/// Deterministic: the same events give the same actions (waits are jittered by a seeded stream).
/// Does no I/O and reads no clock. The replica changes only inside step(), and never between Train
/// and Trained, so a trainer thread may read it in between.
class AgentSession {
 public:
  struct Identity {
    std::string name;               ///< "": what the coordinator says that its key stands for
    std::string software;           ///< name and version, for the coordinator's log
    std::uint64_t jitter_seed = 0;  ///< spreads the retries of many boards
  };

  AgentSession(Identity identity, Instant now);

  void step(Instant now, const AgentEvent& event, AgentActions& actions);
  /// step() with Tick is due at or after this.
  Instant deadline() const;

  /// Set from the first welcome of a run on.
  const std::optional<Replica>& replica() const { return replica_; }
  /// Its digest was found to be wrong: it is not used, and a snapshot will replace it.
  bool replica_is_bad() const { return replica_bad_; }
  std::uint64_t votes() const { return votes_; }
  std::uint64_t resyncs() const { return resyncs_; }
  bool ended() const { return ended_; }
  /// Bytes so far, told to the coordinator when the run ends; the caller keeps it up to date.
  void set_traffic(std::uint64_t sent, std::uint64_t received) {
    sent_ = sent;
    received_ = received;
  }
  /// One line for people: "round 412, loss 0.31, waiting for the update".
  std::string status() const;

  /// At Pace::Slow the board rests so many times as long as a gradient took: it computes for about
  /// a quarter of the time.
  static constexpr int kRestsPerGradient = 3;

 private:
  static constexpr Duration kHelloFirst = std::chrono::milliseconds(200);
  /// The next wait of one who asks again and again.
  static Duration grown(Duration wait, Duration longest) {
    return wait * 3 / 2 < longest ? wait * 3 / 2 : longest;
  }

  enum class Phase { Joining, Joined };
  enum class Loading { Nothing, UnderWay, Done };

  void on(Instant now, const Arrived& event);
  void on(Instant now, const DataLoaded& event);
  void on(Instant now, const DataFailed& event);
  void on(Instant now, const Trained& event);
  void on(Instant now, const Tick& event);
  void on(Instant now, const AllowanceChanged& event);
  void on(Instant now, const KeyDenied& event);
  void on(Instant now, const StopAsked& event);

  void on_message(Instant now, const Welcome& welcome);
  void on_message(Instant now, const Refuse& refuse);
  void on_message(Instant now, const Update& update);
  void on_message(Instant now, const SnapshotChunk& chunk);
  void on_message(Instant now, const Heartbeat& heartbeat);
  void on_message(Instant now, const Goodbye& goodbye);
  template <typename T>  // messages that only an agent sends
  void on_message(Instant now, const T& message);

  void rejoin_after_silence(Instant now);
  void rejoin(Instant now, const std::string& why);
  void say_hello(Instant now);
  void forget_replica();
  void load_data();
  void begin(Instant now, const Welcome& welcome);
  void advance(Instant now);
  void apply_pending(Instant now);
  void train_or_vote(Instant now);
  void send_vote(Instant now);
  bool rests(Instant now) const;
  std::string why_at_rest() const;
  void rest_after_gradient(Instant now);
  void reconsider(Instant now);
  void abstain_for_now(Instant now, RoundId round);
  void request_catch_up(Instant now, bool anew);
  void end(Ending ending, std::string text);
  void end_when_final(Instant now);

  void send(const Message& message);
  void remark(Severity severity, std::string text);
  Duration jittered(Duration wait);

  Identity identity_;
  std::string name_;  // that batches are drawn from: identity_'s, or what the coordinator told
  Rng rng_;
  AgentActions* out_ = nullptr;

  // The connection.
  Phase phase_ = Phase::Joining;
  Instant next_hello_, last_heard_, next_heartbeat_ = kNever;
  Duration hello_wait_;
  bool announced_ = false;   // said what the data look like, in this joining
  bool hello_open_ = false;  // not answered since it was said last
  unsigned name_taken_ = 0;
  Instant name_taken_since_{};
  unsigned denied_ = 0;  // connections, since the last welcome
  Instant denied_since_{};
  std::string waiting_reason_;

  // The job and its data.
  Loading loading_ = Loading::Nothing;
  std::string job_text_;
  std::optional<Job> job_;
  DataSummary summary_;
  std::vector<float> initial_;

  // The run.
  RunId run_;
  Normalisation normalisation_;
  bool normalised_ = false;  // the learner was told
  std::optional<Replica> replica_;
  bool begun_ = false;        // this joining was welcomed into a run that has begun
  bool replica_bad_ = false;  // its digest was wrong: only a snapshot helps
  RoundId open_round_;
  PendingUpdates pending_;
  bool training_ = false;
  bool learner_used_ = false;  // it has computed a gradient since its data were loaded
  std::optional<RoundId> voted_round_;
  std::shared_ptr<const std::vector<Bytes>> vote_frames_;
  Instant vote_sent_{};
  bool vote_unheard_ = false;        // said, and not heard of since
  unsigned silences_ = 0;            // in a row that met such a vote
  std::optional<double> last_loss_;  // of the last finite batch

  // The board's own business.
  Allowance allowance_;
  Instant training_since_{};
  Instant rest_until_ = kNever;  // while the pace is slow, after a gradient; kNever: no rest
  bool vote_is_pause_ = false;   // of voted_round_: a vote may follow in the same round

  // Catching up.
  bool catching_up_ = false;
  std::optional<SnapshotAssembly> assembly_;
  RoundId asked_from_;
  Instant ask_again_ = kNever;
  Duration ask_wait_{};

  // The end.
  std::optional<Goodbye> final_;
  bool final_differed_ = false;  // from this replica: a snapshot was asked for
  bool ended_ = false;
  std::uint64_t votes_ = 0, resyncs_ = 0, sent_ = 0, received_ = 0;
};

}  // namespace signet
