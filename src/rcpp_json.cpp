#include "rcpp_json.h"

#include <algorithm>

#include "error.h"

namespace sketchvae {
namespace {

// Calls make(i) for the n entries of a vector; one entry is a scalar unless I() says otherwise.
template <typename Make>
Json scalar_or_array(SEXP value, Make make) {
  const R_xlen_t n = Rf_xlength(value);
  if (n == 1 && !Rf_inherits(value, "AsIs")) return make(0);
  Json::Array items;
  for (R_xlen_t i = 0; i < n; ++i) items.push_back(make(i));
  return Json(std::move(items));
}

Json list_to_json(SEXP value) {
  const Rcpp::List list(value);
  if (Rf_isNull(list.names())) {
    Json::Array items;
    for (const SEXP item : list) items.push_back(to_json(item));
    return Json(std::move(items));
  }
  const Rcpp::CharacterVector names = list.names();
  Json::Object members;
  for (R_xlen_t i = 0; i < list.size(); ++i) {
    members.emplace_back(Rcpp::as<std::string>(names[i]), to_json(list[i]));
  }
  return Json(std::move(members));
}

}  // namespace

Json to_json(SEXP value) {
  switch (TYPEOF(value)) {
    case NILSXP:
      return Json();
    case VECSXP:
      return list_to_json(value);
    case LGLSXP:
      return scalar_or_array(value, [&](R_xlen_t i) {
        return LOGICAL(value)[i] == NA_LOGICAL ? Json() : Json(LOGICAL(value)[i] != 0);
      });
    case INTSXP:
      return scalar_or_array(value, [&](R_xlen_t i) {
        return INTEGER(value)[i] == NA_INTEGER ? Json() : Json(INTEGER(value)[i]);
      });
    case REALSXP:
      // NA is no number; NaN is one that is not finite.
      return scalar_or_array(value, [&](R_xlen_t i) {
        return R_IsNA(REAL(value)[i]) ? Json() : Json(REAL(value)[i]);
      });
    case STRSXP:
      return scalar_or_array(value, [&](R_xlen_t i) {
        return Json(std::string(Rf_translateCharUTF8(STRING_ELT(value, i))));
      });
    default:
      throw Error("a list may hold numbers, texts, TRUE/FALSE, NULL and lists only");
  }
}

SEXP from_json(const Json& value) {
  if (value.is_null()) return R_NilValue;
  if (value.is_boolean()) return Rf_ScalarLogical(value.boolean());
  if (value.is_number()) return Rf_ScalarReal(value.number());
  if (value.is_string()) return Rf_ScalarString(Rf_mkCharCE(value.string().c_str(), CE_UTF8));
  if (value.is_object()) {
    const Json::Object& members = value.object();
    Rcpp::List list(members.size());
    Rcpp::CharacterVector names(members.size());
    for (size_t i = 0; i < members.size(); ++i) {
      names[i] = Rf_mkCharCE(members[i].first.c_str(), CE_UTF8);
      list[i] = from_json(members[i].second);
    }
    list.names() = names;
    return list;
  }
  const Json::Array& items = value.array();
  // Numbers (null among them is NA) make a vector, all else a list.
  const auto numeric = [](const Json& item) { return item.is_number() || item.is_null(); };
  if (!items.empty() && std::all_of(items.begin(), items.end(), numeric)) {
    Rcpp::NumericVector numbers(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      numbers[i] = items[i].is_null() ? NA_REAL : items[i].number();
    }
    return numbers;
  }
  Rcpp::List list(items.size());
  for (size_t i = 0; i < items.size(); ++i) list[i] = from_json(items[i]);
  return list;
}

}  // namespace sketchvae
