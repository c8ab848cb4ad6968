# Deliberate errors, each a change of one source. ./dev sim --mutants builds the simulation with each of
# them, and fails unless it finds every one. Nothing of them is in the programs.

# signet_mutant(NAME "what it breaks" SOURCE OLD NEW): OLD stands once in SOURCE.
function(signet_mutant name what source old new)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name})
  file(GENERATE OUTPUT ${folder}/old CONTENT "${old}")
  file(GENERATE OUTPUT ${folder}/new CONTENT "${new}")
  file(APPEND ${CMAKE_CURRENT_BINARY_DIR}/mutants.list "${name}\t${what}\n")
  add_custom_command(OUTPUT ${folder}/mutant.cpp
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DSOURCE=${PROJECT_SOURCE_DIR}/${source} -DFOLDER=${folder}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake
    DEPENDS ${PROJECT_SOURCE_DIR}/${source} ${folder}/old ${folder}/new ${CMAKE_CURRENT_SOURCE_DIR}/mutate.cmake)
  # Its object stands before the library that has the sound one.
  add_executable(sim_mutant_${name} EXCLUDE_FROM_ALL ${folder}/mutant.cpp)
  target_link_libraries(sim_mutant_${name} PRIVATE
    signet_sim_main signet_faulty_fleet signet_crash_disk signet::fleet)
  target_link_options(sim_mutant_${name} PRIVATE -s)
  add_dependencies(sim_mutants sim_mutant_${name})
endfunction()

add_custom_target(sim_mutants)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/mutants.list "")

# --- invariant 1: saved before told, and never missing ---------------------------------------

signet_mutant(publish-before-save "an update is told before it is saved"
  coordinator/round/round_machine_rounds.cpp
[[
  out_->emplace_back(SaveRound{update, memory_of_rounds(), report, std::move(awaited)});
  publish(message_of(*update, run_, deadline_ms()));
]]
[[
  publish(message_of(*update, run_, deadline_ms()));
  out_->emplace_back(SaveRound{update, memory_of_rounds(), report, std::move(awaited)});
]])
signet_mutant(no-replay "a restart begins at the snapshot and forgets the rounds after it"
  coordinator/store/persistence.cpp
[[if (auto replayed = replay(store, state); !replayed) return replayed.error();]]
[[if (state.next_round == RoundId{0})
    if (auto replayed = replay(store, state); !replayed) return replayed.error();]])
signet_mutant(round-not-synchronised "durability 'round' does not synchronise the round"
  coordinator/store/sqlite_store.cpp
[[each_round ? "FULL" : "NORMAL"]] [[each_round ? "NORMAL" : "NORMAL"]])
signet_mutant(snapshot-not-synchronised "a snapshot is not on the disk when its rounds are written over"
  coordinator/store/sqlite_store.cpp
[[
  if (auto done = synchronise(); !done) return done;
  journal_.turn(*oldest);
]]
[[
  journal_.turn(*oldest);
]])
signet_mutant(journal-not-cut "what is torn at the end of the journal is kept"
  coordinator/store/round_journal.cpp
[[head.body_checksum != round_checksum(round, names)]] [[head.body_checksum == 0]])
signet_mutant(journal-gap "the journal's rounds need not follow each other"
  coordinator/store/round_journal.cpp
[[if (!*next || (!segment.empty() && round.round != segment.next)) break;]] [[if (!*next) break;]])
signet_mutant(journal-comes-back "a journal that was closed and is back after a power cut is gone on with"
  coordinator/store/sqlite_store.cpp
[[  if (journal_.last() && *last && *journal_.last() <= **last) return drop_journal();
]] "")
signet_mutant(written-over-is-corrupt "what a power cut leaves of a journal that was written over ends the run"
  coordinator/store/round_journal.cpp
[[  if (in_file && current.first <= in_file->next()) return empty_out(earlier);
]] "")
signet_mutant(rate-forgotten "a restart forgets what the rate depends on"
  coordinator/store/persistence.cpp
[[state.controller = stored.controller;]] [[state.controller.clear();]])

signet_mutant(reliabilities-forgotten "a restart forgets what voters have shown to be worth"
  coordinator/round/round_machine_rounds.cpp
[[return trust_.restore(memory.subspan(sizeof size + size));]] [[return {};]])

# --- invariant 2: equal replicas -------------------------------------------------------------

signet_mutant(ties-forgotten-on-replay "a restart replays rounds without their ties"
  coordinator/store/persistence.cpp
[[if (!stored.ties.empty()) {]] [[if (stored.ties.size() > 1000000) {]])
signet_mutant(ties-not-told "an update leaves its ties out"
  coordinator/round/catch_up_server.cpp
[[update.ties.empty() ? ByteView{} : update.ties.bytes()]] [[ByteView{}]])
signet_mutant(applied-twice "an agent takes a step twice"
  agent/session/agent_session.cpp
[[replica_->apply(update->rate, update->signs, update->ties);]]
[[replica_->apply(update->rate, update->signs, update->ties);
      if (update->rate > 0) replica_->apply(update->rate, update->signs, update->ties);]])
signet_mutant(update-unchecked "an agent applies an update to other parameters than it was made at"
  agent/session/agent_session.cpp
[[if (replica_->digest() == update->digest) {]]
[[if (replica_->digest() == update->digest || update->rate > 0) {]])

# --- invariant 3: one vote per agent and round, at x_k -----------------------------------------

signet_mutant(late-vote "a vote for the round before counts"
  coordinator/round/round_machine_votes.cpp
[[if (vote.round < open || phase_]] [[if (vote.round.next() < open || phase_]])
signet_mutant(early-vote "a vote for the next round counts"
  coordinator/round/round_machine_votes.cpp
[[if (vote.round > open)]] [[if (vote.round > open.next())]])
signet_mutant(second-vote "a second vote of one agent counts"
  coordinator/round/round_machine_votes.cpp
[[if (member.answered && !member.paused)]] [[if (member.answered && !member.paused && !member.voted)]])
signet_mutant(vote-unchecked "a vote at other parameters counts"
  coordinator/round/round_machine_votes.cpp
[[if (vote.digest != replica_.digest())]] [[if (vote.digest != replica_.digest() && vote.digest == 0)]])
signet_mutant(vote-of-another-run "a vote of another run counts"
  coordinator/round/round_machine_votes.cpp
[[if (vote.run != run_)]] [[if (vote.run != run_ && vote.digest != replica_.digest())]])
signet_mutant(round-not-opened "who voted in the last round may not vote in this one"
  coordinator/round/round_machine_rounds.cpp
[[  roster_.open_round();
]] [[  if (replica_.next_round().value < 3) roster_.open_round();
]])
signet_mutant(left-voter-forgotten "who votes and leaves has no part in the rate of its round"
  coordinator/roster/roster.cpp
[[member.live = member.ready = member.awaited = false; });]]
[[member.live = member.ready = member.awaited = false; });
  participants_.erase(&member);]])

signet_mutant(unknown-voters-ignored "votes of voters that are not known yet count for nothing, even alone"
  coordinator/round/round_machine_rounds.cpp
[[    if (member->voted) tally_.add(member->signs, member->abstained);]]
[[    if (member->voted && !counts_equally_) tally_.add(member->signs, member->abstained);]])
signet_mutant(not-reversed "a vote of a voter that is mostly wrong counts as it is"
  coordinator/round/round_machine_votes.cpp
[[word = ~word;]] [[word = word;]])
signet_mutant(weighs-one "every vote that counts weighs one"
  coordinator/round/round_machine_votes.cpp
[[static_cast<std::uint64_t>(member.weight));]] [[std::uint64_t{1});]])
signet_mutant(counters-do-not-grow "votes that come to more than a usual round overflow their counters"
  core/vote/majority_tally.cpp
[[if (counting_ && planes_for(most()) > planes_) return recount();]] "")

# --- invariants 4 to 6: nothing waits for ever -------------------------------------------------

signet_mutant(no-deadline "a round waits for everybody"
  coordinator/round/round_machine_rounds.cpp
[[if (!all_here && now < round_deadline_) return;]] [[if (!all_here) return;]])
signet_mutant(deadline-not-renewed "a round without a quorum does not look again later"
  coordinator/round/round_machine_rounds.cpp
[[  note_wait();
  round_deadline_ = now + deadline_length();]]
[[  note_wait();]])
signet_mutant(pause-is-an-answer-for-good "an agent that paused may not vote in the round any more"
  coordinator/round/round_machine_votes.cpp
[[if (member.answered && !member.paused)]] [[if (member.answered)]])
signet_mutant(vote-not-repeated "an agent does not repeat a vote that was lost"
  agent/session/agent_session.cpp
[[!heartbeat.vote_received && now - vote_sent_]] [[!heartbeat.vote_received && vote_sent_ - now]])
signet_mutant(stranger-stays "an agent does not join again when the coordinator does not know it"
  agent/session/agent_session_joining.cpp
[[      if (phase_ == Phase::Joined) {
        // The coordinator came back]]
[[      if (phase_ == Phase::Joined && begun_ && replica_bad_) {
        // The coordinator came back]])
signet_mutant(catch-up-skips "catching up leaves out the first round that is missing"
  coordinator/round/catch_up_server.cpp
[[if (update->round >= request.next_round && messages]] [[if (update->round > request.next_round && messages]])
signet_mutant(silence-unseen "agents that fall silent stay"
  coordinator/roster/roster.cpp
[[now - by_silence_.begin()->first >= silence_) {]] [[now - by_silence_.begin()->first >= 20 * silence_) {]])
signet_mutant(leaves-early "an agent leaves before it has the last round"
  agent/session/agent_session.cpp
[[if (training_ && replica_->next_round() == open_round_ && !replica_bad_)]] [[if (training_)]])
signet_mutant(leaves-at-old-snapshot "an agent leaves at a snapshot that comes again"
  agent/session/agent_session.cpp
[[final_ ? final_->round : replica_->next_round()]] [[replica_->next_round()]])
