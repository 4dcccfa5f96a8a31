#include "pool/gguf_types.hpp"

#include <array>
#include <string_view>

namespace punctual::pool {

namespace {

using namespace std::string_view_literals;

// By number; those left empty were withdrawn.
constexpr std::array file_types = {
    "F32"sv,    "F16"sv,    "Q4_0"sv,  "Q4_1"sv,    ""sv,       ""sv,       ""sv,       "Q8_0"sv,
    "Q5_0"sv,   "Q5_1"sv,   "Q2_K"sv,  "Q3_K_S"sv,  "Q3_K_M"sv, "Q3_K_L"sv, "Q4_K_S"sv, "Q4_K_M"sv,
    "Q5_K_S"sv, "Q5_K_M"sv, "Q6_K"sv,  "IQ2_XXS"sv, "IQ2_XS"sv, "Q2_K_S"sv, "IQ3_XS"sv, "IQ3_XXS"sv,
    "IQ1_S"sv,  "IQ4_NL"sv, "IQ3_S"sv, "IQ3_M"sv,   "IQ2_S"sv,  "IQ2_M"sv,  "IQ4_XS"sv, "IQ1_M"sv,
    "BF16"sv,   ""sv,       ""sv,      ""sv,        "TQ1_0"sv,  "TQ2_0"sv,  "MXFP4"sv};

constexpr std::array<TensorType, 40> tensor_types = {{
    {1, 4},     {1, 2},     {32, 18},   {32, 20},
    {},         {},         {32, 22},   {32, 24},  // F32 ... Q5_1
    {32, 34},   {32, 36},   {256, 84},  {256, 110},
    {256, 144}, {256, 176}, {256, 210}, {256, 292},  // Q8_0 ... Q8_K
    {256, 66},  {256, 74},  {256, 98},  {256, 50},
    {32, 18},   {256, 110}, {256, 82},  {256, 136},  // IQ2_XXS ... IQ4_XS
    {1, 1},     {1, 2},     {1, 4},     {1, 8},
    {1, 8},     {256, 56},  {1, 2},     {},  // I8 ... I64, F64, IQ1_M, BF16
    {},         {},         {256, 54},  {256, 66},
    {},         {},         {},         {32, 17},  // TQ1_0, TQ2_0, MXFP4
}};

}  // namespace

std::string quantisation_name(std::uint64_t file_type) {
  // Set when it was guessed from the tensors.
  constexpr std::uint64_t guessed = 1024;
  file_type &= ~guessed;
  if (file_type < file_types.size() && !file_types[file_type].empty())
    return std::string(file_types[file_type]);
  return "type " + std::to_string(file_type);
}

TensorType tensor_type(std::uint32_t number) {
  return number < tensor_types.size() ? tensor_types[number] : TensorType{};
}

}  // namespace punctual::pool
