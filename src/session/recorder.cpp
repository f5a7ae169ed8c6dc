#include "session/recorder.hpp"

#include "engine/build.hpp"
#include "engine/engine.hpp"
#include "fhir/thread_safety.hpp"
#include "session/database.hpp"
#include "session/format.hpp"
#include "session/redact.hpp"
#include "session/session_file.hpp"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

namespace fhirscope::session {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::size_t bytes_of(const engine::Input& input) {
    const auto size = [](const engine::Text& text) { return text ? text->size() : 0; };
    std::size_t bytes = sizeof(engine::Input);
    if (const auto* frame = std::get_if<engine::Frame>(&input.body)) bytes += size(frame->text);
    if (const auto* answer = std::get_if<engine::HttpAnswer>(&input.body)) bytes += size(answer->body);
    if (const auto* seen = std::get_if<engine::Observed>(&input.body))
        bytes += size(seen->request_body) + size(seen->response_body);
    if (const auto* resumed = std::get_if<engine::Resumed>(&input.body)) bytes += size(resumed->keyframe);
    return bytes;
}

Error write_error(const std::string& path, const std::string& reason) {
    return {
        ErrorCode::Write,
        "cannot record to " + path + ": " + reason +
            ". Recording has stopped; what was written before can be replayed. Give another file or free some space."};
}

Error gone_error(const std::string& path) {
    return {ErrorCode::Gone,
            "the session file " + path +
                " or its journal was removed, renamed or replaced while it was written. Recording has stopped; "
                "what is left can be replayed where the file lies now. Record again, and leave it until the end."};
}

} // namespace

class Recorder::Impl {
public:
    Impl(std::string path, RecorderOptions options)
        : path_(std::move(path)), options_(std::move(options)), place_(path_) {}

    Result<void> prepare() {
        const std::string created = fhir::format_instant(
            ServerTime(std::chrono::duration_cast<std::chrono::milliseconds>(options_.created.time_since_epoch())));
        HeaderLines lines{{"format_version", std::to_string(format_version)},
                          {"build", std::string(engine::build())},
                          {"tool_version", options_.tool_version},
                          {"server", options_.server},
                          {"created", created}};
        if (!options_.deidentified.empty()) lines.emplace_back("deidentified", options_.deidentified);
        if (auto made = make_session_file(path_, lines); !made) return made;
        auto opened = Database::open(path_, Database::Mode::Write);
        if (!opened) return cannot_start(opened.error());
        database_.emplace(std::move(*opened));
        if (auto ran = database_->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"); !ran)
            return cannot_start(ran.error());
        static_cast<void>(place_.is_there()); // from here on it is known
        writer_ = std::thread([this] { write_loop(); });
        pthread_setname_np(writer_.native_handle(), "recorder");
        return {};
    }

    void add(const engine::Input& input) {
        const std::size_t bytes = bytes_of(input);
        Lock lock(mutex_);
        while (!stopped_ && queued_bytes_ > 0 && queued_bytes_ + bytes > options_.queue_bytes) room_.wait(lock);
        if (stopped_ || closing_) return;
        queue_.push_back(input);
        queued_bytes_ += bytes;
        ++inputs_;
        if (queue_.size() == 1 || batch_is_full()) work_.notify_one();
    }

    Result<void> close(const Ending& ending) {
        if (!writer_.joinable()) return {};
        {
            const Lock lock(mutex_);
            closing_ = true;
            work_.notify_one();
        }
        writer_.join();
        const Lock lock(mutex_);
        if (error_) return tl::unexpected(*error_);
        auto finished = finish(ending);
        if (!finished && finished.error().code != ErrorCode::Gone)
            finished = tl::unexpected(write_error(path_, finished.error().message));
        if (!finished) error_ = finished.error();
        return finished;
    }

    std::uint64_t inputs() const {
        const Lock lock(mutex_);
        return inputs_;
    }
    std::uint64_t redacted() const {
        const Lock lock(mutex_);
        return redacted_;
    }
    bool failed() const {
        const Lock lock(mutex_);
        return stopped_;
    }

private:
    bool batch_is_full() const FHIRSCOPE_REQUIRES(mutex_) {
        return queue_.size() >= options_.batch_inputs || queued_bytes_ >= options_.batch_bytes;
    }

    tl::unexpected<Error> cannot_start(const Error& error) {
        database_.reset();
        ::unlink(path_.c_str());
        return fail(ErrorCode::Write,
                    "cannot make the session file " + path_ + ": " + error.message + ". Give another place.");
    }

    void write_loop() {
        std::vector<engine::Input> taken;
        for (;;) {
            {
                Lock lock(mutex_);
                while (!closing_ && queue_.empty()) work_.wait(lock);
                // More to write at once is worth waiting for, but not for long.
                const auto soon = SteadyClock::now() + options_.commit_every;
                while (!closing_ && !batch_is_full())
                    if (!work_.wait_until(lock, soon)) break;
                if (queue_.empty()) return;
                taken.swap(queue_);
                queued_bytes_ = 0;
                room_.notify_all();
            }
            auto written = write(taken);
            taken.clear();
            if (!written)
                return stop(written.error().code == ErrorCode::Gone ? written.error()
                                                                    : write_error(path_, written.error().message));
        }
    }

    void stop(Error error) {
        {
            const Lock lock(mutex_);
            error_ = error;
            stopped_ = true;
            queue_.clear();
            room_.notify_all();
        }
        if (options_.on_error) options_.on_error(error);
    }

    // One transaction: in the file completely, or not at all.
    Result<void> write(std::vector<engine::Input>& inputs) {
        if (auto there = check_there(); !there) return there;
        if (auto ran = database_->run("BEGIN"); !ran) return ran;
        for (engine::Input& input : inputs) {
            if (const std::size_t replaced = redactor_.apply(input)) {
                const Lock lock(mutex_);
                redacted_ += replaced;
            }
            grow(input);
            if (growing_.count < options_.batch_inputs && growing_.message.size() < options_.batch_bytes) continue;
            if (auto stored = store_growing(); !stored) return stored;
            begin_next();
        }
        if (auto stored = store_growing(); !stored) return stored;
        if (SteadyClock::now() - growing_.since >= options_.batch_age) begin_next();
        return database_->run("COMMIT");
    }

    Result<void> check_there() {
        if (place_.is_there()) return {};
        // Into the file that is held, wherever it is: a renamed one has then everything.
        static_cast<void>(database_->run("PRAGMA wal_checkpoint(TRUNCATE)"));
        return tl::unexpected(gone_error(path_));
    }

    void grow(const engine::Input& input) {
        if (growing_.count == 0) {
            growing_.first_at = input.at;
            growing_.since = SteadyClock::now();
        }
        ++growing_.count;
        growing_.last_at = input.at;
        append(growing_.message, input);
    }

    void begin_next() {
        growing_.first += growing_.count;
        growing_.count = 0;
        growing_.message.clear();
    }

    // In the place of its row as it was at the last commit.
    Result<void> store_growing() {
        if (growing_.count == 0) return {};
        return store(pack(growing_.first, growing_.count, growing_.first_at, growing_.last_at, growing_.message,
                          options_.compression));
    }

    Result<void> store(const Batch& batch) {
        auto statement = database_->prepare("INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?, ?, ?)");
        if (!statement) return tl::unexpected(statement.error());
        statement->bind(1, static_cast<std::int64_t>(batch.first));
        statement->bind(2, static_cast<std::int64_t>(batch.count));
        statement->bind(3, batch.first_at.time_since_epoch().count());
        statement->bind(4, batch.last_at.time_since_epoch().count());
        statement->bind(5, static_cast<std::int64_t>(batch.size));
        statement->bind(6, static_cast<std::int64_t>(batch.checksum));
        statement->bind_blob(7, batch.data);
        if (auto step = statement->step(); !step) return tl::unexpected(step.error());
        return {};
    }

    Result<void> finish(const Ending& ending) FHIRSCOPE_REQUIRES(mutex_) {
        if (auto there = check_there(); !there) return there;
        HeaderLines lines{{"inputs", std::to_string(growing_.first + growing_.count)},
                          {"redacted", std::to_string(redacted_)}};
        if (ending.state_hash) lines.emplace_back("state_hash", engine::hash_text(*ending.state_hash));
        if (ending.content) lines.emplace_back("content_digest", to_text(*ending.content));
        if (ending.counters) {
            for (const NamedCounter& counter : counters()) {
                lines.emplace_back(std::string("counter.") + counter.name,
                                   std::to_string((*ending.counters).*counter.member));
            }
        }
        // The mark of a session that was closed in order.
        if (ending.state_hash) lines.emplace_back("complete", "1");
        if (auto ran = database_->run("BEGIN"); !ran) return ran;
        if (auto put = put_header(*database_, lines); !put) return put;
        if (auto ran = database_->run("COMMIT"); !ran) return ran;
        if (auto ran = database_->run("PRAGMA wal_checkpoint(TRUNCATE)"); !ran) return ran;
        // Back from WAL: the session is one file, which can be read from a place that cannot be written. While somebody
        // has it open that is refused, and the file is as whole as before.
        (void)database_->run("PRAGMA journal_mode=DELETE");
        database_.reset();
        return {};
    }

    const std::string path_;
    const RecorderOptions options_;

    // Of the writer's thread until it was joined.
    std::optional<Database> database_;
    WrittenFile place_;
    Redactor redactor_;
    struct Growing { // the batch that has not ended yet
        std::uint64_t first = 0, count = 0;
        LocalTime first_at, last_at;
        std::string message;
        SteadyClock::time_point since;
    } growing_;

    mutable Mutex mutex_;
    ConditionVariable work_, room_;
    std::vector<engine::Input> queue_ FHIRSCOPE_GUARDED_BY(mutex_);
    std::size_t queued_bytes_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    std::uint64_t inputs_ FHIRSCOPE_GUARDED_BY(mutex_) = 0, redacted_ FHIRSCOPE_GUARDED_BY(mutex_) = 0;
    bool closing_ FHIRSCOPE_GUARDED_BY(mutex_) = false, stopped_ FHIRSCOPE_GUARDED_BY(mutex_) = false;
    std::optional<Error> error_ FHIRSCOPE_GUARDED_BY(mutex_);

    std::thread writer_;
};

Result<std::unique_ptr<Recorder>> Recorder::create(const std::string& path, RecorderOptions options) {
    auto impl = std::make_unique<Impl>(path, std::move(options));
    if (auto prepared = impl->prepare(); !prepared) return tl::unexpected(prepared.error());
    return std::unique_ptr<Recorder>(new Recorder(std::move(impl)));
}

Recorder::Recorder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

// Whoever wants to know how it ended calls close().
Recorder::~Recorder() { static_cast<void>(impl_->close({})); }

void Recorder::add(const engine::Input& input) { impl_->add(input); }
Result<void> Recorder::close(const Ending& ending) { return impl_->close(ending); }
std::uint64_t Recorder::inputs() const { return impl_->inputs(); }
std::uint64_t Recorder::redacted() const { return impl_->redacted(); }
bool Recorder::failed() const { return impl_->failed(); }

} // namespace fhirscope::session
