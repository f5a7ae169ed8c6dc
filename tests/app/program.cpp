#include "program.hpp"

#include "session/reader.hpp"
#include "support/paths.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

extern char** environ;

namespace fhirscope::tests {

namespace {

namespace fs = std::filesystem;

std::map<std::string, std::string> environment_with(const Environment& changes) {
    std::map<std::string, std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        const std::string line = *entry;
        const std::string name = line.substr(0, line.find('='));
        if (!name.starts_with("MEDPLUM_") && !name.starts_with("XDG_")) all[name] = line.substr(name.size() + 1);
    }
    all.erase("DISPLAY");
    all.erase("WAYLAND_DISPLAY");
    all["HOME"] = fs::path(fresh_path("home")).string();
    for (const auto& [name, value] : changes)
        if (value)
            all[name] = *value;
        else
            all.erase(name);
    fs::create_directories(all["HOME"]);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

} // namespace

std::string Outcome::last_line() const {
    std::string text = out;
    while (text.ends_with('\n')) text.pop_back();
    const auto line = text.rfind('\n');
    return line == text.npos ? text : text.substr(line + 1);
}

Program::Program(std::vector<std::string> arguments, const Environment& changes) {
    static std::atomic<int> number = 0;
    const std::string name = "program-" + std::to_string(++number);
    out_file_ = fresh_path(name + ".out");
    err_file_ = fresh_path(name + ".err");
    std::vector<std::string> variables;
    for (const auto& [key, value] : environment_with(changes)) variables.push_back(key + "=" + value);
    arguments.insert(arguments.begin(), program);
    const auto argv = pointers(arguments), envp = pointers(variables);

    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ > 0) return;
    const int out = ::open(out_file_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    const int err = ::open(err_file_.c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    ::execve(program, argv.data(), envp.data());
    ::_exit(127);
}

Program::~Program() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

std::string Program::wait_for_line(const std::string& beginning) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
        std::istringstream lines(read_file(out_file_));
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with(beginning) && !lines.eof()) return line; // with its end of line, so it is whole
        siginfo_t ended{};
        if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == pid_)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    throw std::runtime_error("the program did not print \"" + beginning + "\": " + read_file(err_file_));
}

// What runs right after the fork is this program still, with Catch2's own handlers.
void Program::signal(int number) const {
    const fs::path link = "/proc/" + std::to_string(pid_) + "/exe", wanted = fs::canonical(program);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    for (std::error_code error; fs::read_symlink(link, error) != wanted && !error;) {
        if (std::chrono::steady_clock::now() > until) throw std::runtime_error("the program did not start");
        std::this_thread::yield();
    }
    ::kill(pid_, number);
}

Outcome Program::wait(std::chrono::seconds timeout) {
    const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
    if (process < 0) throw std::runtime_error("pidfd_open failed");
    pollfd ended{process, POLLIN, 0};
    const int ready = ::poll(&ended, 1, static_cast<int>(std::chrono::milliseconds(timeout).count()));
    ::close(process);
    if (ready != 1) throw std::runtime_error("the program did not end in time: " + read_file(err_file_));
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out_file_), read_file(err_file_)};
}

std::string fresh_path(const std::string& name) {
    const fs::path folder = fs::path(output) / "app";
    fs::create_directories(folder);
    for (const char* beside : {"", "-wal", "-shm", "-journal"})
        fs::remove_all(folder / (name + beside)); // of a killed run
    return (folder / name).string();
}

std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::uint64_t recorded_inputs(const std::string& path) {
    const auto reader = session::Reader::open(path);
    return reader ? reader->summary().inputs : 0;
}

} // namespace fhirscope::tests
