// Where all parts of the state are known: they are made, destroyed and archived here.

#include "engine/core/state.hpp"

#include "engine/connection/connection.hpp"
#include "engine/connection/login.hpp"
#include "engine/connection/observed_sockets.hpp"
#include "engine/connection/polling.hpp"
#include "engine/connection/server_clock.hpp"
#include "engine/core/journal.hpp"
#include "engine/core/metrics.hpp"
#include "engine/core/run.hpp"
#include "engine/core/versions.hpp"
#include "engine/digest.hpp"
#include "engine/edits/conflicts.hpp"
#include "engine/edits/edits.hpp"
#include "engine/pipeline/row_makers.hpp"
#include "engine/recovery/ask.hpp"
#include "engine/recovery/contents.hpp"
#include "engine/recovery/history.hpp"
#include "engine/recovery/observed.hpp"
#include "engine/recovery/reads.hpp"
#include "engine/recovery/recovery.hpp"
#include "engine/recovery/verify.hpp"
#include "engine/subscriptions/checkup.hpp"
#include "engine/subscriptions/farewell.hpp"
#include "engine/subscriptions/subscriptions.hpp"

namespace fhirscope::engine {

State::State() = default;
State::State(const State&) = default;
State::~State() = default;

template <class A>
void State::archive(A& a) {
    a(config, now, subscriptions, connection, socket_open, leaving, requests, queue, stores, counters);
    a(run, journal, metrics, versions, sockets, login, server_clock, polling, ids, farewell, checks, recovery, reads,
      history, verification, contents, asking, edits, conflicts, observed_sockets, observation);
}

template void State::archive(ArchiveWriter&);
template void State::archive(ArchiveReader&);
template void State::archive(ArchiveHasher&);

} // namespace fhirscope::engine
