#include "gui/model/incidents/compare_line.hpp"

#include "gui/base/format.hpp"
#include "words/words.hpp"

#include <algorithm>

namespace fhirscope::gui {

using engine::VerifyView;

namespace {

std::string figure(std::size_t value) {
    return "`" + std::string(number(static_cast<std::int64_t>(value)).view()) + "`";
}

std::string of_all(std::size_t part, std::size_t all) {
    return "`" + std::string(number(static_cast<std::int64_t>(part)).view()) + " of " +
           std::string(number(static_cast<std::int64_t>(all)).view()) + "`";
}

} // namespace

void LastCompared::update(const engine::SnapshotPtr& snapshot) {
    if (snapshot == snapshot_) return;
    const bool follows =
        snapshot_ && snapshot->metrics.started == snapshot_->metrics.started && snapshot->inputs >= snapshot_->inputs;
    if (!follows) result_ = {};
    snapshot_ = snapshot;
    const VerifyView& now = snapshot->verify;
    running_ = now.state == VerifyView::State::Running;
    if (!running_ && now.state != VerifyView::State::None) result_ = now;
}

CompareLine compare_line(const VerifyView& result, LocalTime now) {
    CompareLine line;
    // Of a time that has not come (a step back in a recording) nothing is said.
    const std::string ago = " `" + std::string(age(now - result.at, AgeUnits::Two).view()) + "` ago";
    const std::size_t equal = result.compared - std::min(result.compared, result.difference_count);
    switch (result.state) {
        case VerifyView::State::None:
        case VerifyView::State::Running:
            line.text = "Not compared with the server yet";
            return line;
        case VerifyView::State::Failed:
            line.mark = Mark::Attention;
            line.text = "The last comparison with the server failed" + ago + ": " + words::text(result.problem);
            return line;
        case VerifyView::State::Equal:
            line.mark = Mark::Ok;
            line.text = "Last compared with the server" + ago + ": " + of_all(equal, result.compared) + " equal";
            break;
        case VerifyView::State::Different: {
            const bool repaired = result.repaired != LocalTime{} && result.unusable == 0;
            line.mark = repaired ? Mark::Ok : Mark::Attention;
            line.text = "Last compared with the server" + ago + ": " + of_all(equal, result.compared) + " equal, " +
                        figure(result.difference_count) + (repaired ? " differed, read again" : " differ");
            if (!result.differences.empty()) line.reference = result.differences.front().about;
            break;
        }
    }
    if (!result.left_out.empty()) {
        line.left_out = "not compared: " + words::text(result.left_out.front());
        if (result.left_out.size() > 1)
            line.left_out += ", and " + std::to_string(result.left_out.size() - 1) + " more";
    }
    return line;
}

} // namespace fhirscope::gui
