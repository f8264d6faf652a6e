#include "crossface/cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <functional>
#include <vector>

#include "crossface/cli/verb_table.h"

namespace crossface {
namespace {

void ForEachVerb(const VerbTable& table, const std::function<void(const VerbTable&)>& use) {
  use(table);
  for (const VerbTable& verb : table.verbs) ForEachVerb(verb, use);
}

std::string Words(const VerbTable& verb) { return fmt::format("{}", fmt::join(verb.words, " ")); }

// In single quotes, for all three shells.
std::string Quoted(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// "people list": the verb that is known so far, and the next word of a verb that there is.
std::vector<std::string> Steps(const VerbTable& table) {
  std::vector<std::string> steps;
  ForEachVerb(table, [&](const VerbTable& verb) {
    if (verb.words.empty()) return;
    const std::vector<std::string> before(verb.words.begin(), verb.words.end() - 1);
    steps.push_back(fmt::format("\"{} {}\"", fmt::join(before, " "), verb.words.back()));
  });
  return steps;
}

std::vector<std::string> NamesOf(const OptionTable& option, const VerbTable& verb) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(fmt::format("\"{} {}\"", Words(verb), name));
  return names;
}

// A line for each option that takes one of a few words, or a path.
std::string ValueCases(const VerbTable& table, const std::string& choose, const std::string& path) {
  std::string cases;
  ForEachVerb(table, [&](const VerbTable& verb) {
    for (const OptionTable& option : verb.options) {
      if (option.names.empty() || option.value.empty()) continue;
      const std::string pattern = fmt::format("{}", fmt::join(NamesOf(option, verb), " | "));
      if (!option.choices.empty()) {
        cases += fmt::format("    {}) {}; return ;;\n", pattern,
                             fmt::format(fmt::runtime(choose), fmt::join(option.choices, " ")));
      } else {
        cases += fmt::format("    {}) {}; return ;;\n", pattern, path);
      }
    }
  });
  return cases;
}

std::vector<std::string> OptionNames(const VerbTable& verb) {
  std::vector<std::string> names;
  for (const OptionTable& option : verb.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

std::vector<std::string> VerbNames(const VerbTable& table) {
  std::vector<std::string> names;
  for (const VerbTable& verb : table.verbs) names.push_back(verb.words.back());
  return names;
}

// zsh takes "word:description".
std::string Described(const std::string& word, const std::string& what) {
  std::string text;
  for (const char c : what) text += c == ':' ? std::string("\\:") : std::string(1, c);
  return Quoted(word + ":" + text);
}

std::string FishOption(const OptionTable& option, const std::string& condition) {
  std::string line = "complete -c crossface -n " + condition;
  for (const std::string& name : option.names)
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.choices.empty()) {
    line += fmt::format(" -x -a {}", Quoted(fmt::format("{}", fmt::join(option.choices, " "))));
  } else if (!option.value.empty()) {
    line += " -r";
  }
  return line + " -d " + Quoted(option.what) + "\n";
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  const VerbTable table = TableOf(app);
  std::string lists;
  ForEachVerb(table, [&](const VerbTable& verb) {
    lists += fmt::format("    \"{}\") verbs={} options={} ;;\n", Words(verb),
                         Quoted(fmt::format("{}", fmt::join(VerbNames(verb), " "))),
                         Quoted(fmt::format("{}", fmt::join(OptionNames(verb), " "))));
  });
  return fmt::format(R"sh(# bash completion for crossface: source <(crossface completion bash)
_crossface() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} verb= verbs= options= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$verb ${{COMP_WORDS[i]}}" in
    {}) verb="${{verb:+$verb }}${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$verb $before" in
{}  esac
  case "$verb" in
{}  esac
  # Where nothing is offered, bash offers files.
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [[ -n $verbs ]]; then
    COMPREPLY=($(compgen -W "$verbs" -- "$word"))
  fi
}}
complete -o default -F _crossface crossface
)sh",
                     fmt::join(Steps(table), " | "),
                     ValueCases(table, "COMPREPLY=($(compgen -W '{}' -- \"$word\"))", "true"), lists);
}

std::string ZshCompletion(const CLI::App& app) {
  const VerbTable table = TableOf(app);
  std::string lists;
  ForEachVerb(table, [&](const VerbTable& verb) {
    std::vector<std::string> verbs, options;
    for (const VerbTable& below : verb.verbs) verbs.push_back(Described(below.words.back(), below.what));
    for (const OptionTable& option : verb.options) {
      for (const std::string& name : option.names) options.push_back(Described(name, option.what));
    }
    lists += fmt::format("    \"{}\") verbs=({}) options=({}) ;;\n", Words(verb), fmt::join(verbs, " "),
                         fmt::join(options, " "));
  });
  return fmt::format(R"sh(#compdef crossface
# zsh completion for crossface: source <(crossface completion zsh)
_crossface() {{
  local verb= i
  local -a verbs options
  for ((i = 2; i < CURRENT; i++)); do
    case "$verb ${{words[i]}}" in
    {}) verb="${{verb:+$verb }}${{words[i]}}" ;;
    esac
  done
  case "$verb ${{words[CURRENT - 1]}}" in
{}  esac
  case "$verb" in
{}  esac
  if [[ ${{words[CURRENT]}} == -* ]]; then
    _describe -o option options
  elif (( $#verbs )); then
    _describe verb verbs
  else
    _files
  fi
}}
if [[ $funcstack[1] == _crossface ]]; then
  _crossface "$@"
else
  compdef _crossface crossface
fi
)sh",
                     fmt::join(Steps(table), " | "), ValueCases(table, "compadd -- {}", "_files"), lists);
}

std::string FishCompletion(const CLI::App& app) {
  const VerbTable table = TableOf(app);
  std::string lines = fmt::format(R"sh(# fish completion for crossface: crossface completion fish | source
function __crossface_verb
  set -l verb
  for word in (commandline -opc)[2..-1]
    switch "$verb $word"
      case {}
        set verb (string trim "$verb $word")
    end
  end
  echo "$verb"
end
)sh",
                                  fmt::join(Steps(table), " "));
  ForEachVerb(table, [&](const VerbTable& verb) {
    const std::string condition = Quoted(fmt::format("test \"$(__crossface_verb)\" = \"{}\"", Words(verb)));
    for (const VerbTable& below : verb.verbs)
      lines += fmt::format("complete -c crossface -n {} -f -a {} -d {}\n", condition, below.words.back(),
                           Quoted(below.what));
    for (const OptionTable& option : verb.options) {
      if (!option.names.empty()) lines += FishOption(option, condition);
    }
  });
  return lines;
}

}  // namespace crossface
