#include "runtime/log.hpp"

#include "fhir/harmless.hpp"
#include "files/private_folder.hpp"
#include "files/regular_file.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

namespace fhirscope::runtime {
namespace {

constexpr std::size_t max_log_file = 4u << 20;
constexpr std::size_t files_set_aside = 1;

std::filesystem::path default_directory() {
    const auto get = [](const char* name) {
        const char* value = std::getenv(name);
        return std::filesystem::path(value ? value : "");
    };
    if (const auto state = get("XDG_STATE_HOME"); state.is_absolute()) return state / "fhirscope";
    if (const auto home = get("HOME"); home.is_absolute()) return home / ".local" / "state" / "fhirscope";
    return {};
}

std::shared_ptr<spdlog::sinks::sink> file_sink(const std::filesystem::path& file) {
    if (auto may = files::check_may_write(file); !may) throw spdlog::spdlog_ex(may.error().message);
    spdlog::file_event_handlers handlers;
    handlers.after_open = [](const spdlog::filename_t&, std::FILE* opened) {
        fchmod(fileno(opened), S_IRUSR | S_IWUSR);
    };
    return std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), max_log_file, files_set_aside, false,
                                                                  handlers);
}

// A message has words of servers in it: it stays one line, and steers no terminal.
class HarmlessMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const std::string text = fhir::harmless({message.payload.data(), message.payload.size()});
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<HarmlessMessage>(); }
};

// The only way to a sink: "%*" is the message.
spdlog::sink_ptr with_pattern(spdlog::sink_ptr sink, const std::string& pattern) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<HarmlessMessage>('*').set_pattern(pattern);
    sink->set_formatter(std::move(formatter));
    return sink;
}

} // namespace

LogPlace set_up_log(const LogOptions& options) {
    LogPlace place;
    std::vector<spdlog::sink_ptr> sinks;
    const std::filesystem::path directory = options.directory.empty() ? default_directory() : options.directory;
    if (directory.empty()) {
        place.problem = "neither XDG_STATE_HOME nor HOME names a folder for the log";
    } else if (auto made = files::make_private_folder(directory); !made) {
        place.problem = made.error().message;
    } else {
        try {
            sinks.push_back(with_pattern(file_sink(directory / "fhirscope.log"), "%Y-%m-%dT%H:%M:%S.%e%z %-7l %*"));
            place.file = directory / "fhirscope.log";
        } catch (const std::exception& error) { // of the file system, or of spdlog
            place.problem = error.what();
        }
    }
    const auto level = options.verbose ? spdlog::level::debug : spdlog::level::info;
    if (options.headless || sinks.empty()) {
        auto terminal = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        terminal->set_level(sinks.empty() && options.verbose ? level : spdlog::level::warn);
        sinks.push_back(with_pattern(std::move(terminal), "fhirscope: %*"));
    }
    auto logger = std::make_shared<spdlog::logger>("fhirscope", sinks.begin(), sinks.end());
    logger->set_level(level);
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    return place;
}

} // namespace fhirscope::runtime
