// The start page, its form, notices, size and what is shown where there is no room.

#include "gui/frame/actions/actions.hpp"
#include "gui/model/start_form.hpp"
#include "gui/window/looks.hpp"
#include "support/paths.hpp"
#include "window_driver.hpp"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <filesystem>
#include <fstream>

using namespace fhirscope;
using namespace fhirscope::gui;
using Catch::Matchers::ContainsSubstring;
using fhirscope::tests::WindowDriver;

namespace {

StartInfo start_info() {
    StartInfo info;
    info.version = "0.1.0";
    info.demos = {{"clinic", "Cardiology follow-up", "4 updates/s"}, {"busy", "Busy clinic", "100 updates/s"}};
    info.criteria = {{true, "Patient", "Patient"}, {true, "Task", "Task"}};
    info.profiles = {"staging"};
    return info;
}

// The window with nothing open.
struct Start : WindowDriver {
    explicit Start(float width = 1440, float height = 900) : WindowDriver(empty_snapshot(), width, height) {
        input.session = {};
        input.session.open = false;
        input.start = &info;
        frame();
        frame();
    }
    template <class T>
    const T& asked() const {
        for (const Request& request : shell.ui().requests)
            if (const T* found = std::get_if<T>(&request)) return *found;
        throw std::runtime_error("this was not asked for");
    }
    void fill(std::string_view target, std::string_view text) {
        click(target);
        key(ImGuiKey_A, true);
        type(text);
    }
    StartInfo info = start_info();
};

ConnectForm good_form() {
    ConnectForm form;
    form.url = "https://fhir.example/";
    form.client_id = "board";
    form.login = Login::Typed;
    form.secret = "s";
    form.criteria = {{true, "Task", "Task?status=requested"}};
    return form;
}

} // namespace

TEST_CASE("an address is checked as it is typed", "[start]") {
    for (const char* url : {"https://api.medplum.com/", "http://127.0.0.1:8103/fhir/R4", "https://[::1]:8443/",
                            "https://host", "https://a_b.example/"}) {
        INFO(url);
        CHECK(check_url(url).empty());
    }
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"api.medplum.com", "https://"}, {"ftp://host/", "https://"},    {"https://", "no host"},
        {"https://:80/", "no host"},     {"https://h:0/", "port"},       {"https://h:70000/", "port"},
        {"https://h:12a/", "port"},      {"https://u:p@h/", "password"}, {"https://h/?x=1", "?"},
        {"https://h o/", "space"},       {"https://h/#a", "#"},          {"https://h,x/", "character"}};
    for (const auto& [url, reason] : wrong) {
        INFO(url);
        CHECK_THAT(check_url(url), ContainsSubstring(reason));
    }
}

TEST_CASE("a form says what is missing and what is wrong", "[start]") {
    const StartInfo info = start_info();
    CHECK(check_form(good_form(), info).ready);
    SECTION("nothing typed yet is no mistake") {
        ConnectForm form = form_of({}, info);
        form.login = Login::Typed;
        const FormCheck check = check_form(form, info);
        CHECK_FALSE(check.ready);
        CHECK(check.url.empty());
        CHECK(check.missing == "a base URL");
    }
    SECTION("a secret that is not in the environment") {
        ConnectForm form = good_form();
        form.login = Login::Environment;
        CHECK_THAT(check_form(form, info).secret, ContainsSubstring("MEDPLUM_CLIENT_SECRET"));
        StartInfo with = info;
        with.secret_in_environment = true;
        CHECK(check_form(form, with).ready);
    }
    SECTION("a secret would travel unencrypted") {
        ConnectForm form = good_form();
        form.url = "http://fhir.example/";
        CHECK_THAT(check_form(form, info).secret, ContainsSubstring("https"));
        for (const char* own : {"http://127.0.0.1:8103/", "http://localhost/", "http://[::1]:8103/"}) {
            form.url = own;
            CHECK(check_form(form, info).ready);
        }
        for (const char* other : {"http://127.evil.example/", "http://localhost.evil.example/"}) {
            form.url = other;
            CHECK_THAT(check_form(form, info).secret, ContainsSubstring("https"));
        }
        form.login = Login::Environment;
        StartInfo with = info;
        with.secret_in_environment = true;
        CHECK_THAT(check_form(form, with).secret, ContainsSubstring("https"));
        with.insecure_http = true;
        CHECK(check_form(form, with).ready);
    }
    SECTION("a profile that is not there") {
        ConnectForm form = good_form();
        form.login = Login::Profile;
        form.url.clear(); // the profile says it
        form.profile = "nobody";
        CHECK_THAT(check_form(form, info).profile, ContainsSubstring("nobody"));
        form.profile = "staging";
        CHECK(check_form(form, info).ready);
    }
    SECTION("criteria") {
        ConnectForm form = good_form();
        form.criteria = {{true, "Task", "Patient?active=true"}, {true, "", "task?x"}, {false, "", "nonsense?"}};
        const FormCheck check = check_form(form, info);
        CHECK_THAT(check.criteria[0], ContainsSubstring("Task"));
        CHECK_FALSE(check.criteria[1].empty());
        CHECK(check.criteria[2].empty()); // not asked for
        form.criteria = {{false, "Task", "Task"}};
        CHECK(check_form(form, info).missing == "criteria");
    }
}

TEST_CASE("what is asked of the server is what is ticked, and the secret only where it was typed", "[start]") {
    ConnectForm form = good_form();
    form.criteria.push_back({false, "Patient", "Patient"});
    CHECK(request_of(form).criteria.size() == 1);
    CHECK(*request_of(form).secret == "s");
    form.login = Login::Environment;
    CHECK(request_of(form).secret == nullptr);
    std::string secret = "hunter2hunter2hunter2";
    const char* bytes = secret.data();
    wipe(secret);
    CHECK(secret.empty());
    CHECK(std::string_view(bytes, 7) != "hunter2");
}

TEST_CASE("with nothing open the window is at its start page, and its views cannot be reached", "[start]") {
    Start window;
    CHECK(window.has("start/demo"));
    CHECK(window.has("start/url"));
    CHECK(window.has("start/open"));
    CHECK_FALSE(window.has("inspector/open"));
    window.click("rail/log");
    window.key(ImGuiKey_3, true);
    CHECK(window.has("start/demo"));
    CHECK(window.shell.ui().view == ViewId::Panels);
}

TEST_CASE("a demo begins with one click, or one key", "[start]") {
    Start window;
    window.click("start/demo/busy");
    window.click("start/demo");
    CHECK(window.asked<OpenDemo>().name == "busy");
    CHECK(window.asked<OpenDemo>().seed == 1);
    window.shell.ui().requests.clear();
    window.key(ImGuiKey_D, true);
    CHECK(window.asked<OpenDemo>().name == "clinic");
}

TEST_CASE("a seed that is none keeps the demo from starting", "[start]") {
    Start window;
    window.fill("start/seed", "twelve");
    CHECK(window.has("start/seed/problem"));
    window.click("start/demo");
    CHECK(window.shell.ui().requests.empty());
}

TEST_CASE("the form says beside the field why it cannot be sent, and sends what was typed", "[start]") {
    Start window;
    window.click("start/login/typed");
    window.fill("start/url", "fhir.example");
    CHECK(window.has("start/url/problem"));
    window.fill("start/url", "https://fhir.example/");
    CHECK_FALSE(window.has("start/url/problem"));
    window.fill("start/client", "board");
    window.click("start/connect");
    CHECK(window.shell.ui().requests.empty()); // the secret is missing
    window.fill("start/secret", "hunter2");
    window.click("start/connect");
    const OpenServer& asked = window.asked<OpenServer>();
    CHECK(asked.url == "https://fhir.example/");
    CHECK(asked.client_id == "board");
    CHECK(*asked.secret == "hunter2");
    CHECK(asked.criteria.size() == 2);
    // It is kept for the next start, but for the secret, and the field is empty again.
    CHECK_THAT(window.shell.ui().settings.text(), ContainsSubstring("fhir.example") && !ContainsSubstring("hunter2"));
    window.shell.ui().requests.clear();
    window.click("start/connect");
    CHECK(window.shell.ui().requests.empty());
}

TEST_CASE("a secret cannot be copied out of its field", "[start]") {
    Start window;
    window.click("start/login/typed");
    window.fill("start/secret", "hunter2");
    window.key(ImGuiKey_A, true);
    window.key(ImGuiKey_C, true);
    CHECK(window.clipboard.empty());
}

TEST_CASE("a recording is opened by its path once that can be read, or by dropping it", "[start]") {
    Start window;
    window.key(ImGuiKey_O, true);
    window.type("/r/a.fhirscope");
    CHECK(window.asked<CheckPath>().path == "/r/a.fhirscope");
    window.click("start/open"); // not checked yet
    window.info.checked_path = "/r/a.fhirscope";
    window.info.path_problem = "There is no such file";
    window.frame();
    CHECK(window.has("start/path/problem"));
    window.click("start/open");
    window.info.path_problem.clear();
    window.frame();
    CHECK_FALSE(window.has("start/path/problem"));
    CHECK_THROWS(window.asked<OpenRecording>());
    window.click("start/open");
    CHECK(window.asked<OpenRecording>().path == "/r/a.fhirscope");
    window.shell.ui().requests.clear();
    window.key(ImGuiKey_O, true);
    window.key(ImGuiKey_Enter);
    CHECK(window.asked<OpenRecording>().path == "/r/a.fhirscope");
    window.shell.ui().requests.clear();
    window.shell.ui().start.dropped = "/r/b.fhirscope";
    window.frame();
    CHECK(window.asked<OpenRecording>().path == "/r/b.fhirscope");
}

TEST_CASE("what is being opened is named and can be given up; nothing else can be begun", "[start]") {
    Start window;
    Opening opening{"Connecting to https://fhir.example/", 0, 0, std::chrono::seconds(3)};
    window.input.opening = &opening;
    window.frame();
    CHECK(window.has("start/opening"));
    window.click("start/demo");
    window.key(ImGuiKey_D, true);
    CHECK(window.shell.ui().requests.empty());
    window.click("start/cancel");
    CHECK_NOTHROW(window.asked<CancelOpening>());
}

TEST_CASE("recent ones open again, and are forgotten", "[start]") {
    Start window;
    RecentSettings recent;
    recent.add({Source::Demo, "Busy clinic", "7", 1'700'000'000});
    recent.add({Source::Replay, "a.fhirscope", "/r/a.fhirscope", 1'700'000'000});
    window.shell.ui().settings.put(recent);
    window.frame();
    const Rect first = window.rect("start/recent/row/0");
    window.double_click_at(first.x + 200, first.y + 5);
    CHECK(window.asked<OpenRecording>().path == "/r/a.fhirscope");
    window.shell.ui().requests.clear();
    window.key(ImGuiKey_DownArrow);
    window.key(ImGuiKey_Enter);
    CHECK(window.asked<OpenDemo>().name == "busy");
    CHECK(window.asked<OpenDemo>().seed == 7);
    window.key(ImGuiKey_Delete);
    CHECK(window.shell.ui().settings.get<RecentSettings>().entries.size() == 1);
}

TEST_CASE("the start page over an open session ends it only when it is told to", "[start]") {
    tests::Synthetic data;
    StartInfo info = start_info();
    WindowDriver window(data.publish());
    window.input.start = &info;
    window.frame();
    window.click("rail/sessions");
    CHECK(window.has("start/demo"));
    window.key(ImGuiKey_D, true);
    CHECK(window.shell.ui().requests.empty());
    window.key(ImGuiKey_2, true);
    CHECK_FALSE(window.has("start/demo"));
    CHECK(window.shell.ui().view == ViewId::Log);
    window.click("rail/sessions");
    window.key(ImGuiKey_Escape);
    CHECK_FALSE(window.has("start/demo"));
    window.click("rail/sessions");
    window.click("start/close");
    REQUIRE(window.shell.ui().requests.size() == 1);
    CHECK(std::holds_alternative<CloseSession>(window.shell.ui().requests[0]));
}

TEST_CASE("at 800 by 600 every way can still be taken", "[start]") {
    Start window(800, 600);
    CHECK(window.has("start/demo"));
    window.click("start/tab/connect");
    CHECK(window.has("start/url"));
    CHECK(window.rect("start/connect").bottom() <= 600 - 24 - 80);
    window.click("start/tab/open");
    CHECK(window.has("start/path"));
}

TEST_CASE("demos that do not fit are scrolled to", "[start]") {
    Start window(800, 600);
    for (int i = 0; i < 20; ++i) {
        const std::string name = "d" + std::to_string(i);
        window.info.demos.push_back({name, "Demo " + name, "4 updates/s"});
    }
    window.frame();
    CHECK_FALSE(window.has("start/demo/d19"));
    const Rect list = window.rect("start/demos/body");
    CHECK(list.bottom() <= window.rect("start/seed").y);
    window.wheel(list.x + list.w / 2, list.y + list.h / 2, -100);
    window.click("start/demo/d19");
    window.click("start/demo");
    CHECK(window.asked<OpenDemo>().name == "d19");
}

TEST_CASE("a window that is too small says so and nothing else", "[start]") {
    for (const auto& [width, height] : {std::pair{639.0F, 480.0F}, std::pair{800.0F, 399.0F}}) {
        tests::Synthetic data;
        WindowDriver window(data.publish(), width, height);
        CHECK(window.has("too-small"));
        CHECK_FALSE(window.has("rail/log"));
        window.key(ImGuiKey_Minus, true); // what the sentence says
        CHECK(window.shell.ui().look.scale_percent == 90);
    }
    tests::Synthetic data;
    WindowDriver window(data.publish(), 640, 400);
    CHECK_FALSE(window.has("too-small"));
    CHECK(window.has("rail/log"));
}

TEST_CASE("the size goes up and down in steps and ends at 75 and 200 %", "[looks]") {
    CHECK(next_scale(100, 1) == 110);
    CHECK(next_scale(103, -1) == 100);
    CHECK(next_scale(200, 1) == 200);
    CHECK(next_scale(75, -1) == 75);
    tests::Synthetic data;
    WindowDriver window(data.publish());
    UiState& ui = window.shell.ui();
    window.key(ImGuiKey_Equal, true);
    CHECK(ui.look.scale_percent == 110);
    for (int i = 0; i < 20; ++i) window.key(ImGuiKey_KeypadAdd, true);
    CHECK(ui.look.scale_percent == most_scale);
    window.key(ImGuiKey_0, true);
    CHECK(ui.look.scale_percent == 100);
    for (int i = 0; i < 20; ++i) window.key(ImGuiKey_Minus, true);
    CHECK(ui.look.scale_percent == least_scale);
}

TEST_CASE("faces are built anew for another size, colors for another theme", "[looks]") {
    ImGuiContext* context = ImGui::CreateContext();
    Notices notices;
    Looks looks(tests::assets);
    CHECK_FALSE(looks.use(false, 1, notices)); // the first texture is made by the window
    const float normal = looks.theme().f.body->FontSize;
    const ImU32 dark = looks.theme().c.bg1;
    CHECK_FALSE(looks.use(false, 1, notices));
    CHECK(looks.use(false, 2, notices));
    CHECK(looks.theme().f.body->FontSize == Catch::Approx(2 * normal).margin(1));
    CHECK(looks.theme().px(10) == 20);
    CHECK_FALSE(looks.use(true, 2, notices));
    CHECK(looks.theme().c.bg1 != dark);
    ImGui::DestroyContext(context);
}

TEST_CASE("a theme that cannot be read is told with file, line and reason, until it can", "[looks]") {
    ImGuiContext* context = ImGui::CreateContext();
    const auto assets = std::filesystem::path(tests::output) / "looks";
    std::filesystem::remove_all(assets);
    std::filesystem::create_directories(assets / "themes");
    std::ofstream(assets / "themes" / "dark.json") << "{\n  \"colors\": {\n    \"bg1\": \"purple\"\n  }\n}\n";
    std::filesystem::copy_file(std::filesystem::path(tests::assets) / "themes" / "light.json",
                               assets / "themes" / "light.json");
    Notices notices;
    Looks looks(assets);
    looks.use(false, 1, notices);
    const auto theme = [&] {
        for (const auto& entry : notices.all())
            if (entry.notice.key == "theme") return entry.notice.cause;
        return std::string();
    };
    CHECK_THAT(theme(), ContainsSubstring("dark.json:3: \"bg1\" is not a color"));
    CHECK(looks.theme().c.bg1 == builtin_dark().bg1);
    looks.use(true, 1, notices);
    CHECK(theme().empty());
    ImGui::DestroyContext(context);
}

TEST_CASE("a notice stays until it is dismissed, and offers what helps", "[notices]") {
    tests::Synthetic data;
    WindowDriver window(data.publish());
    Notices& notices = window.shell.ui().notices;
    notices.add({Notice::Severity::Error, "", "The session could not be opened.", "/r/a.fhirscope: no such file", ""});
    notices.add({Notice::Severity::Attention, "", "Everything is very small.", "", "scale-up"});
    window.frame();
    window.frame();
    const std::string first = "notice/" + std::to_string(notices.all()[0].number);
    const std::string second = "notice/" + std::to_string(notices.all()[1].number);
    CHECK(window.has(first + "/close"));
    CHECK_FALSE(window.has(first + "/do"));
    window.click(second + "/do");
    CHECK(window.shell.ui().look.scale_percent == 110);
    CHECK(notices.size() == 1);
    window.click(first + "/close");
    CHECK(notices.empty());
}

TEST_CASE("many notices do not hide the window", "[notices]") {
    tests::Synthetic data;
    WindowDriver window(data.publish(), 800, 600);
    Notices& notices = window.shell.ui().notices;
    for (int i = 0; i < 10; ++i)
        notices.add({Notice::Severity::Info, "", "Notice " + std::to_string(i), "because", ""});
    window.frame();
    window.frame();
    CHECK(window.has("notice/all"));
    window.click("notice/all");
    CHECK(notices.empty());
}

TEST_CASE("every action that works anywhere is safe with nothing open", "[start]") {
    Start window;
    for (const Action& action : all_actions())
        if (action.anywhere) CHECK(action.run != nullptr);
    window.key(ImGuiKey_K, true);
    CHECK(window.shell.ui().overlays.palette);
    window.type("theme");
    window.key(ImGuiKey_Enter);
    CHECK(window.shell.ui().look.light);
    window.key(ImGuiKey_Comma, true);
    CHECK(window.has("settings/theme/dark"));
    window.click("settings/larger");
    CHECK(window.shell.ui().look.scale_percent == 110);
    window.click("settings/reset");
    CHECK(window.shell.ui().look.scale_percent == 100);
    CHECK_FALSE(window.shell.ui().look.light);
}
