#include <fmt/format.h>
#include <fmt/ranges.h>

#include "crossface/cli/completion.h"
#include "crossface/cli/verb_table.h"

namespace crossface {
namespace {

// Dashes stay those of the keyboard, and no text is taken for a command of roff.
std::string Roff(const std::string& text) {
  std::string escaped;
  bool at_line = true;
  for (const char c : text) {
    if (at_line && (c == '.' || c == '\'')) escaped += "\\&";
    at_line = c == '\n';
    escaped += c == '\\' ? std::string("\\e") : c == '-' ? std::string("\\-") : std::string(1, c);
  }
  return escaped;
}

std::string Option(const OptionTable& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back("\\fB" + Roff(name) + "\\fR");
  const std::string value =
      option.choices.empty() ? option.value : fmt::format("{}", fmt::join(option.choices, "|"));
  const std::string shown = value.empty() ? "" : "\\fI" + Roff(value) + "\\fR";
  return fmt::format(".TP\n{}{}{}\n{}{}\n", fmt::join(names, ", "), names.empty() || shown.empty() ? "" : " ",
                     shown, Roff(option.what), option.required && !option.names.empty() ? " (needed)" : "");
}

std::string Verb(const VerbTable& verb) {
  std::string text;
  if (verb.verbs.empty()) {
    std::string places;
    for (const OptionTable& option : verb.options) {
      if (option.names.empty()) places += fmt::format(" \\fI{}\\fR", Roff(option.value));
    }
    text = fmt::format(".SS \"{}\"\n\\fBcrossface {}\\fR{} [options]\n.PP\n{}\n",
                       Roff(fmt::format("{}", fmt::join(verb.words, " "))),
                       Roff(fmt::format("{}", fmt::join(verb.words, " "))), places, Roff(verb.what));
    for (const OptionTable& option : verb.options) text += Option(option);
  }
  for (const VerbTable& below : verb.verbs) text += Verb(below);
  return text;
}

constexpr char kEnd[] = R"(.SH EXIT STATUS
.TP
0
done
.TP
1
failed
.TP
2
wrong usage
.TP
3
done, but some sources failed or were damaged; they are listed
.TP
4
nothing found
.TP
5
a checksum does not match
.TP
6
a model is missing, or its licence is not accepted
.TP
7
disk or memory is full, or the accelerator is not there
.TP
130
stopped by the user; the same command goes on
.SH ENVIRONMENT
.TP
NO_COLOR
when it is set, no colours
.TP
CROSSFACE_MODELS_MIRROR
folder that holds the files of models
.SH EXAMPLE
.EX
crossface identify VIDEOS \-\-case CASE
crossface people list \-\-case CASE
crossface serve \-\-case CASE \-\-open
.EE
)";

}  // namespace

std::string ManPage(const CLI::App& app, const std::string& version) {
  const VerbTable table = TableOf(app);
  std::string page = fmt::format(
      ".TH CROSSFACE 1 \"\" \"crossface {}\"\n.SH NAME\ncrossface \\- who is the same person across many "
      "videos\n"
      ".SH SYNOPSIS\n\\fBcrossface\\fR \\fIverb\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION\n{}\n.SH VERBS\n",
      Roff(version), Roff(table.what));
  for (const VerbTable& verb : table.verbs) page += Verb(verb);
  return page + kEnd;
}

}  // namespace crossface
