#include "app/page.hpp"

#include "app/conflict_report.hpp"
#include "app/incident_report.hpp"
#include "diagnosis/incident_text.hpp"
#include "diagnosis/report.hpp"
#include "diagnosis/report_parts.hpp"
#include "engine/engine.hpp"
#include "fhir/diff.hpp"
#include "query/lookup.hpp"
#include "query/resource_fields.hpp"
#include "words/words.hpp"

#include <algorithm>
#include <array>

namespace fhirscope::app {

namespace {

// What a ticket can take; the rest is counted.
constexpr std::size_t most_changed = 200, most_fields = 12, most_conflicts = 100, most_evidence = 20;

constexpr char style[] = R"css(
:root { color-scheme: light dark; --bg:#fff; --box:#f4f6f8; --line:#c3cad3; --t1:#12161c; --t2:#333b46; --t3:#515b68;
  --live:#0a5fc7; --ok:#12703f; --att:#855300; --err:#bc2525; --info:#5f6976; }
@media (prefers-color-scheme: dark) { :root { --bg:#0d1014; --box:#191e25; --line:#38414d; --t1:#edf0f4; --t2:#c2c9d3;
  --t3:#929caa; --live:#5cadff; --ok:#4fc78e; --att:#e9b54d; --err:#f5776f; --info:#828c9a; } }
body { background: var(--bg); color: var(--t2); font: 14px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 960px;
  padding: 0 1em; }
h1, h2, h3 { color: var(--t1); line-height: 1.25; } h1 { font-size: 22px; } h2 { font-size: 18px; margin-top: 2em; }
h3 { font-size: 15px; margin: 0; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: 3px 10px 3px 0;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } th { color: var(--t3); font-weight: 500; }
section { border: 1px solid var(--line); border-left: 4px solid var(--info); border-radius: 4px; padding: 10px 14px;
  margin: 12px 0; background: var(--box); } section.err { border-left-color: var(--err); }
section.att { border-left-color: var(--att); }
.dim { color: var(--t3); } b.ok, td.ok { color: var(--ok); } b.live { color: var(--live); } b.att { color: var(--att); }
b.err, td.err { color: var(--err); } .banner { border: 1px solid var(--ok); border-radius: 4px; padding: 8px 12px; }
svg { width: 100%; height: auto; } svg text { fill: var(--t2); font: 11px system-ui, sans-serif; }
svg .dim { fill: var(--t3); } svg .end { text-anchor: end; } svg .ok { fill: var(--ok); } svg .live { fill: var(--live); }
svg .att { fill: var(--att); } svg .err { fill: var(--err); } svg .info { fill: var(--info); }
code { font: 12px ui-monospace, monospace; overflow-wrap: anywhere; } ol, ul { margin: 4px 0; padding-left: 20px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 8px 0; } dt { color: var(--t3); }
dd { margin: 0; overflow-wrap: anywhere; } details summary { cursor: pointer; color: var(--t3); }
@media print { section { break-inside: avoid; } }
)css";

void add_line(Html& page, std::string_view name, const std::string& value) {
    page << "<tr><th>" << name << "</th><td>" << value << "</td></tr>\n";
}

std::string percent_text(const engine::Histogram& latency) {
    const auto ms = [](std::uint64_t micros) { return std::to_string(micros / 1000) + " ms"; };
    return "p50 " + ms(latency.percentile(0.5)) + ", p99 " + ms(latency.percentile(0.99)) + ", most " +
           ms(latency.max());
}

void add_summary(Html& page, const PageFacts& facts) {
    const session::Summary& summary = facts.looked.summary;
    const engine::Snapshot& last = *facts.looked.last;
    const engine::Counters& c = last.metrics.counters;
    page << "<h2 id=\"summary\">Summary</h2>\n<table>\n";
    add_line(page, "Server", summary.server);
    add_line(page, "Time",
             diagnosis::instant_text(summary.first) + " to " + diagnosis::instant_text(last.at) + ", " +
                 diagnosis::lasting_text(last.at - summary.first));
    add_line(page, "Updates",
             std::to_string(c.received) + " received, " + std::to_string(c.applied) + " applied, " +
                 std::to_string(c.duplicates) + " duplicates, " + std::to_string(c.rejected) + " rejected");
    add_line(page, "Gaps",
             std::to_string(c.missed) + " missed, " + std::to_string(c.recovered) + " recovered, " +
                 std::to_string(c.reconnects) + " reconnects");
    add_line(page, "Latency", percent_text(last.metrics.all.end_to_end));
    add_line(page, "Conflicts",
             std::to_string(last.conflicts.size()) + ", " + std::to_string(last.open_conflicts) + " open");
    const auto& incidents = facts.looked.diagnosis.incidents();
    add_line(page, "Incidents",
             std::to_string(incidents.going_on().size()) + " going on at the end, " +
                 std::to_string(incidents.over_count()) + " over");
    page << "</table>\n";
}

void add_station(Html& page, std::string_view name, const diagnosis::Episode& episode) {
    if (episode.from == LocalTime{} && episode.what.empty()) return;
    page << "<dt>" << name << "</dt><dd>";
    if (episode.from != LocalTime{})
        page << "<span class=\"dim\">" << diagnosis::instant_text(episode.from) << "</span> ";
    page << diagnosis::plain_text(episode.what);
    if (!episode.text.empty()) page << ". " << diagnosis::plain_text(episode.text);
    if (!episode.source.empty()) page << " <span class=\"dim\">(" << episode.source << ")</span>";
    page << "</dd>\n";
}

void add_incident(Html& page, const diagnosis::Incident& incident, LocalTime now) {
    page << "<section class=\"" << class_of(incident.severity) << "\" id=\"incident-" << incident.number << "\">\n<h3>"
         << incident.number << ". " << diagnosis::plain_text(incident.headline) << "</h3>\n<p class=\"dim\">"
         << incident.id << ", " << diagnosis::word(incident.severity) << ", " << diagnosis::state_text(incident.state)
         << ", from " << diagnosis::instant_text(incident.from) << ", " << diagnosis::lasting_text(incident.lasted(now))
         << ", " << incident.confidence << " % sure";
    if (!incident.scope.empty()) page << ", " << incident.scope;
    page << "</p>\n<p>" << diagnosis::plain_text(std::string(incident.explanation)) << "</p>\n<dl>\n";
    add_station(page, "Cause", incident.cause_station);
    add_station(page, "Effect", incident.effect_station);
    add_station(page, "Noticed", incident.noticed_station);
    add_station(page, "Repaired", incident.repaired_station);
    for (const diagnosis::Consequence& one : incident.followed)
        page << "<dt>Followed</dt><dd>" << one.count << " " << diagnosis::plain_text(one.text) << "</dd>\n";
    page << "</dl>\n";
    if (!incident.evidence.empty()) {
        page << "<details open><summary>Evidence, " << incident.evidence_count << "</summary><table>\n";
        const std::size_t shown = std::min(incident.evidence.size(), most_evidence);
        for (std::size_t i = 0; i < shown; ++i)
            page << "<tr><td class=\"dim\">" << diagnosis::instant_text(incident.evidence[i].at) << "</td><td>"
                 << diagnosis::plain_text(incident.evidence[i].text) << "</td></tr>\n";
        page << "</table></details>\n";
    }
    if (!incident.advice.empty()) {
        page << "<p><b>What to do</b></p><ol>\n";
        for (const diagnosis::Advice& advice : incident.advice)
            page << "<li>" << diagnosis::plain_text(std::string(advice.text)) << ". <span class=\"dim\">"
                 << diagnosis::plain_text(std::string(advice.effect)) << "</span></li>\n";
        page << "</ol>\n";
    }
    page << "</section>\n";
}

void add_incidents(Html& page, const PageFacts& facts) {
    const LocalTime now = facts.looked.last->at;
    const MetIncidents met = met_incidents(facts.looked.diagnosis.incidents(), now);
    page << "<h2 id=\"incidents\">Incidents</h2>\n";
    if (met.all.empty()) page << "<p>None was met.</p>\n";
    for (const diagnosis::IncidentPtr& incident : met.all) add_incident(page, *incident, now);
    if (met.not_kept > 0) page << "<p class=\"dim\">" << met.not_kept << " earlier ones are no longer kept.</p>\n";
}

void add_state(Html& page, const engine::Snapshot& last) {
    page
        << "<h2 id=\"state\">State at the end</h2>\n<table><tr><th>Type</th><th>Resources</th><th>How sure</th></tr>\n";
    for (const engine::StoreView& store : last.stores) {
        std::array<std::size_t, query::freshness_count> counts{};
        for (std::size_t i = 0; i < store.records.size(); ++i)
            ++counts[static_cast<std::size_t>(query::freshness_of(*store.records[i]))];
        page << "<tr><td>" << store.type << "</td><td>" << store.records.size() - store.deleted << "</td><td>";
        bool first = true;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (counts[i] == 0) continue;
            page << (first ? Html() : Html() << ", ") << counts[i] << " "
                 << query::to_string(static_cast<query::Freshness>(i));
            first = false;
        }
        page << "</td></tr>\n";
    }
    page << "</table>\n";
}

// What is kept of it from the first version to the last.
void add_changes_of(Html& page, const engine::Record& record) {
    const engine::Version &first = *record.history.front(), &now = record.current();
    page << "<tr><td>" << record.reference << "</td><td>" << record.versions_seen << "</td><td>";
    if (!now.resource) {
        page << "deleted";
    } else if (first.resource && !first.key_only && !now.key_only) {
        const auto changes = fhir::diff(*first.resource, *now.resource);
        const std::size_t shown = std::min(changes.size(), most_fields);
        for (std::size_t i = 0; i < shown; ++i)
            page << "<code>" << changes[i].path << "</code>: " << value_text(changes[i].before) << " → "
                 << value_text(changes[i].after) << "<br>";
        if (changes.size() > shown) page << changes.size() - shown << " more fields";
    }
    page << "</td><td class=\"dim\">" << diagnosis::instant_text(now.received) << "</td></tr>\n";
}

void add_changes(Html& page, const engine::Snapshot& last) {
    std::vector<engine::RecordPtr> changed;
    std::size_t left_out = 0;
    for (const engine::StoreView& store : last.stores)
        for (std::size_t i = 0; i < store.records.size(); ++i) {
            const engine::RecordPtr& record = store.records[i];
            if (record->versions_seen < 2) continue;
            if (changed.size() < most_changed)
                changed.push_back(record);
            else
                ++left_out;
        }
    page << "<h2 id=\"changes\">What changed</h2>\n";
    if (changed.empty()) {
        page << "<p>Nothing that was shown.</p>\n";
        return;
    }
    page << "<table><tr><th>Resource</th><th>Versions</th><th>First to last kept</th><th>Last</th></tr>\n";
    for (const engine::RecordPtr& record : changed) add_changes_of(page, *record);
    page << "</table>\n";
    if (left_out > 0) page << "<p class=\"dim\">" << left_out << " more changed.</p>\n";
}

void add_conflicts_table(Html& page, const engine::Snapshot& last) {
    page << "<h2 id=\"conflicts\">Conflicts</h2>\n";
    if (last.conflicts.size() == 0) {
        page << "<p>None.</p>\n";
        return;
    }
    page << "<table><tr><th>At</th><th>Kind</th><th>Resource</th><th>Fields</th><th>Outcome</th></tr>\n";
    const std::size_t begin = last.conflicts.size() - std::min(last.conflicts.size(), most_conflicts);
    for (std::size_t i = begin; i < last.conflicts.size(); ++i) {
        const engine::Conflict& conflict = *last.conflicts[i];
        page << "<tr><td class=\"dim\">" << diagnosis::instant_text(conflict.at) << "</td><td>"
             << engine::to_string(conflict.kind) << "</td><td>" << conflict.reference << "</td><td>";
        for (const std::string& member : conflict.members) page << "<code>" << member << "</code> ";
        page << "</td><td>" << engine::to_string(conflict.outcome) << "</td></tr>\n";
    }
    page << "</table>\n";
    if (begin > 0) page << "<p class=\"dim\">" << begin << " earlier ones are left out.</p>\n";
}

void add_origin(Html& page, const PageFacts& facts) {
    const session::Summary& summary = facts.looked.summary;
    page << "<h2 id=\"origin\">How it was recorded</h2>\n<table>\n";
    add_line(page, "File", facts.name);
    add_line(page, "Recorded",
             summary.created + " by fhirscope " + summary.tool_version + ", format " +
                 std::to_string(summary.format_version));
    add_line(page, "Whole", summary.complete ? "closed in order" : "cut off while it was recorded");
    add_line(page, "Inputs", std::to_string(summary.inputs));
    add_line(page, "Secrets",
             "tokens are left out while recording; " + std::to_string(summary.redacted) + " more were replaced");
    add_line(page, "State",
             engine::hash_text(facts.looked.state_hash) +
                 (facts.looked.equal ? (*facts.looked.equal ? ", as recorded" : ", other than recorded")
                                     : ", not compared"));
    add_line(page, "People",
             summary.deidentified.empty() ? "as recorded: this page holds health data"
                                          : "invented; kept: " + summary.deidentified);
    add_line(page, "Page", "made by fhirscope " + version());
    page << "</table>\n";
}

} // namespace

std::string make_page(const PageFacts& facts) {
    const session::Summary& summary = facts.looked.summary;
    Html page;
    page << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta "
            "http-equiv=\"Content-Security-Policy\" "
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<meta name=\"viewport\" "
            "content=\"width=device-width, initial-scale=1\">\n<title>"
         << facts.name << " – fhirscope</title>\n<style>" << style << "</style></head><body>\n<h1>" << facts.name
         << "</h1>\n";
    if (!summary.deidentified.empty())
        page << "<p class=\"banner\"><b class=\"ok\">De-identified.</b> Names, ids, texts and dates of people are "
                "invented. "
                "What is kept is listed <a href=\"#origin\">below</a>.</p>\n";
    add_summary(page, facts);
    add_timeline(page, facts);
    add_incidents(page, facts);
    add_state(page, *facts.looked.last);
    add_changes(page, *facts.looked.last);
    add_conflicts_table(page, *facts.looked.last);
    add_origin(page, facts);
    page << "</body></html>\n";
    return page.str();
}

} // namespace fhirscope::app
