#include "core/job/layers.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/base/check.hpp"
#include "core/config/checks.hpp"
#include "core/config/nearest.hpp"
#include "core/config/text.hpp"
#include "core/job/job.hpp"

namespace signet {

namespace layers_detail {

/// A whole-number key of a layer. Default 0: it may be left out and then means `otherwise`.
struct SizeKey {
  const char* name;
  std::size_t LayerSpec::*field;
  std::int64_t low, high;
  const char* unit;
  const char* otherwise;  ///< none: required
  const char* meaning;
};

/// One kind of layer. Only a dropout has a rate, which is no size.
struct Form {
  LayerKind kind;
  std::vector<SizeKey> sizes;
  const char* meaning;
};

const config::NumberRange& rate_range() {
  static const config::NumberRange range{0, 1, "", false, true};
  return range;
}

const std::vector<Form>& forms() {
  static const SizeKey window{
      "kernel", &LayerSpec::kernel, 1, 1024, "values", nullptr, "height and width of the window"};
  static const SizeKey step{"stride",        &LayerSpec::stride,          1, 1024, "values",
                            "as the kernel", "step from window to window"};
  static const std::vector<Form> all = {
      {LayerKind::Dense,
       {{"units", &LayerSpec::units, 1, 1048576, "units", nullptr, "outputs"}},
       "every output sees every input"},
      {LayerKind::Conv2d,
       {{"channels", &LayerSpec::channels, 1, 65536, "channels", nullptr, "outputs at each place"},
        {"kernel", &LayerSpec::kernel, 1, 1024, "values", nullptr, "height and width"},
        {"stride", &LayerSpec::stride, 1, 1024, "values", "1", "step from place to place"},
        {"padding", &LayerSpec::padding, 0, 1024, "values", "0", "zeros around the input"}},
       "convolution of {channels, height, width}"},
      {LayerKind::MaxPool, {window, step}, "largest value of each window"},
      {LayerKind::AveragePool, {window, step}, "mean of each window"},
      {LayerKind::Relu, {}, "max(x, 0)"},
      {LayerKind::Tanh, {}, "hyperbolic tangent"},
      {LayerKind::Sigmoid, {}, "1 / (1 + exp(-x))"},
      {LayerKind::Flatten, {}, "{channels, height, width} becomes {features}"},
      {LayerKind::Dropout, {}, "sets a random share of the inputs to 0 in training"},
  };
  return all;
}

std::string word_of(const Form& form) {
  return std::string(layer_kind_name(form.kind));
}

const Form& form_of(LayerKind kind) {
  const auto found = std::find_if(forms().begin(), forms().end(),
                                  [kind](const Form& form) { return form.kind == kind; });
  SIGNET_CHECK(found != forms().end(), "every kind of layer has its form");
  return *found;
}

std::vector<std::string> form_words() {
  std::vector<std::string> words;
  for (const auto& form : forms()) words.push_back(word_of(form));
  return words;
}

/// Without "type".
std::vector<std::string> key_names(const Form& form) {
  std::vector<std::string> names;
  for (const auto& key : form.sizes) names.emplace_back(key.name);
  if (form.kind == LayerKind::Dropout) names.emplace_back("rate");
  return names;
}

const config::Entry* find_entry(const config::Table& table, std::string_view key) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [key](const config::Entry& entry) { return entry.key == key; });
  return found == table.end() ? nullptr : &*found;
}

config::Place inside(const config::Place& place, std::string_view key, std::size_t line) {
  return {place.problems, place.path + "." + std::string(key), line};
}

void refuse_unknown_keys(const config::Table& table, const Form& form, const config::Place& place) {
  const auto names = key_names(form);
  for (const auto& entry : table) {
    if (entry.key == "type" || std::find(names.begin(), names.end(), entry.key) != names.end())
      continue;
    const auto meant = config::nearest_word(entry.key, names);
    const std::string known =
        names.empty() ? "it has none but type" : "it has " + config::join(names);
    inside(place, config::printable(entry.key), entry.line)
        .refuse("unknown key of " + word_of(form) + "; " +
                (meant ? "did you mean " + *meant + "?" : known));
  }
}

void read_sizes(const config::Table& table, const Form& form, const config::Place& place,
                LayerSpec& layer) {
  for (const auto& key : form.sizes) {
    const config::IntegerRange range{key.low, key.high, key.unit};
    const auto* entry = find_entry(table, key.name);
    if (entry == nullptr) {
      if (key.otherwise == nullptr)
        inside(place, key.name, place.line)
            .refuse("is missing in " + word_of(form) + "; allowed: " + config::allowed_text(range));
      continue;
    }
    const auto size =
        config::read_integer(entry->value, range, inside(place, key.name, entry->line));
    if (size) layer.*key.field = static_cast<std::size_t>(*size);
  }
}

void read_rate(const config::Table& table, const config::Place& place, LayerSpec& layer) {
  const auto* entry = find_entry(table, "rate");
  if (entry == nullptr) {
    inside(place, "rate", place.line)
        .refuse("is missing in dropout; allowed: " + config::allowed_text(rate_range()));
    return;
  }
  const auto rate =
      config::read_number(entry->value, rate_range(), inside(place, "rate", entry->line));
  if (rate) layer.rate = *rate;
}

LayerSpec read_layer(const config::Value& value, const config::Place& place) {
  LayerSpec layer;
  layer.line = value.line;
  const auto* table = std::get_if<config::Table>(&value.data);
  if (table == nullptr) {
    place.refuse("is " + std::string(config::kind_name(value)) +
                 "; expected a layer such as { type = \"dense\", units = 10 }");
    return layer;
  }
  const auto words = form_words();
  const auto* type = find_entry(*table, "type");
  if (type == nullptr) {
    inside(place, "type", place.line).refuse("is missing; allowed: " + config::join(words));
    return layer;
  }
  const auto index = config::read_word(type->value, words, inside(place, "type", type->line));
  if (!index) return layer;
  const auto& form = forms()[*index];
  layer.kind = form.kind;
  refuse_unknown_keys(*table, form, place);
  read_sizes(*table, form, place, layer);
  if (form.kind == LayerKind::Dropout) read_rate(*table, place, layer);
  return layer;
}

std::string layer_text(const LayerSpec& layer) {
  const auto& form = form_of(layer.kind);
  std::string out = "{ type = " + config::toml_text(word_of(form));
  for (const auto& key : form.sizes) {
    const auto size = layer.*key.field;
    if (size == 0 && key.otherwise != nullptr) continue;
    out += ", " + std::string(key.name) + " = " + std::to_string(size);
  }
  if (layer.kind == LayerKind::Dropout) out += ", rate = " + config::toml_number(layer.rate);
  return out + " }";
}

std::string size_row(const SizeKey& key) {
  const config::IntegerRange range{key.low, key.high, key.unit};
  const std::string otherwise =
      key.otherwise == nullptr ? "required" : "default: " + std::string(key.otherwise);
  return "`" + std::string(key.name) + "`: " + key.meaning + ", " + config::allowed_text(range) +
         ", " + otherwise;
}

}  // namespace layers_detail

std::vector<LayerSpec> read_layers(const config::Value& value, const config::Place& place) {
  constexpr std::size_t layers_max = 1000;
  const auto* list = std::get_if<config::List>(&value.data);
  if (list == nullptr) {
    place.refuse("is " + std::string(config::kind_name(value)) + "; expected a list of layers");
    return {};
  }
  if (list->empty() || list->size() > layers_max) {
    place.refuse("has " + std::to_string(list->size()) + " layers; allowed: 1 to " +
                 std::to_string(layers_max) + " layers");
    return {};
  }
  std::vector<LayerSpec> layers;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto& item = (*list)[i];
    layers.push_back(layers_detail::read_layer(
        item, {place.problems, place.path + "[" + std::to_string(i) + "]", item.line}));
  }
  return layers;
}

std::string layers_text(const std::vector<LayerSpec>& layers) {
  std::vector<std::string> texts;
  texts.reserve(layers.size());
  for (const auto& layer : layers) texts.push_back(layers_detail::layer_text(layer));
  return texts.empty() ? "" : "[" + config::join(texts) + "]";
}

std::string layers_text_long(const std::vector<LayerSpec>& layers) {
  std::string out = "[\n";
  for (const auto& layer : layers) out += "  " + layers_detail::layer_text(layer) + ",\n";
  return out + "]";
}

std::string layer_markdown() {
  std::string out = "| type | keys | what it does |\n| --- | --- | --- |\n";
  for (const auto& form : layers_detail::forms()) {
    std::string keys;
    for (const auto& key : form.sizes)
      keys += (keys.empty() ? "" : "; ") + layers_detail::size_row(key);
    if (form.kind == LayerKind::Dropout)
      keys = "`rate`: share of the inputs, " + config::allowed_text(layers_detail::rate_range()) +
             ", required";
    out += "| `" + layers_detail::word_of(form) + "` | " + (keys.empty() ? "none" : keys) + " | " +
           form.meaning + " |\n";
  }
  return out;
}

}  // namespace signet
