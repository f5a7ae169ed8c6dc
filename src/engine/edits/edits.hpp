#pragma once
// Local edits: sent with a precondition, until the server has them or somebody decides.

#include "engine/core/part.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fhirscope::engine {

struct PendingRequest;

struct PendingEdit {
    LocalEdit view;
    fhir::ResourcePtr sent;        // what is on its way, or was last
    std::uint32_t fields_sent = 0; // of view.fields; those behind were asked for meanwhile
    RequestId request = 0;
    LocalTime due = never;            // Waiting: not before
    LocalTime checking_since = never; // Checking: a read asked for from here on tells
    bool unsure = false;              // what was sent may have been written: its answer was lost
    bool answer_lost = false;         // of some try: it may still be on its way, even where it is not written now
    bool over_deletion = false;       // decided: the write is to bring the resource back
    // The place of a precondition that cannot hold: a read right before, that finds the base unchanged.
    enum class Compared : std::uint8_t { No, Asked, Done } compared = Compared::No;
    std::uint16_t answer = 0;   // HTTP status of the refusal under review; 0: none
    Fact answered;              // the same, with what was said
    std::uint64_t resolves = 0; // conflict whose decision it writes
    template <class A>
    void archive(A& a) {
        a(view, sent, fields_sent, request, due, checking_since, unsure, answer_lost, over_deletion, compared, answer,
          answered, resolves);
    }
};

struct Edits {
    std::map<std::string, PendingEdit> pending; // by reference
    std::uint64_t next = 1;
    template <class A>
    void archive(A& a) {
        a(pending, next);
    }
};

PendingEdit& begin_edit(State& s, const std::string& reference, const fhir::ResourcePtr& base,
                        const fhir::ResourcePtr& local, EditMethod method, std::vector<fhir::FieldEdit> fields);
void show_edit(State& s, PendingEdit& edit); // in its record
// What differs between what was sent and what stands now.
void note_server_changes(State& s, PendingEdit& edit, const fhir::Resource& stored);
Fact lost_answer_note(const PendingEdit& edit); // none where no answer was lost
void on_written(State& s, const PendingRequest& request, const HttpAnswer& answer);
void edit_login_lost(State& s, const std::string& reference); // it was not sent
// It was not sent, because what is hidden in it cannot be put back (`why`, as the runtime says it): a patch may do without
// that.
void edit_not_sent(State& s, const std::string& reference, const std::string& why);
void edit_unreadable(State& s, const std::string& reference, const Fact& problem);
void refuse_edit(State& s, PendingEdit& edit, const Fact& why);
void retry_edit(State& s, PendingEdit& edit);
void end_edit(State& s, PendingEdit& edit, EditState state); // and forgets it
void settle_edit(State& s, const std::string& reference);    // the store has what it became
void pump_edits(State& s);                                   // after every input
LocalTime next_edit(const State& s);

} // namespace fhirscope::engine
