#include "plans/steps/image_tag.h"

namespace drover::plans {

std::string image_tag(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const size_t slash = image.rfind('/');
  // A colon before the last slash belongs to the registry's port.
  const std::string_view name = slash == std::string_view::npos ? image : image.substr(slash + 1);
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? "" : std::string(name.substr(colon + 1));
}

}  // namespace drover::plans
