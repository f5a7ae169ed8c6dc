#pragma once
// Resources made up at random, of few different values so that edits meet, and random edits of them.

#include "json_tree.hpp"

#include <array>

namespace fhirscope::fhir::samples {

class ResourceGenerator {
public:
    explicit ResourceGenerator(std::uint64_t seed) : random_(seed) {}

    std::mt19937_64& random() { return random_; }
    std::size_t below(std::size_t end) { return random_() % end; }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

    Json resource() {
        Json resource =
            Json::object({{"resourceType", Json::string("Task")},
                          {"id", Json::string("r1")},
                          {"meta", Json::object({{"versionId", Json::string("1")},
                                                 {"lastUpdated", Json::string("2026-02-10T10:30:15.123Z")}})}});
        for (const Maker& maker : makers())
            if (chance(7)) resource.set(maker.name, (this->*maker.make)());
        if (chance(4)) resource.find("meta")->set("tag", codings());
        return resource;
    }

    // Some edits, as a person or a program makes them. Nothing empty is left.
    Json edited(const Json& resource, std::size_t most = 4) {
        Json copy = resource;
        for (std::size_t i = 1 + below(most); i > 0; --i) edit(copy);
        prune(copy);
        return copy;
    }

    // Anything that is JSON, valid in FHIR or not.
    Json anything(std::size_t depth) {
        const std::size_t kind = depth == 0 ? below(4) : below(8);
        if (kind == 0) return word();
        if (kind == 1) return number();
        if (kind == 2) return Json::scalar(std::array{"null", "true", "false"}[below(3)]);
        if (kind == 3) return chance(2) ? Json::array({}) : Json::object({});
        if (kind < 6) {
            Json array = Json::array({});
            for (std::size_t i = below(4); i > 0; --i) array.elements.push_back(anything(depth - 1));
            return array;
        }
        return any_object(depth);
    }
    Json any_object(std::size_t depth) {
        static constexpr std::array names{"a",           "_a",         "value",    "unit",  "system", "code",
                                          "reference",   "display",    "status",   "start", "end",    "valueString",
                                          "valueCode",   "_value",     "use",      "url",   "id2",    "coding",
                                          "contentType", "identifier", "extension"};
        Json object = Json::object({});
        for (std::size_t i = below(5); i > 0; --i)
            object.members.emplace_back(names[below(names.size())], anything(depth == 0 ? 0 : depth - 1));
        return object;
    }
    // The same JSON, but for some values.
    void change_anything(Json& json, std::size_t depth) {
        if (json.is_empty() || json.kind == Json::Kind::Scalar || chance(6)) {
            json = anything(depth);
        } else if (json.is_object()) {
            const std::size_t at = below(json.members.size());
            if (chance(4))
                json.members.erase(json.members.begin() + static_cast<std::ptrdiff_t>(at));
            else if (chance(4))
                for (auto& member : any_object(depth).members) json.members.push_back(std::move(member));
            else
                change_anything(json.members[at].second, depth == 0 ? 0 : depth - 1);
        } else {
            change_elements(
                json, [&] { return anything(depth == 0 ? 0 : depth - 1); },
                [&](Json& element) { change_anything(element, depth == 0 ? 0 : depth - 1); });
        }
    }

private:
    struct Maker {
        const char* name;
        Json (ResourceGenerator::*make)();
    };
    static const std::vector<Maker>& makers() {
        using G = ResourceGenerator;
        static const std::vector<Maker> all{
            {"status", &G::word},
            {"statusReason", &G::concept_value},
            {"priority", &G::word},
            {"description", &G::word},
            {"owner", &G::reference},
            {"for", &G::reference},
            {"executionPeriod", &G::period},
            {"restriction", &G::restriction},
            {"code", &G::concept_value},
            {"valueQuantity", &G::quantity},
            {"valueString", &G::word},
            {"effectiveDateTime", &G::word},
            {"factor", &G::number},
            {"active", &G::boolean},
            {"telecom", &G::telecoms},
            {"identifier", &G::identifiers},
            {"name", &G::names},
            {"note", &G::notes},
            {"list", &G::words},
            {"given", &G::words},
            {"_given", &G::companions},
            {"birthDate", &G::word},
            {"_birthDate", &G::companion},
            {"extension", &G::extensions},
            {"basedOn", &G::references},
            {"contained", &G::contained},
            {"content", &G::attachment},
            {"component", &G::components},
        };
        return all;
    }

    Json word() { return Json::string(std::string(1, static_cast<char>('a' + below(6)))); }
    Json number() {
        return Json::scalar(std::array{"1", "1.0", "1.50", "1.5", "1.500", "2", "-0.010", "1e2", "100",
                                       "0.10000000000000000001"}[below(10)]);
    }
    Json boolean() { return Json::scalar(chance(2) ? "true" : "false"); }

    // Each member with one chance in two, at least one.
    Json some(std::vector<std::pair<std::string, Json>> members) {
        const std::size_t kept = below(members.size());
        std::vector<std::pair<std::string, Json>> chosen;
        for (std::size_t i = 0; i < members.size(); ++i)
            if (i == kept || chance(2)) chosen.push_back(std::move(members[i]));
        return Json::object(std::move(chosen));
    }
    template <class Make>
    Json several(Make make) {
        Json array = Json::array({});
        for (std::size_t i = 1 + below(4); i > 0; --i) array.elements.push_back(make());
        return array;
    }

    Json reference() { return some({{"reference", word()}, {"display", word()}}); }
    Json period() { return some({{"start", word()}, {"end", word()}}); }
    Json restriction() { return some({{"repetitions", number()}, {"period", period()}}); }
    Json quantity() { return some({{"value", number()}, {"unit", word()}, {"comparator", word()}}); }
    Json coding() { return some({{"system", word()}, {"code", word()}, {"display", word()}}); }
    Json codings() {
        return several([&] { return Json::object({{"system", Json::string("s")}, {"code", word()}}); });
    }
    Json concept_value() {
        return some({{"coding", several([&] { return coding(); })}, {"text", word()}});
    }
    Json telecom() {
        Json value = some({{"value", word()}, {"rank", number()}});
        value.set("system", Json::string(std::array{"phone", "email", "fax"}[below(3)]));
        if (chance(2)) value.set("use", Json::string(std::array{"home", "work"}[below(2)]));
        return value;
    }
    Json telecoms() {
        return several([&] { return telecom(); });
    }
    Json identifiers() {
        return several([&] {
            Json value = some({{"type", word()}, {"period", period()}});
            value.set("system", Json::string("s"));
            value.set("value", word());
            return value;
        });
    }
    Json names() {
        return several([&] {
            return some({{"use", word()}, {"family", word()}, {"given", words()}, {"_family", companion()}});
        });
    }
    Json notes() {
        return several([&] { return some({{"text", word()}, {"time", word()}}); });
    }
    Json words() {
        return several([&] { return word(); });
    }
    Json companion() { return some({{"id", word()}, {"extension", extensions()}}); }
    Json companions() {
        return several([&] { return chance(2) ? Json::scalar("null") : companion(); });
    }
    Json extensions() {
        return several([&] {
            Json value = Json::object({{"url", word()}});
            if (chance(2))
                value.set("valueDecimal", number());
            else
                value.set("valueString", word());
            return value;
        });
    }
    Json references() {
        return several([&] {
            Json value = reference();
            value.set("reference", word());
            return value;
        });
    }
    Json contained() {
        return several([&] {
            Json value = some({{"status", word()}, {"subject", reference()}, {"start", word()}, {"code", word()}});
            value.set("resourceType", Json::string("X"));
            value.set("id", word());
            return value;
        });
    }
    Json attachment() {
        return Json::object(
            {{"contentType", word()},
             {"url", Json::string("https://" + std::to_string(below(2)) + "?Signature=" + std::to_string(below(3)))}});
    }
    Json components() {
        return several([&] {
            return some({{"code", concept_value()}, {"valueQuantity", quantity()}, {"valueString", word()}});
        });
    }

    void edit(Json& resource) {
        if (chance(10)) {
            resource.find("meta")->set("tag", codings());
            return;
        }
        // Mostly of what is there.
        const Maker* chosen = &makers()[below(makers().size())];
        for (int tries = 0; tries < 4 && resource.find(chosen->name) == nullptr; ++tries)
            chosen = &makers()[below(makers().size())];
        const Maker& maker = *chosen;
        Json* present = resource.find(maker.name);
        if (present == nullptr) {
            resource.set(maker.name, (this->*maker.make)());
        } else if (chance(5)) {
            resource.erase(maker.name);
        } else {
            Json fresh = (this->*maker.make)();
            change(*present, fresh);
        }
    }

    // Towards another value of the same element.
    void change(Json& json, const Json& fresh) {
        if (json.kind != fresh.kind || json.kind == Json::Kind::Scalar || chance(8)) {
            json = fresh;
        } else if (json.is_object()) {
            const auto& [name, value] = fresh.members[below(fresh.members.size())];
            if (chance(5) && name != "resourceType" && name != "id")
                json.erase(name);
            else if (Json* present = json.find(name))
                change(*present, value);
            else
                json.set(name, value);
        } else {
            const Json& other = fresh.elements[below(fresh.elements.size())];
            change_elements(
                json, [&] { return other; }, [&](Json& element) { change(element, other); });
        }
    }

    template <class Make, class Change>
    void change_elements(Json& array, Make make, Change change_one) {
        auto& elements = array.elements;
        const auto place = [&](std::size_t end) { return elements.begin() + static_cast<std::ptrdiff_t>(below(end)); };
        if (elements.empty() || chance(4))
            elements.insert(place(elements.size() + 1), make());
        else if (chance(4))
            elements.erase(place(elements.size()));
        else if (chance(6))
            std::iter_swap(place(elements.size()), place(elements.size()));
        else
            change_one(*place(elements.size()));
    }

    static void prune(Json& json) {
        for (Json& element : json.elements) prune(element);
        for (auto& [name, value] : json.members) prune(value);
        std::erase_if(
            json.elements, [](const Json& element) { return element.is_empty(); });
        std::erase_if(json.members, [](const auto& member) { return member.second.is_empty(); });
    }

    std::mt19937_64 random_;
};

} // namespace fhirscope::fhir::samples
