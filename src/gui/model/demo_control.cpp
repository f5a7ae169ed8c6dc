#include "gui/model/demo_control.hpp"

namespace fhirscope::gui {

namespace {

// In the order of Cause, which is the order of the panel.
constexpr std::array<CauseText, cause_count> texts = {{
    {"cause-outage", "Connection", "Cause an outage of 10 s",
     "Every connection is cut, and for 10 s the server refuses new ones.",
     "Connections: it backs off and tries again; then a search brings what was missed.", "Alt O"},
    {"cause-restart", "Connection", "Restart the server", "The server is away for 3 s and forgets every Subscription.",
     "Connections: each Subscription is created, bound and caught up anew.", "Alt R"},
    {"cause-silence", "Connection", "Black-hole the connection for 30 s",
     "The socket stays open and nothing comes any more, as behind a broken router.",
     "Connections: within 15 s a ping has no pong, and the connection is given up.", "Alt S"},
    {"cause-revoke", "Connection", "Revoke the login",
     "Every token is worthless from now on. The next change of a type is not delivered, and heartbeats go on.",
     "Connections: a heartbeat leaves the Subscription out, or a check finds it; it logs in and subscribes anew.",
     "Alt L"},
    {"cause-expire", "Connection", "Expire the binding tokens",
     "The Subscriptions stay, but no event comes by them; heartbeats go on.",
     "Connections: a check finds what never came, and each Subscription is made anew.", "Alt B"},
    {"cause-throttle", "Connection", "Rate-limit (429) for 8 s",
     "The server says that the request limit is used up, just as a Task is edited here.",
     "Panels: the edit waits, and is written when requests are allowed again.", "Alt T"},
    {"cause-slow", "Delivery", "Answer slowly for 15 s", "Each answer takes 2 s, and a Task is edited here.",
     "Panels: the edit is pending until the server has answered. Live updates stay fast.", "Alt A"},
    {"cause-late", "Delivery", "Delay notifications for 15 s", "Each notification leaves 1.5 s late.",
     "Latency: the transport's share grows. Log: pick an update and look at its stages.", "Alt N"},
    {"cause-storm", "Delivery", "Let a storm of 300 updates/s come for 10 s",
     "The clinic makes 300 changes a second instead of a few.",
     "Status bar: rate and queue. Timeline: the bars rise. Latency: p99.", "Alt U"},
    {"cause-duplicate", "Delivery", "Send a notification twice", "One change of a Task is notified twice.",
     "Log: one update is applied, the other is a duplicate.", "Alt D"},
    {"cause-overtaking", "Delivery", "Let a notification overtake another",
     "A Task changes twice, and the first notification arrives last.",
     "Log: out of order. The row keeps the newer version; the older one goes into the history.", "Alt V"},
    {"cause-malformed", "Delivery", "Send a malformed frame", "Half a JSON object arrives on the socket.",
     "Connections: a bad frame with its text. Everything after it is applied as ever.", "Alt M"},
    {"cause-clock", "Delivery", "Set the server's clock 30 s ahead for 10 s",
     "The server stamps its versions with a wrong time, and later with the right one again.",
     "Timeline: the clock was set back is a mark. Nothing is taken for old because of its stamp.", "Alt K"},
    {"cause-deafness", "Stale screens", "Drop all events for 30 s",
     "Heartbeats go on, but no event arrives; meanwhile a Task is completed on the server.",
     "Panels: the Task still shows in-progress and all seems live, until the check finds what never came.", "Alt F"},
    {"cause-lost", "Stale screens", "Lose one notification", "A Task is changed, and its notification never arrives.",
     "Panels: it stays as it was until the check reads it. Log: channel poll, and missed is counted.", "Alt X"},
    {"cause-deletion", "Stale screens", "Delete a Task without an event",
     "A Task is deleted on the server, and nobody is told.",
     "Panels: it is still listed, until the comparison with the server finds the deletion.", "Alt E"},
    {"cause-merge", "Conflicts", "Cause a conflict that merges", "Two people edit different fields of one Task.",
     "Conflicts: both sides, merged without a question and written.", "Alt 1"},
    {"cause-ask", "Conflicts", "Cause a conflict with two sides", "Two people edit the same field of one Task.",
     "Conflicts: base, local and server; it waits for your decision.", "Alt 2"},
    {"cause-version", "Conflicts", "Cause a version conflict",
     "A Task is edited here on a version that is not current.",
     "Conflicts: the server refuses the old version, a read brings the new one, both sides are shown.", "Alt 3"},
    {"cause-refused", "Conflicts", "Let the server refuse an edit", "The server answers 422 to an edit made here.",
     "Conflicts: the server's words; its version is shown again.", "Alt 4"},
    {"cause-deleted", "Conflicts", "Delete a Task that is edited here",
     "A Task is deleted on the server while an edit of it is on its way.",
     "Conflicts: deleted and edited; a person decides.", "Alt 5"},
    {"cause-undeleted", "Conflicts", "Delete a Task and write it again",
     "A deleted Task comes back with a new version.", "Conflicts: undeleted. Panels: the row leaves and returns.",
     "Alt 6"},
    {"cause-tie", "Conflicts", "Write two versions in one millisecond", "Two versions of a Task carry the same time.",
     "Conflicts: a version tie; a read of the server decides.", "Alt 7"},
    {"cause-drift", "Conflicts", "Let a Task drift and compare",
     "A notification is lost, and then all versions are compared with the server's.",
     "Conflicts: state drift with both sides; the row is repaired by a read.", "Alt 8"},
}};

} // namespace

const CauseText& text_of(Cause cause) { return texts[static_cast<std::size_t>(cause)]; }

} // namespace fhirscope::gui
