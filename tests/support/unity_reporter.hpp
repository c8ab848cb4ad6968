#pragma once

#include <ostream>
#include <string>

#include "tests/support/catch.hpp"

namespace signet::test {

#ifdef SIGNET_CATCH3
using UnityReporterBase = Catch::StreamingReporterBase;
using AssertionEndResult = void;
#else
class UnityReporter;
using UnityReporterBase = Catch::StreamingReporterBase<UnityReporter>;
using AssertionEndResult = bool;
#endif

/// Prints the lines of ThrowTheSwitch's Unity, so that tools which read Unity's results read ours:
/// file:line:name:PASS, file:line:name:FAIL: text, and "N Tests N Failures N Ignored", OK or FAIL.
class UnityReporter final : public UnityReporterBase {
 public:
  using UnityReporterBase::UnityReporterBase;

  static std::string getDescription() { return "file:line:test:PASS lines, as Unity prints them"; }
  static std::set<Catch::Verbosity> getSupportedVerbosities() {
    return {Catch::Verbosity::Quiet, Catch::Verbosity::Normal, Catch::Verbosity::High};
  }

#ifndef SIGNET_CATCH3
  void assertionStarting(const Catch::AssertionInfo&) override {}
#endif

  void testCaseStarting(const Catch::TestCaseInfo& info) override {
    UnityReporterBase::testCaseStarting(info);
    failure_.clear();
    ignored_ = false;
  }

  AssertionEndResult assertionEnded(const Catch::AssertionStats& stats) override {
    const auto& result = stats.assertionResult;
    const bool skipped = stats.infoMessages.size() == 1 &&
                         stats.infoMessages.front().message.rfind("skipped: ", 0) == 0;
    ignored_ = ignored_ || skipped ||
               (result.hasMessage() && std::string(result.getMessage()).rfind("skipped: ", 0) == 0);
    if (!result.isOk() && failure_.empty()) {
      failure_ = place(result.getSourceInfo(), currentTestCaseInfo->name) + ":FAIL: ";
      failure_ += result.hasExpression() ? std::string(result.getExpressionInMacro())
                                         : std::string(result.getMessage());
      if (result.hasExpandedExpression()) failure_ += " became " + result.getExpandedExpression();
      for (auto& c : failure_)
        if (c == '\n') c = ' ';
    }
    return AssertionEndResult();
  }

  void testCaseEnded(const Catch::TestCaseStats& stats) override {
#ifdef SIGNET_CATCH3
    const auto& info = *stats.testInfo;
#else
    const auto& info = stats.testInfo;
#endif
    ++tests_;
    const std::string at = place(info.lineInfo, info.name);
    if (stats.totals.testCases.failed > 0) {
      ++failures_;
      out() << (failure_.empty() ? at + ":FAIL" : failure_) << '\n';
    } else if (ignored_) {
      ++ignored_count_;
      out() << at << ":IGNORE\n";
    } else {
      out() << at << ":PASS\n";
    }
    UnityReporterBase::testCaseEnded(stats);
  }

  void testRunEnded(const Catch::TestRunStats& stats) override {
    out() << "\n-----------------------\n"
          << tests_ << " Tests " << failures_ << " Failures " << ignored_count_ << " Ignored\n"
          << (failures_ > 0 ? "FAIL" : "OK") << '\n';
    out().flush();
    UnityReporterBase::testRunEnded(stats);
  }

 private:
  static std::string place(const Catch::SourceLineInfo& where, const std::string& name) {
    return std::string(where.file) + ":" + std::to_string(where.line) + ":" + name;
  }
  std::ostream& out() {
#ifdef SIGNET_CATCH3
    return m_stream;
#else
    return stream;
#endif
  }

  int tests_ = 0, failures_ = 0, ignored_count_ = 0;
  bool ignored_ = false;
  std::string failure_;
};

}  // namespace signet::test

namespace {
using signet::test::UnityReporter;
CATCH_REGISTER_REPORTER("unity", UnityReporter)
}  // namespace
