#pragma once
// Inputs of a session without the people in it (docs/deidentify.md): as many, in the same order and at the same times,
// so that they replay, and lead to the same incidents.

#include "deidentify/body.hpp"
#include "deidentify/replacer.hpp"
#include "engine/input.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace fhirscope::deidentify {

struct Options {
    std::string key;         // made for one run, and kept nowhere: who has it can tell who is who
    bool shift_time = false; // also all times of the transport, by one number of days
};

// Names what was kept; for the header of the file and for people.
std::string_view what_is_kept();

class Deidentifier {
public:
    explicit Deidentifier(const Options& options);
    Deidentifier(const Deidentifier&) = delete;
    Deidentifier& operator=(const Deidentifier&) = delete;

    void apply(engine::Input& input);
    std::string address(std::string_view url) { return replacer_.address(url); }
    LocalTime moved(LocalTime at) const { return at + transport_; }

    const Counts& counts() const { return replacer_.counts(); }
    // Ids whose order could not be kept: the replay may ask in another order.
    std::uint64_t out_of_order() const { return replacer_.out_of_order(); }

private:
    void apply(engine::InputBody& body);
    void apply(engine::Start& start);
    void apply(engine::HttpAnswer& answer);
    void apply(engine::Observed& observed);
    void apply(engine::Command& command);
    void apply(engine::Edit& edit);
    void apply(engine::Config& config);
    void apply(engine::PanelDefinition& panel);
    void apply(engine::DialectConfig& dialect);
    void apply(engine::Text& text);
    void apply(std::optional<ServerTime>& time) const;
    std::string title(std::string_view title, std::string_view type) const;

    std::chrono::days transport_;
    Replacer replacer_;
    BodyRewriter bodies_;
    bool has_begun_ = false;
};

} // namespace fhirscope::deidentify
