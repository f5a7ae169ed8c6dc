#pragma once
// The descriptions of structs as Protocol Buffers' own language says them: docs/session.proto.

#include "engine/input_message.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace fhirscope::tests {

// "Live"; "(…Mode)7" where there is none.
template <auto Value>
std::string_view enumerator() {
    std::string_view name = __PRETTY_FUNCTION__;
    name.remove_prefix(name.find("Value = ") + 8);
    name = name.substr(0, name.find_first_of(";]"));
    return name.starts_with('(') ? name : name.substr(name.rfind(':') + 1);
}

// "HttpAnswer", "Resolve_Action".
template <class T>
std::string type_name() {
    int status = 0;
    char* const text = abi::__cxa_demangle(typeid(T).name(), nullptr, nullptr, &status);
    std::string name = text;
    std::free(text);
    for (const std::string_view space : {"fhirscope::engine::", "fhirscope::fhir::"})
        if (name.starts_with(space)) name.erase(0, space.size());
    for (std::size_t colons = name.find("::"); colons != name.npos; colons = name.find("::"))
        name.replace(colons, 2, "_");
    return name;
}

inline std::string snake_case(std::string_view name) { // "http_answer"
    std::string out;
    for (const char c : name) {
        const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
        if (upper && !out.empty()) out += '_';
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

class ProtoDescriber {
public:
    static constexpr bool reading = false, hashing = false;

    // With all that it is made of.
    template <class T>
    void message() {
        T value{};
        describe(type_name<T>(), [&] { value.archive(*this); });
    }
    // In the order in which they were needed.
    std::string text() const {
        std::string all;
        for (const std::string& name : order_) all += "\n" + blocks_.at(name);
        return all;
    }

    // Enums that have an enumerator behind the one that LastOf names.
    const std::vector<std::string>& forgotten() const { return forgotten_; }

    template <class... Ts>
    void fields(std::string_view names, Ts&...) {
        int number = 0;
        const auto next_name = [&] {
            const std::size_t end = std::min(names.find(','), names.size());
            const std::string name(names.substr(0, end));
            names.remove_prefix(std::min(names.size(), end + 2));
            return name;
        };
        (line("    ", label<Ts>(), type<Ts>(), next_name(), ++number), ...);
    }

private:
    struct Type {
        std::string name, comment;
    };
    template <class T>
    struct Tell {};

    void line(const std::string& indent, const std::string& label, const Type& type, const std::string& name,
              int number) {
        lines_ += indent + label + type.name + " " + name + " = " + std::to_string(number) + ";" +
                  (type.comment.empty() ? "" : " // " + type.comment) + "\n";
    }
    template <class F>
    std::string describe(const std::string& name, F&& body) {
        if (!known_.insert(name).second) return name;
        order_.push_back(name);
        const std::string outer = std::exchange(lines_, {});
        body();
        blocks_[name] = "message " + name + " {\n" + lines_ + "}\n";
        lines_ = outer;
        return name;
    }

    template <class T>
    static std::string label() {
        return engine::IsList<std::remove_const_t<T>>::value ? "repeated " : "optional ";
    }
    template <class T>
    Type type() {
        using V = std::remove_const_t<T>;
        if constexpr (std::is_same_v<V, bool>)
            return {"bool", {}};
        else if constexpr (std::is_enum_v<V>)
            return {enumeration<V>(std::make_index_sequence<static_cast<std::size_t>(engine::LastOf<V>::value) + 1>()),
                    {}};
        else if constexpr (std::is_integral_v<V>)
            return {std::string(std::is_signed_v<V> ? "int" : "uint") + (sizeof(V) > 4 ? "64" : "32"), {}};
        else if constexpr (std::is_floating_point_v<V>)
            return {"double", {}};
        else if constexpr (engine::Archivable<V, ProtoDescriber>)
            return {(message<V>(), type_name<V>()), {}};
        else
            return compound(Tell<V>());
    }
    template <class Period>
    static std::string unit() {
        if constexpr (std::is_same_v<Period, std::micro>) return "microseconds";
        if constexpr (std::is_same_v<Period, std::milli>) return "milliseconds";
        return "?";
    }
    template <class Rep, class Period>
    Type compound(Tell<std::chrono::duration<Rep, Period>>) {
        return {"int64", unit<Period>()};
    }
    template <class Clock, class Rep, class Period>
    Type compound(Tell<std::chrono::time_point<Clock, std::chrono::duration<Rep, Period>>>) {
        return {"int64", unit<Period>() + " since the Unix epoch"};
    }
    Type compound(Tell<std::string>) { return {"bytes", {}}; }
    Type compound(Tell<engine::Text>) { return {"bytes", {}}; }
    template <class T>
    Type compound(Tell<std::optional<T>>) {
        return type<T>();
    }
    template <class T>
    Type compound(Tell<std::vector<T>>) {
        return type<T>();
    }
    template <class A, class B>
    Type compound(Tell<std::pair<A, B>>) {
        const std::string name = "Pair_" + type<A>().name + "_" + type<B>().name;
        return {describe(name,
                         [&] {
                             line("    ", label<A>(), type<A>(), "first", 1);
                             line("    ", label<B>(), type<B>(), "second", 2);
                         }),
                {}};
    }
    template <class... Ts>
    Type compound(Tell<std::variant<Ts...>>) {
        constexpr bool is_command = std::is_same_v<std::variant<Ts...>, engine::Command>;
        return {describe(is_command ? "Command" : "InputBody",
                         [&] {
                             lines_ += "    oneof body {\n";
                             int number = 0;
                             (alternative<Ts>(++number), ...);
                             lines_ += "    }\n";
                         }),
                {}};
    }
    template <class T>
    void alternative(int number) {
        const Type of = type<T>();
        line("        ", "", of, snake_case(of.name), number);
    }
    template <class E, std::size_t... Values>
    std::string enumeration(std::index_sequence<Values...>) {
        const std::string name = type_name<E>();
        if (!known_.insert(name).second) return name;
        order_.push_back(name);
        std::string& block = blocks_[name];
        block = "enum " + name + " {\n";
        ((block += "    " + name + "_" + std::string(enumerator<static_cast<E>(Values)>()) + " = " +
                   std::to_string(Values) + ";\n"),
         ...);
        block += "}\n";
        if constexpr (sizeof...(Values) < 256)
            if (!enumerator<static_cast<E>(sizeof...(Values))>().starts_with('(')) forgotten_.push_back(name);
        return name;
    }

    std::set<std::string> known_;
    std::vector<std::string> order_, forgotten_;
    std::map<std::string, std::string> blocks_;
    std::string lines_;
};

} // namespace fhirscope::tests
